"""What points at a thing: clicks, boxes, a rough selection. In pixels of the picture that they come with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, support_box
from inlay.pixels.resampling import resized_coverage


@dataclass(frozen=True)
class Point:
    """A click. Pixel (i, j) covers [i, i+1) x [j, j+1): the centre of the first one is (0.5, 0.5)."""

    x: float
    y: float
    is_on: bool  # whether it lies on the thing; else the thing ends before it


@dataclass(frozen=True, eq=False)
class Prompts:
    """All that points at one thing; none at all means the picture's subject."""

    points: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()  # each drawn around a thing; several are several things
    rough: Mask | None = None  # (H, W) uint8, of the picture's size: drawn loosely around, or over, the thing

    @property
    def is_empty(self) -> bool:
        return not (self.points or self.boxes) and self.rough is None

    @property
    def bounds(self) -> Box | None:
        """The smallest box that holds what says where the thing is; None where nothing does."""
        boxes = [*self.boxes, *(Box(int(point.x), int(point.y), 1, 1) for point in self.points if point.is_on)]
        if self.rough is not None:
            boxes.append(support_box(self.rough))
        bounds = boxes[0] if boxes else None
        for box in boxes[1:]:
            assert bounds is not None
            bounds = bounds.united(box)
        return bounds

    def inside(self, window: Box) -> Prompts:
        """The same in the coordinates of a window of the picture; what lies outside it is cut off."""
        points = (replace(point, x=point.x - window.x, y=point.y - window.y) for point in self.points)
        boxes = (box.intersected(window).relative_to(window) for box in self.boxes)
        return Prompts(
            tuple(point for point in points if 0 <= point.x < window.width and 0 <= point.y < window.height),
            tuple(box for box in boxes if not box.is_empty),
            None if self.rough is None else self.rough[window.slices],
        )

    def scaled(self, size: tuple[int, int], to: tuple[int, int]) -> Prompts:
        """The same for the picture at another size. size, to: (width, height). A box never becomes empty."""
        across, down = to[0] / size[0], to[1] / size[1]
        points = tuple(replace(point, x=point.x * across, y=point.y * down) for point in self.points)
        return Prompts(points, tuple(_scaled(box, across, down) for box in self.boxes), _resized(self.rough, to))


def _scaled(box: Box, across: float, down: float) -> Box:
    left, top = int(box.x * across), int(box.y * down)
    return Box.from_edges(left, top, max(left + 1, round(box.right * across)), max(top + 1, round(box.bottom * down)))


def _resized(rough: Mask | None, to: tuple[int, int]) -> Mask | None:
    if rough is None:
        return None
    coverage = resized_coverage(rough.astype(np.float32), *to)
    return np.rint(coverage).astype(np.uint8)
