"""Everything that mends what a model returned, in its order: motion, colour, sharpness, grain, border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inlay.pixels.blending import blended
from inlay.pixels.colour_field import shift_field
from inlay.pixels.grain import grained
from inlay.pixels.masks import grown
from inlay.pixels.registration import Motion, registered
from inlay.pixels.sharpness import sharpened
from inlay.pixels.smooth import Floats

TRUSTED_PX = 4  # known pixels nearer to the mask than this may show what the model painted


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
    known = grown(support.astype(np.uint8), TRUSTED_PX) == 0
    motion = Motion()
    if may_move and known.any():
        painted, motion = registered(painted, original, known)
    field = shift_field(painted, original, known)
    matched = painted + field
    sharp, gain = sharpened(matched, original, known)
    rough, grain = grained(sharp, original, known, support, seed)
    picture = np.clip(blended(rough, np.clip(original, 0, 1), paste), 0, 1)
    exact = np.where(support[..., None], picture, original).astype(np.float32)
    return Mended(exact, motion, float(np.abs(field[support]).mean()) if support.any() else 0.0, gain, grain)
