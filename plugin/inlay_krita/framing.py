"""A frame around a picture is pulled by its sides and corners. Everything is in canvas pixels."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from .settings import Sides
from .shapes import RATIOS, Shape


@dataclass(frozen=True)
class Grip:
    """What is held of a frame: the hand is at -1 the left or upper side, at 1 the right or lower one, at 0 neither."""

    x: int
    y: int


@dataclass(frozen=True)
class Axis:
    """One direction: the picture's length, what is added before and after it, and the hand that pulls."""

    length: int
    before: int
    after: int
    hand: int
    is_both: bool = False  # the opposite side goes along

    @property
    def frame(self) -> int:
        return self.before + self.length + self.after

    @property
    def pulled_side(self) -> int:
        return self.before if self.hand < 0 else self.after

    @property
    def other_side(self) -> int:
        return self.after if self.hand < 0 else self.before

    @property
    def frame_range(self) -> tuple[int, int]:
        """How small and how large the frame can be made: no side below 0 or above the picture's length."""
        if not self.hand or self.is_both:
            return self.length, 3 * self.length
        return self.length + self.other_side, 2 * self.length + self.other_side

    def pulled(self, way: float) -> Axis:
        """The hand goes this way, to the right or down."""
        return self.with_side(self.pulled_side + way * self.hand) if self.hand else self

    def with_side(self, side: float) -> Axis:
        """The pulled side becomes this wide; the opposite one changes as much if both go."""
        other = self.other_side + side - self.pulled_side if self.is_both else self.other_side
        before, after = (side, other) if self.hand < 0 else (other, side)
        return dataclasses.replace(self, before=self._held(before), after=self._held(after))

    def with_frame(self, frame: int) -> Axis:
        """As long as told: what is pulled gives or takes; without a hand, both sides alike."""
        if self.hand and not self.is_both:
            return self.with_side(frame - self.length - self.other_side)
        more = frame - self.length
        before = self._held(self.before + (more - self.before - self.after) / 2)
        after = self._held(more - before)
        return dataclasses.replace(self, before=self._held(more - after), after=after)

    def snapped(self, reach: float, shaped_frames: list[int]) -> Axis:
        """The pulled side goes to a remarkable width within reach: none, the most, the other's, or a shape's."""
        if not self.hand:
            return self
        marks = [0, self.length, *([] if self.is_both else [self.other_side])]
        wanted = [self.with_side(mark) for mark in marks] + [
            self.with_frame(frame) for frame in shaped_frames if self.frame_range[0] <= frame <= self.frame_range[1]
        ]
        nearest = min(wanted, key=self._distance)
        return nearest if self._distance(nearest) <= reach else self

    def _distance(self, other: Axis) -> int:
        return abs(other.pulled_side - self.pulled_side)

    def _held(self, side: float) -> int:
        return min(max(round(side), 0), self.length)


def pulled(
    sides: Sides, size: tuple[int, int], grip: Grip, way: tuple[float, float], is_both: bool = False, reach: float = 0
) -> Sides:
    """The sides after a grip went some way.

    reach: how far off a remarkable place attracts it; 0: not at all.
    """
    x, y = (axis.pulled(part) for axis, part in zip(_axes(sides, size, grip, is_both), way, strict=True))
    if reach:
        shapes = [shape for shape in RATIOS.values() if shape]
        x = x.snapped(reach, [round(y.frame * across / down) for across, down in shapes])
        y = y.snapped(reach, [round(x.frame * down / across) for across, down in shapes])
    return _sides(x, y)


def pulled_in_shape(
    sides: Sides, size: tuple[int, int], grip: Grip, way: tuple[float, float], shape: Shape, is_both: bool = False
) -> Sides:
    """The same, and the frame keeps its shape: the direction that nobody pulls gives way on both sides."""
    x, y = _axes(sides, size, grip, is_both)
    scale = max(_scale(x, way[0]), _scale(y, way[1]), key=lambda scale: abs(scale - 1))
    ranges = [(axis.frame, *axis.frame_range) for axis in (x, y)]
    lowest = max(low / frame for frame, low, _ in ranges)
    highest = min(high / frame for frame, _, high in ranges)
    scale = min(max(scale, lowest), highest)
    across, down = shape
    if x.hand:
        width = round(x.frame * scale)
        height = round(width * down / across)
    else:
        height = round(y.frame * scale)
        width = round(height * across / down)
    return _sides(x.with_frame(width), y.with_frame(height))


def _axes(sides: Sides, size: tuple[int, int], grip: Grip, is_both: bool) -> tuple[Axis, Axis]:
    width, height = size
    return (
        Axis(width, sides.left, sides.right, grip.x, is_both),
        Axis(height, sides.top, sides.bottom, grip.y, is_both),
    )


def _sides(x: Axis, y: Axis) -> Sides:
    return Sides(left=x.before, top=y.before, right=x.after, bottom=y.after)


def _scale(axis: Axis, way: float) -> float:
    """How many times as long the frame becomes when the hand goes its way."""
    grown = way * axis.hand * (2 if axis.is_both else 1)
    return max(axis.frame + grown, 1) / axis.frame
