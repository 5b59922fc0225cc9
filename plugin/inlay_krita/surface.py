"""Where a document is on the screen: Krita's canvas widget, and the way from its points to pixels of the picture.

Krita 5.2 and later tell it; in 5.1 it follows from the zoom, the rotation and the scroll bars. Talks to libkis.
"""

from __future__ import annotations

from typing import Any

from krita import Krita

from .qt import QtCore, QtGui, QtWidgets

POINTS_PER_INCH = 72  # in which Krita counts a canvas's zoom
CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")  # with and without a graphics card


class Surface:
    """One view's canvas."""

    def __init__(self, view: Any, widget: QtWidgets.QWidget) -> None:
        self.widget = widget
        self._view = view

    def to_image(self) -> QtGui.QTransform:
        """From the widget's points to pixels of the picture, as the view is scrolled, zoomed and turned now."""
        if not hasattr(self._view, "flakeToCanvasTransform"):
            back, _ = self._to_widget().inverted()
            return back
        back, _ = self._view.flakeToCanvasTransform().inverted()
        whole: QtGui.QTransform = back * self._view.flakeToImageTransform()
        return whole

    def _to_widget(self) -> QtGui.QTransform:
        """From pixels of the picture to the widget's points.

        WORKAROUND Krita 5.1: it tells nobody. Its canvas scales, mirrors and turns the picture, and the scroll bars say
        where the upper left corner of the box around that lies: at minus their values.
        """
        canvas, document = self._view.canvas(), self._view.document()
        zoom = canvas.zoomLevel() * POINTS_PER_INCH
        turned = QtGui.QTransform().rotate(canvas.rotation())
        turned.scale(-zoom / document.xRes() if canvas.mirror() else zoom / document.xRes(), zoom / document.yRes())
        around = turned.mapRect(QtCore.QRectF(0, 0, document.width(), document.height()))
        viewport: Any = self.widget.parent()
        area = viewport.parent()
        corner = QtCore.QPointF(-area.horizontalScrollBar().value(), -area.verticalScrollBar().value())
        way = corner - around.topLeft()
        return turned * QtGui.QTransform.fromTranslate(way.x(), way.y())

    def is_in_front(self) -> bool:
        """Whether its document is still the active one, in the active window."""
        return _canvas_widget() is self.widget


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
