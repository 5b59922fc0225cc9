"""The parts that a picture falls into, from small ones to large ones: each part is a part of a larger one.

Small parts are watersheds of the gradient (Beucher and Lantuejoul 1979) from seeds on a grid; then the two neighbours
that differ least are joined, again and again, by the contrast of their mean colours and of the border between them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats

STEP_PX = 8  # between the seeds
BORDER_WEIGHT = 0.25  # of the border's gradient beside the difference of the means
Labels = NDArray[np.int32]
Neighbours = dict[int, tuple[float, float]]  # of a part: how long the border is, and the sum of the slope along it
Coded = NDArray[np.uint8]  # (h, w, 3) sRGB


@dataclass(frozen=True, eq=False)
class Regions:
    """A picture's parts, and how they join. Parts from `count` on are two others together, the last is everything."""

    labels: Labels  # (h, w): the small part, 0 to count - 1, that each pixel lies in
    count: int
    parent: list[int]  # of each part; the last is its own

    def around(self, x: int, y: int) -> list[Support]:
        """The parts that hold a pixel, each (h, w), from small to large."""
        chain = [int(self.labels[y, x])]
        while self.parent[chain[-1]] != chain[-1]:
            chain.append(self.parent[chain[-1]])
        place = {part: number for number, part in enumerate(chain)}
        first = [0] * len(self.parent)  # the smallest part of the chain that each part lies in
        for part in reversed(range(len(self.parent))):
            first[part] = place.get(part, first[self.parent[part]])
        inner = np.array(first[: self.count])[self.labels]  # (h, w)
        return [inner <= number for number in range(len(chain))]


def regions(coded: Coded) -> Regions:
    """The parts of a picture, (h, w, 3) uint8 sRGB."""
    import cv2

    lab = cv2.cvtColor(coded, cv2.COLOR_RGB2LAB)
    slope = gradient(coded)
    labels = _watersheds(slope)
    count = int(labels.max()) + 1
    return Regions(labels, count, _joined(labels, count, lab.astype(np.float32), slope))


def gradient(coded: Coded) -> Floats:
    """How steep the colours are, (h, w): the length of the slope in Lab."""
    import cv2

    lab = cv2.GaussianBlur(cv2.cvtColor(coded, cv2.COLOR_RGB2LAB), (0, 0), 0.8).astype(np.float32)
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    return np.asarray(np.sqrt((across**2 + down**2).sum(axis=2)), np.float32)


def _watersheds(slope: Floats) -> Labels:
    """Each pixel's part, from seeds at the flattest place of each cell of a grid."""
    import cv2

    height, width = slope.shape
    seeds, number = np.zeros((height, width), np.int32), 0
    for y in range(0, height, STEP_PX):
        for x in range(0, width, STEP_PX):
            cell = slope[y : y + STEP_PX, x : x + STEP_PX]
            down, across = divmod(int(cell.argmin()), cell.shape[1])
            number += 1
            seeds[y + down, x + across] = number
    relief = np.pad(np.clip(slope / 4, 0, 255).astype(np.uint8), 1, mode="edge")
    flooded = cv2.watershed(np.dstack([relief] * 3), np.pad(seeds, 1))  # which floods no pixel of the border
    labels = np.maximum(np.asarray(flooded, np.int32)[1:-1, 1:-1], seeds)  # -1 on the lines between
    while (labels <= 0).any():
        near = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
        labels = np.where(labels <= 0, near, labels)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _joined(labels: Labels, count: int, lab: Floats, slope: Floats) -> list[int]:
    """The parent of each part; those that are joined get numbers from `count` on."""
    sizes = np.bincount(labels.ravel(), minlength=count).astype(float).tolist()
    sums = np.stack([np.bincount(labels.ravel(), lab[..., channel].ravel(), count) for channel in range(3)], axis=1)
    means = [tuple(row) for row in (sums / np.array(sizes)[:, None]).tolist()]
    borders = _borders(labels, count, slope)
    parent, is_whole = list(range(count)), [True] * count

    def cost(one: int, other: int) -> float:
        length, steepness = borders[one][other]
        step = sqrt(sum((mine - yours) ** 2 for mine, yours in zip(means[one], means[other], strict=True)))
        contrast = step + BORDER_WEIGHT * steepness / length
        return contrast * sqrt(sizes[one] * sizes[other] / (sizes[one] + sizes[other]))

    queue = [(cost(one, other), one, other) for one in range(count) for other in borders[one] if one < other]
    heapq.heapify(queue)
    while queue:
        _, one, other = heapq.heappop(queue)
        if not (is_whole[one] and is_whole[other]):
            continue
        new, size = len(sizes), sizes[one] + sizes[other]
        shares = sizes[one] / size, sizes[other] / size
        means.append(tuple(shares[0] * m + shares[1] * n for m, n in zip(means[one], means[other], strict=True)))
        sizes.append(size)
        parent[one] = parent[other] = new
        parent.append(new)
        is_whole[one] = is_whole[other] = False
        is_whole.append(True)
        borders.append(_shared(borders, one, other, new))
        for near in borders[new]:
            heapq.heappush(queue, (cost(near, new), near, new))
    return parent


def _shared(borders: list[Neighbours], one: int, other: int, new: int) -> Neighbours:
    """The borders of two parts together; their neighbours learn of it."""
    joined: Neighbours = {}
    for part in (one, other):
        for near, (length, steepness) in borders[part].items():
            if near not in (one, other):
                before = joined.get(near, (0.0, 0.0))
                joined[near] = before[0] + length, before[1] + steepness
                borders[near].pop(part)
    for near, border in joined.items():
        borders[near][new] = border
    return joined


def _borders(labels: Labels, count: int, slope: Floats) -> list[Neighbours]:
    """For each part its neighbours: how long the border is, in pixels, and the sum of the slope along it."""
    keys, steep = [], []
    for axis in (0, 1):
        low, high = (np.take(labels, range(first, labels.shape[axis] - 1 + first), axis) for first in (0, 1))
        slopes = [np.take(slope, range(first, labels.shape[axis] - 1 + first), axis) for first in (0, 1)]
        differ = low != high
        keys.append(np.minimum(low, high)[differ].astype(np.int64) * count + np.maximum(low, high)[differ])
        steep.append(np.maximum(*slopes)[differ])
    pairs, which = np.unique(np.concatenate(keys), return_inverse=True)
    lengths, sums = np.bincount(which), np.bincount(which, np.concatenate(steep))
    borders: list[Neighbours] = [{} for _ in range(count)]
    for pair, length, steepness in zip(pairs.tolist(), lengths.tolist(), sums.tolist(), strict=True):
        one, other = divmod(pair, count)
        borders[one][other] = borders[other][one] = float(length), steepness
    return borders
