"""Where a document is on the screen: Krita's canvas widget, and the way from its points to pixels of the picture.

Krita 5.1 tells nobody how its canvas is scrolled; 5.2 and later do. Talks to libkis.
"""

from __future__ import annotations

from typing import Any

from krita import Krita, View

from .qt import QtGui, QtWidgets

CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")  # with and without a graphics card


class Surface:
    """One view's canvas."""

    def __init__(self, view: Any, widget: QtWidgets.QWidget) -> None:
        self.widget = widget
        self._view = view

    def to_image(self) -> QtGui.QTransform:
        """From the widget's points to pixels of the picture, as the view is scrolled, zoomed and turned now."""
        back, _ = self._view.flakeToCanvasTransform().inverted()
        whole: QtGui.QTransform = back * self._view.flakeToImageTransform()
        return whole

    def is_in_front(self) -> bool:
        """Whether its document is still the active one, in the active window."""
        return _canvas_widget() is self.widget


def is_told() -> bool:
    """Whether this Krita says where its canvas is."""
    return hasattr(View, "flakeToCanvasTransform")


def surface() -> Surface | None:
    """The active view's; None where no document is open."""
    view, widget = _active_view(), _canvas_widget()
    return None if view is None or widget is None else Surface(view, widget)


def _active_view() -> Any | None:
    window = Krita.instance().activeWindow()
    return window.activeView() if window else None


def _canvas_widget() -> QtWidgets.QWidget | None:
    window = Krita.instance().activeWindow()
    area = window.qwindow().findChild(QtWidgets.QMdiArea) if window else None
    shown = area.activeSubWindow() or area.currentSubWindow() if area else None
    if shown is None:
        return None
    widgets = shown.findChildren(QtWidgets.QWidget)
    return next((widget for widget in widgets if widget.metaObject().className() in CANVASES), None)
