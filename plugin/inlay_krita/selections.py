"""The document's own selection in Krita: how a new one meets it, in one undo step. Talks to libkis."""

from __future__ import annotations

import functools
from typing import Any

from krita import Krita, Selection

from .contract import CanvasError, Mode
from .qt import QtCore
from .translation import tr
from .wire import Box

UNDOABLE_SINCE = (5, 3)  # seen in 5.3.4 and 6.0.4, not in 5.1.5 and 5.2.9
NOTHING = tr("Nothing is selected yet: choose New or Add, or select something first.")


def select(opened: Any, box: Box, coverage: bytes, mode: Mode) -> bool:
    """Make coverage, one byte a pixel of the box, meet the selection of a document. False where nothing is left.

    Raises CanvasError where there is no selection to take from. Krita's own arithmetic takes 0.1 ms a thousand pixels.
    """
    old = opened.selection()
    if old is None and mode in (Mode.SUBTRACT, Mode.INTERSECT):
        raise CanvasError(NOTHING)
    if old is None or mode is Mode.NEW:
        return _select_alone(opened, box, coverage)
    both, made = old.duplicate(), Selection()
    _fill(made, box, coverage)
    {Mode.ADD: both.add, Mode.SUBTRACT: both.subtract, Mode.INTERSECT: both.intersect}[mode](made)
    if mode is not Mode.ADD and both.width() == 0:
        _deselect(opened)
        return False
    _begin_step(opened)
    opened.setSelection(both)
    return True


def _select_alone(opened: Any, box: Box, coverage: bytes) -> bool:
    if not _is_any(coverage):
        _deselect(opened)
        return False
    made = _begin_step(opened)
    made.clear()
    _fill(made, box, coverage)
    opened.setSelection(made)
    return True


def _is_any(coverage: bytes) -> bool:
    return coverage.count(0) < len(coverage)


def _fill(selection: Any, box: Box, coverage: bytes) -> None:
    """Make an empty selection this one; Krita will find its outline."""
    selection.subtract(_without_outline())
    selection.setPixelData(QtCore.QByteArray(coverage), box.x, box.y, box.width, box.height)


@functools.cache
def _without_outline() -> Any:
    """One selected pixel whose outline Krita has yet to find.

    WORKAROUND Krita 5.1 to 6.0: `setPixelData` leaves a selection's old outline, none, as it is: nothing would be
    seen of it. What meets a selection without an outline loses its own, and Krita finds it anew. A document that is
    cropped makes one: once in a session, 0.1 to 0.4 s.
    """
    document, selection = Krita.instance().createDocument(64, 64, "", "RGBA", "U8", "", 100.0), Selection()
    document.setBatchmode(True)
    selection.select(8, 8, 1, 1, 255)
    document.setSelection(selection)
    document.waitForDone()
    document.crop(1, 1, 62, 62)
    document.waitForDone()
    cropped = document.selection()
    document.setModified(False)
    document.close()
    return cropped


def _deselect(opened: Any) -> None:
    if opened.selection() is None:
        return
    if _takes_actions(opened):
        Krita.instance().action("deselect").trigger()
        opened.waitForDone()
    else:
        opened.setSelection(Selection())


def _begin_step(opened: Any) -> Any:
    """Have an undo step for a selection that is about to be set; gives the object to be filled and set.

    WORKAROUND Krita 5.1, 5.2: setSelection leaves no undo step. An action of Krita's does, and what it selects is
    replaced at once. Undo gives the old selection back; redo gives the new one only where there was none before.
    """
    if _sets_undoably() or not _takes_actions(opened):
        return Selection()
    Krita.instance().action("select_all" if opened.selection() is None else "deselect").trigger()
    opened.waitForDone()
    return opened.selection() or Selection()


def _takes_actions(opened: Any) -> bool:
    """Whether Krita's actions go to this document's own selection now."""
    return bool(Krita.instance().activeDocument() == opened) and not _has_local(opened)


def _sets_undoably() -> bool:
    major, minor = Krita.instance().version().split(".")[:2]
    return (int(major), int(minor)) >= UNDOABLE_SINCE


def _has_local(opened: Any) -> bool:
    """Whether the active layer has a selection of its own, which Krita's actions prefer."""
    node = opened.activeNode()
    while node is not None and node.type().endswith("mask") and node.parentNode() is not None:
        node = node.parentNode()
    return (
        node is not None
        and node.parentNode() is not None
        and any(child.type() == "selectionmask" for child in node.childNodes())
    )
