"""A widget that shows the document, as wide as the panel and as high as that makes it."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..translation import tr
from ..wire import CanvasInfo
from .part import Part

LEAST_PX, MOST_PX = 60, 480  # of its height


class Shown(Part):
    """Holds an image of the canvas, of any size."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._image: QtGui.QImage | None = None
        self._canvas: CanvasInfo | None = None
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_canvas(self, image: QtGui.QImage | None, canvas: CanvasInfo | None) -> None:
        """Show a picture of this canvas, of any size; or none."""
        if canvas != self._canvas:
            self._canvas = canvas
            self.updateGeometry()
        self._image = image
        self.update()

    # Qt's side

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        if self._canvas is None:
            return LEAST_PX
        return min(max(round(width * self._canvas.height / self._canvas.width), LEAST_PX), MOST_PX)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(LEAST_PX, self.heightForWidth(max(self.width(), LEAST_PX)))

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(LEAST_PX, LEAST_PX)

    def paint_nothing(self, painter: QtGui.QPainter) -> None:
        """Say why there is no picture."""
        painter.setPen(self.palette().windowText().color())
        words = tr("No picture is open") if self._canvas is None else "…"
        painter.drawText(self.rect(), QtCore.Qt.AlignmentFlag.AlignCenter, words)
