"""One layer that is read for itself: a small picture, its name, and what can be done with it."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtGui, QtWidgets
from ..session import Session
from .fitting import draw_fitted
from .part import ElidedLabel, IconButton, Part, mixed

SIDE_PX = 32
CHECK_PX = 4  # of the squares behind what is transparent


class LayerRow(Part):
    """Shows a layer of the active document by its key, as it is at the last `refresh`."""

    def __init__(self, session: Session, layer: str, gone: str) -> None:
        """gone: what stands there where the layer is not in the picture any more."""
        super().__init__(session)
        self.layer, self._gone = layer, gone
        self.setObjectName("inlay_layer_row")
        self.picture = LayerPicture()
        self.name = ElidedLabel()
        self._buttons = QtWidgets.QHBoxLayout()
        self._buttons.setSpacing(0)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.picture)
        layout.addWidget(self.name, 1)
        layout.addLayout(self._buttons)
        self.refresh()

    def add(self, button: IconButton) -> IconButton:
        """One more thing that can be done."""
        self._buttons.addWidget(button)
        return button

    @guarded
    def refresh(self) -> None:
        """Look at the layer anew."""
        canvas, document = self.session.canvas, self.session.canvas.document()
        name = canvas.layer_name(document, self.layer) if document is not None else ""
        self.name.setText(name or self._gone)
        self.name.setEnabled(bool(name))
        fine_px = round(SIDE_PX * self.devicePixelRatioF())
        self.picture.show_image(canvas.layer_picture(document, self.layer, fine_px) if name else QtGui.QImage())


class LayerPicture(QtWidgets.QWidget):
    """A thumbnail with squares behind what is transparent."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QtGui.QImage()
        self.setFixedSize(SIDE_PX, SIDE_PX)

    def show_image(self, image: QtGui.QImage) -> None:
        self._image = image
        self.update()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, palette = QtGui.QPainter(self), self.palette()
        window, words = palette.window().color(), palette.windowText().color()
        painter.fillRect(self.rect(), mixed(window, words, 0.15))
        for top in range(0, SIDE_PX, CHECK_PX):
            for left in range(top % (2 * CHECK_PX), SIDE_PX, 2 * CHECK_PX):
                painter.fillRect(left, top, CHECK_PX, CHECK_PX, mixed(window, words, 0.3))
        if not self._image.isNull():
            draw_fitted(painter, self._image, self.rect())

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""
