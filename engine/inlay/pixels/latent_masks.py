"""Masks in latent space, where one cell stands for a square of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.float32]


def latent_mask(mask: Coverage, cell_px: int, inflate: int = 1) -> Coverage:
    """A mask (h, w) as (h / cell, w / cell): each cell its largest value, and widened by `inflate` cells.

    A cell that is repainted in part must be repainted wholly, and a decoder mixes neighbouring cells. Both sides are
    multiples of `cell_px`.
    """
    height, width = mask.shape
    assert height % cell_px == width % cell_px == 0
    cells = mask.reshape(height // cell_px, cell_px, width // cell_px, cell_px).max(axis=(1, 3))
    padded = np.pad(cells, inflate)
    shifts = range(2 * inflate + 1)
    rows = np.maximum.reduce([padded[shift : shift + cells.shape[0]] for shift in shifts])
    widened: Coverage = np.maximum.reduce([rows[:, shift : shift + cells.shape[1]] for shift in shifts])
    return widened


def is_repainted(mask: Coverage, step: int, steps: int) -> NDArray[np.bool_]:
    """Which cells a step repaints in differential diffusion (Levin and Fried 2023): a value v joins at the share 1 - v.

    step: 0 .. steps - 1. Where the mask is 1 every step repaints, where it is 0 none does.
    """
    joined: NDArray[np.bool_] = (mask > 0) & (mask > 1 - (step + 1) / steps + 1e-6)
    return joined
