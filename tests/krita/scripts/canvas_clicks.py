"""Clicks on Krita's own canvas: the right pixel on every kind of view, live marks, one undo step, and Escape."""

import subprocess

from support import close, new_document, press_until, select, session_of

SCENE = (320, 240)
DISC = (210, 90, 40)  # centre and radius
WHOLE = (0, 0, *SCENE)
CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")
ACTION = "inlay_select_on_canvas"


def main(t):
    action = t.krita.action(ACTION)
    t.check("an action", action is not None and action.text() == "Inlay: Select on the Canvas")
    t.check("with an icon", not action.icon().pixmap(16, 16).isNull())
    document = yield from scene(t)
    yield from on_every_view(t, document)
    yield from krita_s_own(t, document)
    yield from live_and_undone(t, document)
    yield from modes(t, document)
    yield from left_behind(t, document)
    yield from shut(t, document)


def is_on(x, y):
    return (x - DISC[0]) ** 2 + (y - DISC[1]) ** 2 < DISC[2] ** 2


def scene(t):
    """A red disc on greenish noise; nothing is selected."""
    document = yield from new_document(t, size=SCENE, seed=5)
    pixels = bytearray()
    for y in range(SCENE[1]):
        for x in range(SCENE[0]):
            grain = (x * 7 + y * 13) % 19
            pixels += bytes((30, 60, 200 + grain, 255)) if is_on(x, y) else bytes((50 + grain, 160, 40, 255))
    document.rootNode().childNodes()[0].setPixelData(bytes(pixels), *WHOLE)
    document.refreshProjection()
    yield 0.3
    return document


def shut(t, document):
    t.krita.action("deselect").trigger()
    yield 0.3
    close(document)
    yield 0.2


def canvas_of(t):
    area = t.krita.activeWindow().qwindow().findChild(t.QtWidgets.QMdiArea)
    widgets = area.currentSubWindow().findChildren(t.QtWidgets.QWidget)
    return next(widget for widget in widgets if widget.metaObject().className() in CANVASES)


def overlay_of(t):
    return canvas_of(t).findChild(t.QtWidgets.QWidget, "inlay_canvas_overlay")


def place_of(t, x, y):
    """Where a pixel of the picture is on the screen, told apart from how the plugin finds it."""
    point, widget = to_canvas(t).map(t.QtCore.QPointF(x + 0.5, y + 0.5)), canvas_of(t)
    there, ratio = widget.mapToGlobal(point.toPoint()), widget.devicePixelRatioF()
    return str(int(there.x() * ratio)), str(int(there.y() * ratio))


def to_canvas(t):
    """From pixels of the picture to the canvas widget's points."""
    view = t.krita.activeWindow().activeView()
    if hasattr(view, "flakeToCanvasTransform"):
        to_flake, _ = view.flakeToImageTransform().inverted()
        return to_flake * view.flakeToCanvasTransform()
    # Krita 5.1: turned and mirrored around the picture's middle, which lies in the middle of what can be scrolled.
    canvas, document, area = view.canvas(), view.document(), canvas_of(t).parent().parent()
    scale = canvas.zoomLevel() * 72 / document.resolution()
    turn = t.QtGui.QTransform()
    turn.rotate(canvas.rotation())
    turn.scale(-scale if canvas.mirror() else scale, scale)
    bounds = turn.mapRect(t.QtCore.QRectF(0, 0, document.width(), document.height()))
    middle = turn.map(t.QtCore.QPointF(document.width() / 2, document.height() / 2))
    x = bounds.width() / 2 - area.horizontalScrollBar().value() - middle.x()
    y = bounds.height() / 2 - area.verticalScrollBar().value() - middle.y()
    return turn * t.QtGui.QTransform.fromTranslate(x, y)


def hand(*words):
    subprocess.run(["xdotool", *words], timeout=10, check=True)


def click(t, x, y, button="1", key=None):
    hand("mousemove", *place_of(t, x, y))
    if key:
        hand("keydown", key)
    yield 0.05
    hand("click", button)
    yield 0.15
    if key:
        hand("keyup", key)
    yield 0.05


def begin(t):
    t.krita.action(ACTION).trigger()
    yield lambda: overlay_of(t) is not None
    yield 0.3


def begin_by_the_button(t):
    t.docker("inlay")
    button = t.find("inlay_select_on_canvas_button")
    yield lambda: button.isVisible()
    t.find("inlay_panel").show_part(button)
    yield 0.3
    t.click(button)
    yield lambda: overlay_of(t) is not None
    yield 0.3


def leave(t):
    hand("key", "Escape")
    yield lambda: overlay_of(t) is None
    yield 0.1


def on_every_view(t, document):
    """A click is the pixel that is seen there: zoomed, turned, mirrored, scrolled."""
    canvas, session = t.krita.activeWindow().activeView().canvas(), session_of(t)
    ways = (
        ("as it opens", lambda: None),
        ("at 250 %", lambda: canvas.setZoomLevel(2.5)),
        ("at 150 %, turned by 30 degrees", lambda: (canvas.setZoomLevel(1.5), canvas.setRotation(30))),
        ("mirrored, too", lambda: canvas.setMirror(True)),
        ("turned the other way", lambda: canvas.setRotation(-75)),
        ("at 80 %", lambda: canvas.setZoomLevel(0.8)),
    )
    yield from begin(t)
    for name, change in ways:
        change()
        yield 0.6
        session.selecting.clear()
        asked = ((150, 100), (181, 117), (210, 90))
        for x, y in asked:
            yield from click(t, x, y)
        got = [(point.x, point.y) for point in session.selecting.hints.points]
        allowed = 2 if name == "at 80 %" else 0  # the mouse knows whole pixels of the screen
        ways_off = [abs(x - a) + abs(y - b) for (x, y), (a, b) in zip(got, asked, strict=True)]
        t.check(f"{name}: the pixels that were clicked", max(ways_off) <= allowed, f"{asked} {got}")
        if "turned by" in name:
            yield lambda: session.selecting.candidate and not session.selecting.stage
            yield 0.2
            t.screenshot("turned")
    yield from leave(t)
    canvas.setMirror(False)
    canvas.resetRotation()
    canvas.setZoomLevel(2.0)
    yield 0.5


def krita_s_own(t, document):
    """Zooming and panning go on as ever while the mode is on, and nothing is painted."""
    canvas, session = t.krita.activeWindow().activeView().canvas(), session_of(t)
    before = bytes(document.pixelData(*WHOLE))
    yield from begin(t)
    yield from click(t, 160, 120)
    zoom = canvas.zoomLevel()
    hand("click", "4")
    yield lambda: canvas.zoomLevel() != zoom
    t.check("the wheel zooms", canvas.zoomLevel() > zoom)
    for name, down, up in (
        ("the middle button pans", ("mousedown", "2"), ("mouseup", "2")),
        ("space and the left button pan", ("keydown", "space", "mousedown", "1"), ("mouseup", "1", "keyup", "space")),
    ):
        place = place_of(t, 160, 120)
        hand("mousemove", *place, *down)
        yield 0.2
        for _ in range(4):
            hand("mousemove_relative", "--", "-12", "9")
            yield 0.1
        hand(*up)
        yield 0.3
        t.check(name, place_of(t, 160, 120) != place)
    t.check("one point, no more", len(session.selecting.hints.points) == 1, str(session.selecting.hints))
    yield from leave(t)
    document.waitForDone()
    t.check("nothing was painted", bytes(document.pixelData(*WHOLE)) == before)
    t.krita.action("toggle_zoom_to_fit").trigger()
    yield 0.5


def live_and_undone(t, document):
    """Clicks mark the thing live; Enter selects it in one undo step; Escape gives the old selection back."""
    session = session_of(t)
    yield from select(t, document, (10, 10, 30, 20), b"\x90" * 600)
    old = bytes(document.selection().pixelData(*WHOLE))
    yield from begin(t)
    t.screenshot("begun")
    plain = canvas_of(t).grab().toImage()
    yield from click(t, *DISC[:2])
    yield lambda: session.selecting.candidate and not session.selecting.stage
    yield 0.2
    t.check("the thing is marked on the canvas", canvas_of(t).grab().toImage() != plain)
    t.screenshot("marked")
    t.check("the selection is not touched before Enter", bytes(document.selection().pixelData(*WHOLE)) == old)
    yield from click(t, 30, 200, key="shift")
    yield from click(t, 300, 200, button="3")
    beside = [(point.x, point.y, point.is_on) for point in session.selecting.hints.points[1:]]
    t.check("Shift and the right button point beside it", beside == [(30, 200, False), (300, 200, False)], beside)
    hand("key", "BackSpace")
    yield lambda: len(session.selecting.hints.points) == 2
    yield from leave(t)
    t.check("Escape leaves the selection as it was", bytes(document.selection().pixelData(*WHOLE)) == old)
    t.check("and nothing marked", session.selecting.candidate is None)
    painted = bytes(document.pixelData(*WHOLE))
    yield from begin_by_the_button(t)
    t.find("inlay_panel").show_part(t.find("inlay_prompt"))
    yield 0.2
    t.click(t.find("inlay_prompt"))
    yield lambda: t.find("inlay_prompt").hasFocus()
    yield from click(t, *DISC[:2])
    t.check("a click that comes from the docker points, too", len(session.selecting.hints.points) == 1)
    yield from click(t, 30, 200, key="shift")
    hand("key", "Return")
    yield lambda: overlay_of(t) is None
    document.waitForDone()
    t.check("Enter selects the thing", overlap(document) > 0.9, str(overlap(document)))
    t.check("not a pixel was painted", bytes(document.pixelData(*WHOLE)) == painted)
    t.screenshot("selected")
    yield from press_until(t, "edit_undo", lambda: bytes(document.selection().pixelData(*WHOLE)) == old)
    t.check("one undo step", bytes(document.selection().pixelData(*WHOLE)) == old)
    yield from box(t, document)


def box(t, document):
    """A drag frames the thing."""
    session = session_of(t)
    x, y, radius = DISC
    yield from begin(t)
    hand("mousemove", *place_of(t, x - radius - 8, y - radius - 8), "mousedown", "1")
    yield 0.1
    for step in (0.3, 0.6, 1.0):
        way = round((2 * radius + 16) * step) - radius - 8
        hand("mousemove", *place_of(t, x + way, y + way))
        yield 0.1
    t.screenshot("dragged")
    hand("mouseup", "1")
    yield lambda: session.selecting.hints.box is not None
    got = session.selecting.hints.box
    near = abs(got.x - (x - radius - 8)) <= 1 and abs(got.width - (2 * radius + 17)) <= 1
    t.check("a drag frames", near, str(got))
    hand("key", "Return")
    yield lambda: overlay_of(t) is None
    t.check("what is in the box is selected", overlap(document) > 0.9, str(overlap(document)))


def overlap(document):
    """Intersection over union of the selection with the disc."""
    if document.selection() is None:
        return 0.0
    both = either = 0
    for place, value in enumerate(bytes(document.selection().pixelData(*WHOLE))):
        y, x = divmod(place, SCENE[0])
        both += is_on(x, y) and value > 127
        either += is_on(x, y) or value > 127
    return both / either


def modes(t, document):
    """Shift adds to the selection, Alt takes away."""
    patch = (100, 20, 20, 20)
    for name, key, wanted in (
        ("Shift+Return adds", "shift+Return", (255, 255)),
        ("Alt+Return", "alt+Return", (255, 0)),
    ):
        yield from select(t, document, (100, 20, 120, 80), b"\xff" * 9600)
        yield from begin(t)
        yield from click(t, *DISC[:2])
        hand("key", key)
        yield lambda: overlay_of(t) is None
        document.waitForDone()
        kept = set(bytes(document.selection().pixelData(*patch)))
        middle = bytes(document.selection().pixelData(DISC[0], DISC[1], 1, 1))[0]
        t.check(name, kept == {wanted[0]} and middle == wanted[1], f"{kept} {middle}")


def left_behind(t, document):
    """The mode ends when another picture comes to the front, and when its own is closed."""
    yield from begin(t)
    first = canvas_of(t)
    other = yield from new_document(t)
    yield lambda: first.findChild(t.QtWidgets.QWidget, "inlay_canvas_overlay") is None
    t.check("another picture ends it", overlay_of(t) is None)
    yield from begin(t)
    yield from shut(t, other)
    yield lambda: t.krita.activeDocument() == document
    yield 0.3
    t.check("its own picture closed ends it", overlay_of(t) is None)
    yield from begin(t)
    t.krita.action(ACTION).trigger()
    yield lambda: overlay_of(t) is None
    t.check("the action ends it, too", True)
