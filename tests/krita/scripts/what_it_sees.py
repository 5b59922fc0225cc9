"""What an edit sees, with the engine: a figure's layer alone, the lines of a photo put into a layer, and drawn ones."""

import dataclasses
import pathlib

import support
from inlay_krita import wire
from inlay_krita.contract import Source

SIDE = 160  # of the figure's layer
PLACE = (40, 60)
SPOT = (100, 120, 40, 40)  # on the figure, in the picture
FACE = (200, 60, 120, 110)
ORANGE = (230, 120, 20)


def main(t):
    t.wait_limit = 90  # a busy machine loads torch for a while
    docker = t.docker("inlay")
    document = yield from opened(t, t.args[0])
    docker.setFloating(True)
    docker.resize(300, 860)
    docker.move(40, 60)
    yield 0.5
    yield from figure_alone(t, document)
    yield from lines(t, document)
    yield from drawn(t, document)
    yield from references(t, document)
    yield from narrow(t, docker)
    yield from again(t, document)


def opened(t, path):
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: t.krita.activeDocument() == document
    yield 0.5
    return document


def figure(document):
    """A soft orange disc with grain and a green spot, on a layer that is transparent around it."""
    raw = bytearray()
    for y in range(SIDE):
        for x in range(SIDE):
            alpha = min(1.0, max(0.0, (70 - ((x - 80) ** 2 + (y - 80) ** 2) ** 0.5) / 6))
            is_spot = (x - 80) ** 2 + (y - 80) ** 2 < 100
            grain = (7 * x + 13 * y + x * y) % 17 - 8
            red, green, blue = (20, 200, 60) if is_spot else (max(0, min(255, part + grain)) for part in ORANGE)
            raw += bytes((blue, green, red, round(255 * alpha)))
    node = document.createNode("figure", "paintlayer")
    node.setPixelData(bytes(raw), *PLACE, SIDE, SIDE)
    document.rootNode().addChildNode(node, None)
    document.waitForDone()
    return node


def figure_alone(t, document):
    node = figure(document)
    yield 0.3
    document.setActiveNode(node)
    yield from support.select(t, document, SPOT, b"\xff" * (SPOT[2] * SPOT[3]))
    panel, session = t.find("inlay_panel"), support.session_of(t)
    t.check("folded at first", not t.find("inlay_reads").isVisible())
    panel.show_part(t.find("inlay_inputs_fold"))
    yield 0.5
    for _ in range(5):  # a window that was just made floating may swallow a click
        t.click(t.find("inlay_inputs_fold"))
        yield 0.8
        if t.find("inlay_reads").isVisible():
            break
    t.check("unfolded", t.find("inlay_reads").isVisible())
    panel.show_part(panel.inputs)
    t.find("inlay_reads").setCurrentIndex(2)
    t.check("the choice is taken", session.inputs.now.source is Source.LAYER)
    before = support.projection(document)
    said = yield from support.run_action(t, "inlay_remove")
    t.check("removed", said == [], said)
    t.screenshot("figure")
    names = [n.name() for n in document.rootNode().childNodes() if n.type() != "selectionmask"]
    t.check("it lies above the figure", names[names.index("figure") + 1].startswith("Inlay: remove"), names)
    recipe = support.recipes(t)[-1]
    t.check("the recipe says so", (recipe["edit"]["reads"], bool(recipe["edit"]["layer"])) == ("layer", True))
    pixels = bytes(document.pixelData(*SPOT))
    far = max(abs(pixels[i + 2 - k] - ORANGE[k]) for i in range(0, len(pixels), 4) for k in range(3))
    t.check("nothing but the figure's colours", far < 30, far)
    size = document.width()
    outside = support.outside("RGBA", "U8", before, size, SPOT)
    t.check(
        "outside is bit-identical", outside == support.outside("RGBA", "U8", support.projection(document), size, SPOT)
    )
    yield from over_the_edge(t, document)
    t.find("inlay_reads").setCurrentIndex(0)


def over_the_edge(t, document):
    """A selection that goes past the figure: what is transparent there stays so."""
    document.setActiveNode(support.find(document, "figure"))
    yield 0.2
    box = (PLACE[0] + 120, PLACE[1] + 50, 60, 60)
    yield from support.select(t, document, box, b"\xff" * (box[2] * box[3]))
    before = bytes(document.pixelData(*box))
    said = yield from support.run_action(t, "inlay_remove")
    t.check("removed past the edge", said == [], said)
    after = bytes(document.pixelData(*box))
    empty = [i for i in range(0, len(before), 4) if not alpha_at(document, box, i // 4)]
    t.check("some of it is transparent", 100 < len(empty) < box[2] * box[3] - 100, len(empty))
    t.check("and unchanged", all(before[i : i + 4] == after[i : i + 4] for i in empty))
    t.screenshot("past the edge")


def alpha_at(document, box, index):
    x, y = box[0] + index % box[2] - PLACE[0], box[1] + index // box[2] - PLACE[1]
    return x < SIDE and (70 - ((x - 80) ** 2 + (y - 80) ** 2) ** 0.5) > 0


def lines(t, document):
    """The lines of the photo are seen, laid in, and kept; the layer with them is not read."""
    panel, session = t.find("inlay_panel"), support.session_of(t)
    yield from support.select(t, document, FACE, b"\xff" * (FACE[2] * FACE[3]))
    kinds = t.find("inlay_control")
    kinds.setCurrentIndex(kinds.findData("lines"))
    look = t.find("inlay_control_look_button")
    yield lambda: look.isVisible()
    panel.show_part(look)
    yield 0.3
    t.click(look)
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    t.check("nothing went wrong", not session.notices, [notice.message for notice in session.notices])
    seen = session.controls.seen
    panel.show_part(t.find("inlay_control_lay_button"))
    yield 0.5
    t.screenshot("preview")
    picture = support.projection(document)
    layers = support.tree(document)
    t.click(t.find("inlay_control_lay_button"))
    yield lambda: session.inputs.now.control_layer
    node = support.find(document, "Inlay: lines")
    box = (seen.box.x, seen.box.y, seen.box.width, seen.box.height)
    t.check("the picture shines through", node.blendingMode() == "screen", node.blendingMode())
    t.check("the layer is what was seen", bytes(node.pixelData(*box)) == seen.raw)
    undone = yield from support.press_until(t, "edit_undo", lambda: support.tree(document) == layers)
    t.check("one undo", undone)
    yield from support.press_until(t, "edit_redo", lambda: support.tree(document) != layers)
    yield 0.3
    t.screenshot("a layer of lines")
    yield from replaced(t, document, "read without the lines", picture, box)


def replaced(t, document, name, picture, box):
    session = support.session_of(t)
    t.find("inlay_prompt").setPlainText("a boat")
    t.find("inlay_steps").setValue(2)
    said = yield from support.run_action(t, "inlay_replace")
    t.check(f"{name}: replaced", said == [], said)
    recipe = support.recipes(t)[-1]
    t.check(f"{name}: a drawing was sent", bool(recipe["control_image"]))
    info = session.active_info()
    t.check(
        f"{name}: the same window",
        recipe["plan"]["read_box"] == dict(zip(("x", "y", "width", "height"), box, strict=True)),
    )
    row = 4 * info.width
    shown = b"".join(
        picture[(box[1] + y) * row + 4 * box[0] : (box[1] + y) * row + 4 * (box[0] + box[2])] for y in range(box[3])
    )
    expected = wire.image_digest(info.model, info.depth, box[2], box[3], shown)
    t.check(f"{name}: what was read", recipe["image"] == expected)
    result = recipe["plan"]["settings"]
    t.check(f"{name}: lines are kept", result["control"] == "lines", result["control"])


def drawn(t, document):
    """A hidden layer of another colour space, drawn dark on nothing."""
    panel, session = t.find("inlay_panel"), support.session_of(t)
    node = document.createNode("ink", "paintlayer")
    document.rootNode().addChildNode(node, None)
    node.setColorSpace("GRAYA", "U8", t.krita.profiles("GRAYA", "U8")[0])
    document.waitForDone()
    node.setPixelData(b"\x10\xff" * (90 * 4), 210, 100, 90, 4)
    document.refreshProjection()
    document.waitForDone()
    yield 0.3
    document.setActiveNode(node)
    yield 1.3  # the card of the layer that was active goes, and what is below it moves up
    panel.show_part(t.find("inlay_control_layer_button"))
    yield 0.3
    t.click(t.find("inlay_control_layer_button"))
    yield lambda: session.inputs.now.control_layer == node.uniqueId().toString()
    node.setVisible(False)
    document.refreshProjection()
    document.waitForDone()
    t.find("inlay_control_scale").setValue(80)
    panel.show_part(t.find("inlay_control_until"))
    yield 0.3
    t.screenshot("drawn")
    before = support.projection(document)
    window = support.recipes(t)[-1]["plan"]["read_box"]
    box = tuple(window[side] for side in ("x", "y", "width", "height"))
    yield from replaced(t, document, "a drawn layer", before, box)
    t.check("its strength", support.recipes(t)[-1]["edit"]["control_scale"] == 0.8)


def references(t, document):
    """Two layers are added by the button, changed in their order, and looked at."""
    session, panel = support.session_of(t), t.find("inlay_panel")
    kinds = t.find("inlay_control")
    kinds.setCurrentIndex(0)
    keys = []
    for name in ("Background", "figure"):
        node = support.find(document, name)
        keys.append(node.uniqueId().toString())
        document.setActiveNode(node)
        yield 1.3
        add = t.find("inlay_reference_add_button")
        panel.show_part(add)
        yield 0.3
        t.click(add)
        yield lambda: keys[-1] in session.inputs.now.references
    yield 0.3
    named = panel.inputs.references.findChildren(t.QtWidgets.QToolButton, "inlay_reference_later_button")
    t.click(min((each for each in named if each.isVisible()), key=lambda each: each.mapToGlobal(each.pos()).y()))
    yield lambda: session.inputs.now.references == tuple(reversed(keys))
    yield 0.3
    t.screenshot("references")
    document.setActiveNode(support.find(document, "figure"))
    yield from support.select(t, document, FACE, b"\xff" * (FACE[2] * FACE[3]))
    session.prompt_settings = dataclasses.replace(session.prompt_settings, model="tiny-klein")
    said = yield from support.run_action(t, "inlay_instruct")
    t.check("edited with references", said == [], said)
    recipe = support.recipes(t)[-1]
    boxes = [tuple(reference["box"].values()) for reference in recipe["references"]]
    drawn_on = [support.find(document, name).bounds() for name in ("figure", "Background")]
    bounds = [(r.x(), r.y(), r.width(), r.height()) for r in drawn_on]
    t.check("in their order, whole", boxes == bounds, (boxes, bounds))
    session.prompt_settings = dataclasses.replace(session.prompt_settings, model="")
    session.inputs.choose(references=())  # a ControlNet takes none
    kinds.setCurrentIndex(kinds.findData("lines"))


def narrow(t, docker):
    """240 px wide, in both themes."""
    panel = t.find("inlay_panel")
    for theme in ("Krita bright", "Krita dark"):
        yield from support.choose_theme(t, theme)
        docker.setGeometry(80, 60, 240, 900)
        yield 0.5
        panel.show_part(t.find("inlay_control_until"))
        yield 0.5
        t.screenshot(f"narrow {theme.split()[1]}", docker)


def again(t, document):
    """What is set is there again when the file is; a layer that is gone is told."""
    session = support.session_of(t)
    inputs = session.inputs.now
    path = pathlib.Path(t.out) / "what_it_sees.kra"
    document.saveAs(str(path))
    document.waitForDone()
    support.close(document)
    yield lambda: not t.krita.documents()
    yield 0.5
    document = yield from opened(t, str(path))
    yield lambda: session.inputs.now == inputs
    t.check("it is there again", session.inputs.now == inputs, session.inputs.now)
    support.find(document, "ink").remove()
    document.waitForDone()
    yield from support.select(t, document, FACE, b"\xff" * (FACE[2] * FACE[3]))
    said = yield from support.run_action(t, "inlay_replace")
    t.check("a layer that is gone is told", "not in the picture any more" in "".join(said), said)
    t.krita.action("deselect").trigger()
    yield 0.5
    support.close(document)
    yield 0.3
