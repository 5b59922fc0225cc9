"""Variants: they come one by one, are looked at over the canvas, and change the document when one is kept."""

import subprocess

import support

SIZE = (320, 240)
BOX = (100, 70, 90, 60)
VIEWS = ((1.0, 0, False), (2.5, 0, False), (1.5, 40, False), (1.5, 40, True), (0.6, 0, True))  # zoom, turned, mirrored
CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")


def main(t):
    document = yield from scene(t)
    yield from make_room(t)
    yield from they_come(t, document)
    yield from looked_at(t, document)
    yield from kept(t, document)
    yield from on_every_view(t, document)
    yield from another(t, document)
    yield from undone(t, document)
    yield from extended(t, document)
    yield from colours(t)


def scene(t):
    """A disc on stripes, with something selected that reaches over both."""
    document = yield from support.new_document(t, size=SIZE, seed=3)
    pixels = bytearray()
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            is_disc = (x - 150) ** 2 + (y - 100) ** 2 < 30**2
            pixels += bytes((40, 60, 200, 255)) if is_disc else bytes((90 + 3 * (x % 24), 150, 60 + y // 2, 255))
    document.rootNode().childNodes()[0].setPixelData(bytes(pixels), 0, 0, *SIZE)
    document.refreshProjection()
    document.waitForDone()
    yield 0.2
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    return document


def make_room(t):
    """The docker alone at the side, with all of its fields to be seen."""
    t.docker("inlay")
    for docker in t.krita.dockers():
        if docker.objectName() != "inlay":
            docker.setVisible(False)
    t.find("inlay_panel").show_page("edit")
    yield lambda: t.find("inlay_run_button").isVisible()
    yield 0.5


def cells(t):
    return sorted(
        (cell for cell in t.find("inlay_variants").findChildren(t.QtWidgets.QAbstractButton, "inlay_variant")),
        key=lambda cell: (cell.y(), cell.x()),
    )


def variants_of(t):
    return support.session_of(t).variants


def hand(*words):
    subprocess.run(["xdotool", *words], timeout=10, check=True)


def point(t, widget=None):
    """The real mouse to the middle of a widget; None: away from all of them."""
    if widget is None:
        return hand("mousemove", "2", "600")
    there = widget.mapToGlobal(widget.rect().center())
    ratio = widget.devicePixelRatioF()
    hand("mousemove", str(int(there.x() * ratio)), str(int(there.y() * ratio)))


def canvas_widget(t):
    area = t.krita.activeWindow().qwindow().findChild(t.QtWidgets.QMdiArea)
    widgets = area.currentSubWindow().findChildren(t.QtWidgets.QWidget)
    return next(widget for widget in widgets if widget.metaObject().className() in CANVASES)


def seen(t):
    """What the screen shows where the canvas is."""
    widget = canvas_widget(t)
    corner, ratio = widget.mapToGlobal(t.QtCore.QPoint(0, 0)), widget.devicePixelRatioF()
    whole = t.QtWidgets.QApplication.primaryScreen().grabWindow(0).toImage()
    place = t.QtCore.QRect(
        int(corner.x() * ratio), int(corner.y() * ratio), int(widget.width() * ratio), int(widget.height() * ratio)
    )
    return whole.copy(place)


def unlike(one, other, step=7):
    """The mean difference of two pictures of the screen, 0 to 255, and the share of places that differ by much."""
    total = count = much = 0
    for y in range(0, min(one.height(), other.height()), step):
        for x in range(0, min(one.width(), other.width()), step):
            a, b = one.pixelColor(x, y), other.pixelColor(x, y)
            apart = max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))
            total, count, much = total + apart, count + 1, much + (apart > 24)
    return total / count, much / count


def they_come(t, document):
    t.find("inlay_count").setValue(3)
    yield 1.2  # the panel sees what is selected
    document.setModified(False)
    t.click(t.find("inlay_run_button"))
    yield lambda: len(cells(t)) == 3
    t.screenshot("coming")
    yield lambda: not support.session_of(t).works
    yield 0.3
    t.check("the document was not changed", not document.modified(), support.tree(document))
    t.check("one layer", len(support.tree(document)) == 1, support.tree(document))
    t.check("the history has all of them", len(support.recipes(t)) == 3, len(support.recipes(t)))
    t.screenshot("ready")


def looked_at(t, document):
    t.krita.action("deselect").trigger()  # its outline would be in the way of what is compared
    yield 0.5
    point(t)
    yield 0.3
    document.setModified(False)
    before = seen(t)
    point(t, cells(t)[1])
    yield lambda: variants_of(t).showing.shown is not None
    yield 0.3
    t.screenshot("pointed_at")
    pointed = seen(t)
    t.check("it is seen", unlike(before, pointed)[1] > 0.002, unlike(before, pointed))
    point(t)
    yield lambda: variants_of(t).showing.shown is None
    yield 0.3
    t.check("the canvas is as it was", unlike(before, seen(t))[0] < 0.05, unlike(before, seen(t)))
    t.check("nothing to save", not document.modified())


def on_every_view(t, document):
    """A result over the picture looks as its layer does, with the view scrolled, zoomed, turned and mirrored."""
    group = group_of(document)
    for view in VIEWS:
        yield from turn_to(t, view)
        laid_in = seen(t)
        group.setVisible(False)
        document.refreshProjection()
        point(t, cells(t)[1])
        yield lambda: variants_of(t).showing.shown is not None
        yield 0.5
        differs = unlike(laid_in, seen(t), step=3)
        t.check(f"as its layer, at {view}", differs[0] < 0.5 and differs[1] < 0.01, differs)
        t.screenshot(f"view_{VIEWS.index(view)}")
        group.setVisible(True)
        document.refreshProjection()
        point(t)
        yield 0.3
    yield from turn_to(t, (1.5, 0, False))


def turn_to(t, view):
    zoom, turned, is_mirrored = view
    canvas = t.krita.activeWindow().activeView().canvas()
    canvas.setZoomLevel(zoom)
    canvas.setMirror(is_mirrored)
    canvas.setRotation(turned)
    yield 0.5


def kept(t, document):
    of = variants_of(t).of_active()[0]
    t.before = support.projection(document)
    yield from keep(t, 1)
    t.check("kept", bool(of.variants[1].layer))
    t.check("it is the active layer", document.activeNode().type() == "paintlayer", document.activeNode().name())
    yield lambda: t.find("inlay_layer_card").isVisible()
    document.setActiveNode(group_of(document))
    yield 1.3
    t.check("its group tells how it was made, too", t.find("inlay_layer_card").isVisible())
    name = "Inlay: remove 90 x 60 px"
    one = (name, "paintlayer", [("Inlay: selection", "transparencymask", [])])
    tree = support.tree(document)[1:]
    t.check("a group with the layer", tree == [(name, "grouplayer", [one])], tree)
    t.first = support.projection(document)
    t.check("nothing outside", outside(t.before) == outside(t.first))
    t.check("something inside", t.before != t.first)
    t.screenshot("kept")


def keep(t, number):
    """Point at one by the mouse, and press Enter."""
    of = variants_of(t).of_active()[0]
    point(t, cells(t)[number])
    yield lambda: variants_of(t).showing.shown is not None
    yield 0.3
    hand("key", "Return")
    yield lambda: of.variants[number].layer
    yield 0.5
    point(t)
    yield 0.3


def another(t, document):
    yield from keep(t, 2)
    layers = group_of(document).childNodes()
    t.check("two layers in the group", len(layers) == 2, support.tree(document))
    t.check("the last is seen", [layer.visible() for layer in layers] == [False, True])
    t.check("and is the active layer", document.activeNode() == layers[1], document.activeNode().name())
    t.second = support.projection(document)
    t.check("nothing outside", outside(t.before) == outside(t.second))
    t.check("it looks otherwise", t.second != t.first)


def outside(raw):
    return support.outside("RGBA", "U8", raw, SIZE[0], BOX)


def group_of(document):
    return next(node for node in document.rootNode().childNodes() if node.type() == "grouplayer")


def undone(t, document):
    def is_as(raw):
        return lambda: support.projection(document) == raw

    done = yield from support.press_until(t, "edit_undo", lambda: len(group_of(document).childNodes()) == 1)
    t.check("one step takes the second away", done, support.tree(document))
    yield is_as(t.first)  # the panel sees to it that the first is seen again
    t.check("the first is seen again", True)
    yield lambda: not variants_of(t).of_active()[0].variants[2].is_kept
    t.check("the panel knows", variants_of(t).of_active()[0].variants[1].is_kept)
    done = yield from support.press_until(t, "edit_redo", lambda: len(group_of(document).childNodes()) == 2)
    t.check("redo", done)
    yield is_as(t.second)
    layers = group_of(document).childNodes()
    yield lambda: [layer.visible() for layer in layers] == [False, True]
    t.check("and the second alone again", True)
    layers[0].setVisible(True)
    yield 1.5
    t.check("what the painter shows stays", layers[0].visible())
    yield from support.press_until(t, "edit_undo", lambda: len(group_of(document).childNodes()) == 1)
    done = yield from support.press_until(t, "edit_undo", lambda: len(document.rootNode().childNodes()) == 1)
    t.check("one step takes the first away, with the group", done, support.tree(document))
    t.check("as before", support.projection(document) == t.before)
    yield 1.3  # the card of the layer that was active goes, and what is below it moves up
    t.click(t.find("inlay_variants_close_button"))
    yield lambda: not variants_of(t).of_active()


def extended(t, document):
    """The canvas grows when one is kept; a second one fits into it."""
    session = support.session_of(t)
    t.find("inlay_count").setValue(2)
    t.find("inlay_right").setValue(20)
    yield 1.2
    session.extend()
    yield lambda: variants_of(t).of_active() and len(variants_of(t).of_active()[0].ready) == 2
    yield 0.3
    of = variants_of(t).of_active()[0]
    variants_of(t).keep(of, of.variants[0])
    yield 0.5
    t.check("the canvas is larger", document.width() == 384, document.width())
    variants_of(t).point_at(of, of.variants[1])
    yield lambda: variants_of(t).showing.shown is not None
    box = variants_of(t).showing.shown.box
    t.check("the other one lies in it", box.x + box.width == 384, box)
    variants_of(t).point_at()
    variants_of(t).keep(of, of.variants[1])
    yield 0.5
    t.check("both in one group", len(group_of(document).childNodes()) == 2, support.tree(document))
    t.find("inlay_count").setValue(1)
    support.close(document)
    yield 0.3
    t.check("nothing to choose without a document", not t.find("inlay_variants").isVisible())


def colours(t):
    """What is shown has the colours that Krita gives it, in any colour space."""
    for model, depth in (("RGBA", "U16"), ("CMYKA", "U8"), ("RGBA", "F32"), ("GRAYA", "U8"), ("LABA", "U16")):
        document = yield from support.new_document(t, model, depth, opaque=False)
        canvas = support.session_of(t).canvas
        key = canvas.document()
        width, height = document.width(), document.height()
        pixels = document.pixelData(0, 0, width, height)
        expected = document.projection(0, 0, width, height)
        shown = canvas.seen(key, width, height, bytes(pixels))
        t.check(
            f"{model} {depth}", shown.size() == expected.size() and apart(shown, expected) <= 2, apart(shown, expected)
        )
        support.close(document)
        yield 0.2


def apart(one, other):
    """The largest difference of two pictures where they are not transparent."""
    worst = 0
    for y in range(0, one.height(), 5):
        for x in range(0, one.width(), 5):
            a, b = one.pixelColor(x, y), other.pixelColor(x, y)
            if a.alpha() > 8 or b.alpha() > 8:
                differences = (a.red() - b.red(), a.green() - b.green(), a.blue() - b.blue(), a.alpha() - b.alpha())
                worst = max(worst, *map(abs, differences))
    return worst
