"""The only door to Qt: whatever Krita has loaded inside Krita, PySide6 everywhere else.

INLAY_QT names another binding for outside of Krita: tests run the panel on all three.

"Try one binding, then the other" is wrong inside Krita: a PyQt6 that happens to be installed loads into a Krita of
Qt 5, and no timer ever fires; PySide6 brings a second Qt and ends the process.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any


def _binding() -> str:
    """The binding to use: the one that Krita was built for, or PySide6 where there is no Krita."""
    try:
        import krita  # type: ignore[import-not-found]  # noqa: F401 - loads the right PyQt
    except ImportError:
        return os.environ.get("INLAY_QT", "PySide6")
    import pykrita  # type: ignore[import-not-found]

    if hasattr(pykrita, "qt_major_version"):  # Krita 5.3 and later
        return f"PyQt{pykrita.qt_major_version()}"
    return "PyQt6" if "PyQt6" in sys.modules else "PyQt5"


if TYPE_CHECKING:
    BINDING: str
    from PySide6 import QtCore, QtGui, QtWidgets
    from PySide6.QtCore import Signal, Slot
else:
    BINDING = _binding()
    if BINDING == "PyQt6":
        from PyQt6 import QtCore, QtGui, QtWidgets
        from PyQt6.QtCore import pyqtSignal as Signal
        from PyQt6.QtCore import pyqtSlot as Slot
    elif BINDING == "PyQt5":
        from PyQt5 import QtCore, QtGui, QtWidgets
        from PyQt5.QtCore import pyqtSignal as Signal
        from PyQt5.QtCore import pyqtSlot as Slot
    else:
        from PySide6 import QtCore, QtGui, QtWidgets
        from PySide6.QtCore import Signal, Slot

INSIDE_KRITA = "krita" in sys.modules

__all__ = [
    "BINDING",
    "INSIDE_KRITA",
    "QtCore",
    "QtGui",
    "QtWidgets",
    "Signal",
    "Slot",
    "exact_position",
    "image_from_bgra",
    "is_button_down",
    "position",
]


def is_button_down() -> bool:
    """Whether a mouse button is held down now (a pen counts where the system also reports it as a mouse)."""
    return bool(QtGui.QGuiApplication.mouseButtons() != QtCore.Qt.MouseButton.NoButton)


def image_from_bgra(raw: bytes, width: int, height: int) -> QtGui.QImage:
    """A QImage of its own memory from B, G, R, A bytes, rows top to bottom."""
    image = QtGui.QImage(raw, width, height, 4 * width, QtGui.QImage.Format.Format_ARGB32)
    return image.copy()  # QImage only borrows the bytes


def exact_position(event: Any) -> QtCore.QPointF:
    """Where a mouse's or a pen's event happened, in the widget's coordinates, finer than a pixel."""
    if hasattr(event, "position"):
        return QtCore.QPointF(event.position())
    return QtCore.QPointF(event.posF() if hasattr(event, "posF") else event.localPos())


def position(event: Any) -> QtCore.QPoint:
    """Where a mouse event happened, in the widget's coordinates (Qt 5 and Qt 6 name it differently)."""
    point: QtCore.QPoint = event.position().toPoint() if hasattr(event, "position") else event.pos()
    return point
