"""The engine is killed in the middle of a job: the panel starts another, and nothing the painter did is lost."""

import os
import pathlib

import support

LARGE = (1500, 1100)


def main(t):
    t.wait_limit = 90.0
    t.docker("inlay")
    document = yield from support.new_document(t, size=(96, 96))
    layer = document.topLevelNodes()[0]
    document.resizeImage(0, 0, *LARGE)
    patch = support.noise("RGBA", "U8", 250, 220, 3)
    for x in range(0, 1500, 250):
        for y in range(0, 1100, 220):
            layer.setPixelData(patch, x, y, 250, 220)
    document.refreshProjection()
    yield from support.select(t, document, (300, 200, 800, 600), b"\xff" * 480000)
    before = support.projection(document)
    session = support.session_of(t)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works and session.works[0].fraction
    (pathlib.Path(os.environ["INLAY_HOME"]) / "kill").touch()
    yield lambda: not session.works
    said = [notice.message for notice in session.notices]
    t.put("said", said)
    if len(support.tree(document)) == 1 and session.notices and session.notices[0].act:
        session.notices[0].act()  # "Run again"
        yield lambda: session.works
        yield lambda: not session.works
    box = (300, 200, 800, 600)
    after = support.projection(document)
    t.check("the result is there", len(support.tree(document)) == 2, support.tree(document))
    same = support.outside("RGBA", "U8", before, 1500, box) == support.outside("RGBA", "U8", after, 1500, box)
    t.check("outside is bit-identical", same)
    support.close(document)
    yield 0.2
