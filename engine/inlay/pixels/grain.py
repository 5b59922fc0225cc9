"""Grain: a model's pixels come out smoother than a photo's, and noise that is missing shows the repainted part."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats, box_mean

RADII_PX = (1, 3)  # of the blurs whose differences are the octaves
SMOOTH_SHARE = 0.3  # of the pixels: those with the least structure tell the grain
FEWEST = 256
MOST = 0.08  # more is no grain


def grained(painted: Floats, original: Floats, known: Support, hole: Support, seed: int) -> tuple[Floats, float]:
    """The painted window with the grain that its surroundings have and it lacks, and how much was added (of white).

    painted, original: (H, W, 3) float32; known, hole: (H, W) bool. Two octaves and three channels are measured apart,
    in the smooth parts of each side (median absolute deviation, Donoho 1995). Grain is added and never taken away.
    """
    if min(int(known.sum()), int(hole.sum())) < FEWEST:
        return painted, 0.0
    missing = np.sqrt(np.maximum(np.square(_levels(original, known)) - np.square(_levels(painted, hole)), 0))
    missing = np.minimum(missing, MOST)
    if missing.max() < 1e-4:
        return painted, 0.0
    noise = np.zeros_like(painted)
    for octave, band in enumerate(_octaves(np.random.default_rng(seed).normal(size=painted.shape).astype(np.float32))):
        noise += band / band.std() * missing[octave]
    return np.where(hole[..., None], painted + noise, painted).astype(np.float32), float(missing.max())


def _octaves(values: Floats) -> list[Floats]:
    """The values' fine parts, finest first."""
    blurred = [values, *(box_mean(values, radius) for radius in RADII_PX)]
    return [finer - coarser for finer, coarser in pairwise(blurred)]


def _levels(values: Floats, part: Support) -> NDArray[np.float64]:
    """(octaves, 3): the deviation of the grain in the part's smoothest pixels."""
    octaves = _octaves(values)
    structure = box_mean(np.abs(octaves[-1]), 4).mean(axis=2)
    smooth = part & (structure <= np.quantile(structure[part], SMOOTH_SHARE))
    return np.array([np.median(np.abs(octave[smooth]), axis=0) * 1.4826 for octave in octaves], np.float64)
