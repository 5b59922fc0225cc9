"""How much of each pixel near an edge belongs to the thing, from the colours on both sides.

Each pixel that is not known is explained as a mixture of two colours, one from either side: several near ones are
tried, and the pair that comes nearest wins (robust matting, Wang and Cohen 2007; shared sampling, Gastal and Oliveira
2010). What the pairs say is then made a locally linear function of the picture's colours, surer pixels counting more:
the guided filter (He, Sun and Tang 2013) with weights, one step of a solver for the matting Laplacian (Levin,
Lischinski and Weiss 2008). Everything looks a bounded way, so that a picture can be worked on in pieces without seams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support, support_box
from inlay.pixels.smooth import Floats

Reals = NDArray[np.floating]
APART = 0.06  # colours nearer to each other than this can hardly be told apart
MISFIT = 0.03  # a mixture that misses a pixel's colour by this is half believed
FAR_COST = 0.01  # of misfit, for a sample as far off as the band is wide
PRIOR_WEIGHT = 0.02  # of the coarse mask, where colours say nothing
REGULARITY = 3e-4  # of the guided filter: steps below 2 % of the range are noise
GUIDE_PX = 3
PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))  # of channels
PLACES = ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.4, 0.8), (0.4, -0.8))  # of samples, in band widths: deeper, sidewards


@dataclass(frozen=True, eq=False)
class Sides:
    """What is known around an edge, (H, W) each."""

    inside: Support  # surely the thing
    outside: Support  # surely not
    front: Support  # where its colours may be taken from: what is inside, and the middle of what is thin
    back: Support

    @property
    def unknown(self) -> Support:
        return ~(self.inside | self.outside)


def alpha(picture: Floats, sides: Sides, prior: Floats, reach_px: float) -> tuple[Floats, Floats]:
    """(H, W) float32 in [0, 1], and how sure each of it is, 0 to 1.

    picture: (H, W, 3) float32 sRGB in [0, 1]; prior: (H, W), the coarse mask's idea; reach_px: how wide the unknown
    band is. Known pixels are exactly 0 or 1.
    """
    rough = np.where(sides.unknown, prior, sides.inside).astype(np.float32)
    sure = np.where(sides.unknown, np.float32(0), np.float32(1))
    margin = ceil(2 * reach_px) + 2 * GUIDE_PX
    near = support_box(sides.unknown).grown(margin).intersected(Box(0, 0, rough.shape[1], rough.shape[0])).slices
    front, back = sides.front[near], sides.back[near]
    if front.any() and back.any():
        near_unknown = sides.unknown[near]
        _mix(picture[near], near_unknown, front, back, rough[near], sure[near], reach_px)
        smooth = guided(picture[near], rough[near], sure[near] + np.float32(PRIOR_WEIGHT), GUIDE_PX)
        rough[near] = np.where(near_unknown, smooth, rough[near])
    return rough, sure


def _mix(
    picture: Floats, unknown: Support, front: Support, back: Support, rough: Floats, sure: Floats, reach_px: float
) -> None:
    """Write into the unknown part of `rough` what the colours say, and into that of `sure` how sure it is."""
    samples = (_samples(picture, side, unknown, reach_px) for side in (front, back))
    share, belief = _mixtures(picture[unknown], *samples)
    rough[unknown] = (belief * share + PRIOR_WEIGHT * rough[unknown]) / (belief + PRIOR_WEIGHT)
    sure[unknown] = belief


def _samples(picture: Floats, source: Support, wanted: Support, reach_px: float) -> tuple[Floats, Floats]:
    """For each wanted pixel colours of a side, (N, K, 3), and how far off they are in band widths, (N, K)."""
    import cv2

    away = (~source).astype(np.uint8)
    labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1]
    height, width = source.shape
    places = np.zeros((int(labels.max()) + 1, 2), np.float32)
    rows, columns = np.nonzero(source)
    places[labels[rows, columns]] = np.stack([rows, columns], axis=1)
    here = np.stack(np.nonzero(wanted), axis=1).astype(np.float32)  # (N, 2)
    nearest = places[labels[wanted]]
    ahead = nearest - here
    ahead /= np.maximum(np.hypot(*ahead.T), 1)[:, None]
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    soft = cv2.blur(picture, (3, 3), borderType=cv2.BORDER_REFLECT)
    colours, offs = [], []
    for deep, across in PLACES:
        at = np.rint(nearest + reach_px * (deep * ahead + across * aside)).astype(np.intp)
        at = np.clip(at, 0, (height - 1, width - 1))
        is_source = source[at[:, 0], at[:, 1]]
        at = np.where(is_source[:, None], at, nearest.astype(np.intp))
        colours.append((soft if deep else picture)[at[:, 0], at[:, 1]])
        offs.append(np.hypot(*(at - here).T) / max(reach_px, 1.0))
    return np.stack(colours, axis=1), np.stack(offs, axis=1).astype(np.float32)


def _mixtures(seen: Floats, front: tuple[Floats, Floats], back: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """For each pixel (N, 3) the best pair's share of the front, (N,) in [0, 1], and how far it is to be believed."""
    best = np.full(len(seen), np.inf, np.float32)
    share, belief = np.zeros(len(seen), np.float32), np.zeros(len(seen), np.float32)
    for one, one_off in zip(front[0].swapaxes(0, 1), front[1].T, strict=True):
        for other, other_off in zip(back[0].swapaxes(0, 1), back[1].T, strict=True):
            across = one - other
            length = np.einsum("nc,nc->n", across, across)
            part = np.clip(np.einsum("nc,nc->n", seen - other, across) / np.maximum(length, 1e-6), 0, 1)
            missed = seen - other - part[:, None] * across
            misfit = np.einsum("nc,nc->n", missed, missed)
            cost = np.sqrt(misfit) + FAR_COST * (one_off + other_off)
            better = cost < best
            best[better], share[better] = cost[better], part[better]
            fits = length / (length + APART**2) / (1 + misfit / MISFIT**2)
            belief[better] = fits[better]
    return share, belief


def guided(picture: Floats, values: Floats, weight: Floats, radius_px: int) -> Floats:
    """Values (H, W) as a locally linear function of the colours (H, W, 3); those of more weight count more."""
    import cv2

    size = (2 * radius_px + 1, 2 * radius_px + 1)

    def mean(of: Reals) -> Floats:
        return np.asarray(cv2.blur(of, size, borderType=cv2.BORDER_REFLECT), np.float32)

    total = np.maximum(mean(weight), np.float32(1e-6))
    colours = [np.ascontiguousarray(picture[..., channel]) for channel in range(3)]
    weighted = [weight * colour for colour in colours]
    means = [mean(colour) / total for colour in weighted]
    level = mean(weight * values) / total
    shared = [mean(one * values) / total - middle * level for one, middle in zip(weighted, means, strict=True)]
    spread = [mean(weighted[i] * colours[j]) / total - means[i] * means[j] for i, j in PAIRS]
    slopes = _solved(
        [one + np.float32(REGULARITY * (i == j)) for one, (i, j) in zip(spread, PAIRS, strict=True)], shared
    )
    # windows count by how sure they are, too: an unsure one would spread its guess over its neighbours
    offset, result = level.copy(), np.zeros_like(level)
    for slope, middle, colour in zip(slopes, means, colours, strict=True):
        offset -= slope * middle
        result += mean(total * slope) * colour
    result += mean(total * offset)
    return np.asarray(np.clip(result / mean(total), 0, 1), np.float32)


def _solved(spread: Sequence[Reals], shared: Sequence[Reals]) -> list[Floats]:
    """A symmetric system of three at every pixel, by cofactors; `spread` in the order of PAIRS."""
    a, b, c, d, e, f = spread
    aa, bb, cc = d * f - e * e, c * e - b * f, b * e - c * d
    dd, ee, ff = a * f - c * c, b * c - a * e, a * d - b * b
    scale = 1 / np.maximum(a * aa + b * bb + c * cc, np.float32(1e-14))
    x, y, z = shared
    rows = (aa * x + bb * y + cc * z, bb * x + dd * y + ee * z, cc * x + ee * y + ff * z)
    return [np.asarray(row * scale, np.float32) for row in rows]
