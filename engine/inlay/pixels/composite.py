"""Laying a repainted window back over the picture it came from."""

from __future__ import annotations

import numpy as np

from inlay.pixels.formats import Pixels
from inlay.pixels.masks import Support


def composited(original: Pixels, repainted: Pixels, support: Support) -> Pixels:
    """The repainted pixels where the mask reaches, and the original's very bits everywhere else.

    original, repainted: (H, W, C) of one dtype; support: (H, W) bool, True where the paste mask is above 0.
    """
    return np.where(support[..., None], repainted, original)


def first_not_finite(pixels: Pixels, known: Support) -> tuple[int, int] | None:
    """(column, row) of the first known pixel that holds NaN or infinity, or None. Integers are always finite."""
    if pixels.dtype.kind != "f":
        return None
    broken = ~np.isfinite(pixels).all(axis=2) & known
    if not broken.any():
        return None
    row, column = np.unravel_index(int(broken.argmax()), broken.shape)
    return int(column), int(row)
