"""Grain: a model's pixels come out smoother than a photo's, and noise that is missing shows the repainted part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.sharpness import octaves
from inlay.pixels.smooth import Floats, box_mean
from inlay.pixels.together import together

SMOOTH_SHARE = 0.1  # of the pixels: those with the least structure tell the grain
FEWEST = 256
MOST = 0.08  # more is no grain
LEAST = 0.002  # half a step of 255: less is not seen


def grained(painted: Floats, original: Floats, known: Support, hole: Support, seed: int) -> tuple[Floats, float]:
    """The painted window with the grain that its surroundings have and it lacks, and how much was added (of white).

    painted, original: (H, W, 3) float32; known, hole: (H, W) bool. Two octaves, three channels and how far these go
    together are measured in the smooth parts of each side (median absolute deviation, Donoho 1995). The model must
    lack it in the known part as well, where both show the same thing: a hole may simply be smoother. Grain is added and
    never taken away.
    """
    if min(int(known.sum()), int(hole.sum())) < FEWEST:
        return painted, 0.0
    fine, wanted = together(lambda: octaves(painted), lambda: octaves(original))
    structure = box_mean(np.abs(fine[-1]), 4).mean(axis=2)
    beside, within = _smoothest(structure, known), _smoothest(structure, hole)
    has = np.maximum(_levels(fine, within), _levels(fine, beside))
    missing = np.minimum(np.sqrt(np.maximum(np.square(_levels(wanted, beside)) - np.square(has), 0)), MOST)
    if missing.max() < LEAST:
        return painted, 0.0
    bands = octaves(np.random.default_rng(seed).standard_normal(painted.shape, np.float32))
    noise = np.zeros_like(painted)
    for band, deviation, octave in zip(bands, missing, wanted, strict=True):
        noise += band / band.std() @ _mixing(octave[beside]) * deviation
    return np.where(hole[..., None], painted + noise, painted).astype(np.float32), float(missing.max())


def _smoothest(structure: Floats, part: Support) -> Support:
    """The part's pixels with the least structure around them."""
    smooth: Support = part & (structure <= np.quantile(structure[part], SMOOTH_SHARE))
    return smooth


def _levels(fine: list[Floats], smooth: Support) -> NDArray[np.float64]:
    """(octaves, 3): the deviation of the grain in those pixels."""
    return np.array([np.median(np.abs(octave[smooth]), axis=0) * 1.4826 for octave in fine], np.float64)


def _mixing(grain: Floats) -> NDArray[np.float64]:
    """(3, 3): makes independent channels go together as they do in this grain (N, 3), each of deviation 1.

    Grain is mostly grey in many photos, and independent channels would show as coloured specks.
    """
    deviation = np.maximum(grain.std(axis=0, dtype=np.float64), 1e-6)
    together = (grain / deviation).T.astype(np.float64) @ (grain / deviation) / len(grain)
    together = (together + together.T) / 2 + 1e-3 * np.eye(3)
    values, axes = np.linalg.eigh(together / np.sqrt(np.outer(np.diag(together), np.diag(together))))
    root: NDArray[np.float64] = axes * np.sqrt(np.maximum(values, 0)) @ axes.T
    return root
