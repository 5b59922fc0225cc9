"""Everything that mends what a model returned, in its order: motion, colour, sharpness, grain, border."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inlay.pixels.blending import blended
from inlay.pixels.colour_field import shift_field
from inlay.pixels.geometry import Box
from inlay.pixels.grain import grained
from inlay.pixels.masks import Support, grown, support_box
from inlay.pixels.registration import Motion, registered
from inlay.pixels.sharpness import sharpened
from inlay.pixels.smooth import Floats

TRUSTED_PX = 4  # known pixels nearer to the mask than this may show what the model painted
LEAST_AROUND_PX = 96
AROUND_SHARE = 0.35  # of the mask's longer side


@dataclass(frozen=True)
class Mended:
    """The window as it is pasted, and what was done to it."""

    picture: Floats  # (H, W, 3) float32 sRGB
    motion: Motion
    colour_shift: float  # the mean size of what was added, of white
    gain: float  # of the finest detail: 1 leaves it as it was
    grain: float  # the deviation of what was added, of white


def mended(painted: Floats, original: Floats, paste: Floats, *, may_move: bool, seed: int) -> Mended:
    """A model's window fitted into the original: bit-exactly the original where `paste` is 0.

    painted, original: (H, W, 3) float32 sRGB; paste: (H, W) float32 in [0, 1]; may_move: whether this model is known
    to shift or scale pictures.
    """
    support = paste > 0
    if not support.any():
        return Mended(original, Motion(), 0.0, 1.0, 0.0)
    motion = Motion()
    if may_move and not support.all():
        painted, motion = registered(painted, original, _known(support))
    near = _surroundings(support).slices
    fitted = _fitted(painted[near], original[near], paste[near], seed)
    picture = original.astype(np.float32)
    picture[near] = np.where(support[near][..., None], np.clip(fitted.picture, 0, 1), picture[near])
    return replace(fitted, picture=picture, motion=motion)


def _fitted(painted: Floats, original: Floats, paste: Floats, seed: int) -> Mended:
    """All steps but the first, which needs to see the whole window."""
    support = paste > 0
    known = _known(support)
    field = shift_field(painted, original, known)
    sharp, gain = sharpened(painted + field, original, known)
    rough, grain = grained(sharp, original, known, support, seed)
    picture = blended(rough, np.clip(original, 0, 1), paste)
    return Mended(picture, Motion(), float(np.abs(field[support]).mean()), gain, grain)


def _known(support: Support) -> Support:
    """Where the model's picture and the original show the same thing."""
    known: Support = grown(support.astype(np.uint8), TRUSTED_PX) == 0
    return known


def _surroundings(support: Support) -> Box:
    """The mask and what lies around it: light, blur and grain may be others farther off, and pixels cost time."""
    box = support_box(support)
    reach = max(LEAST_AROUND_PX, round(AROUND_SHARE * max(box.width, box.height)))
    return box.grown(reach).intersected(Box(0, 0, support.shape[1], support.shape[0]))
