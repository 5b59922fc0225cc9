"""Models select: a trained toy SAM by clicks and a rough lasso, a finder by words; what first and next click cost.

Arguments: a drawn scene as a picture, a thing in it as a picture of that size (white is the thing), a place on it.
"""

import time

import support
from inlay_krita.contract import Mode
from inlay_krita.qt import QtGui
from selecting import click_at, pointing, selected, shut
from support import session_of


def main(t):
    picture, thing, x, y = t.args
    t.docker("inlay")
    document = t.krita.openDocument(picture)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: t.krita.activeDocument() == document
    yield 0.5
    truth = bytes_of(thing)
    widgets = yield from pointing(t)
    yield lambda: session_of(t).engine.models is not None
    yield from clicks(t, document, widgets, truth, (int(x), int(y)))
    yield from rough(t, document, truth)
    yield from words(t, document)
    yield from shut(t, document)


def clicks(t, document, widgets, truth, place):
    """The best that is here is taken: the toy, not GrabCut."""
    selecting = session_of(t).selecting
    begun = time.monotonic()
    yield from click_at(t, widgets.picture, document, *place)
    t.put("first click s", round(time.monotonic() - begun, 2))
    t.check("the model answers", selecting.sighting and selecting.sighting.model == "toy_sam", selecting.problem)
    begun = time.monotonic()
    yield from click_at(t, widgets.picture, document, place[0] + 2, place[1] + 1)
    t.put("next click s", round(time.monotonic() - begun, 2))
    selecting.apply(Mode.NEW)
    yield lambda: selected(document)
    found = overlap(document, truth)
    t.put("clicks overlap", found)
    t.check("the thing is selected", found > 0.6, found)
    t.screenshot("clicked")
    yield from support.press_until(t, "edit_undo", lambda: selected(document) == b"")
    t.check("one undo step", selected(document) == b"")


def rough(t, document, truth):
    """Its bounding box and some more becomes tight."""
    width = document.width()
    places = [divmod(at, width) for at, value in enumerate(truth) if value]
    top, bottom = min(y for y, _ in places) - 6, max(y for y, _ in places) + 6
    left, right = min(x for _, x in places) - 6, max(x for _, x in places) + 6
    left, top = max(0, left), max(0, top)
    box = (left, top, min(width, right) - left, min(document.height(), bottom) - top)
    yield from support.select(t, document, box, bytes([255]) * (box[2] * box[3]))
    before = overlap(document, truth)
    said = yield from support.run_action(t, "inlay_select")
    t.check("no error", said == [], said)
    after = overlap(document, truth)
    t.put("rough overlap", [before, after])
    t.check("the rough selection became tighter", after > before, (before, after))


def words(t, document):
    """An untrained finder finds anything, or nothing well enough: it is told, and what was selected stays."""
    session, before = session_of(t), selected(document)
    session.selecting.name("the red car")
    yield lambda: not session.selecting.stage
    problem = session.selecting.problem
    t.put("words", problem.message if problem else session.selecting.candidate.selected.label)
    t.check("found by words, or told how well the best fits", problem is None or "scores" in problem.message, problem)
    t.check("nothing changed yet", selected(document) == before)
    session.selecting.clear()


def overlap(document, truth):
    """Intersection over union of the selection and the thing."""
    chosen = selected(document) or bytes(len(truth))
    both = sum(a > 127 and b > 0 for a, b in zip(chosen, truth, strict=True))
    either = sum(a > 127 or b > 0 for a, b in zip(chosen, truth, strict=True))
    return round(both / either, 3)


def bytes_of(path):
    """A grey picture's bytes, row by row."""
    image = QtGui.QImage(path).convertToFormat(QtGui.QImage.Format.Format_Grayscale8)
    return bytes(image.pixelColor(x, y).value() for y in range(image.height()) for x in range(image.width()))
