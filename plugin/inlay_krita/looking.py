"""The engine is shown a picture and what points at a thing in it, and says what is meant. For worker threads."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

from .client import Engine
from .engines import Engines
from .qt import QtCore, QtGui
from .wire import Box, CanvasInfo, Point, Selected, object_request, ready_request

TIMEOUT_S = 300.0  # a model may have to be loaded, and a large one looks long at its first picture
SHAPE_PX = 1024  # the long side of a shape that is only looked at
COARSE = 4  # a large mask is first brought down to this many times that size, the quick way


@dataclass(frozen=True)
class Hints:
    """What points at the thing, in canvas pixels. No hint at all means the picture's subject."""

    points: tuple[Point, ...] = ()
    box: Box | None = None
    words: str = ""

    def pointed(self, point: Point) -> Hints:
        return replace(self, points=(*self.points, point))


@dataclass(frozen=True)
class Scene:
    """A picture that the engine has."""

    canvas: CanvasInfo
    image: str  # its digest
    box: Box  # where it lies on the canvas

    def request(self, model: str) -> dict[str, Any]:
        return ready_request(self.image, self.canvas, self.box, model)


@dataclass(frozen=True)
class Candidate:
    """A thing that could be meant."""

    selected: Selected
    coverage: bytes  # one byte a pixel of its box
    shape: QtGui.QImage  # the same in the alpha of a smaller image, to be looked at


@dataclass(frozen=True)
class Sighting:
    """What the engine sees: candidates, the best first, and who saw them."""

    candidates: tuple[Candidate, ...]
    model: str
    why: str


def show(engines: Engines, canvas: CanvasInfo, box: Box, pixels: Any) -> Scene:
    """Hand a part of the canvas over. Raises EngineError."""
    image = engines.connect().upload(canvas.model, canvas.depth, box.width, box.height, pixels)
    return Scene(canvas, image, box)


def look(
    engines: Engines,
    scene: dict[str, Any],
    hints: Hints,
    widths_px: tuple[int, int],
    rough: str | None = None,
) -> Sighting:
    """What the hints, or a rough selection, mean in a scene (`Scene.request`).

    widths_px: to grow, and to feather by. Raises EngineError.
    """
    boxes = [hints.box] if hints.box else []
    with contextlib.closing(Engine(engines.connect().endpoint, TIMEOUT_S)) as engine:
        told = engine.selection(object_request(scene, hints.points, boxes, rough, hints.words, *widths_px))
        found = (told.selection, *told.alternatives)
        candidates = tuple(_candidate(each, engine.download(each.mask).raw) for each in found)
    return Sighting(candidates, told.model, told.why)


def make_ready(engines: Engines, scene: dict[str, Any]) -> None:
    """Have the engine look at a scene before anybody asks. Raises EngineError, `busy` while it works."""
    with contextlib.closing(Engine(engines.connect().endpoint, TIMEOUT_S)) as engine:
        engine.make_ready(scene)


def _candidate(selected: Selected, coverage: bytes) -> Candidate:
    box = selected.box
    kind = QtGui.QImage.Format.Format_Alpha8
    whole = QtGui.QImage(coverage, box.width, box.height, box.width, kind)
    return Candidate(selected, coverage, _smaller(whole))


def _smaller(shape: QtGui.QImage) -> QtGui.QImage:
    """At most `SHAPE_PX` a side, with memory of its own."""
    keep, sizes = QtCore.Qt.AspectRatioMode.KeepAspectRatio, (COARSE * SHAPE_PX, SHAPE_PX)
    ways = (QtCore.Qt.TransformationMode.FastTransformation, QtCore.Qt.TransformationMode.SmoothTransformation)
    for size, way in zip(sizes, ways, strict=True):
        if max(shape.width(), shape.height()) > size:
            shape = shape.scaled(size, size, keep, way).convertToFormat(QtGui.QImage.Format.Format_Alpha8)
    return shape.copy()
