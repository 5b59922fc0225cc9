"""Things cut out without any model: many guesses, each cut by GrabCut at a small size; the best are cut once more.

GrabCut (Rother, Kolmogorov and Blake 2004, OpenCV's) learns a mixture of colours for what belongs and one for what
does not, and cuts where they part and where the picture has an edge. It is only as good as the guess that it starts
from. So several are tried, and judged by what the user would look at: whether the thing differs from what is right
around it, and whether other guesses end at the same border.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inlay.pixels.masks import Support, support_box
from inlay.pixels.selecting.colour_counts import coarse_colours, likeness
from inlay.pixels.selecting.errors import SelectingError
from inlay.pixels.selecting.guessing import IS, MAYBE, MAYBE_NOT, NOT, Clicked, Guess, clicked, guesses
from inlay.pixels.selecting.prompts import Point, Prompts
from inlay.pixels.selecting.regions import Coded
from inlay.pixels.selecting.tidying import tidied
from inlay.pixels.smooth import Floats

SKETCH_PX = 192  # the long side at which guesses are cut
ROUNDS = 3  # of learning and cutting a guess
FINAL_ROUNDS = 2
SEED = 4  # the mixtures begin with k-means, whose first centres are drawn
MOST = 3  # cuts that are given
APART = 0.8  # of IoU: cuts that are worth offering beside each other
CLIPPED = 0.3  # of the outline: so much of what was drawn may well be the thing's own edge
RING_PX = 3  # what is right beside a cut
SUBJECT_SHARE = 0.05  # of the picture: what is smaller is less likely its subject


@dataclass(frozen=True, eq=False)
class Cut:
    """What could be meant."""

    mask: Floats  # (h, w) float32, 0 or 1
    score: float  # 0 to 1: an estimate of its IoU


def cuts(picture: Floats, prompts: Prompts) -> list[Cut]:
    """What the prompts may mean, the best first, at least one and at most three.

    picture: (h, w, 3) float32 sRGB in [0, 1]; the prompts are in its pixels. Every point that is on lies in every
    mask, and none that is off does. Without prompts: the picture's subject.
    Raises SelectingError if the picture has one colour, or if nothing is left.
    """
    coded = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    if np.array_equal(coded.min(axis=(0, 1)), coded.max(axis=(0, 1))):
        raise SelectingError("one_colour", "the picture has one colour: nothing in it can be told from the rest")
    found: list[Cut] = []
    for sketch, score in _sketches(coded, prompts):
        inside = _final(coded, prompts, sketch)
        if inside.any() and not any(np.array_equal(inside, other.mask > 0) for other in found):
            found.append(Cut(inside.astype(np.float32), score))
    if not found:
        text = "nothing there stands out from what is around it: add a click, or draw more closely"
        raise SelectingError("nothing_found", text)
    return found


def _sketches(coded: Coded, prompts: Prompts) -> list[tuple[Support, float]]:
    """The best cuts at a small size, each with its score, the best first."""
    import cv2

    height, width = coded.shape[:2]
    scale = min(1.0, SKETCH_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(coded, size, interpolation=cv2.INTER_AREA), np.uint8)
    there = prompts.scaled((width, height), size)
    clicks = clicked((size[1], size[0]), there)
    sketched = [
        (_cut(small, guess, there.points, clicks, ROUNDS), likelier)
        for guess, likelier in guesses(small, there, clicks)
    ]
    sketched = [(inside, likelier) for inside, likelier in sketched if inside.any()]
    tried = [inside for inside, _ in sketched]
    scores = [(_score(small, inside, tried) + likelier) * _filling(inside, there) for inside, likelier in sketched]
    chosen: list[tuple[Support, float]] = []
    for number in sorted(range(len(tried)), key=lambda number: -scores[number]):
        if len(chosen) < MOST and all(_iou(tried[number], other) < APART for other, _ in chosen):
            chosen.append((tried[number], min(scores[number], 1.0)))
    return chosen


def _final(coded: Coded, prompts: Prompts, sketch: Support) -> Support:
    """The sketch cut once more at the picture's size, near its border alone."""
    import cv2

    height, width = coded.shape[:2]
    clicks = clicked((height, width), prompts)
    if sketch.shape == (height, width):
        return sketch
    inside = cv2.resize(sketch.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    band = max(3.0, 2.5 * max(height, width) / max(sketch.shape), 0.06 * float(np.sqrt(inside.sum())))
    depth = cv2.distanceTransform(np.pad(inside, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    outside = cv2.distanceTransform(np.pad(~inside, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    guess = np.where(inside, np.where(depth > band, IS, MAYBE), np.where(outside > band, NOT, MAYBE_NOT))
    guess = guess.astype(np.uint8)
    guess[clicks.on], guess[clicks.off] = IS, NOT
    return _cut(coded, guess, prompts.points, clicks, FINAL_ROUNDS)


def _cut(coded: Coded, guess: Guess, points: tuple[Point, ...], clicks: Clicked, rounds: int) -> Support:
    """GrabCut, tidied; with clicks, only the parts that were clicked."""
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


def _score(coded: Coded, inside: Support, others: list[Support]) -> float:
    """An estimate of the IoU; the three numbers were fitted on clicks into photos (docs/pixels.md)."""
    import cv2

    agreement = float(np.mean([_iou(inside, other) for other in others]))
    beside = (cv2.dilate(inside.astype(np.uint8), np.ones((2 * RING_PX + 1, 2 * RING_PX + 1), np.uint8)) > 0) & ~inside
    score = 0.53 - 0.75 * likeness(coarse_colours(coded), inside, beside) + 0.72 * agreement
    return float(np.clip(score, 0, 1))


def _filling(inside: Support, prompts: Prompts) -> float:
    """How well it fits what was drawn around it, or what subjects are like, 0 to 1; 1 for clicks."""
    if prompts.is_empty:
        return _centrality(inside)
    if prompts.rough is not None:
        return 1 - max(0.0, _clipped(inside, prompts.rough > 127) - CLIPPED) / (1 - CLIPPED)
    if not prompts.boxes or not all(point.is_on for point in prompts.points):
        return 1.0
    box = prompts.boxes[0]
    for other in prompts.boxes[1:]:
        box = box.united(other)
    found = support_box(inside)
    shared = found.intersected(box).area
    return shared / (found.area + box.area - shared)


def _clipped(inside: Support, drawn: Support) -> float:
    """The share of the outline that merely follows what was drawn; 0 where it goes beyond that."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    if (inside & (cv2.dilate(drawn.astype(np.uint8), kernel) == 0)).any():
        return 0.0
    outline = inside & (cv2.erode(inside.astype(np.uint8), kernel, borderValue=1) == 0)
    at_border = outline & (cv2.erode(drawn.astype(np.uint8), kernel, iterations=2, borderValue=1) == 0)
    return float(at_border.sum() / max(1, outline.sum()))


def _centrality(inside: Support) -> float:
    """A subject is no crumb, is in the middle, and is not cut off by the picture's border on all sides."""
    height, width = inside.shape
    rows, columns = np.nonzero(inside)
    away = np.hypot(rows.mean() / height - 0.5, columns.mean() / width - 0.5)
    sides = sum(float(side.mean()) for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1])) / 4
    size = min(1.0, float(inside.mean()) / SUBJECT_SHARE)
    return float(size * (1 - away) * (1 - sides))


def _iou(one: Support, other: Support) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))
