"""Remove and extend with the real engine through Krita's actions: the contract, on a photo and in every depth."""

import random

import support
from inlay_krita.settings import ExtendSettings, Unit
from inlay_krita.wire import Box

SPACES = [
    ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U16", ""),
    ("RGBA", "F16", ""),
    ("RGBA", "F32", ""),
    ("GRAYA", "U8", ""),
    ("GRAYA", "U16", ""),
    ("CMYKA", "U8", ""),
    ("LABA", "U16", ""),
]
SIZE = (160, 130)
TOLERANCE = {"U8": 1, "U16": 2, "F16": 0.01, "F32": 1e-4}


def main(t):
    t.docker("inlay")
    yield from removed_from_a_photo(t, t.args[0])
    for space in SPACES:
        yield from soft_selection(t, *space)
    yield from odd_selections(t)
    yield from extended(t)
    yield from two_documents(t)
    yield from shadow_offered(t)


def removed_from_a_photo(t, path):
    """A photo from a file, as a painter has it: one layer, a selection, Remove, undo, redo."""
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 0.5
    box = (190, 170, 60, 50)
    yield from support.select(t, document, box, b"\xff" * (60 * 50))
    before = support.projection(document)
    said = yield from support.run_action(t, "inlay_remove")
    t.check("photo: no notice", said == [], said)
    after = support.projection(document)
    width = document.width()
    same = support.outside("RGBA", "U8", before, width, box) == support.outside("RGBA", "U8", after, width, box)
    t.check("photo: outside is bit-identical", same)
    t.check("photo: inside has changed", before != after)
    t.screenshot("photo")
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.check("photo: one undo step", undone and support.projection(document) == before)
    redone = yield from support.press_until(t, "edit_redo", lambda: len(support.tree(document)) == 2)
    t.check("photo: redo", redone and support.projection(document) == after)
    support.close(document)
    yield 0.2


def soft_selection(t, model, depth, profile):
    """The mask is the selection byte for byte, and the picture is blended by exactly that."""
    name = f"{model} {depth}:"
    document = yield from support.new_document(t, model, depth, profile)
    box = (40, 30, 60, 50)
    yield from support.select(t, document, box, support.ramp(60, 50))
    selection = bytes(document.selection().pixelData(0, 0, *SIZE))
    before = support.projection(document)
    said = yield from support.run_action(t, "inlay_remove")
    t.check(f"{name} no notice", said == [], said)
    after = support.projection(document)
    layer = document.topLevelNodes()[1]
    mask = bytes(layer.childNodes()[0].pixelData(0, 0, *SIZE))
    t.check(f"{name} the mask is the selection", mask == selection)
    t.check(f"{name} the selection stays", bytes(document.selection().pixelData(0, 0, *SIZE)) == selection)
    fill = bytes(layer.pixelData(0, 0, *SIZE))
    check_blend(t, name, model, depth, before, after, fill, selection)
    recipes = support.recipes(t)
    t.check(f"{name} the recipe", len(recipes) == 1 and recipes[0]["edit"]["kind"] == "remove", recipes)
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.check(f"{name} one undo step", undone and support.projection(document) == before)
    support.close(document)
    yield 0.2


def check_blend(t, name, model, depth, before, after, fill, mask):
    old, new, put = (support.unpack(depth, raw) for raw in (before, after, fill))
    channels, worst, spilled = support.CHANNELS[model], 0.0, 0
    for index, value in enumerate(new):
        a = mask[index // channels] / 255
        if a == 0:
            spilled += value != old[index]
            continue
        above = min(put[index], 1.0) if depth == "F32" else put[index]  # Krita clips there: docs/krita.md
        ideal = old[index] * (1 - a) + above * a
        if depth == "F32" and a == 1:
            ideal = value if value in (put[index], above) else ideal
        worst = max(worst, abs(value - (round(ideal) if depth in ("U8", "U16") else ideal)))
    t.check(f"{name} coverage 0 changes not a bit", spilled == 0, spilled)
    t.check(f"{name} the blend is the selection's", worst <= TOLERANCE[depth], f"off by {worst:g}")


def odd_selections(t):
    """Islands, one pixel, off the canvas, everything."""
    document = yield from support.new_document(t)
    islands = bytearray(160 * 130)
    for x, y in ((0, 0), (80, 60), (150, 120)):
        for row in range(y, y + 10):
            islands[row * 160 + x : row * 160 + x + 10] = b"\xc0" * 10
    cases = {
        "islands": ((0, 0, 160, 130), bytes(islands)),
        "one pixel": ((77, 33, 1, 1), b"\xff"),
        "partly off": ((-20, -20, 40, 40), b"\xff" * 1600),
    }
    for name, (box, coverage) in cases.items():
        yield from support.select(t, document, box, coverage)
        selection = bytes(document.selection().pixelData(0, 0, *SIZE))
        before, count = support.projection(document), len(support.tree(document))
        said = yield from support.run_action(t, "inlay_remove")
        t.check(f"{name}: no notice", said == [], said)
        after = support.projection(document)
        t.check(f"{name}: one layer more", len(support.tree(document)) == count + 1)
        spilled = sum(
            1
            for index, a in enumerate(selection)
            if a == 0 and before[4 * index : 4 * index + 4] != after[4 * index : 4 * index + 4]
        )
        t.check(f"{name}: not a bit outside", spilled == 0, spilled)
    yield from support.select(t, document, (0, 0, 160, 130), b"\xff" * (160 * 130))
    count = len(support.tree(document))
    said = yield from support.run_action(t, "inlay_remove")
    t.check("everything: said in words, or done", bool(said) or len(support.tree(document)) == count + 1, said)
    t.put("everything", said)
    support.close(document)
    yield 0.2


def extended(t):
    """The old picture stays bit for bit, at its new place."""
    document = yield from support.new_document(t)
    before = support.projection(document)
    session = support.session_of(t)
    session.extend_settings = ExtendSettings(Unit.PIXELS, left=30, top=20, right=40, bottom=0)
    said = yield from support.run_action(t, "inlay_extend")
    t.check("extend: no notice", said == [], said)
    t.check("extend: size", (document.width(), document.height()) == (230, 150), (document.width(), document.height()))
    document.waitForDone()
    alphas = support.projection(document)[3::4]
    t.check("extend: nothing is left empty", min(alphas) == 255)
    after = bytes(document.pixelData(30, 20, *SIZE))
    layer = document.topLevelNodes()[1]
    mask = bytes(layer.childNodes()[0].pixelData(30, 20, *SIZE))
    changed = [i for i in range(len(mask)) if mask[i] == 0 and after[4 * i : 4 * i + 4] != before[4 * i : 4 * i + 4]]
    t.check("extend: the old picture is bit-identical where the mask is 0", not changed, len(changed))
    t.put("extend: old pixels that the seam may change", sum(a > 0 for a in mask))
    t.check("extend: old layer", bytes(document.topLevelNodes()[0].pixelData(30, 20, *SIZE)) == before)
    support.close(document)
    yield 0.2


def two_documents(t):
    """The result goes where it was asked for, also when the painter looks at another document by then."""
    first = yield from support.new_document(t, seed=1)
    yield from support.select(t, first, (40, 30, 50, 40), b"\xff" * 2000)
    first_view = t.krita.activeWindow().activeView()
    session = support.session_of(t)
    t.krita.action("inlay_remove").trigger()
    second = t.krita.createDocument(100, 100, "second", "RGBA", "U8", "", 100.0)
    t.krita.activeWindow().addView(second)
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    yield 0.3
    t.check("two documents: into the first", len(support.tree(first)) == 2, support.tree(first))
    t.check("two documents: not into the second", len(support.tree(second)) == 1, support.tree(second))
    t.put("views", [first_view.document() == first, session.notices])
    support.close(second)
    support.close(first)
    yield 0.2


def shadow_offered(t):
    """A pillar that casts a shadow: the panel offers the shadow, and selects it when the painter says so."""
    width, height = 400, 300
    document = yield from support.new_document(t, size=(width, height), flat=True)
    source, pixels = random.Random(1), bytearray()
    for y in range(height):
        for x in range(width):
            is_pillar = 180 <= x < 230 and 90 <= y < 200
            is_shaded = 230 <= x < 330 and abs(y - 190 - (x - 230) // 5) < 11
            sand = [level * (0.5 if is_shaded else 1) + source.gauss(0, 3) for level in (107, 140, 158)]
            pixels += bytes([*((40, 50, 190) if is_pillar else map(round, sand)), 255])
    document.topLevelNodes()[0].setPixelData(bytes(pixels), 0, 0, width, height)
    document.refreshProjection()
    box = (180, 90, 50, 110)
    yield from support.select(t, document, box, b"\xff" * (50 * 110))
    session = support.session_of(t)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.notices
    (notice,) = session.notices
    t.check("shadow: offered", notice.message.startswith("A shadow may belong") and not notice.is_error, notice.message)
    bounds = session.canvas.selection_bounds(session.canvas.document())
    t.check("shadow: nothing is added without a yes", bounds == Box(*box), bounds)
    yield 0.3
    t.screenshot("shadow")
    t.find("inlay_notice_action").click()
    yield lambda: not session.notices
    yield 0.2
    added = bytes(document.selection().pixelData(250, 180, 60, 25))
    t.check("shadow: selected", sum(value > 0 for value in added) > 500, sum(value > 0 for value in added))
    t.check("shadow: the rest stays selected", min(bytes(document.selection().pixelData(*box))) == 255)
    said = yield from support.run_action(t, "inlay_remove")
    t.check("shadow: removed with the next press", said == [] and len(support.tree(document)) == 3, said)
    t.screenshot("shadow_removed")
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield 0.2
