"""Grain: a model's pixels come out smoother than a photo's, and noise that is missing shows the repainted part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.sharpness import octaves
from inlay.pixels.smooth import Floats, box_mean

SMOOTH_SHARE = 0.1  # of the pixels: those with the least structure tell the grain
FEWEST = 256
MOST = 0.08  # more is no grain
LEAST = 0.002  # half a step of 255: less is not seen


def grained(painted: Floats, original: Floats, known: Support, hole: Support, seed: int) -> tuple[Floats, float]:
    """The painted window with the grain that its surroundings have and it lacks, and how much was added (of white).

    painted, original: (H, W, 3) float32; known, hole: (H, W) bool. Two octaves and three channels are measured apart,
    in the smooth parts of each side (median absolute deviation, Donoho 1995). The model must lack it in the known part
    as well, where both show the same thing: a hole may simply be smoother. Grain is added and never taken away.
    """
    if min(int(known.sum()), int(hole.sum())) < FEWEST:
        return painted, 0.0
    fine = octaves(painted)
    structure = box_mean(np.abs(fine[-1]), 4).mean(axis=2)
    beside, within = _smoothest(structure, known), _smoothest(structure, hole)
    has = np.maximum(_levels(fine, within), _levels(fine, beside))
    missing = np.sqrt(np.maximum(np.square(_levels(octaves(original), beside)) - np.square(has), 0))
    missing = np.minimum(missing, MOST)
    if missing.max() < LEAST:
        return painted, 0.0
    noise = np.zeros_like(painted)
    for octave, band in enumerate(octaves(np.random.default_rng(seed).normal(size=painted.shape).astype(np.float32))):
        noise += band / band.std() * missing[octave]
    return np.where(hole[..., None], painted + noise, painted).astype(np.float32), float(missing.max())


def _smoothest(structure: Floats, part: Support) -> Support:
    """The part's pixels with the least structure around them."""
    smooth: Support = part & (structure <= np.quantile(structure[part], SMOOTH_SHARE))
    return smooth


def _levels(fine: list[Floats], smooth: Support) -> NDArray[np.float64]:
    """(octaves, 3): the deviation of the grain in those pixels."""
    return np.array([np.median(np.abs(octave[smooth]), axis=0) * 1.4826 for octave in fine], np.float64)
