"""The document's own selection in Krita: how a new one meets it, in one undo step. Talks to libkis."""

from __future__ import annotations

import functools
from typing import Any

from krita import Krita, Selection

from .contract import CanvasError, Mode
from .qt import QtCore
from .wire import Box

UNDOABLE_SINCE = (5, 3)  # seen in 5.3.4 and 6.0.4, not in 5.1.5 and 5.2.9
NOTHING = "Nothing is selected yet: choose New or Add, or select something first."


def select(opened: Any, box: Box, coverage: bytes, mode: Mode) -> bool:
    """Make coverage, one byte a pixel of the box, meet the selection of a document. False where nothing is left.

    Raises CanvasError where there is no selection to take from.
    """
    made, old = Selection(), opened.selection()
    made.subtract(_without_outline())  # before there is anything to take from
    made.setPixelData(QtCore.QByteArray(coverage), box.x, box.y, box.width, box.height)
    if old is None and mode in (Mode.SUBTRACT, Mode.INTERSECT):
        raise CanvasError(NOTHING)
    if old is not None:
        made = _combined(old, made, mode)
    is_empty = made.width() == 0 or made.height() == 0
    _set(opened, None if is_empty else made)
    return not is_empty


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


def _combined(old: Any, made: Any, mode: Mode) -> Any:
    """What two selections come to by Krita's own rules; neither is changed, unless it is the outcome."""
    if mode is Mode.NEW:
        return made
    both = old.duplicate()
    {Mode.ADD: both.add, Mode.SUBTRACT: both.subtract, Mode.INTERSECT: both.intersect}[mode](made)
    return both


def _set(opened: Any, made: Any | None) -> None:
    """Select this, or nothing, in one undo step."""
    krita = Krita.instance()
    if made is None and krita.activeDocument() == opened:
        krita.action("deselect").trigger()
        opened.waitForDone()
    elif not _sets_undoably(krita) and krita.activeDocument() == opened and not _has_local(opened):
        _set_by_actions(krita, opened, made)
    else:
        opened.setSelection(made)


def _set_by_actions(krita: Any, opened: Any, made: Any) -> None:
    """WORKAROUND Krita 5.1, 5.2: setSelection leaves no undo step. An action of Krita's does, and what it selects is
    replaced at once. Undo gives the old selection back; redo after it gives the new one only where there was none.
    """
    if opened.selection() is not None:
        krita.action("deselect").trigger()
        opened.waitForDone()
        opened.setSelection(made)
        return
    krita.action("select_all").trigger()
    opened.waitForDone()
    live = opened.selection()
    if live is not None:  # else the action was not taken, as while a dialog is open
        live.replace(made)
    opened.setSelection(live or made)  # has the outline drawn anew, too


def _sets_undoably(krita: Any) -> bool:
    major, minor = krita.version().split(".")[:2]
    return (int(major), int(minor)) >= UNDOABLE_SINCE


def _has_local(opened: Any) -> bool:
    """Whether the active layer has a selection of its own, to which Krita's actions would go."""
    node = opened.activeNode()
    while node is not None and node.type().endswith("mask") and node.parentNode() is not None:
        node = node.parentNode()
    return (
        node is not None
        and node.parentNode() is not None
        and any(child.type() == "selectionmask" for child in node.childNodes())
    )
