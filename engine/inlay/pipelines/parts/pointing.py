"""From clicks, boxes and rough selections to the questions that SAM and SAM 2 answer, and from answers to masks.

The recipes are those of Kirillov et al. 2023 and of its notebooks: one click is ambiguous, so three masks are asked
for; anything more is not, and has a mask of its own; a mask that is known roughly is an input, too.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.parts.selecting import SelectingModel
from inlay.pipelines.segmenter import Candidate, View
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, islands
from inlay.pixels.resampling import Floats, resized_coverage
from inlay.pixels.selecting.prompts import Point, Prompts

ISLANDS_APART = 16  # parts of a rough selection that lie nearer than this share of the long side are one thing
HALF = 128
MOST_OPEN = 3
SAME_IOU = 0.8  # masks that share more are of one thing
GRID = 4  # points along a side that ask for the subject
SURE_LOGIT = 6.0  # of a rough selection as a mask that is known: e^6 to 1
LEAST_SUBJECT, MOST_SUBJECT = 0.01, 0.9  # shares of the picture: less is a detail, more is the ground


@dataclass(frozen=True)
class Frame:
    """Where a view lies on the square that a model looks at: at its top left, all of it or with padding after it."""

    width: int  # of the view
    height: int
    inner_width: int  # of what it is scaled to
    inner_height: int
    side: int  # of the square

    def placed(self, x: float, y: float) -> tuple[float, float]:
        """A place of the view on the square, as the index of a pixel: 0 is the middle of the first one."""
        return x * self.inner_width / self.width - 0.5, y * self.inner_height / self.height - 0.5


@dataclass(frozen=True, eq=False)
class Ask:
    """n questions of one shape, each of p points. Places are pixel indices on the model's square."""

    points: Floats  # (n, p, 2), x before y
    is_on: NDArray[np.bool_]  # (n, p)
    boxes: Floats | None = None  # (n, 4): left, top, right, bottom, all inside the thing
    known: Floats | None = None  # (n, s, s): logits of the masks as far as they are known
    is_open: bool = False  # whether several things could be meant


@dataclass(frozen=True, eq=False)
class Answer:
    """What n questions gave."""

    logits: Floats  # (n, k, s, s): masks over the whole square, positive inside
    scores: Floats  # (n, k): the model's own estimates of their IoU


class PointedSegmenter(SelectingModel):
    """A model with a heavy look at the picture, and a light decoder of what points at a thing."""

    @property
    @abstractmethod
    def known_side(self) -> int:
        """The side of the masks that it takes as known."""

    @abstractmethod
    def frame(self, view: View) -> Frame:
        """Where the view lies on the model's square."""

    @abstractmethod
    def embedded(self, view: View) -> Any:
        """What the model sees in the view: heavy."""

    @abstractmethod
    def answered(self, embedding: Any, ask: Ask) -> Answer:
        """k is 3 for an open question, in no order, else 1."""

    def prepare(self, view: View) -> None:
        """See `Segmenter.prepare`."""
        with self.at_work():
            self._embedding(view)

    def candidates(self, view: View, prompts: Prompts) -> list[Candidate]:
        """See `Segmenter.candidates`."""
        with self.at_work():
            asking = _Asking(self, self._embedding(view), self.frame(view))
            return asking.meant(prompts)

    def _embedding(self, view: View) -> Any:
        self.network()  # the memo follows the shelf: what is remembered is of this very network
        return self.remembered(view.key, lambda: self.embedded(view))


@dataclass(frozen=True)
class _Asking:
    """One request under way."""

    segmenter: PointedSegmenter
    embedding: Any
    frame: Frame

    def meant(self, prompts: Prompts) -> list[Candidate]:
        """What the prompts point at; things in several places are one selection."""
        parts = _parts(prompts)
        if not parts:  # nothing is pointed at, or only what lies beside the thing
            return self.subject(prompts.points)
        found = [self._part(part) for part in parts]
        if len(found) == 1:
            return found[0]
        best = [candidates[0] for candidates in found]
        united = np.maximum.reduce([one.mask for one in best])
        return [Candidate(united, float(np.mean([one.score for one in best])))]

    def subject(self, beside: tuple[Point, ...] = ()) -> list[Candidate]:
        """What a grid of clicks finds: the three things that are most likely what the picture is about.

        Most likely is the largest product of the predicted IoU, the root of the area, how near the middle is to the
        picture's, and how little of the border is taken: grounds take much of it, and subjects are whole.
        """
        steps = (np.arange(GRID) + 0.5) / GRID
        clicks = [Point(x * self.frame.width, y * self.frame.height, True) for y in steps for x in steps]
        answer = self._answered(
            Ask(np.stack([self._places([click]) for click in clicks]), np.ones((len(clicks), 1), bool), is_open=True)
        )
        logits = answer.logits.reshape(-1, *answer.logits.shape[-2:])
        scores = answer.scores.ravel()
        inside = [self._inner(one) > 0 for one in logits]
        worth = scores * [_subject_worth(one) for one in inside]
        chosen: list[int] = []
        for at in np.argsort(-worth):
            if len(chosen) < MOST_OPEN and all(_iou(inside[at], inside[other]) < SAME_IOU for other in chosen):
                chosen.append(int(at))
        best = [self._candidate(logits[at], scores[at]) for at in chosen]
        return sorted(best, key=lambda one: -_obeyed(one, beside))

    def _part(self, prompts: Prompts) -> list[Candidate]:
        """One thing, the best guess first."""
        if len(prompts.points) == 1 and not prompts.boxes:
            return self._candidates(replace(self._ask(prompts), is_open=True))
        ask = self._ask(prompts)
        if not prompts.boxes or prompts.rough is not None:
            first = self._answered(ask)
            ask = replace(ask, known=first.logits[:, 0])
        found = self._candidates(ask)
        if _obeyed(found[0], prompts.points) < len(prompts.points):
            found += self._candidates(replace(ask, is_open=True))
        return sorted(found, key=lambda one: -_obeyed(one, prompts.points))[:1]

    def _candidates(self, ask: Ask) -> list[Candidate]:
        """What one question gave, the best first."""
        answer = self._answered(ask)
        return [self._candidate(answer.logits[0, at], answer.scores[0, at]) for at in np.argsort(-answer.scores[0])]

    def _ask(self, prompts: Prompts) -> Ask:
        """One question about one thing."""
        points, known = prompts.points, None
        if prompts.rough is not None:
            points = points or (_innermost(prompts.rough, prompts.boxes[0]),)  # a user's own clicks know better
            known = self._known(prompts.rough)[None]
        is_on = np.array([[point.is_on for point in points]], bool).reshape(1, len(points))
        boxes = np.array([self._edges(box) for box in prompts.boxes], np.float32) if prompts.boxes else None
        return Ask(self._places(points)[None], is_on, boxes, known)

    def _answered(self, ask: Ask) -> Answer:
        return self.segmenter.answered(self.embedding, ask)

    def _places(self, points: Sequence[Point]) -> Floats:
        """(p, 2) on the square."""
        placed = [self.frame.placed(point.x, point.y) for point in points]
        return np.array(placed, np.float32).reshape(len(points), 2)

    def _edges(self, box: Box) -> tuple[float, float, float, float]:
        """The first and the last pixel of a box on the square."""
        left, top = self.frame.placed(box.x, box.y)
        right, bottom = self.frame.placed(box.right, box.bottom)
        return left + 0.5, top + 0.5, max(left + 0.5, right - 0.5), max(top + 0.5, bottom - 0.5)

    def _known(self, rough: Mask) -> Floats:
        """(s, s) logits of a rough selection: sure where it is whole or nothing, even where it is half."""
        side = self.segmenter.known_side
        rows, columns = (max(1, round(side * inner / self.frame.side)) for inner in self._inner_size)
        coverage = resized_coverage(rough.astype(np.float32) / np.float32(255), columns, rows)
        logits = np.full((side, side), -SURE_LOGIT, np.float32)
        logits[:rows, :columns] = SURE_LOGIT * (2 * coverage - 1)
        return logits

    @property
    def _inner_size(self) -> tuple[int, int]:
        """(height, width) of the view on the square."""
        return self.frame.inner_height, self.frame.inner_width

    def _inner(self, logits: Floats) -> Floats:
        """The part of the square's mask that shows the view."""
        rows, columns = (max(1, round(len(logits) * inner / self.frame.side)) for inner in self._inner_size)
        return logits[:rows, :columns]

    def _candidate(self, logits: Floats, score: float) -> Candidate:
        """The mask at the view's size: logits are enlarged, for they are straight across an edge where masks bend."""
        import torch

        square = torch.from_numpy(np.ascontiguousarray(logits))[None, None]
        side = self.frame.side
        enlarged = torch.nn.functional.interpolate(square, (side, side), mode="bicubic", align_corners=False)
        inner = enlarged[..., : self.frame.inner_height, : self.frame.inner_width]
        size = (self.frame.height, self.frame.width)
        if inner.shape[-2:] != size:
            inner = torch.nn.functional.interpolate(inner, size, mode="bilinear", align_corners=False, antialias=True)
        return Candidate(inner.sigmoid()[0, 0].numpy(), float(np.clip(score, 0, 1)))


def _parts(prompts: Prompts) -> list[Prompts]:
    """A box, an island of the rough selection, or the clicks outside of these: each with the clicks that are about it.

    Clicks beside the thing are about all of them.
    """
    parts = [Prompts(boxes=(box,)) for box in prompts.boxes]
    if prompts.rough is not None:
        apart_px = max(1, max(prompts.rough.shape) // ISLANDS_APART)
        parts += [Prompts(boxes=(box,), rough=_only(prompts.rough, box)) for box in islands(prompts.rough, apart_px)]
    on = [point for point in prompts.points if point.is_on]
    off = tuple(point for point in prompts.points if not point.is_on)
    held = [tuple(point for point in on if _holds(part.boxes[0], point)) for part in parts]
    free = tuple(point for point in on if not any(point in points for points in held))
    told = [replace(part, points=points + off) for part, points in zip(parts, held, strict=True)]
    return [*told, *([Prompts(free + off)] if free else [])]


def _only(rough: Mask, box: Box) -> Mask:
    """The rough selection inside a box."""
    alone = np.zeros_like(rough)
    alone[box.slices] = rough[box.slices]
    return alone


def _holds(box: Box, point: Point) -> bool:
    return box.x <= point.x < box.right and box.y <= point.y < box.bottom


def _innermost(rough: Mask, box: Box) -> Point:
    """The middle of what is left last when the selection is worn down from its edge."""
    left = np.pad(rough[box.slices] >= HALF, 1)
    while True:
        worn = left.copy()
        worn[1:-1, 1:-1] &= left[:-2, 1:-1] & left[2:, 1:-1] & left[1:-1, :-2] & left[1:-1, 2:]
        if not worn.any():
            break
        left = worn
    rows, columns = np.nonzero(left)
    if not rows.size:
        return Point(box.x + box.width / 2, box.y + box.height / 2, True)
    nearest = int(np.hypot(rows - rows.mean(), columns - columns.mean()).argmin())
    return Point(box.x + columns[nearest] - 0.5, box.y + rows[nearest] - 0.5, True)


def _obeyed(candidate: Candidate, points: Sequence[Point]) -> int:
    """How many clicks are on the side of the edge where they belong."""
    height, width = candidate.mask.shape
    places = [(min(int(point.y), height - 1), min(int(point.x), width - 1)) for point in points]
    return sum((candidate.mask[at] >= 0.5) == point.is_on for at, point in zip(places, points, strict=True))


def _iou(one: Support, other: Support) -> float:
    """What two masks share of what they cover."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def _subject_worth(inside: Support) -> float:
    """How much a mask looks like a subject's, whatever the model says of it: see `_Asking.subject`."""
    share = float(inside.mean())
    if not LEAST_SUBJECT <= share <= MOST_SUBJECT:
        return 0.0
    height, width = inside.shape
    rows, columns = np.nonzero(inside)
    far = hypot((rows.mean() + 0.5) / height - 0.5, (columns.mean() + 0.5) / width - 0.5) / hypot(0.5, 0.5)
    border = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    return float(np.sqrt(share) * (1 - far) * (1 - border.mean()))
