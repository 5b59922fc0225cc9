"""In Krita: how long each step holds the window, and what the bare libkis calls cost. See docs/benchmarks.md, "Krita".

The command: tests/krita/run_in_krita.py --plugin plugin --script tests/bench/krita_stall.py --out out/stall
--timeout 600 --env INLAY_ENGINE="$PWD/.venv/bin/inlay" --env INLAY_HOME="$PWD/out/stall/home"
"""

import time

import krita
from inlay_krita import wire
from inlay_krita.canvas import KritaCanvas
from inlay_krita.qt import QtCore
from inlay_krita.session import Placement

DOCUMENTS = [("U8", 8192), ("U16", 4096)]
SIDE = 1024  # of the window that is read and laid in
PIXEL = {"U8": 4, "U16": 8, "F32": 16}


def main(t):
    for depth, side in DOCUMENTS:
        for count in (1, 2):
            yield from measure(t, depth, side, count)


def measure(t, depth, side, count):
    """All steps in a document of `count` layers."""
    name = f"{side}² {depth}, {count} layer{'s' if count > 1 else ''}"
    document = t.krita.createDocument(side, side, "bench", "RGBA", depth, "", 100.0)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 1.0
    fill_with_noise(document.rootNode().childNodes()[0], depth, side)
    for number in range(1, count):
        document.rootNode().addChildNode(document.createNode(f"layer {number}", "paintlayer"), None)
    document.refreshProjection()
    document.waitForDone()
    selection = krita.Selection()
    selection.select(side // 4, side // 4, SIDE, SIDE, 255)
    document.setSelection(selection)
    document.waitForDone()
    yield 1.0
    put = lambda what, value: t.put(f"{name}: {what}", value)  # noqa: E731 - a name for the row's beginning
    bare_reads(document, side, put)
    yield 0.3
    canvas = KritaCanvas()
    key = canvas.document()
    window = wire.Box(side // 4, side // 4, SIDE, SIDE)
    put("ours: selection_bounds", timed(lambda: canvas.selection_bounds(key)))
    put("ours: selection_bounds again", timed(lambda: canvas.selection_bounds(key)))
    put("ours: capture 1024²", timed(lambda: canvas.capture(key, window, True)))
    yield from bare_add(t, document, side, depth, put)
    placed = placement(document, window, depth)
    for turn in ("first", "second"):
        beat = Heartbeat()
        yield 0.3
        put(f"ours: place 1024², {turn}, the call", timed(lambda: canvas.place(key, placed)))
        yield from settle(document, beat, put, f"ours: place 1024², {turn}")
    yield from whole_job(t, document, side, put)
    document.setModified(False)
    document.close()
    yield 1.0


def fill_with_noise(layer, depth, side):
    row = b"".join(bytes((i * 7 % 256, (i * 13 + 5) % 64)) for i in range(SIDE * PIXEL[depth] // 2))
    patch = b"".join(row[k % 64 * 16 :] + row[: k % 64 * 16] for k in range(SIDE))
    for x in range(0, side, SIDE):
        for y in range(0, side, SIDE):
            layer.setPixelData(patch, x, y, SIDE, SIDE)


def whole_job(t, document, side, put):
    """A real removal of 400² by the action: the longest gap of the window in each stage that the panel shows."""
    selection = krita.Selection()
    selection.select(side // 2, side // 2, 400, 400, 255)
    document.setSelection(selection)
    document.waitForDone()
    session = t.find("inlay_panel").session
    yield 1.0
    beat, gaps, stage = Heartbeat(), {}, "start"
    t.krita.action("inlay_remove").trigger()
    begun = time.perf_counter()
    while session.works or time.perf_counter() - begun < 0.5:
        yield 0.005
        gaps[stage] = max(gaps.get(stage, 0.0), beat.take())
        stage = session.works[0].stage if session.works else "laid in"
    yield 0.5
    gaps[stage] = max(gaps.get(stage, 0.0), beat.take())
    put("real job, longest gap by stage", {what: ms(gap) for what, gap in gaps.items()})
    put("real job, whole", ms(time.perf_counter() - begun - 0.5))
    put("real job, notices", [notice.message for notice in session.notices])


def bare_reads(document, side, put):
    selection = document.selection()
    put("bare: pixelData, whole", timed(lambda: document.pixelData(0, 0, side, side)))
    put("bare: pixelData, 1024²", timed(lambda: document.pixelData(side // 4, side // 4, SIDE, SIDE)))
    put("bare: selection.pixelData, 1024²", timed(lambda: selection.pixelData(side // 4, side // 4, SIDE, SIDE)))
    put(
        "bare: refreshProjection and waitForDone", timed(lambda: (document.refreshProjection(), document.waitForDone()))
    )


def bare_add(t, document, side, depth, put):
    """What libkis takes for a plain layer: the call, until the picture is merged, and the longest gap meanwhile."""
    layer = document.createNode("bare", "paintlayer")
    layer.setPixelData(bytes(SIDE * SIDE * PIXEL[depth]), side // 4, side // 4, SIDE, SIDE)
    beat = Heartbeat()
    yield 0.3
    put("bare: addChildNode of a plain layer, the call", timed(lambda: document.rootNode().addChildNode(layer, None)))
    yield from settle(document, beat, put, "bare: addChildNode of a plain layer")
    t.krita.action("edit_undo").trigger()
    yield 0.5
    document.waitForDone()
    yield 0.5


def settle(document, beat, put, what):
    """Wait until Krita is idle again; note how long that took and the longest time the window did not answer."""
    begun = time.perf_counter()
    while not document.tryBarrierLock():
        yield 0.01
    document.unlock()
    put(f"{what}, until merged", ms(time.perf_counter() - begun))
    yield 1.0
    put(f"{what}, longest gap of the window", beat.stop())


class Heartbeat:
    """Counts the event loop's beats and remembers the longest time between two."""

    def __init__(self):
        self.last, self.longest = time.perf_counter(), 0.0
        self.timer = QtCore.QTimer()
        self.timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.beat)
        self.timer.start(2)

    def beat(self):
        now = time.perf_counter()
        self.longest, self.last = max(self.longest, now - self.last), now

    def take(self):
        """The longest gap in seconds since it was last asked."""
        longest, self.longest = self.longest, 0.0
        return longest

    def stop(self):
        self.timer.stop()
        return ms(self.longest)


def placement(document, box, depth):
    canvas = wire.Box(0, 0, document.width(), document.height())
    plan = wire.Plan("remove", "builtin", "builtin", canvas, box, box, box, SIDE, SIDE, 0, 0, 0, 1, "bench", None, [])
    result = wire.Result("0" * 64, "1" * 64, box, 0.1, {"bench": True})
    return Placement("Inlay: bench", plan, result, b"\x40" * (SIDE * SIDE * PIXEL[depth]), b"\xc0" * (SIDE * SIDE))


def timed(call):
    begun = time.perf_counter()
    call()
    return ms(time.perf_counter() - begun)


def ms(seconds):
    return f"{1000 * seconds:.1f} ms"
