"""A removed thing's shadow or reflection lies outside its mask: the likely one, to be offered and never applied.

A shadow is darker than the ground around it by about the same factor in all channels and touches the thing low down
(what tells shadows from things in video, Horprasert et al. 1999, with the lit ground around the thing as the
background). A reflection is the thing upside down, fainter, right below it; where other places match as well, it is
texture.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.colours import decode
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, grown, support_box
from inlay.pixels.resampling import resized, resized_coverage
from inlay.pixels.smooth import Floats, box_mean

LONGEST_PX = 320  # shadows are large and soft: they are looked for at this size
LEAST_PX = 16
BLACK = 0.01  # of white: sensor noise and flare lie below, and logarithms must not see it

CONTACT_PX = 6  # a shadow begins so near the mask, at that size
FEET_SHARE = 0.4  # of the mask's height from below: where a thing stands on the ground
REACH_SHARE = 1.5  # of the mask's longer side: so far the ground is looked at
FAINTEST, DARKEST = 0.2, 2.0  # of the ratio of lights, as a logarithm: 82 % to 14 % of the lit ground's light
TINT, TINT_SHARE = 0.12, 0.35  # the ratio may differ so much between channels, and by this share of itself: blue sky
ROUNDS = 5  # of finding the lit ground: what is darker than it leaves the mean

LEAST_SHARE, MOST_SHARE = 0.02, 1.2  # of the mask's area: less is a fringe, more is a scene in the shade
SIDE_SHARE = 0.6  # for each side of the ground that it runs out of, so much of the confidence is left
COMMON_SHARE = 0.3  # where so much of the other ground is as dark, being dark tells nothing
LIKENESS = 0.5  # cosine of what lies below and the thing upside down, both less the water beside them
PATTERN = 0.2  # the same less each row's own mean: where merely another ground lies below, nothing is left of it
OWN_PATTERN = 0.2  # beyond what other places give by chance, for full confidence
FREE_SHARE = 0.7  # of the reflection's pixels that another place must hold, to be compared with
MIRRORED_SHARE = 0.15  # of the mask must have a place below: a fringe is like all that it borders on
VISIBLE = 0.1  # of the thing's own contrast: a fainter reflection ends
LEAST_CONFIDENCE = 0.25
MARGIN_PX = 2  # a soft edge belongs to it, at that size


class Trace(StrEnum):
    """What a thing leaves outside its outline."""

    SHADOW = "shadow"
    REFLECTION = "reflection"


@dataclass(frozen=True)
class Offer:
    """An addition to a selection."""

    mask: Mask  # (H, W) uint8, 255 = add; 0 wherever the selection is above 0
    trace: Trace
    confidence: float  # 0 to 1; it orders offers and is no probability


def shadow_of(rgb: Floats, mask: Mask) -> Offer | None:
    """The shadow or reflection that likely belongs to what is selected, or None where nothing looks like one.

    rgb: (H, W, 3) float32 sRGB in [0, 1]; mask: (H, W) uint8, the selection.
    """
    height, width = mask.shape
    scale = min(1.0, LONGEST_PX / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    inside = resized_coverage((mask > 0).astype(np.float32), *small) > 0
    if not inside.any() or inside.all() or min(small) < LEAST_PX:
        return None
    picture = resized(rgb, *small)
    parts = {Trace.SHADOW: _shadow(picture, inside), Trace.REFLECTION: _reflection(picture, inside)}
    trace = max(parts, key=lambda one: parts[one][1])
    part, confidence = parts[trace]
    wide = grown(part.view(np.uint8), MARGIN_PX).astype(np.float32)
    addition = (resized_coverage(wide, width, height) > 0.5) & (mask == 0)
    if confidence < LEAST_CONFIDENCE or not addition.any():
        return None
    return Offer(addition * np.uint8(255), trace, round(confidence, 2))


# A shadow


def _shadow(picture: Floats, inside: Support) -> tuple[Support, float]:
    """The ground that is in the thing's shade, (h, w) bool, and how sure that is."""
    ground = _ground(inside)
    light = box_mean(np.log(decode(picture) + np.float32(BLACK)), 1)
    ratio = _lit(light, ground, max(support_box(inside).width, support_box(inside).height)) - light
    shaded = _is_shaded(ratio) & ground
    part = _connected(shaded, _feet(inside) & shaded)
    share, others = part.sum() / inside.sum(), ground & ~part
    common = float(shaded[others].mean()) if others.any() else 1.0
    if not LEAST_SHARE <= share <= MOST_SHARE or common >= COMMON_SHARE:
        return part, 0.0
    depth = float(ratio[part].mean())
    sure = min(1.0, depth / 0.6) * (1 - common / COMMON_SHARE) * min(1.0, share / 0.08)
    return part, sure * SIDE_SHARE ** _sides_left_by(part, support_box(ground))


def _ground(inside: Support) -> Support:
    """Where the thing may stand and cast its shadow: beside and below its lower half, outside it."""
    box = support_box(inside)
    reach = round(REACH_SHARE * max(box.width, box.height))
    whole = Box(0, 0, inside.shape[1], inside.shape[0])
    around = Box.from_edges(box.x - reach, box.y + box.height // 2, box.right + reach, box.bottom + reach)
    ground = np.zeros_like(inside)
    ground[around.intersected(whole).slices] = True
    outside: Support = grown(inside.view(np.uint8), 1) == 0
    return ground & outside


def _sides_left_by(part: Support, ground_box: Box) -> int:
    """At how many sides of the ground the part does not end."""
    box = support_box(part)
    return sum(
        abs(one - other) <= 1
        for one, other in (
            (box.x, ground_box.x),
            (box.right, ground_box.right),
            (box.bottom, ground_box.bottom),
        )
    )


def _lit(light: Floats, ground: Support, side: int) -> Floats:
    """The lit ground's light near each pixel, (h, w, 3): local means from which what is darker drops out."""
    radius = max(8, side // 2)
    weight = ground.astype(np.float32)[..., None]
    lit = light
    for _ in range(ROUNDS):
        counted = box_mean(weight, radius)
        total = box_mean(light * weight, radius)
        everywhere = (light * weight).sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
        lit = np.where(counted > 0.02, total / np.maximum(counted, 1e-6), everywhere)
        off = (lit - light).mean(axis=2, keepdims=True)
        weight = ground[..., None] / (1 + np.square(np.maximum(off, 0) / 0.1) + np.square(np.minimum(off, 0) / 0.5))
        weight = weight.astype(np.float32)
    return lit.astype(np.float32)


def _is_shaded(ratio: Floats) -> Support:
    """Whether a ratio to the lit ground is one of light and not of colour; single pixels do not count."""
    depth = ratio.mean(axis=2)
    tint = ratio.max(axis=2) - ratio.min(axis=2)
    shaded = (depth > FAINTEST) & (depth < DARKEST) & (tint < TINT + TINT_SHARE * depth)
    return box_mean(shaded[..., None].astype(np.float32), 1)[..., 0] > 0.5


def _feet(inside: Support) -> Support:
    """Beside the lowest part of the mask."""
    box = support_box(inside)
    near = grown(inside.view(np.uint8), CONTACT_PX).astype(np.bool_)
    near[: box.bottom - round(FEET_SHARE * box.height)] = False
    return near & ~inside


def _connected(part: Support, seeds: Support) -> Support:
    """What of the part hangs together with the seeds."""
    found, count = seeds & part, -1
    while count != (count := int(found.sum())):
        found = grown(found.view(np.uint8), 2).astype(np.bool_) & part
    return found


# A reflection


def _reflection(picture: Floats, inside: Support) -> tuple[Support, float]:
    """Where the thing is seen upside down below itself, (h, w) bool, and how sure that is."""
    rows, columns, sources = _mirrored(inside)
    part = np.zeros_like(inside)
    beside = _beside(picture, inside)
    if len(rows) < MIRRORED_SHARE * inside.sum() or beside is None:
        return part, 0.0
    soft, water = box_mean(picture, 2), beside[rows]
    thing, below = soft[sources, columns] - water, soft[rows, columns] - water
    likeness, pattern = _cosine(thing, below), _pattern(thing, below, rows)
    strength = float((thing * below).sum() / (np.square(thing).sum() + 1e-9))
    if likeness < LIKENESS or pattern < PATTERN or strength < VISIBLE:
        return part, 0.0
    own = pattern - max(0.0, _pattern_elsewhere(soft - beside[:, None], thing, inside))
    seen = np.zeros(inside.shape, np.float32)
    seen[rows, columns] = (thing * below).sum(axis=1) > VISIBLE * np.square(thing).sum(axis=1)
    part = _connected(box_mean(seen[..., None], 1)[..., 0] > 0.4, _feet(inside)) & ~inside
    sure = min(likeness, pattern / 0.4) * min(1.0, strength / 0.25)
    return part, sure * min(1.0, max(0.0, own) / OWN_PATTERN)


def _pattern(ones: Floats, others: Floats, rows: NDArray[np.intp]) -> float:
    """How alike two sets of values (N, 3) vary along their rows, -1 to 1."""
    return _cosine(_along_rows(ones, rows), _along_rows(others, rows))


def _pattern_elsewhere(water: Floats, thing: Floats, inside: Support) -> float:
    """The best that the same rows give to the left and right of the thing; 1 where there is no room to compare.

    water: (h, w, 3), each row less its colour beside the thing; thing: (N, 3), as `_mirrored` orders it.
    """
    rows, columns, _ = _mirrored(inside)
    width = inside.shape[1]
    wide = support_box(inside).width
    found = []
    for moved in range(-width, width + 1, max(2, wide // 6)):
        there = columns + moved
        is_free = (there >= 0) & (there < width)
        is_free[is_free] &= ~inside[rows[is_free], there[is_free]]
        if abs(moved) >= wide // 2 and is_free.sum() >= FREE_SHARE * len(rows):
            found.append(_pattern(thing[is_free], water[rows[is_free], there[is_free]], rows[is_free]))
    return max(found, default=1.0)


def _along_rows(values: Floats, rows: NDArray[np.intp]) -> Floats:
    """Values (N, 3) less the mean of those in the same row."""
    counts = np.maximum(np.bincount(rows), 1)
    means = [np.bincount(rows, weights=channel) / counts for channel in values.T]
    return (values - np.stack(means, axis=1)[rows]).astype(np.float32)


def _cosine(ones: Floats, others: Floats) -> float:
    """-1 to 1."""
    return float((ones * others).sum() / np.sqrt(np.square(ones).sum() * np.square(others).sum() + 1e-9))


def _mirrored(inside: Support) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """(row, column) below the mask, and the row above that is mirrored there; each column about its own lowest pixel.

    Columns that end far above the lowest one have no water under them.
    """
    height = inside.shape[0]
    lowest = height - 1 - inside[::-1].argmax(axis=0)
    box = support_box(inside)
    touches = inside.any(axis=0) & (lowest >= box.bottom - 1 - round(0.25 * box.height))
    rows, columns = np.nonzero((np.arange(height)[:, None] > lowest) & touches)
    sources = 2 * lowest[columns] + 1 - rows
    is_thing = (sources >= 0) & inside[np.maximum(sources, 0), columns]
    return rows[is_thing], columns[is_thing], sources[is_thing]


def _beside(picture: Floats, inside: Support) -> Floats | None:
    """Each row's colour beside the thing, (h, 3): the median within its width on both sides. None: no room there."""
    box = support_box(inside)
    left, right = max(0, box.x - box.width), min(inside.shape[1], box.right + box.width)
    beside = np.concatenate([picture[:, left : box.x], picture[:, box.right : right]], axis=1)
    return np.asarray(np.median(beside, axis=1), np.float32) if beside.shape[1] else None
