"""From prompts to guesses of where the thing is: of every pixel, whether it surely or probably belongs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.selecting.regions import Coded, regions
from inlay.pixels.smooth import Floats

NOT, IS, MAYBE_NOT, MAYBE = 0, 1, 2, 3  # cv2.GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD
Guess = NDArray[np.uint8]  # (h, w) of these four
CLICK_SHARE = 0.008  # of the diagonal: so far around a click all is what was clicked
SCALES = (0.06, 0.1, 0.15, 0.22, 0.3, 0.4)  # of the long side: how large things are that are clicked
BEYOND = 1.3  # a thing of a scale reaches so much farther at most
STEP = 1.3  # a larger part of the picture is looked at if it has so many times the pixels
REACH = 0.7  # of a part's mean side: how far outside it the thing may go on
RIM = 0.25  # of the greatest depth: what was drawn or boxed is too wide by about so much
CORE = 0.8  # of the greatest depth: so deep inside it the thing surely is
FILLED = 0.75  # of a box's half sides: so far from its middle the thing surely is, if it fills the box
PART_SHARE = 0.25  # of what was drawn: an off-click takes out no larger part
MARGIN = 0.04  # of the sides: where the subject is not


@dataclass(frozen=True, eq=False)
class Clicked:
    """What lies under clicks, (h, w) each."""

    on: Support
    off: Support


def clicked(shape: tuple[int, int], prompts: Prompts) -> Clicked:
    """Pixels around the clicks that are on, and around those that are off; the nearer click wins."""
    radius = max(1.0, CLICK_SHARE * float(np.hypot(*shape)))
    nearest = np.full(shape, np.inf, np.float32)
    on, off = np.zeros(shape, bool), np.zeros(shape, bool)
    for point in prompts.points:
        distance = _distance_to(shape, int(point.x), int(point.y))
        here = (distance <= radius) & (distance < nearest)
        nearest[here] = distance[here]
        on[here], off[here] = point.is_on, not point.is_on
    return Clicked(on, off)


def guesses(coded: Coded, prompts: Prompts, clicks: Clicked) -> Iterator[Guess]:
    """Guesses of different extent: of a thing that was painted over, of one that was clicked, or of the subject."""
    if prompts.rough is not None:
        found = _over(prompts.rough > 127)
    elif any(point.is_on for point in prompts.points):
        found = _at_clicks(coded, prompts)
    else:
        found = _subject(coded)
    for guess in found:
        yield marked(coded, guess, prompts, clicks)


def marked(coded: Coded, guess: Guess, prompts: Prompts, clicks: Clicked) -> Guess:
    """The guess, sure of what was clicked. An off-click inside what was drawn takes out the part that it lies in."""
    is_drawn = prompts.rough is not None or bool(prompts.boxes)
    taken_out = _taken_out(coded, prompts) if is_drawn and clicks.off.any() else clicks.off
    guess[taken_out & (guess != NOT)] = NOT
    guess[clicks.on], guess[clicks.off] = IS, NOT
    return guess


def _taken_out(coded: Coded, prompts: Prompts) -> Support:
    """The largest part around each off-click that is a small share of what was drawn, and holds no click that is on."""
    inside = drawn((coded.shape[0], coded.shape[1]), prompts)
    on = [(int(point.x), int(point.y)) for point in prompts.points if point.is_on]
    parts, taken_out = regions(coded), np.zeros(inside.shape, bool)
    for point in prompts.points:
        if not point.is_on:
            for part in parts.around(int(point.x), int(point.y)):
                if part.sum() > PART_SHARE * inside.sum() or any(part[y, x] for x, y in on):
                    break
                taken_out |= part
    return taken_out


def drawn(shape: tuple[int, int], prompts: Prompts) -> Support:
    """What was drawn around or over the thing, (h, w)."""
    if prompts.rough is not None:
        return prompts.rough > 127
    inside = np.zeros(shape, bool)
    for box in prompts.boxes:
        inside[box.slices] = True
    return inside


def around(inside: Support) -> tuple[Guess, Guess, Guess]:
    """The thing lies inside what was drawn: all of it, all but its rim, or surely in its middle."""
    depth = _distance(inside, padded=True)
    share = depth / max(float(depth.max()), 1.0)
    core = _labelled(share > RIM / 2, inside)
    core[share > CORE] = IS
    return _labelled(inside, inside), _labelled(share > RIM, inside), core


def filling(shape: tuple[int, int], prompts: Prompts) -> Guess:
    """The thing touches all sides of its box: surely in an ellipse inside it, and probably in all of it."""
    guess = np.full(shape, NOT, np.uint8)
    rows, columns = (np.arange(length) + 0.5 for length in shape)
    for box in prompts.boxes:
        down, across = (2 * (rows - box.y) / box.height - 1, 2 * (columns - box.x) / box.width - 1)
        out = np.hypot(down[:, None], across[None, :])
        inside = np.zeros(shape, bool)
        inside[box.slices] = True
        guess[inside] = np.where(out < FILLED, IS, np.where(out < 1, MAYBE, MAYBE_NOT))[inside]
    return guess


def _over(rough: Support) -> Iterator[Guess]:
    """The thing goes on beyond what was painted over it."""
    side = float(np.sqrt(rough.sum()))
    outside = _distance(~rough)
    for factor in (0.3, 0.6, 1.2):
        yield _sure(_labelled(outside < factor * side, outside < BEYOND * factor * side + 2), rough)
    yield _sure(_labelled(rough, outside < 2 * side), rough)


def _sure(guess: Guess, inside: Support) -> Guess:
    guess[_distance(inside, padded=True) > 1] = IS
    return guess


def _at_clicks(coded: Coded, prompts: Prompts) -> Iterator[Guess]:
    """Parts of the picture that hold the clicks, and discs of several sizes around them."""
    shape = coded.shape[0], coded.shape[1]
    off = [(int(point.x), int(point.y)) for point in prompts.points if not point.is_on]
    on = [(int(point.x), int(point.y)) for point in prompts.points if point.is_on]
    parts = regions(coded)
    chains = [[part for part in parts.around(*place) if not any(part[y, x] for x, y in off)] for place in on]
    for inside in _growing(chains, shape):
        side = float(np.sqrt(inside.sum()))
        yield _labelled(inside, _distance(~inside) <= REACH * side)
    nearest_on = np.minimum.reduce([_distance_to(shape, *place) for place in on])
    nearest_off = np.minimum.reduce([np.full(shape, np.inf, np.float32), *(_distance_to(shape, *p) for p in off)])
    for scale in SCALES:
        radius = scale * max(shape)
        disc = (nearest_on < radius) & (nearest_on < nearest_off)
        guess = _labelled(disc, nearest_on <= BEYOND * radius)
        guess[nearest_on < 0.15 * radius] = IS
        yield guess


def _growing(chains: list[list[Support]], shape: tuple[int, int]) -> Iterator[Support]:
    """The clicks' parts together, from small to large; each click's own grows until it would hold an off-click."""
    area = 0.0
    sizes = sorted({int(part.sum()) for chain in chains for part in chain})
    for size in sizes:
        inside = np.zeros(shape, bool)
        for chain in chains:
            fitting = [part for part in chain if part.sum() <= size]
            if fitting:
                inside |= fitting[-1]
        if STEP * area <= inside.sum() < 0.9 * inside.size:
            area = float(inside.sum())
            yield inside


def _subject(coded: Coded) -> Iterator[Guess]:
    """What is in the middle, and what has other colours than the border."""
    shape = coded.shape[0], coded.shape[1]
    rows, columns = (np.abs(np.linspace(-1, 1, length)) for length in shape)
    middle = np.hypot(rows[:, None], columns[None, :])
    frame = np.maximum(rows[:, None], columns[None, :]) > 1 - 2 * MARGIN
    for radius in (0.35, 0.5, 0.7, 0.85):
        yield _labelled(middle < radius, ~frame)
        yield _labelled(middle < radius, middle < BEYOND * radius)
    strange = _strangeness(coded, frame)
    yield _labelled(strange & ~frame, ~frame)
    yield _labelled(strange & (middle < 0.8), ~frame)


def _strangeness(coded: Coded, frame: Support) -> Support:
    """Where colours are unlike those of the frame."""
    import cv2

    lab = cv2.GaussianBlur(cv2.cvtColor(coded, cv2.COLOR_RGB2LAB), (0, 0), 1.5).astype(np.float32)
    known = lab[frame][:: max(1, int(frame.sum()) // 400)]  # (N, 3)
    far = np.full(frame.shape, np.inf, np.float32)
    for colour in known:
        np.minimum(far, np.square(lab - colour).sum(axis=2), out=far)
    scaled = np.clip(np.sqrt(far) * 4, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    strange: Support = scaled > threshold
    return strange


def _labelled(maybe: Support, possible: Support) -> Guess:
    return np.where(maybe, MAYBE, np.where(possible, MAYBE_NOT, NOT)).astype(np.uint8)


def _distance(inside: Support, padded: bool = False) -> Floats:
    """From each pixel inside to the nearest one outside; `padded`: what lies beyond the picture is outside, too."""
    import cv2

    room = np.pad(inside, 1, constant_values=not padded).astype(np.uint8)
    if room.all():
        return np.full(inside.shape, np.inf, np.float32)
    return np.asarray(cv2.distanceTransform(room, cv2.DIST_L2, 5), np.float32)[1:-1, 1:-1]


def _distance_to(shape: tuple[int, int], x: int, y: int) -> Floats:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(rows - y, columns - x), np.float32)
