"""Background in real Krita: masks on the layer and on a copy, the subject found, softness, undo; no pixel is lost."""

from support import (
    CHANNELS,
    TOP,
    close,
    find,
    new_document,
    press_until,
    projection,
    ramp,
    run_action,
    select,
    session_of,
    tree,
    unpack,
)

BOX = (40, 30, 60, 50)
WIDTH, HEIGHT = 160, 130
MASK, COPY = "Inlay: selection", "Inlay: background removed"
SCENE = (320, 240)


def main(t):
    for name in ("inlay_remove_background", "inlay_background", "inlay_select_subject", "inlay_select_background"):
        action = t.krita.action(name)
        t.check(f"{name} is an action", action is not None and action.text().startswith("Inlay: "))
        t.check(f"{name} has an icon", not action.icon().pixmap(16, 16).isNull())
    for model, depth in (("RGBA", "U8"), ("RGBA", "F32"), ("GRAYA", "U16"), ("CMYKA", "U8")):
        yield from on_the_layer(t, model, depth)
    yield from on_a_copy(t)
    yield from refused(t)
    yield from found(t)
    yield from selected(t)


def layer_of(document):
    return document.rootNode().childNodes()[0]


def seen(document):
    """The projection's pixels; what is wholly transparent has no colour."""
    values, channels = unpack(document.colorDepth(), projection(document)), CHANNELS[document.colorModel()]
    pixels = [values[start : start + channels] for start in range(0, len(values), channels)]
    return [pixel if pixel[-1] else None for pixel in pixels]


def alphas(document):
    """The projection's alpha, 0 to 1, row by row."""
    top = TOP[document.colorDepth()]
    return [pixel[-1] / top if pixel else 0.0 for pixel in seen(document)]


def is_cut(document, coverage):
    """Whether the picture is transparent outside BOX, and as soft as the coverage in it."""
    x, y, width, height = BOX
    wanted = [0.0] * (WIDTH * HEIGHT)
    for row in range(height):
        start = (y + row) * WIDTH + x
        wanted[start : start + width] = [value / 255 for value in coverage[row * width : (row + 1) * width]]
    return max(abs(got - want) for got, want in zip(alphas(document), wanted, strict=True)) < 0.5 / 255


def shut(t, document):
    t.krita.action("deselect").trigger()
    yield 0.3
    close(document)
    yield 0.2


def on_the_layer(t, model, depth):
    """One step: a mask that is as soft as the selection; the layer's pixels are untouched."""
    name = f"{model} {depth}"
    document = yield from new_document(t, model, depth)
    layer, coverage = layer_of(document), ramp(*BOX[2:])
    yield from select(t, document, BOX, coverage)
    pixels, before, nodes = bytes(layer.pixelData(0, 0, WIDTH, HEIGHT)), projection(document), tree(document)
    said = yield from run_background(t, "inlay_remove_background")
    t.check(f"{name}: nothing went wrong", said == [], said)
    masks = [child for child in layer.childNodes() if child.type() == "transparencymask"]
    t.check(f"{name}: one mask", [mask.name() for mask in masks] == [MASK])
    t.check(f"{name}: it is as soft as the selection", bytes(masks[0].pixelData(*BOX)) == coverage)
    t.check(f"{name}: the background is transparent", is_cut(document, coverage))
    t.check(f"{name}: the layer's pixels are as they were", bytes(layer.pixelData(0, 0, WIDTH, HEIGHT)) == pixels)
    t.check(f"{name}: the selection stays", bytes(document.selection().pixelData(*BOX)) == coverage)
    cut = seen(document)
    yield from press_until(t, "edit_undo", lambda: tree(document) == nodes)
    t.check(f"{name}: one undo step takes it away", tree(document) == nodes and projection(document) == before)
    yield from press_until(t, "edit_redo", lambda: tree(document) != nodes)
    t.check(f"{name}: redo brings it back", seen(document) == cut)
    path = f"{t.out}/cut-{model}-{depth}.kra"
    document.saveAs(path)
    yield from shut(t, document)
    again = t.krita.openDocument(path)
    again.waitForDone()
    t.check(f"{name}: saved and opened, it looks the same", is_cut(again, coverage))
    again.close()
    yield 0.1


def run_background(t, action):
    """Trigger one that need not wait for the engine; gives the errors that the panel told."""
    session = session_of(t)
    t.krita.action(action).trigger()
    yield 0.2
    yield lambda: not session.works
    yield 0.2
    said = [notice.message for notice in session.notices]
    for notice in list(session.notices):
        session.dismiss(notice)
    return said


def on_a_copy(t):
    """A copy of all that is seen lies on top, with the mask; what was visible is hidden, one step each."""
    document = yield from new_document(t)
    root, session = document.rootNode(), session_of(t)
    group, inner = document.createGroupLayer("group"), document.createNode("inner", "paintlayer")
    inner.setPixelData(b"\x20\x90\xf0\xff" * (30 * 30), 50, 40, 30, 30)
    hidden = document.createNode("hidden", "paintlayer")
    hidden.setVisible(False)
    for node in (group, hidden):
        root.addChildNode(node, root.childNodes()[-1])
    group.addChildNode(inner, None)
    document.refreshProjection()
    yield 0.3
    coverage = ramp(*BOX[2:])
    yield from select(t, document, BOX, coverage)
    before, nodes = projection(document), tree(document)
    t.find("inlay_background_copy").setChecked(True)
    t.check("the panel's choice is heard", session.background_settings.is_copy)
    said = yield from run_background(t, "inlay_remove_background")
    t.check("a copy: nothing went wrong", said == [], said)
    copy = find(document, COPY)
    shown = [node.name() for node in document.topLevelNodes() if node.visible() and node.type() != "selectionmask"]
    t.check("a copy: it alone is visible", shown == [COPY], shown)
    t.check("a copy: it is the active layer", document.activeNode() == copy)
    t.check("a copy: it holds the whole picture", bytes(copy.pixelData(0, 0, WIDTH, HEIGHT)) == before)
    t.check("a copy: the background is transparent", is_cut(document, coverage))
    t.check("a copy: what is in a group stays as it was", inner.visible())
    t.screenshot("copy")
    steps = 0
    while tree(document) != nodes and steps < 6:
        yield from press_until(t, "edit_undo", changed(document))
        steps += 1
    t.check("a copy: undo steps are one for it and one for each layer that was hidden", steps == 3, str(steps))
    t.check("a copy: all is as it was", projection(document) == before)
    t.find("inlay_background_copy").setChecked(False)
    yield from shut(t, document)


def changed(document):
    """A look at whether nodes came, went, were hidden or shown since now."""

    def state():
        return tree(document), [node.visible() for node in document.topLevelNodes()]

    before = state()
    return lambda: state() != before


def refused(t):
    """What makes no sense is said in plain words, and nothing changes."""
    document = yield from new_document(t)
    layer = layer_of(document)
    yield from select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    patch = document.createNode("patch", "paintlayer")
    patch.setPixelData(b"\x20\x90\xf0\xff" * 100, 45, 45, 10, 10)
    document.rootNode().addChildNode(patch, layer)
    yield 0.3
    document.setActiveNode(patch)
    nodes = tree(document)
    said = yield from run_background(t, "inlay_remove_background")
    t.check("a layer with a part of the subject", said and "only a part of the subject" in said[0], said)
    document.setActiveNode(layer)
    layer.setLocked(True)
    said = yield from run_background(t, "inlay_remove_background")
    t.check("a locked layer", said and "is locked" in said[0], said)
    t.check("nothing was done", tree(document) == nodes)
    layer.setLocked(False)
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, patch)
    yield 0.3
    group.setPassThroughMode(True)
    document.setActiveNode(group)
    yield lambda: document.activeNode() == group
    session = session_of(t)
    session.backgrounds.remove()  # Krita 6.0 has no actions while such a group is empty and active
    said = [notice.message for notice in session.notices]
    t.check("a pass-through group", said and "no pixels of its own" in said[0], said)
    session.dismiss(session.notices[0])
    yield from shut(t, document)


def scene(t):
    """A red disc on greenish noise; nothing is selected."""
    document = yield from new_document(t, size=SCENE, seed=5)
    rows = bytearray()
    for y in range(SCENE[1]):
        for x in range(SCENE[0]):
            is_on = (x - 150) ** 2 + (y - 110) ** 2 < 60**2
            grain = (x * 7 + y * 13) % 19
            rows += bytes((30, 60, 200 + grain, 255)) if is_on else bytes((50 + grain, 160, 40, 255))
    layer_of(document).setPixelData(bytes(rows), 0, 0, *SCENE)
    document.refreshProjection()
    yield 0.2
    return document


def overlap(coverage):
    """Intersection over union of a whole canvas's coverage with the disc."""
    both = either = 0
    for place, value in enumerate(coverage):
        y, x = divmod(place, SCENE[0])
        is_on = (x - 150) ** 2 + (y - 110) ** 2 < 60**2
        both += is_on and value > 127
        either += is_on or value > 127
    return both / either


def found(t):
    """Nothing is selected: the engine finds the subject; the selection stays empty, and one step is enough."""
    document = yield from scene(t)
    nodes = tree(document)
    said = yield from run_finding(t, "inlay_remove_background")
    t.check("found: nothing went wrong; it is said that it was a guess", len(said) == 1 and "guessed" in said[0], said)
    t.check("found: the subject is left", overlap([round(255 * alpha) for alpha in alphas(document)]) > 0.9)
    t.check("found: nothing is selected", document.selection() is None)
    t.screenshot("found")
    yield from press_until(t, "edit_undo", lambda: tree(document) == nodes)
    t.check("found: one undo step", tree(document) == nodes)
    yield from shut(t, document)


def run_finding(t, name):
    """Trigger an action that has the subject found, and wait until that is told to be a guess; gives what is told."""
    session = session_of(t)
    t.krita.action(name).trigger()
    yield lambda: session.notices
    yield lambda: not session.works
    yield 0.2
    said = [notice.message for notice in session.notices]
    for notice in list(session.notices):
        session.dismiss(notice)
    return said


def selected(t):
    """Select subject and Select background, one step each; Replace finds the subject by itself."""
    document = yield from scene(t)
    whole = (0, 0, *SCENE)
    yield from run_finding(t, "inlay_select_subject")
    subject = bytes(document.selection().pixelData(*whole))
    t.check("the subject is selected", overlap(subject) > 0.9)
    yield from run_background(t, "inlay_select_background")
    rest = bytes(document.selection().pixelData(*whole))
    t.check("the background is what the subject leaves", rest == bytes(255 - value for value in subject))
    yield from press_until(t, "edit_undo", lambda: bytes(document.selection().pixelData(*whole)) == subject)
    t.check("one undo step goes back to the subject", bytes(document.selection().pixelData(*whole)) == subject)
    yield from press_until(t, "edit_undo", lambda: document.selection() is None)
    t.check("and one more to no selection", document.selection() is None)
    said = yield from run_action(t, "inlay_background")
    t.check("replace finds the subject", document.selection() is not None and said, said)
    yield from shut(t, document)
