"""A layer by itself: what it covers, and colours for where it is transparent, so that nothing foreign bleeds in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.formats import Pixels
from inlay.pixels.masks import Mask, Support
from inlay.pixels.smooth import spread


def covered(pixels: Pixels) -> Support:
    """Where there is anything at all: (H, W) bool. pixels: (H, W, C), alpha last."""
    found: Support = np.greater(pixels[..., -1], 0)
    return found


def opaque(pixels: Pixels) -> Pixels:
    """The same without transparency: a colour counts whole however faint it is, and flows on into where there is none.

    pixels: (H, W, C) of any depth, alpha last; the result has the same dtype. What is opaque keeps every bit.
    """
    whole = pixels.copy()
    whole[..., -1] = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype.name).max
    bare = ~covered(pixels)
    if bare.any():
        colours = spread(pixels[..., :-1].astype(np.float32), (~bare).astype(np.float32))
        if pixels.dtype.kind == "u":
            colours = np.rint(colours)
        whole[..., :-1][bare] = colours[bare].astype(pixels.dtype)
    return whole


def clipped(mask: Mask, pixels: Pixels) -> Mask:
    """A mask that is as transparent as the layer under it. mask: (h, w) uint8; pixels: (h, w, C), alpha last."""
    soft = mask * alpha(pixels)
    found: Mask = np.where(soft > 0, np.maximum(np.rint(soft), 1), 0).astype(np.uint8)
    return found


def alpha(pixels: Pixels) -> NDArray[np.float32]:
    """(H, W) in [0, 1]; what is not finite covers nothing."""
    stored = pixels[..., -1]
    if stored.dtype.kind == "u":
        return stored.astype(np.float32) / np.float32(np.iinfo(stored.dtype.name).max)
    return np.clip(np.nan_to_num(stored.astype(np.float32), posinf=0.0, neginf=0.0), 0, 1)
