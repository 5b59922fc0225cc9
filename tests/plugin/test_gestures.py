"""From points of a canvas to pixels of its picture, on canvases that are turned, mirrored and zoomed."""

from __future__ import annotations

import pytest
from inlay_krita.gestures import Gesture, framed, pixel
from inlay_krita.qt import QtCore, QtGui
from inlay_krita.wire import Box

SIZE = (320, 240)


def view(zoom: float, degrees: float, is_mirrored: bool) -> QtGui.QTransform:
    """From the picture's pixels to a widget's points."""
    made = QtGui.QTransform.fromTranslate(300, 200)
    made.rotate(degrees)
    made.scale(-zoom if is_mirrored else zoom, zoom)
    return made.translate(-SIZE[0] / 2, -SIZE[1] / 2)


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 30, 90, 201])
@pytest.mark.parametrize("zoom", [0.2, 1.0, 7.3])
def test_a_pixel_is_found_again(zoom: float, degrees: float, is_mirrored: bool) -> None:
    to_widget = view(zoom, degrees, is_mirrored)
    to_image, _ = to_widget.inverted()
    for x, y in ((0, 0), (100, 77), (319, 239)):
        assert pixel(to_widget.map(QtCore.QPointF(x + 0.5, y + 0.5)), to_image, *SIZE) == (x, y)
    first, last = (to_widget.map(QtCore.QPointF(*corner)) for corner in ((20.2, 30.2), (99.8, 79.8)))
    assert framed(Gesture(last, True, first), to_image, *SIZE) == Box(20, 30, 80, 50)


@pytest.mark.parametrize("place", [(-0.1, 10), (10, -0.1), (320, 10), (10, 240)])
def test_beside_the_picture(place: tuple[float, float]) -> None:
    assert pixel(QtCore.QPointF(*place), QtGui.QTransform(), *SIZE) is None


def test_a_box_ends_at_the_picture() -> None:
    drag = Gesture(QtCore.QPointF(300, 200), True, QtCore.QPointF(900, 900))
    assert framed(drag, QtGui.QTransform(), *SIZE) == Box(300, 200, 20, 40)
    beside = Gesture(QtCore.QPointF(400, 10), True, QtCore.QPointF(500, 90))
    assert framed(beside, QtGui.QTransform(), *SIZE) is None


def test_a_click_may_shake() -> None:
    assert not Gesture(QtCore.QPointF(10, 10), True, QtCore.QPointF(13, 13)).is_drag
    assert Gesture(QtCore.QPointF(10, 10), True, QtCore.QPointF(10, 16)).is_drag
