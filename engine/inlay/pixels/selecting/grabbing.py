"""One cut by GrabCut (Rother, Kolmogorov and Blake 2004, OpenCV's), and the same cut made finer."""

from __future__ import annotations

import numpy as np

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support, support_box
from inlay.pixels.selecting.guessing import IS, MAYBE, MAYBE_NOT, NOT, Clicked, Guess, clicked
from inlay.pixels.selecting.prompts import Point, Prompts
from inlay.pixels.selecting.regions import Coded
from inlay.pixels.selecting.tidying import tidied

SEED = 4  # the mixtures begin with k-means, whose first centres are drawn
FINE_PX = 448  # the long side at which a cut is made finer: finer still is what `refined` does
FINE_ROUNDS = 1  # of learning and cutting
BANDS = 0.0065, 0.06  # of the picture's long side, of the root of a cut's area: so near its border it is in doubt
FINE_CONTEXT = 0.25  # of a cut's sides: what lies around it is learned from


def grabbed(coded: Coded, guess: Guess, points: tuple[Point, ...], clicks: Clicked, rounds: int) -> Support:
    """What GrabCut makes of a guess, tidied; with clicks, only the parts that were clicked. All (h, w)."""
    import cv2

    guess = np.array(guess, order="C")  # OpenCV writes into it
    inside: Support = (guess == IS) | (guess == MAYBE)
    if inside.any() and not inside.all():
        cv2.setRNGSeed(SEED)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(coded, guess, (0, 0, 0, 0), *models, rounds, cv2.GC_INIT_WITH_MASK)
        inside = (guess == IS) | (guess == MAYBE)
    if clicks.on.any():
        labels = cv2.connectedComponents(inside.astype(np.uint8))[1]
        inside &= np.isin(labels, labels[clicks.on])
    tidy: Support = ((tidied(inside.astype(np.float32), points) > 0.5) | clicks.on) & ~clicks.off
    return tidy


def looked_at(coded: Coded, prompts: Prompts, window: Box, most_px: int) -> tuple[Coded, Prompts]:
    """A window of the picture, its long side at most so long, and what of the prompts lies in it."""
    import cv2

    scale = min(1.0, most_px / max(window.width, window.height))
    size = max(1, round(window.width * scale)), max(1, round(window.height * scale))
    small = np.asarray(cv2.resize(coded[window.slices], size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(small), prompts.inside(window).scaled((window.width, window.height), size)


def put_back(inside: Support, window: Box, shape: tuple[int, int]) -> Support:
    """What was found in a window, at the picture's size."""
    whole = np.zeros(shape, bool)
    whole[window.slices] = stretched(inside, (window.width, window.height))
    return whole


def stretched(inside: Support, size: tuple[int, int]) -> Support:
    """The same at another size, (width, height)."""
    import cv2

    wide: Support = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    return wide


def finer(coded: Coded, prompts: Prompts, sketch: Support) -> Support:
    """A sketch of the picture's size cut once more, near its border alone."""
    height, width = sketch.shape
    if not sketch.any():
        return sketch
    near = support_box(sketch)
    pads = (round(FINE_CONTEXT * side + 8) for side in (near.width, near.height) * 2)
    window = near.grown(*pads)
    for point in prompts.points:
        if point.is_on:  # which every cut holds
            window = window.united(Box(int(point.x), int(point.y), 1, 1))
    window = window.intersected(Box(0, 0, width, height))
    small, there = looked_at(coded, prompts, window, FINE_PX)
    inside = stretched(sketch[window.slices], (small.shape[1], small.shape[0]))
    clicks = clicked((small.shape[0], small.shape[1]), there)
    scale = max(small.shape) / max(window.width, window.height)
    guess = _near_border(
        inside, max(3.0, BANDS[0] * max(sketch.shape) * scale, BANDS[1] * float(np.sqrt(inside.sum())))
    )
    guess[clicks.on], guess[clicks.off] = IS, NOT
    found = put_back(grabbed(small, guess, there.points, clicks, FINE_ROUNDS), window, sketch.shape)
    clicks = clicked(sketch.shape, prompts)
    found[clicks.on], found[clicks.off] = True, False
    return found


def _near_border(inside: Support, band: float) -> Guess:
    """Only what is nearer to the border than `band` pixels is in doubt."""
    import cv2

    depth = cv2.distanceTransform(np.pad(inside, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    outside = cv2.distanceTransform(np.pad(~inside, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    guess = np.where(inside, np.where(depth > band, IS, MAYBE), np.where(outside > band, NOT, MAYBE_NOT))
    return guess.astype(np.uint8)


def iou(one: Support, other: Support) -> float:
    """What two cuts share of what they cover."""
    return float((one & other).sum() / max(1, (one | other).sum()))
