"""What an edit reads: a layer alone, or with what lies below it, in every kind of stack; the document is left alone."""

import time

import krita
import support
from inlay_krita.canvas import KritaCanvas
from inlay_krita.contract import CanvasError, Read, Source
from inlay_krita.wire import Box

SIZE = (support.WIDTH, support.HEIGHT)
BOX = Box(20, 10, 100, 90)
WINDOW = (BOX.x, BOX.y, BOX.width, BOX.height)
LARGE = (4096, 4096)


def main(t):
    for name, scene in SCENES.items():
        yield from check_scene(t, name, scene)
    for model, depth in (("RGBA", "U16"), ("CMYKA", "U8"), ("GRAYA", "U8"), ("RGBA", "F32")):
        yield from check_foreign_layer(t, model, depth)
    yield from check_refusals(t)
    yield from check_without(t)
    yield from check_places(t)
    yield from check_time(t)


def check_scene(t, name, scene):
    """scene(t, document) makes the layers and gives the one to read."""
    document = yield from support.new_document(t)
    node = scene(t, document)
    document.refreshProjection()
    document.waitForDone()
    yield 0.2  # fill and file layers come later
    document.setActiveNode(node)
    yield 0.1
    canvas = KritaCanvas()
    key, layer = canvas.document(), canvas.active_layer(canvas.document())
    document.setModified(False)
    state = look(t, document)
    below = bytes(canvas.capture(key, BOX, False, Read(Source.BELOW, layer)).pixels)
    is_refused = node.type() == "filterlayer"
    alone = refused(lambda: canvas.capture(key, BOX, False, Read(Source.LAYER, layer))) if is_refused else None
    pixels = None if is_refused else bytes(canvas.capture(key, BOX, False, Read(Source.LAYER, layer)).pixels)
    t.check(f"{name}: the document is left alone", look(t, document) == state)
    yield 0.1
    t.check(f"{name}: and stays so", look(t, document) == state)
    expected = yield from seen_with_below(document, node)
    t.check(f"{name}: with what lies below", below == expected, differences(below, expected))
    if is_refused:
        t.check(f"{name}: has no pixels", "no pixels of its own" in alone, alone)
    else:
        expected = yield from seen_alone(t, document, node)
        t.check(f"{name}: alone", near(pixels, expected), differences(pixels, expected))
        t.check(f"{name}: is not empty", any(pixels))
    support.close(document)
    yield 0.1


def look(t, document):
    """All that reading must not change."""
    nodes = [(n.name(), n.visible(), n.opacity(), n.bounds()) for n in every(document.rootNode())]
    undo = t.krita.action("edit_undo")
    return (
        support.projection(document),
        nodes,
        document.modified(),
        document.activeNode().name(),
        (undo.isEnabled(), undo.text()),
        len(t.krita.documents()),
        t.krita.activeDocument() == document,
    )


def every(group):
    for node in group.childNodes():
        if node.type() != "selectionmask":
            yield node
            yield from every(node)


def seen_with_below(document, node):
    """The painter's own way: hide all that lies above, and look."""
    each = node
    while each.parentNode() is not None:
        siblings = each.parentNode().childNodes()
        index = [s.uniqueId() for s in siblings].index(each.uniqueId())
        for upper in siblings[index + 1 :]:
            if not upper.type().endswith("mask"):
                upper.setVisible(False)
        each = each.parentNode()
    document.refreshProjection()
    document.waitForDone()
    yield 0.1
    return bytes(document.pixelData(*WINDOW))


def seen_alone(t, document, node):
    """In a picture of its own, without opacity and mode."""
    other = t.krita.createDocument(*SIZE, "alone", "RGBA", "U8", document.colorProfile(), 100.0)
    for old in other.rootNode().childNodes():
        old.remove()
    if node.type() == "clonelayer":  # its source is not in the other picture
        node = support.find(document, "source")
    lone = node.duplicate()
    lone.setOpacity(255)
    lone.setBlendingMode("normal")
    lone.setInheritAlpha(False)
    other.rootNode().addChildNode(lone, None)
    other.refreshProjection()
    other.waitForDone()
    yield 0.2
    pixels = bytes(other.pixelData(*WINDOW))
    other.setModified(False)
    other.close()
    return pixels


def near(one, other):
    """The same where there is anything; what is under an alpha of 0 is nobody's."""
    pairs = zip(range(0, len(one), 4), range(0, len(other), 4), strict=True)
    return all(one[i : i + 4] == other[j : j + 4] or one[i + 3] == other[j + 3] == 0 for i, j in pairs)


def differences(one, other):
    if one is None or len(one) != len(other):
        return "of another size"
    return sum(a != b for a, b in zip(one, other, strict=True))


def refused(work):
    try:
        work()
    except CanvasError as error:
        return str(error)
    return ""


def layer(document, name, parent=None, box=(30, 20, 60, 60), seed=5, opaque=False):
    made = document.createNode(name, "paintlayer")
    made.setPixelData(support.noise("RGBA", "U8", box[2], box[3], seed, opaque), *box)
    above(parent or document.rootNode(), made)
    return made


def above(parent, node):
    """On top of what the group holds."""
    parent.addChildNode(node, None)


def cover(document, parent=None):
    """Something above, that must not be seen."""
    return layer(document, "cover", parent, (0, 0, *SIZE), seed=11, opaque=True)


def plain(t, document):
    node = layer(document, "plain")
    cover(document)
    return node


def on_top(t, document):
    return layer(document, "top")


def background(t, document):
    node = document.rootNode().childNodes()[0]
    cover(document)
    return node


def moved(t, document):
    node = layer(document, "moved")
    node.move(-17, 9)
    cover(document)
    return node


def half_shown(t, document):
    node = layer(document, "half")
    node.setOpacity(100)
    node.setBlendingMode("multiply")
    cover(document)
    return node


def masked(t, document):
    node = document.createNode("masked", "grouplayer")
    inner = layer(document, "inner", node)
    hiding = krita.Selection()
    hiding.setPixelData(support.ramp(70, 70), 20, 10, 70, 70)
    if hasattr(document, "createTransparencyMask"):  # not in Krita 5.1
        mask = document.createTransparencyMask("mask")
        mask.setSelection(hiding)
        inner.setChildNodes([mask])
    above(document.rootNode(), node)
    cover(document)
    return inner


def blurred(t, document):
    node = layer(document, "blurred")
    node.addChildNode(document.createFilterMask("invert", t.krita.filter("invert"), whole()), None)
    cover(document)
    return node


def whole():
    selection = krita.Selection()
    selection.select(0, 0, *SIZE, 255)
    return selection


def group(t, document):
    node = document.createNode("group", "grouplayer")
    layer(document, "one", node)
    layer(document, "two", node, (50, 40, 60, 60), seed=6)
    above(document.rootNode(), node)
    cover(document)
    return node


def group_of_one(t, document):
    node = document.createNode("group", "grouplayer")
    layer(document, "one", node)
    above(document.rootNode(), node)
    cover(document)
    return node


def in_group(t, document):
    node = document.createNode("group", "grouplayer")
    inner = layer(document, "inner", node)
    layer(document, "beside", node, (40, 30, 60, 60), seed=7)
    above(document.rootNode(), node)
    cover(document)
    return inner


def in_translucent_group(t, document):
    inner = in_group(t, document)
    inner.parentNode().setOpacity(90)
    return inner


def in_pass_through_group(t, document):
    inner = in_group(t, document)
    inner.parentNode().setPassThroughMode(True)
    return inner


def over_hidden(t, document):
    layer(document, "hidden", box=(0, 0, *SIZE), seed=8, opaque=True).setVisible(False)
    return plain(t, document)


def under_hidden(t, document):
    node = layer(document, "plain")
    cover(document).setVisible(False)
    return node


def under_filter(t, document):
    node = layer(document, "plain")
    above(document.rootNode(), document.createFilterLayer("filter", t.krita.filter("invert"), whole()))
    return node


def filter_itself(t, document):
    above(document.rootNode(), document.createFilterLayer("filter", t.krita.filter("invert"), whole()))
    cover(document)
    return support.find(document, "filter")


def vector(t, document):
    node = document.createVectorLayer("vector")
    above(document.rootNode(), node)
    node.addShapesFromSvg(
        '<svg width="160px" height="130px" viewBox="0 0 160 130">'
        '<rect x="10" y="10" width="60" height="50" fill="#d02030"/></svg>'
    )
    cover(document)
    return node


def fill(t, document):
    above(document.rootNode(), document.createFillLayer("fill", "color", krita.InfoObject(), whole()))
    cover(document)
    return support.find(document, "fill")


def clone(t, document):
    source = layer(document, "source")
    above(document.rootNode(), document.createCloneLayer("clone", source))
    cover(document)
    return support.find(document, "clone")


def clipped(t, document):
    node = layer(document, "clipped")
    node.setInheritAlpha(True)
    cover(document)
    return node


SCENES = {
    "plain": plain,
    "on top": on_top,
    "background": background,
    "moved": moved,
    "half shown, multiplied": half_shown,
    "with a mask": masked,
    "with a filter mask": blurred,
    "group": group,
    "group of one": group_of_one,
    "in a group": in_group,
    "in a translucent group": in_translucent_group,
    "in a pass-through group": in_pass_through_group,
    "over a hidden layer": over_hidden,
    "under a hidden layer": under_hidden,
    "under a filter layer": under_filter,
    "a filter layer itself": filter_itself,
    "vector": vector,
    "fill": fill,
    "clone": clone,
    "clipped": clipped,
}


def check_foreign_layer(t, model, depth):
    """A layer in another colour space than the document's comes in the document's."""
    document = yield from support.new_document(t)
    node = document.createNode("foreign", "paintlayer")
    above(document.rootNode(), node)
    profile = t.krita.profiles(model, depth)[0]
    node.setColorSpace(model, depth, profile)
    document.waitForDone()
    t.check(f"{model} {depth}: the layer has it", (node.colorModel(), node.colorDepth()) == (model, depth))
    raw = support.pack(depth, [support.TOP[depth] * 0.25 if depth[0] == "F" else support.TOP[depth] // 4])
    opaque = support.pack(depth, [support.TOP[depth]])
    node.setPixelData((raw * (support.CHANNELS[model] - 1) + opaque) * (60 * 60), 30, 20, 60, 60)
    cover(document)
    document.refreshProjection()
    document.waitForDone()
    yield 0.1
    canvas = KritaCanvas()
    key, wanted = canvas.document(), Read(Source.LAYER, node.uniqueId().toString())
    pixels = bytes(canvas.capture(key, BOX, False, wanted).pixels)
    t.check(f"{model} {depth}: as the document's bytes", len(pixels) == BOX.width * BOX.height * 4, len(pixels))
    expected = yield from seen_alone(t, document, node)
    t.check(f"{model} {depth}: its colours", near(pixels, expected), differences(pixels, expected))
    inside = pixels[4 * (20 * BOX.width + 20) :][:4]
    t.check(f"{model} {depth}: is there", inside[3] == 255, inside)
    support.close(document)
    yield 0.1


def check_refusals(t):
    document = yield from support.new_document(t)
    node = layer(document, "hidden layer")
    node.setVisible(False)
    document.refreshProjection()
    document.waitForDone()
    canvas = KritaCanvas()
    key, layer_id = canvas.document(), node.uniqueId().toString()
    said = refused(lambda: canvas.capture(key, BOX, False, Read(Source.BELOW, layer_id)))
    t.check("a hidden layer with what lies below is refused", "hidden layer” is hidden" in said, said)
    gone = refused(lambda: canvas.capture(key, BOX, False, Read(Source.LAYER, "{gone}")))
    t.check("a layer that is gone is refused", "not in the picture any more" in gone, gone)
    support.close(document)
    yield 0.1


def check_without(t):
    """A layer that is read for itself is not seen in what the edit reads."""
    document = yield from support.new_document(t)
    before = bytes(document.pixelData(*WINDOW))
    node = cover(document)
    document.refreshProjection()
    document.waitForDone()
    yield 0.1
    canvas = KritaCanvas()
    key, layer_id = canvas.document(), node.uniqueId().toString()
    pixels = bytes(canvas.capture(key, BOX, False, Read(without=(layer_id,))).pixels)
    t.check("the picture without one layer", pixels == before, differences(pixels, before))
    gone = bytes(canvas.capture(key, BOX, False, Read(without=("{gone}",))).pixels)
    t.check("one that is gone hides nothing", gone == bytes(document.pixelData(*WINDOW)))
    support.close(document)
    yield 0.1


def check_places(t):
    """Where results of such edits lie: right above the layer that was read, whichever is active by then."""
    for reads, expected in (("below", "plain"), ("layer", "plain"), ("", "cover")):
        document = yield from support.new_document(t)
        node = plain(t, document)
        document.refreshProjection()
        document.waitForDone()
        yield 0.2
        document.setActiveNode(document.rootNode().childNodes()[0])
        yield 0.1
        canvas = KritaCanvas()
        told = {"edit": {"kind": "remove", "reads": reads, "layer": node.uniqueId().toString()}}
        box = (40, 30, 20, 20)
        fill_ = support.noise("RGBA", "U8", 20, 20, seed=9)
        canvas.place(canvas.document(), support.placement(document, box, fill_, b"\xff" * 400, recipe=told))
        document.waitForDone()
        names = [n.name() for n in document.rootNode().childNodes() if n.type() != "selectionmask"]
        t.check(f"reads {reads!r}: lies above", names[names.index("Inlay: remove") - 1] == expected, names)
        undone = yield from support.press_until(
            t, "edit_undo", lambda d=document: support.find(d, "Inlay: remove") is None
        )
        t.check(f"reads {reads!r}: one undo", undone)
        support.close(document)
        yield 0.1


def check_time(t):
    """A quarter of 4096 x 4096 pixels under three layers: how long the window is held."""
    document = yield from support.new_document(t, size=LARGE, flat=True)
    grain = support.noise("RGBA", "U8", 64, 64, seed=3, opaque=False)
    nodes = []
    for number in range(4):
        node = document.createNode(f"layer {number}", "paintlayer")
        node.setPixelData(grain * (LARGE[0] * LARGE[1] // 2 // 4096), 0, 512 * number, LARGE[0], LARGE[1] // 2)
        above(document.rootNode(), node)
        document.waitForDone()
        nodes.append(node.uniqueId().toString())
    yield 0.5
    canvas, box = KritaCanvas(), Box(1024, 1024, 2048, 2048)
    key = canvas.document()
    for name, wanted in (
        ("whole picture", Read()),
        ("layer and below", Read(Source.BELOW, nodes[1])),
        ("top layer and below", Read(Source.BELOW, nodes[3])),
        ("only this layer", Read(Source.LAYER, nodes[1])),
        ("without one layer", Read(without=(nodes[1],))),
    ):
        held = []
        for _ in range(3):
            begun = time.perf_counter()
            canvas.capture(key, box, False, wanted)
            held.append(1000 * (time.perf_counter() - begun))
            yield 0.2
        t.put(f"{name}, 2048 x 2048 of 4096 x 4096, ms", round(min(held)))
    support.close(document)
    yield 0.1
