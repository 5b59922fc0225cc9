"""Krita is closed while an edit runs ("close"), and started again ("reopen"), over the same INLAY_HOME."""

from support import close, new_document, select

SIZE = (1500, 1100)


def main(t):
    document = yield from new_document(t, size=SIZE)
    t.docker("inlay")
    yield lambda: t.find("inlay_panel") is not None and t.find("inlay_panel").isVisible()
    session = t.find("inlay_panel").session
    if t.args == ["close"]:
        yield from select(t, document, (300, 200, 800, 600), b"\xff" * 480000)
        t.krita.action("inlay_remove").trigger()
        yield lambda: session.works and session.works[0].fraction
        return  # the driver closes Krita now
    yield lambda: session.parcels
    t.check("the result waits", session.parcels[0].title == "Remove 800 \u00d7 600 px", session.parcels[0].title)
    yield 0.5
    t.screenshot("docker", t.docker("inlay"))
    t.find("inlay_place_button").click()
    yield lambda: len(document.topLevelNodes()) == 2
    told = [notice.message for notice in session.notices]
    t.check("and is placed", not session.parcels and not told, told)
    close(document)
    yield 0.3
