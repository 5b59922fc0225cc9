"""Extend by its frame's handles, with the real mouse and keyboard, and by a selection that reaches past the border."""

import subprocess
import time

from inlay_krita import reading
from support import close, new_document, select, session_of

SIZE = (400, 300)


def main(t):
    document = yield from new_document(t, size=SIZE, flat=True)
    t.docker("inlay")
    yield lambda: t.find("inlay_extend_fold") is not None
    yield from unfold(t)
    yield from drag_a_side(t)
    yield from keys(t)
    yield from extend(t, document)
    yield from past_the_border(t)
    yield from large(t)


def pointer(*words):
    subprocess.run(["xdotool", *map(str, words)], timeout=10, check=True)


def drag(t, widget, way_px, button=1):
    """Drag a widget's middle with the real mouse, and look at the panel in the middle of it."""
    t.find("inlay_panel").show_part(widget)
    yield 0.3
    point = widget.mapToGlobal(widget.rect().center())
    pointer("mousemove", point.x(), point.y())
    yield 0.2
    pointer("mousedown", button)
    for part in (0.25, 0.5, 0.75, 1):
        pointer("mousemove", round(point.x() + part * way_px[0]), round(point.y() + part * way_px[1]))
        yield 0.1
    t.screenshot("dragging", t.find("inlay_panel"))
    pointer("mouseup", button)
    yield 0.3


def told(t):
    """What the numbers say."""
    return [t.find(f"inlay_{side}").value() for side in ("left", "top", "right", "bottom")]


def drawn(t):
    """What the frame shows."""
    sides = t.find("inlay_frame")._sides
    return [sides.left, sides.top, sides.right, sides.bottom]


def unfold(t):
    t.find("inlay_panel").show_part(t.find("inlay_extend_fold"))
    yield 0.3
    t.click(t.find("inlay_extend_fold"))
    picturing = session_of(t).picturing
    yield lambda: picturing.picture is not None
    t.find("inlay_panel").show_part(t.find("inlay_extend_button"))
    t.find("inlay_panel").show_part(t.find("inlay_frame"))
    yield 0.3
    t.check("the small picture is the canvas", picturing.picture.pixelColor(9, 9).red() in range(126, 131))
    t.check("handles are there", t.find("inlay_frame_right").isVisible())


def drag_a_side(t):
    frame = t.find("inlay_frame")
    scale = frame._scale
    yield from drag(t, t.find("inlay_frame_right"), (round(80 * scale), 0))
    right = told(t)[2]
    t.check("the right side follows the mouse", abs(right - 80) <= 2 / scale, f"{right} at {scale:.2f}")
    t.check("nothing else does", told(t) == [0, 0, right, 0], told(t))
    t.check("frame and numbers agree", drawn(t) == told(t), drawn(t))
    scale = frame._scale
    yield from drag(t, t.find("inlay_frame_top_left"), (round(-40 * scale), round(-30 * scale)))
    left, top, after, bottom = told(t)
    is_near = abs(left - 40) <= 6 / scale and abs(top - 30) <= 6 / scale  # a shape may attract it
    t.check("a corner takes two sides along", is_near and (after, bottom) == (right, 0), told(t))


def keys(t):
    before = told(t)
    t.find("inlay_frame_bottom").setFocus()
    yield 0.2
    pointer("key", "Down")
    pointer("key", "shift+Down")
    yield 0.3
    t.check("arrow keys: 1 and 10 pixels", told(t) == [*before[:3], 11], told(t))
    t.check("frame and numbers agree after keys", drawn(t) == told(t), drawn(t))
    t.screenshot("frame", t.find("inlay_panel"))


def extend(t, document):
    session, wanted = session_of(t), told(t)
    t.find("inlay_panel").show_part(t.find("inlay_extend_button"))
    yield 0.3
    t.click(t.find("inlay_extend_button"))
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    t.check("no notice", session.notices == [], [notice.message for notice in session.notices])
    grown = (SIZE[0] + wanted[0] + wanted[2], SIZE[1] + wanted[1] + wanted[3])
    t.check("as large as the frame was", (document.width(), document.height()) == grown, f"{grown}")
    close(document)
    yield 0.3


def past_the_border(t):
    """With the selection tool, as a painter would: from outside the canvas into it."""
    document = yield from new_document(t, size=SIZE, flat=True)
    button = t.find("inlay_extend_to_selection_button")
    t.check("nothing is offered without such a selection", not button.isVisible())
    view = t.krita.activeWindow().qwindow().centralWidget()
    t.krita.action("KisToolSelectRectangular").trigger()
    t.krita.activeWindow().activeView().canvas().setZoomLevel(1.0)
    yield 0.5
    middle = view.mapToGlobal(view.rect().center())
    pointer("mousemove", middle.x() - 300, middle.y() - 50)
    yield 0.2
    pointer("mousedown", 1)
    for part in range(1, 11):
        pointer("mousemove", middle.x() - 300 + 40 * part, middle.y() - 50 + 10 * part)
        yield 0.05
    pointer("mouseup", 1)
    yield lambda: document.selection() is not None and document.selection().width() > 0
    selection = document.selection()
    t.put("selected", [selection.x(), selection.y(), selection.width(), selection.height()])
    t.check("the tool selects past the border", selection.x() < 0)
    yield lambda: button.isVisible()
    t.find("inlay_panel").show_part(button)
    yield 0.3
    t.screenshot("reach", t.find("inlay_panel"))
    t.click(button)
    yield 0.3
    t.check("the sides hold the selection", told(t) == [-selection.x(), 0, 0, 0], told(t))
    t.check("frame and numbers agree with it", drawn(t) == told(t), drawn(t))
    t.check("it is offered once", not button.isVisible())
    t.krita.action("deselect").trigger()
    yield 0.5
    close(document)
    yield 0.3


def large(t):
    """The picture of a large canvas is read in turns: none of them is felt, and looking again costs next to nothing."""
    document = yield from new_document(t, size=(6000, 4000), flat=True)
    session, canvas = session_of(t), session_of(t).canvas
    yield lambda: session.picturing.picture is not None and session.picturing.canvas.width == 6000
    turns, begun = [], time.monotonic()
    for _ in reading.read_picture(canvas, canvas.document(), session.picturing.canvas, lambda picture: None):
        turns.append(time.monotonic() - begun)
        yield 0
        begun = time.monotonic()
    t.put("turns, 6000 x 4000", len(turns))
    t.put("longest turn, ms", round(1000 * max(turns), 1))
    yield from select(t, document, (-100, -100, 3000, 2000), b"\xff" * 6000000)
    begun = time.monotonic()
    reach = canvas.selection_reach(canvas.document())
    t.put("selection_reach, ms", round(1000 * (time.monotonic() - begun), 2))
    t.check("it reaches past the border", (reach.x, reach.y) == (-100, -100), reach)
    begun = time.monotonic()
    session.picturing.glance()
    t.put("glance, ms", round(1000 * (time.monotonic() - begun), 2))
    t.krita.action("deselect").trigger()
    yield 0.5
    close(document)
    yield 0.3
