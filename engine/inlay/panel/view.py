"""The picture with its selection over it: paint, zoom with the wheel, move with the middle button."""

from __future__ import annotations

from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.showing import Shown, draw_result
from inlay_krita.translation import tr

from inlay.panel.selection import Selection, Tool

ZOOM_STEP = 1.2
OVERLAY_OPACITY = 0.55
MARGIN_PX = 12
LEFT, MIDDLE = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.MouseButton.MiddleButton


class View(QtWidgets.QWidget):
    """Shows an image and edits a selection. Positions are in canvas pixels unless they say otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.tool = Tool.BRUSH
        self.size_px = 40
        self.selection = Selection(1, 1)
        self._image = QtGui.QImage()
        self._shown: Shown | None = None  # a result that is looked at
        self._zoom: float | None = None  # None: the whole picture fits
        self._centre = QtCore.QPointF()
        self._last: QtCore.QPointF | None = None
        self._first: QtCore.QPointF | None = None
        self._cursor: QtCore.QPointF | None = None
        self._grabbed: QtCore.QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(240, 240)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture"))

    def show_image(self, image: QtGui.QImage) -> None:
        """Show a picture. The selection stays if it has the picture's size, else it is empty."""
        if image.size() != self._image.size():
            self._zoom = None
        if image.size() != self.selection.image.size():
            self.selection = Selection(image.width(), image.height())
        self._image = image
        self.update()

    def show_over(self, shown: Shown | None) -> None:
        """Show a result over the picture, without the selection; None takes it off."""
        self._shown = shown
        self.update()

    @property
    def image(self) -> QtGui.QImage:
        """The picture that is shown."""
        return self._image

    def fit(self) -> None:
        """Show the whole picture."""
        self._zoom = None
        self.update()

    def to_canvas(self, point: QtCore.QPointF) -> QtCore.QPointF:
        """A widget's point in canvas pixels."""
        inverse, _ = self._transform().inverted()
        return inverse.map(point)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        point = self.to_canvas(event.position())
        if event.button() == MIDDLE:
            self._grabbed = point
        elif event.button() == LEFT and not self._image.isNull():
            self._first = self._last = point
            self._paint(point)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        point = self.to_canvas(event.position())
        self._cursor = point
        if self._grabbed is not None:
            self._move_by(self._grabbed - point)
        elif self._first is not None:
            self._paint(point)
        self.update()

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._first is not None and self.tool is Tool.RECTANGLE:
            self.selection.rectangle(self._dragged(self.to_canvas(event.position())))
        self._first = self._last = self._grabbed = None
        self.update()

    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        self._cursor = None
        self.update()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        kept = self.to_canvas(event.position())
        self._settle_zoom()
        assert self._zoom is not None
        self._zoom = min(max(self._zoom * ZOOM_STEP ** (event.angleDelta().y() / 120), 0.02), 32.0)
        self._move_by(kept - self.to_canvas(event.position()))

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), self.palette().dark())
        if self._image.isNull():
            painter.setPen(self.palette().windowText().color())
            painter.drawText(self.rect(), QtCore.Qt.AlignmentFlag.AlignCenter, tr("Open a picture to begin"))
            return
        painter.setTransform(self._transform())
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(0, 0, self._image)
        if self._shown is not None:
            return draw_result(painter, self._shown, self._transform())
        painter.setOpacity(OVERLAY_OPACITY)
        painter.drawImage(0, 0, self.selection.image)
        painter.setOpacity(1.0)
        self._paint_cursor(painter)

    def _paint_cursor(self, painter: QtGui.QPainter) -> None:
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        for colour, width in ((QtGui.QColor(0, 0, 0), 3.0), (QtGui.QColor(255, 255, 255), 1.0)):
            pen = QtGui.QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            if self.tool is Tool.RECTANGLE and self._first is not None and self._cursor is not None:
                painter.drawRect(self._dragged(self._cursor))
            elif self.tool is not Tool.RECTANGLE and self._cursor is not None:
                painter.drawEllipse(self._cursor, self.size_px / 2, self.size_px / 2)

    def _paint(self, point: QtCore.QPointF) -> None:
        if self.tool is not Tool.RECTANGLE and self._last is not None:
            self.selection.stroke(self._last, point, self.size_px, self.tool is Tool.ERASER)
            self._last = point
        self.update()

    def _dragged(self, end: QtCore.QPointF) -> QtCore.QRect:
        """The rectangle from where the drag began, in whole pixels."""
        assert self._first is not None
        return QtCore.QRectF(self._first, end).normalized().toAlignedRect()

    def _transform(self) -> QtGui.QTransform:
        """From canvas pixels to the widget's."""
        zoom = self._zoom or self._fitting_zoom()
        centre = self._centre if self._zoom else QtCore.QRectF(self._image.rect()).center()
        transform = QtGui.QTransform.fromTranslate(self.width() / 2, self.height() / 2)
        return transform.scale(zoom, zoom).translate(-centre.x(), -centre.y())

    def _fitting_zoom(self) -> float:
        if self._image.isNull():
            return 1.0
        across = (self.width() - 2 * MARGIN_PX) / self._image.width()
        down = (self.height() - 2 * MARGIN_PX) / self._image.height()
        return max(min(across, down, 4.0), 0.01)

    def _settle_zoom(self) -> None:
        if self._zoom is None:
            self._zoom = self._fitting_zoom()
            self._centre = QtCore.QRectF(self._image.rect()).center()

    def _move_by(self, way: QtCore.QPointF) -> None:
        self._settle_zoom()
        self._centre += way
        self.update()
