"""The order in which Tab goes through a panel whose widgets come and go: as it is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..qt import QtCore, QtWidgets

WHOLE = (  # what is inside of these is theirs
    QtWidgets.QAbstractButton,
    QtWidgets.QAbstractItemView,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QComboBox,
    QtWidgets.QLineEdit,
    QtWidgets.QPlainTextEdit,
)


def order_tabs(widget: QtWidgets.QWidget) -> None:
    """Let Tab go through all that is in a widget in the order of its layouts, not in that of its making."""
    stops = list(_stops(widget))
    for before, after in itertools.pairwise(stops):
        QtWidgets.QWidget.setTabOrder(before, after)


def _stops(widget: QtWidgets.QWidget) -> Iterator[QtWidgets.QWidget]:
    """What takes the focus by Tab: the widget itself, then what is in it."""
    if widget.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus:
        yield widget
    if isinstance(widget, WHOLE):
        return
    layout = widget.layout()
    inside = _laid_out(layout) if layout else (child for child in widget.children() if child.isWidgetType())
    for child in inside:
        yield from _stops(child)  # type: ignore[arg-type]


def _laid_out(layout: QtWidgets.QLayout) -> Iterator[QtWidgets.QWidget]:
    places = range(layout.count())
    if isinstance(layout, QtWidgets.QGridLayout):
        places = sorted(places, key=lambda place: layout.getItemPosition(place)[:2])  # type: ignore[assignment, index]
    for place in places:
        item = layout.itemAt(place)
        widget, inner = (item.widget(), item.layout()) if item else (None, None)
        if widget:
            yield widget
        elif inner:
            yield from _laid_out(inner)
