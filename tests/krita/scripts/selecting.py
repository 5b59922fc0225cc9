"""A thing is selected: a rough lasso made tight, clicks and boxes in the docker's picture, modes, widths, undo."""

import random
import subprocess
import time

import support
from inlay_krita.contract import Mode
from inlay_krita.reading import Turns
from inlay_krita.wire import Box
from support import session_of

SIZE = (400, 300)
FIRST, SECOND = (120, 110, 60), (290, 190, 50)  # discs: the middle and the radius
BLEND_PX = 1.5  # the discs' edges fade over so much


def main(t):
    t.docker("inlay")
    for check in (snap, click, box, modes, widths, refusals, other_documents, photo, large):
        yield from check(t)


def coverage(disc, x, y):
    """How much of a pixel a disc covers, 0 to 1."""
    middle_x, middle_y, radius = disc
    distance = ((x - middle_x) ** 2 + (y - middle_y) ** 2) ** 0.5
    return min(1.0, max(0.0, (radius - distance) / BLEND_PX + 0.5))


def scene(t):
    """Two yellow discs on blue, with some grain. A generator that gives the document."""
    document = yield from support.new_document(t, size=SIZE)
    source, pixels = random.Random(4), bytearray()
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            share = max(coverage(FIRST, x, y), coverage(SECOND, x, y))
            grain = source.randint(-6, 6)
            for ground, disc in ((130, 40), (60, 190), (40, 220)):
                pixels.append(round(ground * (1 - share) + disc * share) + grain)
            pixels.append(255)
    layer = document.rootNode().childNodes()[0]
    layer.setPixelData(bytes(pixels), 0, 0, *SIZE)
    document.refreshProjection()
    document.waitForDone()
    yield 0.2
    return document


def selected(document):
    """The selection's bytes over the whole canvas; none where nothing is selected."""
    document.waitForDone()
    selection = document.selection()
    if selection is None or selection.width() == 0:
        return b""
    return bytes(selection.pixelData(0, 0, document.width(), document.height()))


def overlap(document, *discs):
    """Intersection over union of the selection and the discs."""
    chosen = selected(document) or bytes(SIZE[0] * SIZE[1])
    both = either = 0
    for index, value in enumerate(chosen):
        y, x = divmod(index, SIZE[0])
        is_in = any(coverage(disc, x, y) >= 0.5 for disc in discs)
        both += is_in and value > 127
        either += is_in or value > 127
    return round(both / either, 3) if either else 0.0


def softness(document):
    """How many pixels are neither selected nor not."""
    return sum(0 < value < 255 for value in selected(document))


def lasso(disc, more=18):
    """A rough selection around a disc: its box, and bytes of a lozenge with cut corners."""
    x, y, radius = disc
    reach = radius + more
    side = 2 * reach
    rows = (bytes(255 * (abs(i - reach) + abs(j - reach) < 1.45 * reach) for i in range(side)) for j in range(side))
    return (x - reach, y - reach, side, side), b"".join(rows)


def pointing(t):
    """The widgets around the docker's picture, brought into sight."""
    panel = t.find("inlay_panel")
    if not panel.select.fold.isChecked():
        panel.select.unfold()
    yield 0.3
    panel.show_part(panel.select.pointing.picture)
    yield lambda: session_of(t).picturing.picture is not None
    yield 0.2
    return panel.select.pointing


def spot(picture, document, x, y):
    """A canvas pixel's place on the screen."""
    scale = picture.place.width() / document.width()
    at = picture.place.topLeft()
    point = picture.mapToGlobal(picture.rect().topLeft())
    return str(round(point.x() + at.x() + (x + 0.5) * scale)), str(round(point.y() + at.y() + (y + 0.5) * scale))


def mouse(*words):
    subprocess.run(["xdotool", *words], timeout=10, check=True)


def click_at(t, picture, document, x, y, button="1"):
    """Click a canvas pixel in the docker's picture with the real mouse, and wait for the answer."""
    session, count = session_of(t), len(session_of(t).selecting.hints.points)
    mouse("mousemove", *spot(picture, document, x, y), "click", button)
    yield lambda: len(session.selecting.hints.points) > count or session.selecting.problem
    yield lambda: not session.selecting.stage


def undone(t, document, before):
    """Whether one undo step brings back what was selected before."""
    yield from support.press_until(t, "edit_undo", lambda: selected(document) == before)
    return selected(document) == before


def shut(t, document):
    """Close as a painter would. WORKAROUND Krita 5.1: it crashes while it still outlines a new selection."""
    for notice in list(session_of(t).notices):
        session_of(t).dismiss(notice)
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield 0.3


def snap(t):
    document = yield from scene(t)
    rough_box, rough_bytes = lasso(FIRST)
    yield from support.select(t, document, rough_box, rough_bytes)
    rough = selected(document)
    t.put("rough overlap", overlap(document, FIRST))
    said = yield from support.run_action(t, "inlay_select")
    t.check("no error", said == [], said)
    tight = selected(document)
    t.check("tight", overlap(document, FIRST) > 0.95, overlap(document, FIRST))
    t.check("soft where the edge is", 100 < softness(document) < 2500, softness(document))
    t.screenshot("snapped")
    is_back = yield from undone(t, document, rough)
    t.check("one undo step brings the rough one back", is_back)
    if redoes(t):
        yield from support.press_until(t, "edit_redo", lambda: selected(document) == tight)
        t.check("redo", selected(document) == tight)
    yield from shut(t, document)


def redoes(t):
    """Whether this Krita can make a selection again that took another's place (docs/krita.md)."""
    return tuple(map(int, t.krita.version().split(".")[:2])) >= (5, 3)


def click(t):
    """The picture opens, takes clicks, and the document changes once, on Select."""
    document = yield from scene(t)
    session = session_of(t)
    t.find("inlay_panel").select.fold.setChecked(False)
    t.docker("inlay").setVisible(False)
    yield 0.2
    t.krita.action("inlay_select").trigger()
    yield 0.3
    t.check("the docker comes, with the picture", t.find("inlay_picture").isVisible())
    widgets = yield from pointing(t)
    begun = time.monotonic()
    yield from click_at(t, widgets.picture, document, *FIRST[:2])
    t.put("first_click_ms", round(1000 * (time.monotonic() - begun)))
    t.check("no problem", session.selecting.problem is None, session.selecting.problem)
    t.check("nothing is selected yet", selected(document) == b"")
    begun = time.monotonic()
    yield from click_at(t, widgets.picture, document, *SECOND[:2], button="3")
    t.put("second_click_ms", round(1000 * (time.monotonic() - begun)))
    t.check("left is on, right is off", [point.is_on for point in session.selecting.hints.points] == [True, False])
    near = session.selecting.hints.points[0]
    t.check("exactly there", abs(near.x - FIRST[0]) <= 2 and abs(near.y - FIRST[1]) <= 2, near)
    t.screenshot("clicked")
    t.screenshot("clicked_panel", t.find("inlay_panel"))
    t.find("inlay_panel").show_part(widgets.apply)
    yield 0.3
    t.click(widgets.apply)
    yield lambda: session.selecting.candidate is None  # Krita handles events, such as this look, while it selects
    t.check("the disc is selected", overlap(document, FIRST) > 0.9, overlap(document, FIRST))
    chosen = selected(document)
    is_back = yield from undone(t, document, b"")
    t.check("one undo step takes it away", is_back)
    yield from support.press_until(t, "edit_redo", lambda: selected(document) == chosen)
    t.check("redo", selected(document) == chosen)
    yield from shut(t, document)


def box(t):
    """Dragged with the real mouse; Enter selects, Escape takes it back."""
    document = yield from scene(t)
    session = session_of(t)
    widgets = yield from pointing(t)
    x, y, radius = SECOND
    mouse("mousemove", *spot(widgets.picture, document, x - radius - 6, y - radius - 6), "mousedown", "1")
    yield 0.1
    mouse("mousemove", *spot(widgets.picture, document, x, y))
    yield 0.1
    mouse("mousemove", *spot(widgets.picture, document, x + radius + 6, y + radius + 6))
    yield 0.1
    t.screenshot("dragging", t.find("inlay_panel"))
    mouse("mouseup", "1")
    yield lambda: session.selecting.hints.box
    yield lambda: not session.selecting.stage
    t.check("a box", session.selecting.hints.points == () and session.selecting.problem is None)
    mouse("key", "Escape")
    yield lambda: session.selecting.candidate is None
    mouse("key", "BackSpace")
    yield lambda: session.selecting.candidate is not None
    mouse("key", "Return")
    yield lambda: session.selecting.candidate is None
    t.check("the thing in the box is selected", overlap(document, SECOND) > 0.95, overlap(document, SECOND))
    t.check("the layer is still there", len(document.topLevelNodes()) >= 1 and document.activeNode() is not None)
    yield from shut(t, document)


def modes(t):
    """Add, subtract, intersect; each is one undo step."""
    document = yield from scene(t)
    selecting = session_of(t).selecting
    yield from pointing(t)

    def point_at(disc, mode):
        x, y, radius = disc
        selecting.frame(Box(x - radius - 6, y - radius - 6, 2 * radius + 12, 2 * radius + 12))
        yield lambda: not selecting.stage
        before = selected(document)
        selecting.apply(mode)
        yield 0.2
        return before

    yield from point_at(FIRST, Mode.NEW)
    yield from point_at(SECOND, Mode.ADD)
    t.check("added", overlap(document, FIRST, SECOND) > 0.95, overlap(document, FIRST, SECOND))
    before = yield from point_at(FIRST, Mode.SUBTRACT)
    t.check("taken away", overlap(document, SECOND) > 0.95, overlap(document, SECOND))
    is_back = yield from undone(t, document, before)
    t.check("one undo step brings both back", is_back)
    before = yield from point_at(FIRST, Mode.INTERSECT)
    t.check("what both have", overlap(document, FIRST) > 0.95, overlap(document, FIRST))
    is_back = yield from undone(t, document, before)
    t.check("one undo step, again", is_back)
    yield from point_at(FIRST, Mode.NEW)
    before = yield from point_at(SECOND, Mode.INTERSECT)
    t.check("nothing is left, and it is said", "Nothing is selected" in selecting.problem.message)
    t.check("nothing is selected", selected(document) == b"")
    is_back = yield from undone(t, document, before)
    t.check("and one undo step brings it back", is_back)
    yield from support.press_until(t, "deselect", lambda: selected(document) == b"")
    yield from point_at(SECOND, Mode.SUBTRACT)
    t.check("nothing to take from is said", "Nothing is selected yet" in selecting.problem.message)
    selecting.clear()
    yield from shut(t, document)


def widths(t):
    """Grow and feather show in the selection itself."""
    document = yield from scene(t)
    selecting = session_of(t).selecting
    widgets = yield from pointing(t)
    x, y, radius = FIRST
    areas, soft = [], []
    for grow, feather in ((0, 0), (10, 0), (10, 16)):
        widgets.grow.setValue(grow)
        widgets.feather.setValue(feather)
        selecting.frame(Box(x - radius - 6, y - radius - 6, 2 * radius + 12, 2 * radius + 12))
        yield lambda: not selecting.stage
        selecting.apply(Mode.NEW)
        yield 0.2
        areas.append(sum(value > 0 for value in selected(document)))
        soft.append(softness(document))
    widgets.grow.setValue(0)
    widgets.feather.setValue(0)
    t.put("areas", areas)
    t.put("soft", soft)
    wanted = ((radius + 10) / radius) ** 2
    t.check("grown", abs(areas[1] / areas[0] - wanted) < 0.1, areas[1] / areas[0])
    t.check("feathered inwards", areas[2] <= areas[1] * 1.02 and soft[2] > 3 * soft[1], (areas, soft))
    yield from shut(t, document)


def refusals(t):
    """Said below the picture, in plain words; the selection stays, and no dialog opens."""
    document = yield from scene(t)
    selecting = session_of(t).selecting
    yield from pointing(t)
    yield from support.select(t, document, (5, 5, 10, 10), b"\xff" * 100)
    before = selected(document)
    selecting.name("the bus")
    yield lambda: not selecting.stage
    t.check("no finder of words", selecting.problem and selecting.problem.action == "Show models", selecting.problem)
    selecting.point(*FIRST[:2], True)
    selecting.point(*FIRST[:2], False)
    yield lambda: not selecting.stage
    t.check("a contradiction", selecting.problem is not None and selecting.problem.remedy, selecting.problem)
    t.check("the selection stays", selected(document) == before)
    t.check("no dialog", t.QtWidgets.QApplication.activeModalWidget() is None)
    t.screenshot("refused", t.find("inlay_panel"))
    selecting.clear()
    yield from shut(t, document)


def other_documents(t):
    """A painted stroke is seen by the next click; a second document begins anew."""
    document = yield from scene(t)
    selecting = session_of(t).selecting
    yield from pointing(t)
    selecting.point(20, 20, True)
    yield lambda: not selecting.stage
    first = selecting._scene.image
    document.activeNode().setPixelData(bytes([30, 30, 230, 255]) * 10000, 0, 150, 100, 100)
    document.refreshProjection()
    document.waitForDone()
    selecting.clear()
    selecting.point(50, 200, True)
    yield lambda: not selecting.stage
    t.check("the picture was read again", selecting._scene.image != first)
    found = selecting.candidate.selected.box if selecting.candidate else None
    t.check("what was painted is found", found and abs(found.width - 100) < 6 and abs(found.x) < 4, found)
    second = yield from support.new_document(t, seed=9)
    yield lambda: selecting.canvas and selecting.canvas.width == support.WIDTH
    t.check("nothing is marked there", selecting.candidate is None and selecting.hints.points == ())
    yield from shut(t, second)
    yield from shut(t, document)


def photo(t):
    """A real photograph, to be looked at: a rough box around the cat's nose."""
    if not t.args:
        return
    document = t.krita.openDocument(t.args[0])
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: t.krita.activeDocument() == document
    yield 0.5
    widgets = yield from pointing(t)
    yield from click_at(t, widgets.picture, document, 220, 200)
    t.screenshot("photo")
    session_of(t).selecting.apply(Mode.NEW)
    yield lambda: selected(document)
    yield 0.5
    t.screenshot("photo_selected")
    yield from shut(t, document)


def large(t):
    """8192 x 8192: read in the background, in turns that nobody feels."""
    t.wait_limit = 120.0  # for the engine, on a machine that has other things to do
    turns, turn = [], Turns._turn

    def clocked(self):
        begun = time.thread_time()  # others may have the processor
        turn(self)
        turns.append(round(1000 * (time.thread_time() - begun), 1))

    Turns._turn = clocked
    document = yield from support.new_document(t, size=(8192, 8192), flat=True)
    document.activeNode().setPixelData(bytes([40, 190, 220, 255]) * 4000000, 3000, 3000, 2000, 2000)
    document.refreshProjection()
    document.waitForDone()
    yield 1.0
    selecting = session_of(t).selecting
    yield from pointing(t)
    yield lambda: selecting._scene and selecting._scene.canvas.width == 8192
    t.put("large_longest_turns_processor_ms", sorted(turns)[-8:])
    t.put("large_turns", len(turns))
    Turns._turn = turn
    begun = time.monotonic()
    selecting.frame(Box(2800, 2800, 2400, 2400))
    yield lambda: not selecting.stage
    t.put("large_box_ms", round(1000 * (time.monotonic() - begun)))
    t.check("found", selecting.candidate is not None, selecting.problem)
    canvas = session_of(t).canvas
    key = canvas.document()
    for what, act in (
        ("select", lambda: selecting.apply(Mode.NEW)),
        ("glimpse", lambda: canvas.glimpse(key)),
        ("bounds", lambda: canvas.selection_bounds(key)),
    ):
        begun = time.thread_time()
        act()
        t.put(f"large_{what}_processor_ms", round(1000 * (time.thread_time() - begun), 1))
    bounds = canvas.selection_bounds(key)
    near = bounds and abs(bounds.x - 3000) < 40 and abs(bounds.width - 2000) < 80
    t.check("the square is selected", near, bounds)
    yield from shut(t, document)
