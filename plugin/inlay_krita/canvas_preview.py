"""A result over Krita's canvas, in its place: the document knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable

from .canvas_mode import Surface
from .guard import guarded
from .qt import QtCore, QtGui, QtWidgets
from .session import Session
from .showing import Shown, draw_result

FOLLOW_MS = 40  # the view has no signals: how it is scrolled is looked at so often


class CanvasPreview(QtCore.QObject):
    """Lives on the UI thread, one for all of Krita's windows. Shows what `session.variants.showing` tells."""

    def __init__(self, session: Session, find_surface: Callable[[], Surface | None]) -> None:
        super().__init__()
        self._session, self._find_surface = session, find_surface
        self._surface: Surface | None = None
        self._sheet: Sheet | None = None
        self._following = QtCore.QTimer(self)
        self._following.setInterval(FOLLOW_MS)
        self._following.timeout.connect(self._follow)
        session.variants.showing.changed.connect(self._changed)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def _changed(self) -> None:
        shown = self._session.variants.showing.shown
        if shown is None or shown.document != self._session.canvas.document():
            return self._take_off()
        if self._sheet is None:
            self._surface = self._find_surface()
            if self._surface is None:
                return
            self._sheet = Sheet(self._session, self._surface.widget)
            self._surface.widget.destroyed.connect(self._lost)
            self._following.start()
        self._sheet.show_result(shown)
        self._follow()

    @guarded
    def _follow(self) -> None:
        if self._surface is None or self._sheet is None:
            return
        if not self._surface.is_in_front():
            return self._take_off()
        to_widget, _ = self._surface.to_image().inverted()
        self._sheet.follow(to_widget)

    def _take_off(self) -> None:
        self._following.stop()
        surface, sheet, self._surface, self._sheet = self._surface, self._sheet, None, None
        if surface is not None:
            surface.widget.destroyed.disconnect(self._lost)
        if sheet is not None:
            sheet.hide()
            sheet.deleteLater()

    @guarded
    def _lost(self) -> None:
        """The canvas goes, and takes its child with it."""
        self._following.stop()
        self._surface = self._sheet = None


class Sheet(QtWidgets.QWidget):
    """A child of the canvas, over all of it; the mouse goes through."""

    def __init__(self, session: Session, canvas: QtWidgets.QWidget) -> None:
        super().__init__(canvas)
        self._session = session
        self._shown: Shown | None = None
        self._to_widget = QtGui.QTransform()
        self.setObjectName("inlay_canvas_preview")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        self.resize(canvas.size())
        self.show()
        self.raise_()

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def show_result(self, shown: Shown) -> None:
        self._shown = shown
        self.update()

    def follow(self, to_widget: QtGui.QTransform) -> None:
        """The view is scrolled, zoomed and turned so."""
        canvas = self.parentWidget()
        if canvas is not None and canvas.size() != self.size():
            self.resize(canvas.size())
        if to_widget != self._to_widget:
            self._to_widget = to_widget
            self.update()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self._shown is not None:
            draw_result(QtGui.QPainter(self), self._shown, self._to_widget)
