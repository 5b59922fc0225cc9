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

    def cut(self, part: Box) -> Sides:
        """The same of a part."""
        return Sides(*(each[part.slices] for each in (self.inside, self.outside, self.front, self.back)))


def alpha(picture: Floats, sides: Sides, wanted: Support, prior: Floats, reach_px: float) -> tuple[Floats, Floats]:
    """(H, W) float32 in [0, 1], and how sure each of it is, 0 to 1.

    picture: (H, W, 3) float32 sRGB in [0, 1]; prior: (H, W), the coarse mask's idea; reach_px: how wide the unknown
    band is. Known pixels are exactly 0 or 1, unknown ones that are not wanted as the prior has them.
    """
    rough = np.where(sides.unknown, prior, sides.inside).astype(np.float32)
    sure = np.where(sides.unknown, np.float32(0), np.float32(1))
    if sides.front.any() and sides.back.any():
        samples = (_samples(picture, side, wanted, reach_px) for side in (sides.front, sides.back))
        share, belief = _mixtures(picture[wanted], *samples)
        rough[wanted] = (belief * share + PRIOR_WEIGHT * rough[wanted]) / (belief + PRIOR_WEIGHT)
        sure[wanted] = belief
        whole = Box(0, 0, wanted.shape[1], wanted.shape[0])
        near = support_box(wanted).grown(2 * GUIDE_PX).intersected(whole).slices
        smooth = guided(picture[near], rough[near], sure[near] + np.float32(PRIOR_WEIGHT), GUIDE_PX)
        rough[near] = np.where(wanted[near], smooth, rough[near])
    return rough, sure


def _samples(picture: Floats, source: Support, wanted: Support, reach_px: float) -> tuple[list[Floats], list[Floats]]:
    """For each wanted pixel K colours of a side, (3, N) each, and what it costs that they are far off, (N,) each."""
    import cv2

    away = (~source).astype(np.uint8)
    labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1]
    height, width = source.shape
    places = np.zeros(int(labels.max()) + 1, np.intp)
    known = np.flatnonzero(source)
    places[labels.ravel()[known]] = known
    rows, columns = (each.astype(np.float32) for each in np.nonzero(wanted))
    nearest = places[labels[wanted]]
    top, left = (each.astype(np.float32) for each in np.divmod(nearest, width))
    down, across = top - rows, left - columns
    length = np.maximum(np.hypot(down, across), 1)
    down, across = down * (reach_px / length), across * (reach_px / length)
    flat, soft = (each.reshape(-1, 3) for each in (picture, cv2.blur(picture, (3, 3), borderType=cv2.BORDER_REFLECT)))
    colours, offs = [], []
    for deep, aside in PLACES:
        y = np.clip(np.rint(top + deep * down - aside * across), 0, height - 1)
        x = np.clip(np.rint(left + deep * across + aside * down), 0, width - 1)
        at = y.astype(np.intp) * width + x.astype(np.intp)
        is_source = source.ravel()[at]
        at = np.where(is_source, at, nearest)
        y, x = np.where(is_source, y, top), np.where(is_source, x, left)
        colours.append(np.ascontiguousarray((soft if deep else flat)[at].T))
        offs.append(np.hypot(y - rows, x - columns) * np.float32(FAR_COST / max(reach_px, 1.0)))
    return colours, offs


def _mixtures(
    seen: Floats, front: tuple[list[Floats], list[Floats]], back: tuple[list[Floats], list[Floats]]
) -> tuple[Floats, Floats]:
    """For each pixel (N, 3) the best pair's share of the front, (N,) in [0, 1], and how far it is to be believed."""
    best = np.full(len(seen), np.inf, np.float32)
    share, misfits, lengths = (np.zeros(len(seen), np.float32) for _ in range(3))
    colour = np.ascontiguousarray(seen.T)
    for other, other_off in zip(*back, strict=True):
        rest = colour - other
        distance = _dot(rest, rest)
        for one, one_off in zip(*front, strict=True):
            across = one - other
            length, along = _dot(across, across), _dot(rest, across)
            part = np.clip(along / np.maximum(length, np.float32(1e-6)), 0, 1)
            misfit = np.maximum(distance + part * (part * length - 2 * along), 0)
            cost = np.sqrt(misfit) + (one_off + other_off)
            better = cost < best
            for kept, value in ((best, cost), (share, part), (misfits, misfit), (lengths, length)):
                np.copyto(kept, value, where=better)
    return share, lengths / (lengths + np.float32(APART**2)) / (1 + misfits / np.float32(MISFIT**2))


def _dot(one: Floats, other: Floats) -> Floats:
    """The products of colours, (3, N) each: (N,)."""
    product: Floats = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return product


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
