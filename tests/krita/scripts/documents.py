"""Documents and selections: bounds, identity, closing, resizing, extending, and what is refused."""

import functools

import krita
import support
from inlay_krita.canvas import KritaCanvas
from inlay_krita.contract import CanvasError, Mode
from inlay_krita.wire import Box

NOTE = "inlay-test"


def main(t):
    for check in (
        selections,
        two_documents,
        moved_on,
        extend,
        extend_refused,
        refusals,
        annotations,
        semitransparent,
        big,
    ):
        yield from check(t)


def refused(call):
    """The message that a call is refused with; an empty one where it is not."""
    try:
        call()
    except CanvasError as error:
        return str(error)
    return ""


def selections(t):
    document = yield from support.new_document(t)
    canvas = KritaCanvas()
    key = canvas.document()
    t.check("no selection: no bounds", canvas.selection_bounds(key) is None)
    t.check(
        "no selection: capture is refused", "Nothing is selected" in refused(lambda: canvas.capture(key, WHOLE, True))
    )
    cases = {
        "a box": ((10, 5, 20, 15), Box(10, 5, 20, 15)),
        "partly off the canvas": ((-30, -20, 50, 40), Box(0, 0, 20, 20)),
        "everything": ((0, 0, 160, 130), Box(0, 0, 160, 130)),
        "more than everything": ((-50, -50, 300, 300), Box(0, 0, 160, 130)),
        "one pixel": ((159, 129, 1, 1), Box(159, 129, 1, 1)),
        "off the canvas": ((200, 200, 10, 10), None),
    }
    for name, (selected, expected) in cases.items():
        yield from support.select(t, document, selected, b"\xff" * (selected[2] * selected[3]))
        t.check(f"selection {name}", canvas.selection_bounds(key) == expected, canvas.selection_bounds(key))
    yield from support.select(t, document, (3, 4, 1, 1), b"\x01")
    t.check("selection of coverage 1", canvas.selection_bounds(key) == Box(3, 4, 1, 1), canvas.selection_bounds(key))
    t.check("its byte", bytes(canvas.capture(key, Box(3, 4, 1, 1), True).mask) == b"\x01")
    yield from support.select(t, document, (3, 4, 10, 10), bytes(100))
    t.check("selection of coverage 0", canvas.selection_bounds(key) is None, canvas.selection_bounds(key))
    islands = krita.Selection()
    for x, y in ((5, 5), (40, 8), (70, 50)):
        islands.setPixelData(support.ramp(8, 8), x, y, 8, 8)
    document.setSelection(islands)
    document.waitForDone()
    yield 0.1
    bounds = canvas.selection_bounds(key)
    t.check("islands", bounds == Box(6, 5, 72, 53), bounds)  # a ramp's first column is 0
    captured = bytes(canvas.capture(key, Box(0, 0, 160, 130), True).mask)
    t.check(
        "islands' bytes",
        captured == bytes(document.selection().pixelData(0, 0, 160, 130)) and captured[5 * 160 + 12] == 255,
    )
    t.check("capture beyond the canvas", len(bytes(canvas.capture(key, Box(-8, -8, 176, 146), True).mask)) == 176 * 146)
    canvas.select(key, Box(100, 90, 4, 3), b"\x80" * 12, Mode.ADD)
    document.waitForDone()
    more = bytearray(captured)
    for row in range(90, 93):
        more[row * 160 + 100 : row * 160 + 104] = b"\x80" * 4
    t.check("more is selected", bytes(document.selection().pixelData(0, 0, 160, 130)) == bytes(more))
    t.krita.action("invert_selection").trigger()
    yield 0.3
    document.waitForDone()
    t.check("inverted", canvas.selection_bounds(key) == Box(0, 0, 160, 130), canvas.selection_bounds(key))
    t.krita.action("deselect").trigger()
    yield 0.3
    t.check("deselected", canvas.selection_bounds(key) is None, canvas.selection_bounds(key))
    canvas.select(key, Box(7, 8, 9, 10), b"\xff" * 90, Mode.ADD)
    t.check("more than nothing is selected", canvas.selection_bounds(key) == Box(7, 8, 9, 10))
    t.krita.action("select_all").trigger()
    yield 0.3
    t.check("select all", canvas.selection_bounds(key) == Box(0, 0, 160, 130), canvas.selection_bounds(key))
    support.close(document)
    yield 0.2


def two_documents(t):
    canvas = KritaCanvas()
    t.check("none open", canvas.document() is None)
    first = yield from support.new_document(t, seed=1)
    key = canvas.document()
    t.check("a key is the same each time", canvas.document() == key and canvas.is_open(key))
    second = yield from support.new_document(t, seed=2)
    other = canvas.document()
    t.check("another document, another key", other != key and canvas.is_open(key) and canvas.is_open(other))
    yield from support.select(t, first, (1, 2, 3, 4), b"\xff" * 12)
    t.check("selection of the document behind", canvas.selection_bounds(key) == Box(1, 2, 3, 4))
    t.check("selection of the one in front", canvas.selection_bounds(other) is None)
    before, behind = support.projection(second), support.projection(first)
    active = second.activeNode().name()
    fill, mask = support.noise("RGBA", "U8", 20, 10, 3), b"\xff" * 200
    canvas.place(key, support.placement(first, (5, 5, 20, 10), fill, mask, name="Inlay: behind"))
    yield 0.3
    t.check("laid into the document behind", support.find(first, "Inlay: behind") is not None)
    t.check("and not into the one in front", support.find(second, "Inlay: behind") is None)
    t.check(
        "the one in front is the same", support.projection(second) == before and second.activeNode().name() == active
    )
    t.check("the one behind has changed", support.projection(first) != behind)
    t.check("still in front", canvas.document() == other)
    support.close(first)
    yield 0.2
    t.check("closed", not canvas.is_open(key) and canvas.is_open(other))
    for call in (
        lambda: canvas.info(key),
        lambda: canvas.selection_bounds(key),
        lambda: canvas.capture(key, WHOLE, False),
        lambda: canvas.place(key, support.placement(second, (5, 5, 20, 10), fill, mask)),
        lambda: canvas.annotation(key, NOTE),
        lambda: canvas.active_layer(key),
    ):
        t.check("a closed document is refused", "was closed" in refused(call))
    t.check("a closed document has a name", canvas.name(key) == "a closed document")
    third = yield from support.new_document(t, seed=3)
    t.check("a key is never used again", canvas.document() not in (key, other))
    second.setFileName(f"{t.out}/cat.kra")
    t.put("names", [canvas.name(other), canvas.name(canvas.document())])
    support.close(second)
    support.close(third)
    yield 0.2


def moved_on(t):
    """A painter who went to another layer while the edit ran stays there."""
    document = yield from support.new_document(t)
    other = document.createNode("sketch", "paintlayer")
    document.rootNode().addChildNode(other, None)
    document.waitForDone()
    yield 0.2
    document.setActiveNode(support.find(document, "Background"))
    yield 0.1
    canvas = KritaCanvas()
    key = canvas.document()
    canvas.capture(key, WHOLE, False)
    document.setActiveNode(support.find(document, "sketch"))
    yield 0.1
    fill, mask = support.noise("RGBA", "U8", 20, 10, 3), b"\xff" * 200
    canvas.place(key, support.placement(document, (5, 5, 20, 10), fill, mask))
    yield 0.3
    t.check("moved on: stays on that layer", document.activeNode().name() == "sketch", document.activeNode().name())
    canvas.capture(key, WHOLE, False)
    canvas.place(key, support.placement(document, (5, 5, 20, 10), fill, mask, name="Inlay: second"))
    yield 0.3
    t.check(
        "did not: the result is active", document.activeNode().name() == "Inlay: second", document.activeNode().name()
    )
    support.close(document)
    yield 0.2


def extend(t):
    document = yield from support.new_document(t)
    layer = document.createNode("beyond", "paintlayer")  # has pixels outside the canvas
    layer.setPixelData(support.noise("RGBA", "U8", 60, 40, 7), -20, -10, 60, 40)
    document.rootNode().addChildNode(layer, None)
    document.waitForDone()
    yield 0.2
    yield from support.select(t, document, (10, 12, 8, 6), b"\xff" * 48)
    before = support.projection(document)
    own = bytes(layer.pixelData(-20, -10, 60, 40))
    canvas = KritaCanvas()
    key = canvas.document()
    canvas.capture(key, WHOLE, False)
    grown = (-16, -8, 160 + 16 + 24, 130 + 8 + 4)
    fill = support.noise("RGBA", "U8", grown[2], grown[3], 11)
    mask = bytearray(b"\xff" * (grown[2] * grown[3]))
    for row in range(8, 8 + 130):
        mask[row * grown[2] + 16 : row * grown[2] + 16 + 160] = bytes(160)
    canvas.place(key, support.placement(document, grown, fill, bytes(mask), name="Inlay: extend", canvas_box=grown))
    after = support.projection(document)
    yield 0.2
    t.check("extend: size", (document.width(), document.height()) == (200, 142), (document.width(), document.height()))
    t.check("extend: the old picture is where it was", crop(after, 200, (16, 8, 160, 130)) == before)
    corner = crop(after, 200, (0, 0, 200, 8)) == crop(fill, 200, (0, 0, 200, 8))
    t.check("extend: the new area is the result", corner)
    t.check("extend: old layers keep their pixels", bytes(layer.pixelData(-4, -2, 60, 40)) == own)
    moved = document.selection()
    t.check(
        "extend: the selection moves along", (moved.x(), moved.y(), moved.width(), moved.height()) == (26, 20, 8, 6)
    )
    yield from count_steps(t, "extend", document, lambda: (document.width(), document.height()) == (160, 130))
    t.check(
        "extend: undone", support.projection(document) == before and support.find(document, "Inlay: extend") is None
    )
    support.close(document)
    yield 0.2


def count_steps(t, name, document, done):
    def look():
        return document.width(), len(document.rootNode().childNodes())

    steps = 0
    while not done() and steps < 5:
        yield from support.press_until(t, "edit_undo", functools.partial(lambda shown: look() != shown, look()))
        steps += 1
    document.waitForDone()
    t.check(f"{name}: two undo steps at most", steps <= 2, steps)
    t.put(f"{name}: undo steps", steps)


def extend_refused(t):
    document = yield from support.new_document(t)
    canvas = KritaCanvas()
    key = canvas.document()
    canvas.capture(key, WHOLE, False)
    grown = (0, 0, 170, 130)
    placed = support.placement(document, grown, bytes(170 * 130 * 4), bytes(170 * 130), canvas_box=grown)
    document.resizeImage(0, 0, 90, 60)
    document.waitForDone()
    said = refused(lambda: canvas.place(key, placed))
    t.check("extend: refused after a resize", "no longer fits" in said, said)
    t.check(
        "extend: nothing half-done",
        (document.width(), document.height()) == (90, 60) and len(support.tree(document)) == 1,
    )
    support.close(document)
    yield 0.2


def refusals(t):
    document = yield from support.new_document(t)
    canvas = KritaCanvas()
    key = canvas.document()
    fill, mask = support.noise("RGBA", "U8", 20, 10, 3), b"\xff" * 200
    placed = support.placement(document, (5, 5, 20, 10), fill, mask)
    document.resizeImage(0, 0, 90, 60)
    document.waitForDone()
    said = refused(lambda: canvas.place(key, placed))
    t.check("refused after a resize", "was 160 x 130" in said and "repeat" in said, said)
    document.resizeImage(0, 0, 160, 130)
    document.waitForDone()
    document.setColorSpace("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc")
    document.waitForDone()
    said = refused(lambda: canvas.place(key, placed))
    t.check("refused after a conversion", "colour space" in said, said)
    t.check("refused: nothing half-done", len(support.tree(document)) == 1, support.tree(document))
    support.close(document)
    yield 0.2


def annotations(t):
    """What is kept with a document, and how a layer is found again: no undo steps, and both survive saving."""
    document = yield from support.new_document(t)
    canvas = KritaCanvas()
    key = canvas.document()
    t.check("nothing is kept", len(canvas.annotation(key, NOTE)) == 0)
    fill, mask = support.noise("RGBA", "U8", 20, 10, 3), b"\xff" * 200
    layer = canvas.place(key, support.placement(document, (5, 5, 20, 10), fill, mask))
    yield 0.3
    t.check("the new layer is the active one", canvas.active_layer(key) == layer)
    document.setActiveNode(support.find(document, "Inlay: selection"))
    yield 0.2
    t.check("a mask stands for its layer", canvas.active_layer(key) == layer)
    for number in range(3):
        canvas.annotate(key, NOTE, "a test", f"{number} a “quoted”, naïve 猫".encode())
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.check("an annotation is no undo step", undone, support.tree(document))
    t.check("a layer that is gone is not shown", canvas.show_layer(key, layer) is False)
    yield from support.press_until(t, "edit_redo", lambda: len(support.tree(document)) == 2)
    document.setActiveNode(support.find(document, "Background"))
    yield 0.2
    t.check("it is shown after redo", canvas.show_layer(key, layer) and document.activeNode().name() == "Inlay: remove")
    path = f"{t.out}/annotations.kra"
    document.saveAs(path)
    support.close(document)
    yield 0.2
    opened = t.krita.openDocument(path)
    t.krita.activeWindow().addView(opened)
    yield 0.3
    key = canvas.document()
    kept = bytes(canvas.annotation(key, NOTE)).decode()
    t.check("the last annotation after opening", kept == "2 a “quoted”, naïve 猫", kept)
    t.check("the layer after opening", canvas.show_layer(key, layer) and canvas.active_layer(key) == layer)
    t.check("no layer of that id", canvas.show_layer(key, "{11111111-1111-1111-1111-111111111111}") is False)
    t.check("no id at all", canvas.show_layer(key, "nonsense") is False)
    support.close(opened)
    yield 0.2


def semitransparent(t):
    """A picture with alpha: outside the box no channel changes, inside alpha blends too."""
    document = yield from support.new_document(t, opaque=False)
    before = support.projection(document)
    fill, mask = support.noise("RGBA", "U8", 20, 10, 3), b"\xff" * 200
    canvas = KritaCanvas()
    canvas.place(canvas.document(), support.placement(document, (5, 5, 20, 10), fill, mask))
    after = support.projection(document)
    box = (5, 5, 20, 10)
    # Under alpha 0 Krita keeps no colour when it merges two layers; where anything can be seen not a bit changes.
    seen = [
        b"".join(row[i : i + 4] if row[i + 3] else bytes(4) for i in range(0, len(row), 4))
        for picture in (before, after)
        for row in support.outside("RGBA", "U8", picture, support.WIDTH, box)
    ]
    t.check("translucent picture: outside is bit-identical", seen[: len(seen) // 2] == seen[len(seen) // 2 :])
    t.check("translucent picture: the fill", crop(after, 160, box) == fill)
    support.close(document)
    yield 0.2


def big(t):
    """8192 x 8192: only the window is read, the rest stays bit for bit."""
    side = 8192
    document = t.krita.createDocument(side, side, "big", "RGBA", "U8", "", 100.0)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 0.5
    tile = support.noise("RGBA", "U8", 256, 256, 4)
    layer = support.find(document, "Background")
    for y in range(0, side, 1024):
        layer.setPixelData(tile, (y * 3) % side, y, 256, 256)
    document.refreshProjection()
    document.waitForDone()
    before = support.projection(document)
    canvas = KritaCanvas()
    key = canvas.document()
    canvas.capture(key, Box(4000, 4000, 512, 512), False)
    fill, mask = support.noise("RGBA", "U8", 256, 256, 3), support.ramp(256, 256)
    canvas.place(key, support.placement(document, (4000, 4000, 256, 256), fill, mask))
    after = support.projection(document)
    row = side * 4
    rows = [slice(0, 4000 * row), slice(4256 * row, side * row)]
    t.check("8192²: rows above and below are bit-identical", all(before[part] == after[part] for part in rows))
    strips = [before[y * row : y * row + 16000] == after[y * row : y * row + 16000] for y in range(4000, 4256)]
    t.check("8192²: left of the box", all(strips))
    t.check("8192²: the result is there", before != after)
    support.close(document)
    yield 0.3


WHOLE = Box(0, 0, 160, 130)


def crop(raw, width, box):
    x, y, w, h = box
    return b"".join(raw[(row * width + x) * 4 : (row * width + x + w) * 4] for row in range(y, y + h))
