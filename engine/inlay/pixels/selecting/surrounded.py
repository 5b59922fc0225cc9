"""Things that something was drawn around: a lasso, a box. They end inside of it, and nearly fill it.

The same thing is cut several times, with more and with less of what is around it to learn from, and each pixel goes
where most of the cuts put it: a cut that went astray is outvoted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support, support_box
from inlay.pixels.selecting.grabbing import grabbed, iou, looked_at, put_back, stretched
from inlay.pixels.selecting.guessing import around, clicked, drawn, filling, marked
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.selecting.regions import Coded, gradient

FAR_PX, NEAR_PX = 320, 192  # the long sides of the whole picture, and of what is near the thing, when they are cut
PLAIN, RIM, CORE, FILLING = 0, 1, 2, 3  # the guesses that `around` makes, and that `filling` makes
NEAR = ((0.4, PLAIN), (0.12, PLAIN), (0.25, RIM), (0.25, CORE))  # how much is seen on each side, of the drawn sides
ROUNDS = 2  # of learning and cutting
AGREE = 0.85  # of IoU: cuts from afar and from near that are the same thing
STRAY = 0.5  # as full as the fullest: a thing that fills so little of what was drawn around it is a part of one
LEAST_BOXED = 0.5  # of a box: a thing it was drawn around, whose own box is smaller, is a part of one
LEAST_FULL, LEAST_STEEP = 0.2, 1.2  # of a thing that something was drawn around
THIN, THINNEST = 0.2, 0.12  # of the root of its area: how far inside a stroke is
STROKE_SHARE = 0.65  # of its own convex hull: what thin strokes cover less of


def is_scribble(rough: Support) -> bool:
    """Whether it was painted over a thing in strokes, rather than drawn around it."""
    import cv2

    if not rough.any():
        return False
    depth = float(cv2.distanceTransform(np.pad(rough, 1).astype(np.uint8), cv2.DIST_L2, 5).max())
    side = float(np.sqrt(rough.sum()))
    hull = cv2.convexHull(cv2.findNonZero(rough.astype(np.uint8)))
    is_open = rough.sum() < STROKE_SHARE * max(1.0, cv2.contourArea(hull))
    return depth < THINNEST * side or (depth < THIN * side and is_open)


@dataclass(frozen=True, eq=False)
class Surrounded:
    """What was found inside of what was drawn."""

    cuts: list[Support]  # (h, w) each, none of them empty, the best first
    agreement: float  # 0 to 1: how far the cuts that were tried are like the first
    is_plausible: bool  # else nothing in there ends where it should: it may have been painted over a larger thing


def surrounded(coded: Coded, prompts: Prompts) -> Surrounded:
    """What lies inside what was drawn around it. coded: (h, w, 3) uint8 sRGB."""
    shape = coded.shape[0], coded.shape[1]
    whole, bounds = Box(0, 0, shape[1], shape[0]), prompts.bounds
    assert bounds is not None, "nothing was drawn"
    far = _found(coded, prompts, whole, FAR_PX, PLAIN)
    near = [_found(coded, prompts, _window(bounds, context, whole), NEAR_PX, which) for context, which in NEAR]
    tried = [far, *near]
    target = drawn(shape, prompts)

    def fullness(inside: Support) -> float:
        return _fullness(inside, target, is_box=bool(prompts.boxes) and prompts.rough is None)

    close = _most(near)
    ranked = [_most(tried)] if iou(far, close) >= AGREE else sorted([close, far], key=fullness, reverse=True)
    if prompts.boxes and prompts.rough is None and max(fullness(inside) for inside in tried) < LEAST_BOXED:
        tried.append(_found(coded, prompts, _window(bounds, NEAR[0][0], whole), NEAR_PX, FILLING))
    fullest = max(tried, key=fullness)
    if fullness(ranked[0]) < STRAY * fullness(fullest):
        ranked.insert(0, fullest)
    agreement = float(np.mean([iou(ranked[0], other) for other in tried]))
    is_full = fullness(ranked[0]) >= LEAST_FULL
    steepness = _steepness(coded, ranked[0], target, _window(bounds, NEAR[0][0], whole))
    is_plausible = is_full and steepness >= LEAST_STEEP
    return Surrounded([inside for inside in (*ranked, *tried) if inside.any()], agreement, is_plausible)


def _window(bounds: Box, context: float, whole: Box) -> Box:
    pads = (max(8, round(context * side)) for side in (bounds.width, bounds.height) * 2)
    return bounds.grown(*pads).intersected(whole)


def _steepness(coded: Coded, inside: Support, target: Support, window: Box) -> float:
    """How much steeper the colours are along the cut's outline than along what was drawn."""
    import cv2

    small = looked_at(coded, Prompts(), window, NEAR_PX)[0]
    slope = cv2.dilate(gradient(small), np.ones((3, 3), np.uint8))
    means = []
    for each in (inside, target):
        there = stretched(each[window.slices], (small.shape[1], small.shape[0]))
        line = there & (cv2.erode(there.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
        means.append(float(slope[line].mean()) if line.any() else 0.0)
    return means[0] / max(1.0, means[1])


def _found(coded: Coded, prompts: Prompts, window: Box, most_px: int, which: int) -> Support:
    """One cut of a window, at the picture's size."""
    small, there = looked_at(coded, prompts, window, most_px)
    shape = small.shape[0], small.shape[1]
    clicks = clicked(shape, there)
    guess = filling(shape, there) if which == FILLING else around(drawn(shape, there))[which]
    guess = marked(small, guess, there, clicks)
    inside = grabbed(small, guess, there.points, clicks, ROUNDS)
    return put_back(inside, window, (coded.shape[0], coded.shape[1]))


def _most(cut: list[Support]) -> Support:
    """Where more than half of them lie."""
    most: Support = np.mean(cut, axis=0) > 0.5
    return most


def _fullness(inside: Support, target: Support, is_box: bool) -> float:
    """How much of what was drawn a cut fills, 0 to 1: of a box, whose sides a thing touches, its own box does."""
    if not inside.any():
        return 0.0
    if not is_box:
        return iou(inside, target)
    found, box = support_box(inside), support_box(target)
    shared = found.intersected(box).area
    return shared / (found.area + box.area - shared)
