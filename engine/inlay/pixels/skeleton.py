"""A person's pose as ControlNets were taught to read it: a stick figure in OpenPose's colours (Cao et al. 2019)."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.smooth import Floats

# OpenPose's 18 points by the numbers of COCO's 17 (Lin et al. 2014); the neck is between the shoulders.
NECK = -1
POINTS = (0, NECK, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10)),
    *((1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
STICK = 0.6  # brightness of limbs; joints are drawn over them in full
LEFT_SHOULDER, RIGHT_SHOULDER = 5, 6
SURE = 0.3  # a point that was found with less confidence is not drawn
WIDTH_SHARE = 1 / 128  # of a line, of the picture's longer side: 4 px at 512, as in the training pictures


@dataclass(frozen=True)
class Joints:
    """COCO's 17 points of one person."""

    places: NDArray[np.float32]  # (17, 2) x, y in pixels
    confidence: NDArray[np.float32]  # (17,) 0 to 1


def drawn(people: list[Joints], width: int, height: int) -> Floats:
    """The stick figures on black: (height, width, 3) float32 in [0, 1]."""
    canvas = np.zeros((height, width, 3), np.float32)
    radius = max(1.0, max(width, height) * WIDTH_SHARE / 2)
    for person in people:
        places, is_sure = _openpose(person)
        for number, (one, other) in enumerate(LIMBS):
            if is_sure[one] and is_sure[other]:
                _line(canvas, places[one], places[other], radius, STICK * _colour(number))
        for number, place in enumerate(places):
            if is_sure[number]:
                _line(canvas, place, place, radius, _colour(number))
    return canvas


def _openpose(person: Joints) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(18, 2) places, and whether each is sure."""
    shoulders = [LEFT_SHOULDER, RIGHT_SHOULDER]
    places = np.concatenate([person.places, person.places[shoulders].mean(axis=0, keepdims=True)])
    sure = np.concatenate([person.confidence, person.confidence[shoulders].min(keepdims=True)])
    order = list(POINTS)  # -1 is the last one: the neck
    return places[order].astype(np.float32), sure[order] > SURE


def _colour(number: int) -> Floats:
    """Round the wheel in 18 steps, from red."""
    return np.array(colorsys.hsv_to_rgb(number / len(POINTS), 1, 1), np.float32)


def _line(canvas: Floats, start: Floats, end: Floats, radius: float, colour: Floats) -> None:
    """A line with round ends, drawn into the canvas."""
    height, width = canvas.shape[:2]
    low = np.floor(np.minimum(start, end) - radius).astype(int)
    high = np.ceil(np.maximum(start, end) + radius).astype(int) + 1
    left, top = np.maximum(low, 0)
    right, bottom = np.minimum(high, (width, height))
    if left >= right or top >= bottom:
        return
    rows, columns = np.mgrid[top:bottom, left:right]
    along = end - start
    length = float(along @ along)
    offset = np.stack([columns - start[0], rows - start[1]], axis=-1)
    share = np.clip(offset @ along / length, 0, 1) if length else np.zeros(rows.shape)
    distance = np.linalg.norm(offset - share[..., None] * along, axis=-1)
    canvas[top:bottom, left:right][distance <= radius] = colour
