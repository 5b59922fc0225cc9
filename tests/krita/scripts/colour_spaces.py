"""Every colour space: what is captured, what is laid in, what stays, undo, redo, save and open again."""

import struct

import support
from inlay_krita.canvas import KritaCanvas
from inlay_krita.wire import Box

SPACES = [
    ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U8", "Rec2020-elle-V4-g10.icc"),
    ("RGBA", "U16", ""),
    ("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "F16", ""),
    ("RGBA", "F32", ""),
    ("RGBA", "F32", "ACEScg-elle-V4-g10.icc"),
    ("GRAYA", "U8", ""),
    ("GRAYA", "U16", ""),
    ("CMYKA", "U8", ""),
    ("LABA", "U16", ""),
]
ALL = (0, 0, support.WIDTH, support.HEIGHT)
BOX = (20, 10, 50, 30)  # x, y, width, height: the result's place
TOLERANCE = {"U8": 1, "U16": 2, "F16": 0.01, "F32": 1e-4}


def main(t):
    for number, space in enumerate(SPACES):
        yield from check_space(t, number, *space)


def check_space(t, number, model, depth, profile):
    name = f"{model} {depth} {profile or 'default'}:"
    document = yield from support.new_document(t, model, depth, profile)
    yield from support.select(t, document, (0, 0, 60, 64), support.ramp(60, 64))
    canvas = KritaCanvas()
    key = canvas.document()
    info = canvas.info(key)
    t.check(
        f"{name} info",
        (info.model, info.depth, info.width, info.height) == (model, depth, support.WIDTH, support.HEIGHT),
        info,
    )
    t.put(f"{name} profile", info.profile)
    before, layer_before = support.projection(document), pixels_of(document, "Background")
    captured = canvas.capture(key, Box(10, 5, 70, 40), True)
    t.check(
        f"{name} captured pixels",
        bytes(captured.pixels) == window(before, model, depth, support.WIDTH, (10, 5, 70, 40)),
    )
    t.check(f"{name} captured selection", bytes(captured.mask) == selection_bytes(document, (10, 5, 70, 40)))

    # Krita clips the upper layer of F32 at 1.0 where its alpha is not 1 (docs/krita.md); F16 is not clipped.
    fill = support.noise(model, depth, BOX[2], BOX[3], seed=2, brightest=1 if depth == "F32" else 4)
    mask = support.ramp(BOX[2], BOX[3])
    selected = selection_bytes(document, ALL)
    layer_id = canvas.place(key, support.placement(document, BOX, fill, mask))
    after = support.projection(document)
    yield 0.1
    check_pixels(t, name, model, depth, before, after, fill, mask)
    t.check(
        f"{name} the tree", names(document) == ["Background", ("Inlay: remove", ["Inlay: selection"])], names(document)
    )
    t.check(f"{name} the new layer's id", support.find(document, "Inlay: remove").uniqueId().toString() == layer_id)
    t.check(f"{name} old layers untouched", pixels_of(document, "Background") == layer_before)
    t.check(f"{name} selection untouched", selection_bytes(document, ALL) == selected)
    t.check(f"{name} the layer holds the fill", pixels_of(document, "Inlay: remove", BOX) == fill)
    t.check(f"{name} the mask holds the coverage", pixels_of(document, "Inlay: selection", BOX) == mask)

    undone = yield from support.press_until(t, "edit_undo", lambda: names(document) == ["Background"])
    t.check(f"{name} one undo takes it away", undone, names(document))
    t.check(f"{name} undo restores every pixel", support.projection(document) == before)
    t.check(f"{name} undo leaves the selection", selection_bytes(document, ALL) == selected)
    redone = yield from support.press_until(t, "edit_redo", lambda: len(names(document)) == 2)
    t.check(f"{name} redo", redone and is_close(depth, support.projection(document), after))
    check_saved(t, name, depth, document, number, after, fill, mask)
    support.close(document)
    yield 0.1


def check_pixels(t, name, model, depth, before, after, fill, mask):
    same = support.outside(model, depth, before, support.WIDTH, BOX) == support.outside(
        model, depth, after, support.WIDTH, BOX
    )
    t.check(f"{name} outside is bit-identical", same)
    old = support.unpack(depth, window(before, model, depth, support.WIDTH, BOX))
    new = support.unpack(depth, window(after, model, depth, support.WIDTH, BOX))
    put, channels = support.unpack(depth, fill), support.CHANNELS[model]
    worst = spilled = 0.0
    full = [i for i in range(len(new)) if mask[i // channels] == 255]
    for index, value in enumerate(new):
        a = mask[index // channels] / 255
        ideal = old[index] * (1 - a) + put[index] * a
        worst = max(worst, abs(value - (round(ideal) if depth in ("U8", "U16") else ideal)))
        spilled += a == 0 and value != old[index]
    t.check(f"{name} the blend is the mask's", worst <= TOLERANCE[depth], f"off by {worst:g}")
    t.check(f"{name} coverage 0 changes nothing", spilled == 0, spilled)
    off = max(abs(new[i] - put[i]) for i in full)
    t.check(f"{name} coverage 255 is the fill", off <= (1e-6 if depth == "F32" else 0), off)


def check_saved(t, name, depth, document, number, after, fill, mask):
    path = f"{t.out}/space{number}.kra"
    t.check(f"{name} saves", document.saveAs(path))
    opened = t.krita.openDocument(path)
    opened.setBatchmode(True)
    t.check(f"{name} opened: tree", names(opened) == ["Background", ("Inlay: remove", ["Inlay: selection"])])
    t.check(f"{name} opened: pixels", pixels_of(opened, "Inlay: remove", BOX) == fill)
    t.check(f"{name} opened: mask", pixels_of(opened, "Inlay: selection", BOX) == mask)
    t.check(f"{name} opened: projection", is_close(depth, support.projection(opened), after))
    ids = [support.find(each, "Inlay: remove").uniqueId() for each in (document, opened)]
    t.check(f"{name} opened: the layer's id", ids[0] == ids[1])
    t.krita.activeWindow().addView(opened)
    support.close(opened)


def is_close(depth, raw, other):
    """Equal, but for F32: how Krita's vector code rounds there depends on where a row begins."""
    if depth != "F32":
        return raw == other
    return all(abs(a - b) < 1e-6 for a, b in zip(support.unpack(depth, raw), support.unpack(depth, other), strict=True))


def names(document):
    return [name if not below else (name, [n for n, _, _ in below]) for name, _, below in support.tree(document)]


def pixels_of(document, name, box=ALL):
    return bytes(support.find(document, name).pixelData(*box))


def selection_bytes(document, box):
    return bytes(document.selection().pixelData(*box))


def window(raw, model, depth, width, box):
    """A box's part of a whole picture's raw bytes."""
    size = support.CHANNELS[model] * struct.calcsize(support.FORMATS[depth])
    x, y, w, h = box
    return b"".join(raw[(row * width + x) * size : (row * width + x + w) * size] for row in range(y, y + h))
