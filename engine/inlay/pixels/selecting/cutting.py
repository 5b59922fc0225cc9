"""Things cut out without any model: many guesses, each cut by GrabCut at a small size; the best are cut once more.

GrabCut (Rother, Kolmogorov and Blake 2004, OpenCV's) learns a mixture of colours for what belongs and one for what
does not, and cuts where they part and where the picture has an edge. It is only as good as the guess that it starts
from. So several are tried, and judged by what the user would look at: whether the thing differs from what is right
around it, and whether other guesses end at the same border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support
from inlay.pixels.selecting.colour_counts import coarse_colours, likeness
from inlay.pixels.selecting.errors import SelectingError
from inlay.pixels.selecting.grabbing import finer, grabbed, iou, looked_at, stretched
from inlay.pixels.selecting.guessing import clicked, guesses
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.selecting.regions import Coded
from inlay.pixels.selecting.surrounded import is_scribble, surrounded
from inlay.pixels.smooth import Floats

SKETCH_PX = 192  # the long side at which guesses are cut
ROUNDS = 2  # of learning and cutting a guess
MOST = 3  # cuts that are given
APART = 0.8  # of IoU: cuts that are worth offering beside each other
SAME = 0.95  # of IoU: cuts that nobody needs beside each other
RING_PX = 3  # what is right beside a cut
SUBJECT_SHARE = 0.05  # of the picture: what is smaller is less likely its subject
USUAL_SHARE = 0.08  # of the picture: what is much smaller or much larger is less likely meant


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
    for inside, score in _ranked(coded, prompts):
        if inside.any() and all(iou(inside, other.mask > 0) < SAME for other in found):
            found.append(Cut(inside.astype(np.float32), min([score, *(other.score for other in found)])))
        if len(found) == MOST:
            break
    if not found:
        text = "nothing there stands out from what is around it: add a click, or draw more closely"
        raise SelectingError("nothing_found", text)
    return found


def _ranked(coded: Coded, prompts: Prompts) -> Iterator[tuple[Support, float]]:
    """Cuts at the picture's size, each with its score, the best first."""
    chosen: list[Support] = []
    for sketch, score in _readings(coded, prompts):
        if len(chosen) < MOST and all(iou(sketch, other) < APART for other in chosen):
            chosen.append(sketch)
            yield finer(coded, prompts, sketch), score


def _readings(coded: Coded, prompts: Prompts) -> list[tuple[Support, float]]:
    """Sketches at the picture's size; what was drawn was drawn around a thing, unless it looks painted over one."""
    if prompts.rough is None and not prompts.boxes:
        return _sketches(coded, prompts)
    found = surrounded(coded, prompts)
    inside = [(cut, found.agreement) for cut in found.cuts]
    if prompts.rough is None:
        return inside
    over = _sketches(coded, prompts)
    if is_scribble(prompts.rough > 127) or not found.is_plausible:
        return over[:2] + inside
    return inside[:1] + over[:1] + inside[1:]


def _sketches(coded: Coded, prompts: Prompts) -> list[tuple[Support, float]]:
    """What clicks, strokes or nothing may mean: small cuts, stretched, each with its score, the best first."""
    height, width = coded.shape[:2]
    small, there = looked_at(coded, prompts, Box(0, 0, width, height), SKETCH_PX)
    clicks = clicked((small.shape[0], small.shape[1]), there)
    tried = [grabbed(small, guess, there.points, clicks, ROUNDS) for guess in guesses(small, there, clicks)]
    tried = [inside for inside in tried if inside.any()]
    scores = [_score(small, inside, tried) for inside in tried]
    if prompts.is_empty:
        scores = [score * _centrality(inside) for score, inside in zip(scores, tried, strict=True)]
    order = sorted(range(len(tried)), key=lambda number: -scores[number])
    return [(stretched(tried[number], (width, height)), scores[number]) for number in order]


def _score(coded: Coded, inside: Support, others: list[Support]) -> float:
    """An estimate of the IoU; the numbers were fitted on clicks into photos, by least squares."""
    import cv2

    agreement = float(np.mean([iou(inside, other) for other in others]))
    beside = (cv2.dilate(inside.astype(np.uint8), np.ones((2 * RING_PX + 1, 2 * RING_PX + 1), np.uint8)) > 0) & ~inside
    size = float(np.log(inside.mean() / USUAL_SHARE))
    score = 0.2 + 0.93 * agreement - 0.22 * likeness(coarse_colours(coded), inside, beside) - 0.012 * size**2
    return float(np.clip(score, 0, 1))


def _centrality(inside: Support) -> float:
    """A subject is no crumb, is in the middle, and is not cut off by the picture's border on all sides."""
    height, width = inside.shape
    rows, columns = np.nonzero(inside)
    away = np.hypot(rows.mean() / height - 0.5, columns.mean() / width - 0.5)
    sides = sum(float(side.mean()) for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1])) / 4
    size = min(1.0, float(inside.mean()) / SUBJECT_SHARE)
    return float(size * (1 - away) * (1 - sides))
