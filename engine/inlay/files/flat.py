"""A result laid flat onto its picture, as Krita shows the layer and its mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask


def flattened(canvas: Pixels, repainted: Pixels, mask: Mask, box: Box) -> Pixels:
    """A copy of the canvas with a repainted piece over it; bit-identical where the mask is 0.

    canvas: (H, W, C), alpha last; repainted: (h, w, C) of the same dtype; mask: (h, w), 255 = repainted wholly;
    box: canvas space, h x w.
    """
    result = canvas.copy()
    part = result[box.slices]
    part[mask == 255] = repainted[mask == 255]
    soft = (mask > 0) & (mask < 255)
    if soft.any():
        part[soft] = mixed(part[soft], repainted[soft], mask[soft, None] / 255.0)
    return result


def mixed(below: Pixels, above: Pixels, share: NDArray[np.float64]) -> Pixels:
    """(n, C) between two pixels each, alpha last: `share` of the one above. Colour counts by its alpha."""
    low, high = below.astype(np.float64), above.astype(np.float64)
    alpha = low[:, -1:] * (1 - share) + high[:, -1:] * share
    colour = low[:, :-1] * low[:, -1:] * (1 - share) + high[:, :-1] * high[:, -1:] * share
    plain = low[:, :-1] * (1 - share) + high[:, :-1] * share
    colour = np.where(alpha > 0, colour / np.where(alpha > 0, alpha, 1), plain)
    values = np.concatenate([colour, alpha], axis=1)
    return (np.rint(values) if below.dtype.kind == "u" else values).astype(below.dtype)


def enlarged(canvas: Pixels, canvas_box: Box) -> Pixels:
    """The canvas inside a larger box (in its own coordinates), zeros around it."""
    height, width = canvas.shape[:2]
    result = np.zeros((canvas_box.height, canvas_box.width, canvas.shape[2]), canvas.dtype)
    result[-canvas_box.y : -canvas_box.y + height, -canvas_box.x : -canvas_box.x + width] = canvas
    return result
