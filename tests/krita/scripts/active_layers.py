"""Every kind of active layer: where the result goes, and that the picture shows it as it was made."""

import krita
import support
from inlay_krita.canvas import KritaCanvas

SIZE = (support.WIDTH, support.HEIGHT)
BOX = (20, 10, 50, 30)
INLAY = "Inlay: remove"


def main(t):
    for name, (build, expected) in SCENES.items():
        yield from check_scene(t, name, build, expected)


def check_scene(t, name, build, expected):
    """build(t, document) makes the layers and gives the node to be active; expected: where the result lies."""
    document = yield from support.new_document(t)
    active = build(t, document)
    document.refreshProjection()  # what libkis changes in a layer does not always show by itself
    document.waitForDone()
    yield 0.15  # Krita makes a new layer the active one when it comes to it
    document.setActiveNode(active)
    yield 0.1
    t.check(f"{name}: is active", document.activeNode().name() == active.name(), document.activeNode().name())
    before, layers_before = support.projection(document), contents(document)
    nodes_before = support.tree(document)
    fill = support.noise("RGBA", "U8", BOX[2], BOX[3], seed=9)
    mask = support.ramp(BOX[2], BOX[3])
    canvas = KritaCanvas()
    canvas.place(canvas.document(), support.placement(document, BOX, fill, mask))
    after = support.projection(document)
    yield 0.1
    result = support.find(document, INLAY)
    t.check(f"{name}: place", where(result) == expected, where(result))
    t.check(f"{name}: new layer is active", document.activeNode().name() == INLAY, document.activeNode().name())
    outside = support.outside("RGBA", "U8", before, SIZE[0], BOX) == support.outside("RGBA", "U8", after, SIZE[0], BOX)
    t.check(f"{name}: outside is bit-identical", outside)
    t.check(f"{name}: the picture shows the result", *shows(before, after, fill, mask))
    untouched = {key: pixels for key, pixels in contents(document).items() if key in layers_before}
    t.check(f"{name}: old layers untouched", untouched == layers_before)
    undone = yield from support.press_until(t, "edit_undo", lambda: support.find(document, INLAY) is None)
    t.check(f"{name}: one undo", undone and support.tree(document) == nodes_before, support.tree(document))
    t.check(f"{name}: undo restores every pixel", support.projection(document) == before)
    support.close(document)
    yield 0.1


def where(result):
    """The result's parent and the layer just below it in that parent."""
    siblings = [node for node in result.parentNode().childNodes() if not node.type().endswith("mask")]
    index = [node.uniqueId() for node in siblings].index(result.uniqueId())
    below = siblings[index - 1].name() if index else None
    parent = result.parentNode()
    return ("" if parent.parentNode() is None else parent.name(), below)


def contents(document):
    """Own pixels of all paint layers, by id."""
    found = {}

    def walk(node):
        for child in node.childNodes():
            if child.type() == "paintlayer":
                found[child.uniqueId().toString()] = bytes(child.pixelData(-20, -20, 200, 170))
            walk(child)

    walk(document.rootNode())
    return found


def shows(before, after, fill, mask):
    """Whether the box holds before * (1 - a) + fill * a, and how far off the worst channel is."""
    x, y, w, h = BOX
    worst = 0
    for row in range(h):
        for column in range(w):
            a = mask[row * w + column] / 255
            there, here = ((y + row) * SIZE[0] + x + column) * 4, (row * w + column) * 4
            for channel in range(4):
                ideal = round(before[there + channel] * (1 - a) + fill[here + channel] * a)
                worst = max(worst, abs(ideal - after[there + channel]))
    return worst <= LIMIT, f"off by {worst}"


LIMIT = 2  # a group between the layer and the picture rounds once more than a layer alone


def add(document, name, parent=None, box=(0, 0, *SIZE), seed=5, opaque=True, kind="paintlayer"):
    """Add a layer of noise (or an empty layer of another kind) at the top of a parent."""
    layer = document.createGroupLayer(name) if kind == "grouplayer" else document.createNode(name, kind)
    if kind == "paintlayer":
        layer.setPixelData(support.noise("RGBA", "U8", box[2], box[3], seed, opaque), *box)
    parent = parent or document.rootNode()
    parent.addChildNode(layer, None)
    document.waitForDone()
    return support.find(document, name)


def background(t, document):
    return support.find(document, "Background")


def above_in_corner(t, document):
    """A visible layer higher up that does not reach the result leaves it directly above the active layer."""
    add(document, "corner", box=(110, 90, 30, 30))
    return background(t, document)


def above_covering(t, document):
    add(document, "cover", box=(30, 20, 10, 10))
    add(document, "top corner", box=(110, 90, 30, 30))
    return background(t, document)


def above_hidden(t, document):
    add(document, "hidden").setVisible(False)
    return background(t, document)


def hidden_active(t, document):
    layer = add(document, "hidden")
    layer.setVisible(False)
    return layer


def locked_active(t, document):
    layer = add(document, "locked", box=(0, 0, 40, 40))
    layer.setLocked(True)
    return layer


def with_offset(t, document):
    """Pixels that reach out of the canvas at the left and the top, and a moved layer."""
    layer = add(document, "moved", box=(0, 0, 60, 40), opaque=False)
    layer.move(-13, -7)
    return layer


def vector_active(t, document):
    layer = document.createVectorLayer("vector")
    document.rootNode().addChildNode(layer, None)
    layer.addShapesFromSvg(
        '<svg width="160px" height="130px" viewBox="0 0 160 130">'
        '<rect x="10" y="10" width="40" height="30" fill="#ff0000"/></svg>'
    )
    return support.find(document, "vector")


def filter_active(t, document):
    selection = krita.Selection()
    selection.select(0, 0, *SIZE, 255)
    layer = document.createFilterLayer("filter", t.krita.filter("invert"), selection)
    document.rootNode().addChildNode(layer, None)
    return support.find(document, "filter")


def filter_above(t, document):
    filter_active(t, document)
    return background(t, document)


def fill_active(t, document):
    selection = krita.Selection()
    selection.select(0, 0, *SIZE, 255)
    layer = document.createFillLayer("fill", "color", krita.InfoObject(), selection)
    document.rootNode().addChildNode(layer, None)
    return support.find(document, "fill")


def clone_active(t, document):
    source = add(document, "source", box=(5, 5, 30, 30))
    layer = document.createCloneLayer("clone", source)
    document.rootNode().addChildNode(layer, None)
    return support.find(document, "clone")


def group_active(t, document):
    group = add(document, "group", kind="grouplayer")
    add(document, "inner", group, box=(30, 20, 120, 100), opaque=False)
    return group


def in_group(t, document):
    group = group_active(t, document)
    return support.find(document, "inner", group)


def in_nested_groups(t, document):
    outer = add(document, "outer", kind="grouplayer")
    inner = add(document, "inner group", outer, kind="grouplayer")
    return add(document, "deep", inner, box=(30, 20, 120, 100), opaque=False)


def in_pass_through(t, document):
    group = add(document, "group", kind="grouplayer")
    group.setPassThroughMode(True)
    return add(document, "inner", group, box=(30, 20, 120, 100), opaque=False)


def in_hidden_group(t, document):
    layer = in_group(t, document)
    support.find(document, "group").setVisible(False)
    return layer


def in_translucent_group(t, document):
    layer = in_group(t, document)
    support.find(document, "group").setOpacity(128)
    return layer


def in_multiplying_group(t, document):
    layer = in_group(t, document)
    support.find(document, "group").setBlendingMode("multiply")
    return layer


def in_locked_group(t, document):
    layer = in_group(t, document)
    support.find(document, "group").setLocked(True)
    return layer


def in_covered_group(t, document):
    """Plain group, but something over the group covers the box."""
    layer = in_group(t, document)
    add(document, "cover", box=(30, 20, 10, 10))
    return layer


def under_sibling_in_group(t, document):
    layer = in_group(t, document)
    add(document, "cover in group", support.find(document, "group"), box=(30, 20, 10, 10))
    return layer


def in_cloned_group(t, document):
    layer = in_group(t, document)
    clone = document.createCloneLayer("clone", support.find(document, "group"))
    document.rootNode().addChildNode(clone, support.find(document, "Background"))
    document.waitForDone()
    support.find(document, "clone").move(40, 0)
    return layer


def in_clipping_group(t, document):
    """The active layer is clipped to the layers under it in its group."""
    layer = in_group(t, document)
    top = add(document, "clipped", support.find(document, "group"), box=(40, 25, 10, 10))
    top.setInheritAlpha(True)
    return layer


def in_masked_group(t, document):
    layer = in_group(t, document)
    group = support.find(document, "group")
    selection = krita.Selection()
    selection.select(0, 0, 50, 50, 200)
    mask = document.createFilterMask("mask", t.krita.filter("invert"), selection)
    group.addChildNode(mask, None)
    return layer


def mask_active(t, document):
    layer = add(document, "masked")
    selection = krita.Selection()
    selection.select(10, 10, 30, 30, 255)
    layer.addChildNode(document.createFilterMask("mask", t.krita.filter("invert"), selection), None)
    return support.find(document, "mask")


def translucent_active(t, document):
    layer = add(document, "half", box=(10, 5, 60, 40))
    layer.setOpacity(100)
    layer.setBlendingMode("multiply")
    return layer


SCENES = {
    "background": (background, ("", "Background")),
    "layer in the corner above": (above_in_corner, ("", "Background")),
    "covering layer above": (above_covering, ("", "cover")),
    "hidden layer above": (above_hidden, ("", "Background")),
    "hidden": (hidden_active, ("", "hidden")),
    "locked": (locked_active, ("", "locked")),
    "moved": (with_offset, ("", "moved")),
    "translucent, multiplied": (translucent_active, ("", "half")),
    "vector": (vector_active, ("", "vector")),
    "filter layer": (filter_active, ("", "filter")),
    "filter layer above": (filter_above, ("", "filter")),
    "fill layer": (fill_active, ("", "fill")),
    "clone layer": (clone_active, ("", "clone")),
    "mask": (mask_active, ("", "masked")),
    "group": (group_active, ("", "group")),
    "in a group": (in_group, ("group", "inner")),
    "in nested groups": (in_nested_groups, ("inner group", "deep")),
    "in a pass-through group": (in_pass_through, ("group", "inner")),
    "in a hidden group": (in_hidden_group, ("", "group")),
    "in a translucent group": (in_translucent_group, ("", "group")),
    "in a multiplying group": (in_multiplying_group, ("", "group")),
    "in a locked group": (in_locked_group, ("", "group")),
    "in a masked group": (in_masked_group, ("", "group")),
    "in a covered group": (in_covered_group, ("", "cover")),
    "under a sibling in a group": (under_sibling_in_group, ("group", "cover in group")),
    "under a clipped sibling": (in_clipping_group, ("group", "clipped")),
    "in a cloned group": (in_cloned_group, ("", "group")),
}
