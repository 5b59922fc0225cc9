"""The smooth way to fill: pull and push over a pyramid (Gortler et al., SIGGRAPH 1996)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


def membrane(values: NDArray[np.generic], known: Bools) -> Floats:
    """(H, W, C) float32: the known values, and a smooth interpolation of them elsewhere (pull and push)."""
    rows, columns = known.shape
    weight = known.astype(np.float32)
    colour = values.astype(np.float32) * weight[..., None]
    if not known.any() or known.all():
        return colour
    half_rows, half_columns = (rows + 1) // 2, (columns + 1) // 2
    padded = np.zeros((2 * half_rows, 2 * half_columns, colour.shape[2]), np.float32)
    padded[:rows, :columns] = colour
    padded_weight = np.zeros((2 * half_rows, 2 * half_columns), np.float32)
    padded_weight[:rows, :columns] = weight
    sums = padded.reshape(half_rows, 2, half_columns, 2, -1).sum((1, 3))
    weights = padded_weight.reshape(half_rows, 2, half_columns, 2).sum((1, 3))
    coarse = membrane(sums / np.maximum(weights, 1)[..., None], weights > 0)
    spread = coarse.repeat(2, 0).repeat(2, 1)[:rows, :columns]
    return np.where(known[..., None], colour, spread).astype(np.float32)
