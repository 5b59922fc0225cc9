"""A small drawn world: coloured shapes on plain, shaded and striped grounds, and the words for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Rgb = NDArray[np.float32]  # (h, w, 3), sRGB, 0 to 1
Coverage = NDArray[np.float32]  # (h, w), 0 to 1

SIDE_PX = 64
CELL_PX = 4  # of a latent cell
COLOURS = {
    "red": (0.80, 0.16, 0.16),
    "green": (0.16, 0.62, 0.24),
    "blue": (0.16, 0.30, 0.82),
    "yellow": (0.92, 0.82, 0.18),
    "purple": (0.58, 0.22, 0.66),
    "white": (0.96, 0.96, 0.96),
}
SHAPES = ("circle", "square", "triangle")
GROUNDS = ("plain", "shade", "stripes")
EMPTY = "empty background"
RADII_PX = (7.0, 12.0)
APART_PX = 4  # between two things, and to the picture's border
VERBS = ("make", "remove", "turn")
WORDS = ("a", "and", "background", "empty", "into", "it", "on", "the", *VERBS, *COLOURS, *SHAPES, *GROUNDS)


@dataclass(frozen=True)
class Thing:
    """A coloured shape; x, y and radius in pixels."""

    shape: str
    colour: str
    x: float
    y: float
    radius: float

    @property
    def words(self) -> str:
        return f"a {self.colour} {self.shape}"

    def coverage(self, side_px: int) -> Coverage:
        """How much of each pixel it covers, (side, side)."""
        rows, columns = np.mgrid[:side_px, :side_px].astype(np.float32) + np.float32(0.5)
        across, down = columns - self.x, rows - self.y
        if self.shape == "circle":
            distance = np.hypot(across, down) - self.radius
        elif self.shape == "square":
            distance = np.maximum(abs(across), abs(down)) - 0.86 * self.radius
        else:  # upright, its corners on the circle of its radius
            slopes = 0.866 * abs(across) - 0.5 * down - 0.5 * self.radius
            distance = np.maximum(slopes, down - 0.5 * self.radius)
        covered: Coverage = np.clip(0.5 - distance, 0, 1).astype(np.float32)
        return covered


@dataclass(frozen=True)
class Ground:
    """What lies behind: one muted colour, or two that change along a direction."""

    kind: str
    first: Rgb  # (3,)
    second: Rgb  # (3,)
    angle: float  # radians
    period_px: float  # of stripes

    def picture(self, side_px: int) -> Rgb:
        """(side, side, 3)."""
        rows, columns = np.mgrid[:side_px, :side_px].astype(np.float32) - np.float32(side_px / 2)
        along = columns * np.cos(self.angle) + rows * np.sin(self.angle)
        if self.kind == "plain":
            share = np.zeros_like(along)
        elif self.kind == "shade":
            share = np.clip(0.5 + along / side_px, 0, 1)
        else:
            share = 0.5 + 0.5 * np.clip(3 * np.sin(2 * np.pi * along / self.period_px), -1, 1)
        mixed: Rgb = (self.first + share[..., None] * (self.second - self.first)).astype(np.float32)
        return mixed


@dataclass(frozen=True)
class Scene:
    """A ground and up to two things, of different shapes and colours."""

    ground: Ground
    things: tuple[Thing, ...]

    def picture(self, side_px: int = SIDE_PX) -> Rgb:
        """(side, side, 3)."""
        picture = self.ground.picture(side_px)
        for thing in self.things:
            covered = thing.coverage(side_px)[..., None]
            picture = picture + covered * (np.asarray(COLOURS[thing.colour], np.float32) - picture)
        return picture.astype(np.float32)

    def caption(self, rng: Generator) -> str:
        """What it shows; sometimes without the second thing, and with the ground."""
        told = self.things[:1] if rng.random() < 0.3 else self.things
        words = " and ".join(thing.words for thing in told) or EMPTY
        return f"{words} on {self.ground.kind}" if rng.random() < 0.3 else words


@dataclass(frozen=True)
class Change:
    """A picture, what is to be done to it, and the picture after it was done."""

    before: Scene
    words: str
    after: Scene


def drawn_ground(rng: Generator) -> Ground:
    """Muted, so that no ground has the colour of a thing."""
    tint = rng.uniform(-0.08, 0.08, (2, 3))
    first, second = np.clip(rng.uniform(0.28, 0.68, (2, 1)) + tint, 0, 1).astype(np.float32)
    return Ground(str(rng.choice(GROUNDS)), first, second, rng.uniform(0, np.pi), rng.uniform(12, 24))


def drawn_scene(rng: Generator, count: int) -> Scene:
    """A scene of at most that many things: one that finds no room is left out."""
    shapes, colours = rng.permutation(SHAPES), rng.permutation(list(COLOURS))
    things: tuple[Thing, ...] = ()
    for shape, colour in zip(shapes[:count], colours[:count], strict=True):
        radius = rng.uniform(*RADII_PX)
        x, y = rng.uniform(radius + APART_PX, SIDE_PX - radius - APART_PX, 2)
        if all(np.hypot(x - other.x, y - other.y) > radius + other.radius + APART_PX for other in things):
            things += (Thing(str(shape), str(colour), float(x), float(y), float(radius)),)
    return Scene(drawn_ground(rng), things)


def drawn_change(rng: Generator) -> Change:
    """One thing of a scene gets another colour or another shape, or is removed."""
    before = drawn_scene(rng, int(rng.integers(1, 3)))
    thing, others = before.things[0], before.things[1:]
    name = "it" if not others and rng.random() < 0.5 else f"the {thing.shape}"
    kind = rng.choice(["recolour", "reshape", "remove"], p=[0.5, 0.25, 0.25])
    if kind == "recolour":
        colour = _another(rng, COLOURS, {each.colour for each in before.things})
        return Change(before, f"make {name} {colour}", _with(before, replace(thing, colour=colour), *others))
    if kind == "reshape":
        shape = _another(rng, SHAPES, {each.shape for each in before.things})
        return Change(before, f"turn {name} into a {shape}", _with(before, replace(thing, shape=shape), *others))
    return Change(before, f"remove {name}", _with(before, *others))


def _another(rng: Generator, names: Iterable[str], taken: set[str]) -> str:
    return str(rng.choice([name for name in names if name not in taken]))


def _with(scene: Scene, *things: Thing) -> Scene:
    return replace(scene, things=things)
