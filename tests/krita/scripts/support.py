"""What the scripts share: documents with known pixels, made-up results, undo and redo, projections to compare."""

from __future__ import annotations

import random
import struct

from inlay_krita import wire
from inlay_krita.session import Placement

CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4, "XYZA": 4}
FORMATS = {"U8": "B", "U16": "H", "F16": "e", "F32": "f"}
WIDTH, HEIGHT = 160, 130  # more than one of Krita's 64-pixel tiles: what is refreshed by tiles shows
TOP = {"U8": 255, "U16": 65535, "F16": 1.0, "F32": 1.0}


def pack(depth, values):
    """Channel values as Krita's raw bytes."""
    return struct.pack(f"<{len(values)}{FORMATS[depth]}", *values)


def unpack(depth, raw):
    """Krita's raw bytes as channel values."""
    raw = bytes(raw)
    count = len(raw) // struct.calcsize(FORMATS[depth])
    return struct.unpack(f"<{count}{FORMATS[depth]}", raw)


def noise(model, depth, width, height, seed, opaque=True, brightest=4):
    """Random pixels; the last channel is alpha. Floats go up to `brightest`, where white is 1."""
    source = random.Random(seed)
    channels, values = CHANNELS[model], []
    for _ in range(width * height):
        for channel in range(channels):
            is_alpha = channel == channels - 1
            if is_alpha and opaque:
                values.append(TOP[depth])
            elif depth in ("U8", "U16"):
                values.append(source.randint(0, TOP[depth]))
            else:
                values.append(source.uniform(0, 1 if is_alpha else brightest))
    return pack(depth, values)


def ramp(width, height):
    """Coverage that rises from 0 at the left to 255 at the right."""
    return bytes(255 * x // max(1, width - 1) for x in range(width)) * height


def new_document(t, model="RGBA", depth="U8", profile="", size=(WIDTH, HEIGHT), seed=1, opaque=True, flat=False):
    """A document in a view, with one layer of noise. A generator: `document = yield from new_document(t)`.

    flat: one grey instead of noise, for large ones.
    """
    document = t.krita.createDocument(*size, "test", model, depth, profile, 100.0)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: t.krita.activeDocument() == document
    yield 0.1
    layer = document.rootNode().childNodes()[0]  # Krita's own background
    pixels = b"\x80" * (size[0] * size[1] * 4) if flat else noise(model, depth, *size, seed, opaque)
    layer.setPixelData(pixels, 0, 0, *size)
    document.refreshProjection()
    document.waitForDone()
    document.setActiveNode(layer)
    yield 0.1
    return document


def session_of(t):
    """The plugin's one session in this Krita."""
    return t.find("inlay_panel").session


def recipes(t):
    """What the active document remembers, oldest first."""
    return [past.recipe for past in reversed(session_of(t).history.runs())]


def run_action(t, name):
    """Trigger an action of Inlay's and wait for the end of the edit; gives the errors that the panel told."""
    session = session_of(t)
    t.krita.action(name).trigger()
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    said = [notice.message for notice in session.notices if notice.is_error]
    for notice in list(session.notices):
        session.dismiss(notice)
    yield 0.1
    return said


def close(document):
    """Close without a question, when Krita has done what it was about to do."""
    document.waitForDone()
    document.setModified(False)
    document.close()


def select(t, document, box, coverage):
    """Set the document's selection to these bytes in this box."""
    from krita import Selection

    selection = Selection()
    selection.setPixelData(coverage, *box)
    document.setSelection(selection)
    document.waitForDone()
    yield 0.1


def projection(document):
    """The whole picture as Krita shows it, raw."""
    document.waitForDone()
    return bytes(document.pixelData(0, 0, document.width(), document.height()))


def placement(document, box, pixels, mask, name="Inlay: remove", canvas_box=None, recipe=None):
    """A result as the engine would give it."""
    canvas = wire.Box(0, 0, document.width(), document.height())
    box = wire.Box(*box)
    edit = {"kind": "extend" if canvas_box else "remove"}
    if canvas_box:
        x, y, width, height = canvas_box
        edit |= {"left_px": -x, "top_px": -y}
        edit |= {"right_px": x + width - canvas.width, "bottom_px": y + height - canvas.height}
    plan = wire.Plan(
        edit="extend" if canvas_box else "remove",
        model="builtin",
        family="builtin",
        canvas_box=wire.Box(*canvas_box) if canvas_box else canvas,
        crop_box=canvas,
        read_box=canvas,
        paste_box=box,
        working_width=canvas.width,
        working_height=canvas.height,
        grow_px=0,
        feather_px=0,
        denoise_grow_px=0,
        steps=1,
        why="made up for the test",
        settings=None,
        checklist=[],
    )
    result = wire.Result("0" * 64, "1" * 64, box, 0.1, recipe or {"edit": edit, "name": name})
    return Placement(name, plan, result, pixels, mask)


def tree(document):
    """All nodes as nested (name, type, children), without the selection."""

    def below(node):
        return [(n.name(), n.type(), below(n)) for n in node.childNodes() if n.type() != "selectionmask"]

    return below(document.rootNode())


def press_until(t, action, done):
    """Trigger an action once, and again only if Krita dropped it (it does while it is busy); yields."""
    for _ in range(5):
        t.krita.action(action).trigger()
        for _ in range(25):
            yield 0.04
            if done():
                return True
    return False


def find(document, name, node=None):
    """The first node of this name."""
    for child in (node or document.rootNode()).childNodes():
        if child.name() == name:
            return child
        below = find(document, name, child)
        if below is not None:
            return below
    return None


def outside(model, depth, raw, width, box):
    """The raw bytes of all pixels outside a box, row by row."""
    size = CHANNELS[model] * struct.calcsize(FORMATS[depth])
    x, y, w, h = box
    rows = [raw[i : i + width * size] for i in range(0, len(raw), width * size)]
    return [row[: x * size] + row[(x + w) * size :] if y <= number < y + h else row for number, row in enumerate(rows)]


def choose_theme(t, name):
    """One of Krita's themes, "Krita dark", by its menu; waits until the colours are there."""
    entries = t.krita.action("theme_menu").menu().actions()
    next(entry for entry in entries if entry.text().replace("&", "") == name).trigger()
    yield 0.8
