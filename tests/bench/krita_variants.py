"""In Krita: how long a variant takes to be seen over the canvas, and how long its longest part holds the window.

tests/krita/run_in_krita.py --plugin plugin --script tests/bench/krita_variants.py --out out/variants [-- U16]
"""

import time
from itertools import pairwise

from inlay_krita.errand import Delivery
from inlay_krita.qt import QtCore
from inlay_krita.wire import Box, Plan, Result

PIXEL = {"U8": 4, "U16": 8, "F32": 16}
SIDES = (512, 1024, 2048, 4096)


def main(t):
    session = t.find("inlay_panel").session
    t.docker("inlay")
    for depth in t.args or list(PIXEL):
        for side in SIDES:
            document = t.krita.createDocument(side, side, "seen", "RGBA", depth, "sRGB-elle-V2-srgbtrc.icc", 100.0)
            document.setBatchmode(True)
            t.krita.activeWindow().addView(document)
            yield lambda document=document: t.krita.activeDocument() == document
            yield 1.0
            made = delivery(depth, side)
            key = session.canvas.document()
            for what in ("first", "again"):
                yield from measure(t, session, f"{side}² {depth}, {what}", f"{depth} {side}", key, made)
            session.variants.showing.show(None)
            document.waitForDone()
            document.setModified(False)
            document.close()
            yield 0.5


def delivery(depth, side):
    """A result as large as its document."""
    whole = Box(0, 0, side, side)
    raw = bytes(side * side * PIXEL[depth])
    boxes = dict.fromkeys(("canvas_box", "crop_box", "read_box", "paste_box"), whole)
    plan = Plan("remove", "builtin", "builtin", **boxes, working_width=side, working_height=side, grow_px=0,
                feather_px=0, denoise_grow_px=0, steps=1, why="", settings=None, checklist=[])  # fmt: skip
    result = Result("0" * 64, "1" * 64, whole, 0.0, {"edit": {"kind": "remove"}})
    return Delivery("", plan, result, raw, b"\xff" * (side * side), False)


def measure(t, session, name, key, document, made):
    """Print how long it takes, and the longest time between two turns of the event loop."""
    showing, turns = session.variants.showing, [time.perf_counter()]
    showing.show(None)
    timer = QtCore.QTimer()
    timer.setInterval(0)
    timer.timeout.connect(lambda: turns.append(time.perf_counter()))
    yield 0.2
    timer.start()
    yield 0.1
    turns[:] = [time.perf_counter()]
    started = time.perf_counter()
    showing.show(key, document, made)
    called = time.perf_counter() - started
    turns.append(time.perf_counter())
    while showing._making is not None:
        yield 0.0
    took = 1000 * (time.perf_counter() - started)
    timer.stop()
    gaps = [1000 * (after - before) for before, after in pairwise(turns)]
    t.put(name, f"begins after {1000 * called:.0f} ms, whole after {took:.0f} ms, longest {max(gaps):.0f} ms")
