"""A painter's sitting by the real mouse and keyboard alone: select, say, compare, keep, change one's mind tomorrow."""

import subprocess

import support
from inlay_krita.surface import surface

SIZE = (480, 360)
FRAME = (150, 110, 330, 250)  # what is selected by a drag: left, top, right, bottom
WORDS = "a red barn"


def main(t):
    t.wait_limit = 120  # a busy machine loads torch for a while
    document = yield from open_picture(t)
    yield from selected(t, document)
    yield from said(t)
    yield from thought_better_of(t, document)
    yield from compared(t)
    yield from kept(t, document)
    yield from taken_back(t, document)
    document = yield from tomorrow(t, document)
    yield from made_again(t, document)
    yield from made_larger(t, document)
    yield from queued(t, document)
    t.check("nothing to complain of", not session(t).notices, [notice.message for notice in session(t).notices])
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield 0.3


def session(t):
    return support.session_of(t)


def hand(*words):
    subprocess.run(["xdotool", *words], timeout=10, check=True)


def press(t, name):
    """Scroll to a widget, and click it."""
    widget = t.find(name)
    t.find("inlay_panel").show_part(widget)
    yield 0.3
    t.click(widget)
    yield 0.2


def on_screen(t, x, y):
    """Where a pixel of the picture is."""
    shown = surface()
    to_widget, _ = shown.to_image().inverted()
    there = shown.widget.mapToGlobal(to_widget.map(t.QtCore.QPointF(x, y)).toPoint())
    ratio = shown.widget.devicePixelRatioF()
    return str(int(there.x() * ratio)), str(int(there.y() * ratio))


def open_picture(t):
    document = yield from support.new_document(t, size=SIZE, seed=8)
    pixels = bytearray()
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            is_thing = (x - 240) ** 2 + (y - 180) ** 2 < 60**2
            pixels += bytes((50, 70, 190, 255)) if is_thing else bytes((120 + (x * 5 + y * 3) % 30, 140, 90, 255))
    document.rootNode().childNodes()[0].setPixelData(bytes(pixels), 0, 0, *SIZE)
    document.refreshProjection()
    t.docker("inlay")
    for docker in t.krita.dockers():
        if docker.objectName() != "inlay":
            docker.setVisible(False)
    yield 0.5
    t.krita.activeWindow().activeView().canvas().setZoomLevel(1.5)
    yield 0.5
    return document


def selected(t, document):
    """Krita's own tool, and a drag."""
    t.krita.action("KisToolSelectRectangular").trigger()
    yield 0.3
    left, top, right, bottom = FRAME
    hand("mousemove", *on_screen(t, left, top), "mousedown", "1")
    for share in (0.3, 0.7, 1.0):
        yield 0.1
        hand("mousemove", *on_screen(t, left + share * (right - left), top + share * (bottom - top)))
    yield 0.1
    hand("mouseup", "1")
    yield lambda: document.selection() is not None
    yield lambda: t.find("inlay_run_button").isEnabled()
    bounds = session(t).canvas.selection_bounds(session(t).canvas.document())
    off = max(abs(bounds.x - left), abs(bounds.y - top), abs(bounds.right - right), abs(bounds.bottom - bottom))
    t.check("what was framed is selected", off <= 2, bounds)
    t.check("the button offers to remove it", t.find("inlay_run_button").text() == "Remove")


def said(t):
    yield from press(t, "inlay_prompt")
    t.type(WORDS)
    yield lambda: t.find("inlay_run_button").text() == "Replace"
    t.check("words turn it into Replace", t.find("inlay_prompt").toPlainText() == WORDS)


def thought_better_of(t, document):
    """Ctrl+Enter begins, Escape ends it."""
    t.key("ctrl+Return")
    yield lambda: session(t).works
    yield 0.3
    t.key("Escape")
    yield lambda: not session(t).works
    yield 0.3
    t.check("nothing was laid in", len(support.tree(document)) == 1, support.tree(document))


def compared(t):
    """Three of them; the mouse shows one after the other on the canvas."""
    yield from press(t, "inlay_count")
    t.key("Up")
    t.key("Up")
    yield lambda: session(t).variants.count == 3
    yield from press(t, "inlay_prompt")
    t.key("ctrl+Return")
    yield lambda: len(cells(t)) == 3
    yield lambda: cells(t)[0].variant.is_ready
    t.screenshot("they_come")
    yield lambda: not session(t).works
    yield 0.4
    for cell in cells(t):
        point_at(t, cell)
        yield lambda: session(t).variants.showing.shown is not None
        yield 0.3
    t.screenshot("compared")
    hand("mousemove", *on_screen(t, 20, 20))
    yield lambda: session(t).variants.showing.shown is None


def cells(t):
    found = t.find("inlay_variants").findChildren(t.QtWidgets.QAbstractButton, "inlay_variant")
    return sorted(found, key=lambda cell: (cell.y(), cell.x()))


def point_at(t, widget):
    there, ratio = widget.mapToGlobal(widget.rect().center()), widget.devicePixelRatioF()
    hand("mousemove", str(int(there.x() * ratio)), str(int(there.y() * ratio)))


def kept(t, document):
    """A click chooses, arrows go on, Enter keeps."""
    t.click(cells(t)[0])
    yield 0.2
    t.key("Right")
    yield lambda: cells(t)[1].hasFocus()
    t.key("Return")
    yield lambda: len(support.tree(document)) == 2
    yield 0.4
    t.check("the second one", bool(cells(t)[1].variant.layer))
    t.screenshot("kept")


def taken_back(t, document):
    """Krita's own undo and redo."""
    hand("mousemove", *on_screen(t, 20, 20))
    surface().widget.setFocus()
    yield 0.3
    yield from pressed_until(t, "ctrl+z", lambda: len(support.tree(document)) == 1)
    t.check("Ctrl+Z takes it away", len(support.tree(document)) == 1, support.tree(document))
    yield from pressed_until(t, "ctrl+shift+z", lambda: len(support.tree(document)) == 2)
    t.check("Ctrl+Shift+Z brings it back", len(support.tree(document)) == 2)
    yield 1.3  # the card of the active layer comes and goes, and moves what is below it
    yield from press(t, "inlay_variants_close_button")
    yield lambda: not t.find("inlay_variants").isVisible()


def pressed_until(t, key, done):
    """Krita drops a key while it is busy: once more, then."""
    for _ in range(4):
        t.key(key)
        for _ in range(20):
            yield 0.05
            if done():
                return


def tomorrow(t, document):
    """Saved, closed and opened: the history is in the file, and the kept layer knows how it was made."""
    t.krita.action("deselect").trigger()
    yield 0.4
    path = f"{t.out}/sitting.kra"
    document.setBatchmode(True)
    document.saveAs(path)
    support.close(document)
    yield 0.4
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: t.krita.activeDocument() == document
    yield 1.2
    yield from press(t, "inlay_page_history_button")
    yield lambda: t.find("inlay_history").isVisible()
    runs = session(t).history.runs()
    t.check("the history has all three", len(runs) == 3, len(runs))
    t.check("one of them has a layer", [bool(run.layers) for run in runs].count(True) == 1)
    t.screenshot("tomorrow")
    return document


def made_again(t, document):
    """By the button of the newest run."""
    before = len(support.tree(document))
    rows = t.find("inlay_history").findChildren(t.QtWidgets.QWidget, "inlay_again_button")
    button = min((row for row in rows if row.isVisible()), key=lambda row: row.mapToGlobal(row.rect().center()).y())
    t.click(button)
    yield lambda: session(t).works
    yield lambda: not session(t).works
    yield 0.4
    t.check("a result more", len(support.tree(document)) == before + 1, support.tree(document))
    t.check("and a run more", len(session(t).history.runs()) == 4, len(session(t).history.runs()))


def made_larger(t, document):
    yield from press(t, "inlay_page_edit_button")
    yield from press(t, "inlay_prompt")
    t.key("ctrl+a")
    t.key("Delete")
    yield from press(t, "inlay_count")
    t.key("Down")
    t.key("Down")
    yield lambda: session(t).variants.count == 1
    yield from extended_by(t, "25")
    yield lambda: document.width() == 600
    yield lambda: not session(t).works
    t.check("the canvas is larger by a quarter", (document.width(), document.height()) == (600, 360))
    yield 0.5


def extended_by(t, percent):
    """Say so at the right side, and press the one button."""
    yield from press(t, "inlay_right")
    t.key("ctrl+a")
    t.type(percent)
    t.key("Tab")
    yield lambda: t.find("inlay_run_button").text() == "Extend"
    yield from press(t, "inlay_run_button")


def queued(t, document):
    """What runs and waits, on its page; all of it is cancelled there."""
    yield from press(t, "inlay_count")
    for _ in range(7):
        t.key("Up")
    yield lambda: session(t).variants.count == 8
    yield from extended_by(t, "25")
    yield lambda: len(session(t).works) > 1
    t.click(t.find("inlay_page_queue_button"))
    yield 0.3
    t.screenshot("queue")
    button = t.find("inlay_queue_cancel_button")
    if button.isVisible():
        t.click(button)
    yield lambda: not session(t).works
    t.check("the document is as it was", document.width() == 600, document.width())
