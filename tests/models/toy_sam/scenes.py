"""Drawn scenes with known things: what a toy SAM learns from, and is asked about. 128 x 128 pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Rgb = NDArray[np.float32]  # (h, w, 3), sRGB, 0 to 1
Support = NDArray[np.bool_]  # (h, w)

SIDE_PX = 128
RADII_PX = (9.0, 30.0)
MOST_THINGS = 5
LEAST_SEEN_PX = 60  # pixels of a thing that the others leave free: of less nothing is asked
SPOTTED = 0.2  # of the things carry a smaller one: a click there may mean either
CONTRAST = 0.25  # of a thing to what it lies on, in one of the colours at least
CORNERS = (0, 0, 3, 4, 4, 5, 6)  # 0 is round
_ROWS, _COLUMNS = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32) + np.float32(0.5)


@dataclass(frozen=True)
class Scene:
    """A picture, and which pixels are each of its things."""

    picture: Rgb
    things: tuple[Support, ...]  # at least one; a thing with a spot, and the spot, are two of them


def drawn_scene(rng: Generator) -> Scene:
    """Two to five things on a ground, the later ones over the earlier."""
    while True:
        picture, covers = _ground(rng), []
        for _ in range(int(rng.integers(2, MOST_THINGS + 1))):
            place, radius = rng.uniform(8, SIDE_PX - 8, 2), rng.uniform(*RADII_PX)
            cover = _cover(rng, place, radius)
            picture = _laid(rng, picture, cover)
            covers = [*(each * (1 - cover) for each in covers), cover]
            if rng.random() < SPOTTED and radius > 2 * RADII_PX[0]:
                spot = _cover(rng, place + rng.uniform(-0.3, 0.3, 2) * radius, 0.4 * radius) * cover
                picture = _laid(rng, picture, spot)
                covers.append(spot)
        things = tuple(cover > 0.5 for cover in covers if (cover > 0.5).sum() >= LEAST_SEEN_PX)
        if things:
            noise = rng.normal(0, rng.uniform(0, 0.02), picture.shape)
            return Scene(np.clip(picture + noise, 0, 1).astype(np.float32), things)


def drawn_subject(rng: Generator) -> Scene:
    """One large thing about the middle of a ground."""
    place, radius = SIDE_PX / 2 + rng.uniform(-12, 12, 2), rng.uniform(24, RADII_PX[1])
    cover = _cover(rng, place, radius)
    picture = _laid(rng, _ground(rng), cover)
    return Scene(np.clip(picture, 0, 1), (cover > 0.5,))


def _cover(rng: Generator, place: NDArray[np.float64], radius: float) -> NDArray[np.float32]:
    """How much of each pixel a shape covers: round, with corners, or a blob; turned, and drawn out."""
    turn, stretch, corners = rng.uniform(0, 2 * pi), rng.uniform(0.55, 1), int(rng.choice(CORNERS))
    across, down = _COLUMNS - np.float32(place[0]), _ROWS - np.float32(place[1])
    along = (across * np.cos(turn) + down * np.sin(turn)) * np.float32(stretch)
    aside = down * np.cos(turn) - across * np.sin(turn)
    angle = np.arctan2(aside, along)
    if corners:
        reach = radius * np.cos(pi / corners) / np.cos(np.mod(angle, 2 * pi / corners) - pi / corners)
    else:
        waves = int(rng.integers(2, 5))
        reach = radius * (1 + rng.choice([0, 0.2]) * np.sin(waves * angle + rng.uniform(0, 2 * pi)))
    return np.clip(0.5 - (np.hypot(along, aside) - reach), 0, 1).astype(np.float32)


def _laid(rng: Generator, picture: Rgb, cover: NDArray[np.float32]) -> Rgb:
    """The picture with a shape over it, of one colour, shaded or striped, that stands out."""
    under = (cover[..., None] * picture).sum((0, 1)) / max(1.0, cover.sum())
    colour = under
    while np.abs(colour - under).max() < CONTRAST:
        colour = rng.uniform(0, 1, 3)
    surface = colour + _pattern(rng)[..., None] * rng.uniform(0, 0.2)
    return picture + cover[..., None] * (surface.astype(np.float32) - picture)


def _ground(rng: Generator) -> Rgb:
    """One colour that runs into another, with a pattern."""
    first = rng.uniform(0.15, 0.85, 3)
    second = np.clip(first + rng.uniform(-0.25, 0.25, 3), 0, 1)
    turn = rng.uniform(0, 2 * pi)
    share = np.clip(0.5 + ((_COLUMNS - 64) * np.cos(turn) + (_ROWS - 64) * np.sin(turn)) / SIDE_PX, 0, 1)[..., None]
    ground = first + share * (second - first) + _pattern(rng)[..., None] * rng.uniform(0, 0.1)
    return ground.astype(np.float32)


def _pattern(rng: Generator) -> NDArray[np.float32]:
    """Waves along some direction, -1 to 1; long ones shade, short ones are stripes."""
    turn, length_px = rng.uniform(0, 2 * pi), np.exp(rng.uniform(np.log(6), np.log(300)))
    along = _COLUMNS * np.cos(turn) + _ROWS * np.sin(turn)
    return np.sin(2 * pi * along / length_px + rng.uniform(0, 2 * pi)).astype(np.float32)
