"""Things cut out without any model: from prompts to guesses of where the thing is, and from each guess to a mask.

A guess says of every pixel whether it surely or probably belongs. GrabCut (Rother, Kolmogorov and Blake 2004, OpenCV's)
learns two mixtures of colours from it and cuts where they part and where the picture has an edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support, support_box
from inlay.pixels.selecting.errors import SelectingError
from inlay.pixels.selecting.prompts import Point, Prompts
from inlay.pixels.selecting.tidying import tidied
from inlay.pixels.smooth import Floats

NOT, IS, MAYBE_NOT, MAYBE = 0, 1, 2, 3  # cv2.GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD
Guess = NDArray[np.uint8]  # (h, w) of these four
ROUNDS = 5  # of learning and cutting
SEED = 4  # the mixtures begin with k-means, whose first centres are drawn
TOLERANCES = (0.06, 0.12, 0.03)  # how far from the clicked colour a click reaches, of the channels' range
REACH = 0.06  # of the mean side of a rough selection: so far outside it the thing may still go on
CLICK_PX = 2  # around a click all is taken to be what was clicked


@dataclass(frozen=True, eq=False)
class Cut:
    """What could be meant."""

    mask: Floats  # (h, w) float32, 0 or 1
    score: float  # 0 to 1: an estimate of how well it fits


def cuts(picture: Floats, prompts: Prompts) -> list[Cut]:
    """What the prompts may mean, the best first, at least one.

    picture: (h, w, 3) float32 sRGB in [0, 1]; the prompts are in its pixels. Every point that is on lies in every
    mask, and none that is off does. Without prompts: the picture's subject.
    Raises SelectingError if the picture has one colour, or if nothing is left.
    """
    coded = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    if coded.reshape(-1, 3).min(axis=0).tolist() == coded.reshape(-1, 3).max(axis=0).tolist():
        raise SelectingError("one_colour", "the picture has one colour: nothing in it can be told from the rest")
    on, off = _clicked(coded.shape[:2], prompts)
    found: list[Cut] = []
    for guess in _guesses(coded, prompts, on):
        inside = _inside(coded, _pointed(guess, on, off), prompts.points, on, off)
        if inside.any() and not any(np.array_equal(inside, cut.mask > 0) for cut in found):
            found.append(Cut(inside.astype(np.float32), _score(coded, inside)))
    if not found:
        raise SelectingError(
            "nothing_found", "nothing there stands out from what is around it: add a click, or draw more closely"
        )
    return sorted(found, key=lambda cut: -cut.score)


def _clicked(shape: tuple[int, ...], prompts: Prompts) -> tuple[Support, Support]:
    """Pixels right around the clicks that are on, and around those that are off, (h, w) each; nearer clicks win."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    nearest = np.full(shape, np.inf, np.float32)
    on, off = np.zeros(shape, bool), np.zeros(shape, bool)
    for point in prompts.points:
        x, y = min(int(point.x), shape[1] - 1), min(int(point.y), shape[0] - 1)
        distance = ((rows - y) ** 2 + (columns - x) ** 2).astype(np.float32)
        here = (distance <= CLICK_PX**2) & (distance < nearest)
        nearest[here] = distance[here]
        on[here], off[here] = point.is_on, not point.is_on
    return on, off


def _guesses(coded: NDArray[np.uint8], prompts: Prompts, on: Support) -> Iterator[Guess]:
    shape = coded.shape[:2]
    if prompts.rough is not None:
        yield from _around(prompts.rough > 127)
    elif prompts.boxes:
        inside = np.zeros(shape, bool)
        for box in prompts.boxes:
            inside[box.slices] = True
        yield np.where(inside, MAYBE, NOT).astype(np.uint8)
    elif on.any():
        for tolerance in TOLERANCES:
            yield _alike(coded, prompts, tolerance)
    else:
        yield _central(shape)


def _around(rough: Support) -> Iterator[Guess]:
    """The thing lies inside what was drawn, or goes on a little beyond it."""
    import cv2

    box = support_box(rough)
    reach = max(1, round(REACH * (box.width * box.height) ** 0.5))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(rough.astype(np.uint8), disc) > 0
    yield np.where(rough, MAYBE, NOT).astype(np.uint8)
    yield np.where(rough, MAYBE, np.where(near, MAYBE_NOT, NOT)).astype(np.uint8)


def _alike(coded: NDArray[np.uint8], prompts: Prompts, tolerance: float) -> Guess:
    """What hangs together with a click and has nearly its colour."""
    import cv2

    smooth = cv2.medianBlur(coded, 5)
    found = np.zeros((coded.shape[0] + 2, coded.shape[1] + 2), np.uint8)
    reach = (tolerance * 255,) * 3
    for point in prompts.points:
        if point.is_on:
            flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
            cv2.floodFill(smooth, found, (int(point.x), int(point.y)), 0, reach, reach, flags)
    return np.where(found[1:-1, 1:-1] > 0, MAYBE, MAYBE_NOT).astype(np.uint8)


def _central(shape: tuple[int, ...]) -> Guess:
    """What is in the middle, against what is at the border."""
    guess = np.full(shape, MAYBE_NOT, np.uint8)
    margin_y, margin_x = max(1, shape[0] // 6), max(1, shape[1] // 6)
    guess[margin_y:-margin_y, margin_x:-margin_x] = MAYBE
    return guess


def _pointed(guess: Guess, on: Support, off: Support) -> Guess:
    guess = guess.copy()
    guess[on], guess[off] = IS, NOT
    return guess


def _inside(coded: NDArray[np.uint8], guess: Guess, points: tuple[Point, ...], on: Support, off: Support) -> Support:
    """GrabCut, tidied; with clicks, only the parts that were clicked."""
    import cv2

    inside = (guess == IS) | (guess == MAYBE)
    if inside.any() and not inside.all():
        cv2.setRNGSeed(SEED)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(coded, guess, (0, 0, 0, 0), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
        inside = (guess == IS) | (guess == MAYBE)
    if on.any():
        _, labels = cv2.connectedComponents(inside.astype(np.uint8))
        inside &= np.isin(labels, labels[on])
    tidy: Support = ((tidied(inside.astype(np.float32), points) > 0.5) | on) & ~off
    return tidy


def _score(coded: NDArray[np.uint8], inside: Support) -> float:
    """How clear the border is: the mean step of colour across it, squeezed into 0 to 1."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    step = cv2.morphologyEx(coded, cv2.MORPH_GRADIENT, kernel).max(axis=2)
    border = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_GRADIENT, kernel) > 0
    mean = float(step[border].mean()) if border.any() else 0.0
    return mean / (mean + 40)
