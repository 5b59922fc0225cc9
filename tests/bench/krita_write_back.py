"""In Krita: ways to lay a 1024² result into a large document, and how long each holds the window.

tests/krita/run_in_krita.py --plugin plugin --script tests/bench/krita_write_back.py --out out/ways [-- U16]
"""

import time

from inlay_krita import layers
from inlay_krita.qt import QtCore
from inlay_krita.wire import Box

SIDE, WINDOW = 4096, 1024
PIXEL = {"U8": 4, "U16": 8, "F32": 16}
BOX = (1500, 1500, WINDOW, WINDOW)


def main(t):
    for depth in t.args or ["U8", "U16", "F32"]:
        for count in (1, 3):
            document = yield from new_document(t, depth, count)
            for name, way in WAYS.items():
                yield from measure(t, document, f"{SIDE}² {depth}, {count} layers: {name}", depth, way)
            document.waitForDone()
            document.setModified(False)
            document.close()
            yield 1.0


def new_document(t, depth, count):
    """A document full of noise; the layers above the first are small."""
    document = t.krita.createDocument(SIDE, SIDE, "ways", "RGBA", depth, "sRGB-elle-V2-srgbtrc.icc", 100.0)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 1.0
    fill_with_noise(document.rootNode().childNodes()[0], depth, SIDE)
    for number in range(1, count):
        layer = document.createNode(f"layer {number}", "paintlayer")
        layer.setPixelData(noise(depth, 256), 100, 100, 256, 256)
        document.rootNode().addChildNode(layer, None)
    document.refreshProjection()
    document.waitForDone()
    yield 2.0
    return document


def noise(depth, side):
    """Bytes that no two neighbours share; finite as floats."""
    row = b"".join(bytes((i * 7 % 256, (i * 13 + 5) % 64)) for i in range(side * PIXEL[depth] // 2))
    return b"".join(row[k % 64 * 16 :] + row[: k % 64 * 16] for k in range(side))


def fill_with_noise(layer, depth, side):
    patch = noise(depth, 1024)
    for x in range(0, side, 1024):
        for y in range(0, side, 1024):
            layer.setPixelData(patch, x, y, 1024, 1024)


def measure(t, document, name, depth, way):
    layers_before = len(document.topLevelNodes())
    beat = Heartbeat()
    yield 0.3
    begun = time.perf_counter()
    way(document, depth)
    call = time.perf_counter() - begun
    document.waitForDone()
    merged = time.perf_counter() - begun
    yield 0.7
    t.put(name, f"{1000 * call:.0f} ms in the call, {1000 * merged:.0f} ms merged, {beat.stop()} ms longest gap")
    while len(document.topLevelNodes()) > layers_before:
        t.krita.action("edit_undo").trigger()
        yield 0.7
    document.waitForDone()
    yield 0.5


def plain_layer(document, depth):
    layer = document.createNode("result", "paintlayer")
    layer.setPixelData(noise(depth, WINDOW), *BOX)
    return layer


def plain(document, depth):
    document.rootNode().addChildNode(plain_layer(document, depth), None)


def plain_not_batch(document, depth):
    document.setBatchmode(False)
    plain(document, depth)
    document.setBatchmode(True)


def plain_at_the_bottom(document, depth):
    document.rootNode().addChildNode(plain_layer(document, depth), document.topLevelNodes()[0])


def hidden_then_shown(document, depth):
    layer = plain_layer(document, depth)
    layer.setVisible(False)
    document.rootNode().addChildNode(layer, None)
    layer.setVisible(True)


def in_a_group(document, depth):
    group = document.createGroupLayer("group")
    group.setChildNodes([plain_layer(document, depth)])
    document.rootNode().addChildNode(group, None)


def eight_bit(document, depth):
    layer = plain_layer(document, depth)
    layer.setColorSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
    document.rootNode().addChildNode(layer, None)


def ours(document, depth):
    spot = layers.Spot(document.rootNode(), document.topLevelNodes()[-1])
    result = layers.Result("result", Box(*BOX), noise(depth, WINDOW), b"\xc0" * (WINDOW * WINDOW))
    layers.add(document, spot, result)


def build_only(document, depth):
    """What of ours is not Krita's merging."""
    plain_layer(document, depth)


WAYS = {
    "only building the layer": build_only,
    "plain layer at the top": plain,
    "plain layer just above the lowest": plain_at_the_bottom,
    "plain layer, no batch mode": plain_not_batch,
    "plain layer added hidden, then shown": hidden_then_shown,
    "plain layer inside a new group": in_a_group,
    "plain layer of 8 bit": eight_bit,
    "ours: with its mask": ours,
    "ours: with its mask, again": ours,
    "refreshProjection": lambda document, depth: document.refreshProjection(),
}


class Heartbeat:
    """Remembers the longest time between two turns of the event loop."""

    def __init__(self):
        self.last, self.longest = time.perf_counter(), 0.0
        self.timer = QtCore.QTimer()
        self.timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.beat)
        self.timer.start(2)

    def beat(self):
        now = time.perf_counter()
        self.longest, self.last = max(self.longest, now - self.last), now

    def stop(self):
        self.timer.stop()
        return round(1000 * self.longest)
