"""Boxes on a pixel grid. Every box says in its name which space it lies in: canvas, crop or model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A half-open rectangle: columns `x` to `x + width`, rows `y` to `y + height`, in pixels.

    `x` and `y` may be negative (an extended canvas starts left of or above the old one); sizes are at least 0.
    """

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a box cannot be {self.width} x {self.height}")

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.area == 0

    @classmethod
    def from_edges(cls, left: int, top: int, right: int, bottom: int) -> Box:
        """The box between four edges; edges that cross give an empty box."""
        return cls(left, top, max(0, right - left), max(0, bottom - top))

    def intersected(self, other: Box) -> Box:
        """What both boxes share; empty (width and height 0) where they share nothing."""
        shared = Box.from_edges(
            max(self.x, other.x), max(self.y, other.y), min(self.right, other.right), min(self.bottom, other.bottom)
        )
        return shared if not shared.is_empty else Box(shared.x, shared.y, 0, 0)

    def united(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box.from_edges(
            min(self.x, other.x), min(self.y, other.y), max(self.right, other.right), max(self.bottom, other.bottom)
        )

    def grown(self, left: int, top: int | None = None, right: int | None = None, bottom: int | None = None) -> Box:
        """This box with every side moved outwards; one number moves all four."""
        top, right, bottom = (left if side is None else side for side in (top, right, bottom))
        return Box.from_edges(self.x - left, self.y - top, self.right + right, self.bottom + bottom)

    def moved(self, dx: int, dy: int) -> Box:
        """This box somewhere else."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def relative_to(self, origin: Box) -> Box:
        """This box in the coordinates of `origin`: canvas to crop, where `origin` is the crop."""
        return self.moved(-origin.x, -origin.y)

    def contains(self, other: Box) -> bool:
        """Whether the other box lies wholly inside this one."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns) to index an (H, W, ...) array with. Raises ValueError for negative corners."""
        if self.x < 0 or self.y < 0:
            raise ValueError("a box that starts left of or above the array cannot index it")
        return slice(self.y, self.bottom), slice(self.x, self.right)
