"""What a model shifted in colour, measured on the known ring around the mask and taken out as a smooth field."""

from __future__ import annotations

import numpy as np

from inlay.pixels.masks import Support
from inlay.pixels.resampling import resized
from inlay.pixels.smooth import Floats, box_mean, spread

CELL_PX = 8  # the field is measured in cells of the size that a VAE works in
TOLERANCE = 0.06  # of white: a difference beyond it is more likely another structure than a shift (as in the fill)
CONFIDENCE = 1.5  # a neighbourhood that is trusted by two thirds counts wholly
ROUNDS = 4


def colour_matched(painted: Floats, original: Floats, known: Support) -> Floats:
    """The painted window with its colour shift taken out, (H, W, 3).

    painted, original: (H, W, 3) float32 sRGB; known: (H, W) bool, where both show the same thing. The shift varies in
    space, as a VAE's does: one mean would not mend it. Differences that stand out from their neighbourhood are
    distrusted (iteratively reweighted, Cauchy weights): there the model has drawn something else.
    """
    return painted + shift_field(painted, original, known)


def shift_field(painted: Floats, original: Floats, known: Support) -> Floats:
    """What must be added to the painted window, (H, W, 3): smooth, and 0 where nothing is known."""
    if not known.any():
        return np.zeros_like(painted)
    height, width = known.shape
    difference, weight = _cells(np.where(known[..., None], original - painted, 0), known)
    size = np.sqrt(np.square(difference).mean(axis=2))
    trust = weight / (1 + np.square(size / (3 * TOLERANCE)))
    for _ in range(ROUNDS):
        field = _smoothed(difference, trust)
        residual = np.sqrt(np.square(difference - field).mean(axis=2))
        trust = weight / (1 + np.square(residual / TOLERANCE) + np.square(size / (3 * TOLERANCE)))
    doubted = spread((trust / np.maximum(weight, 1e-6))[..., None], weight)  # all around it may be drawn anew
    return resized(_smoothed(difference, trust) * np.minimum(CONFIDENCE * doubted, 1), width, height)


def _smoothed(values: Floats, weight: Floats) -> Floats:
    """The weighted mean over neighbouring cells, spread to where nothing is known."""
    total = box_mean(values * weight[..., None], 2)
    known = box_mean(weight[..., None], 2)[..., 0]
    mean = (total / np.maximum(known, 1e-6)[..., None]).astype(np.float32)
    return spread(mean, known.astype(np.float32))


def _cells(difference: Floats, known: Support) -> tuple[Floats, Floats]:
    """Mean differences over cells (h, w, 3), and which share of each cell is known (h, w)."""
    height, width = known.shape
    missing = ((0, -height % CELL_PX), (0, -width % CELL_PX))
    sums = _blocks(np.pad(difference, (*missing, (0, 0))))
    counts = _blocks(np.pad(known, missing)[..., None].astype(np.float32))
    return (sums / np.maximum(counts, 1)).astype(np.float32), (counts[..., 0] / CELL_PX**2).astype(np.float32)


def _blocks(values: Floats) -> Floats:
    height, width, channels = values.shape
    cells = values.reshape(height // CELL_PX, CELL_PX, width // CELL_PX, CELL_PX, channels)
    summed: Floats = cells.sum(axis=(1, 3))
    return summed
