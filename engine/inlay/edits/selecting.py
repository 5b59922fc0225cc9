"""Selecting: from what points at a thing to its mask, at the picture's full size."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from math import hypot

import numpy as np

from inlay.edits.edit import EditError
from inlay.edits.views import Shown, Views, enlarged, in_full, size_of, srgb_of
from inlay.pipelines.family import FamilyError
from inlay.pipelines.segmenter import Candidate, Matter, Segmenter, Selectors, Sighting
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, feathered, grown, support_box
from inlay.pixels.selecting.prompts import Point, Prompts
from inlay.pixels.selecting.refining import refined
from inlay.pixels.selecting.tidying import tidied
from inlay.pixels.together import together

SURE = 0.35  # that words fit a box: `box_threshold` in Grounding DINO's model card
SEVERAL = re.compile(r"[,;]|\band\b")  # between the names of several things
ALL = ("all ", "every ")  # words that begin so mean everything that fits, not the best of it
CLOSE_PX = 2.0  # points on and beside the thing that are nearer to each other than this contradict each other
CONTEXT_SHARE = 0.5  # of what the prompts span, on each side of it: what a segmenter that looks close is shown
LEAST_CONTEXT_PX = 48
ZOOM_BELOW = 0.4  # of the view's side: what is smaller is looked at again, closer
SAME_IOU = 0.97  # candidates that share so much are one
ONE_COLOUR = 2 / 255  # a picture whose values all lie within it shows nothing
MOST_SIGHTINGS = 5  # of what words fit that are worked out, each as a choice of its own


class SelectionError(EditError):
    """Nothing can be selected so; the old selection stays."""


@dataclass(frozen=True)
class Asked:
    """What points at the thing, in canvas pixels, and what its mask shall be like."""

    points: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()
    words: str = ""
    model: str = ""  # "" is the best that is here
    grow_px: int = 0
    feather_px: int = 0


@dataclass(frozen=True)
class Selected:
    """Something that could be meant."""

    mask: Mask  # (h, w) uint8, soft where the thing's edge is
    box: Box  # canvas space, h x w
    score: float  # 0 to 1
    label: str = ""  # the words that it was found by


@dataclass(frozen=True)
class Selection:
    """What is meant first, then what else could be."""

    choices: tuple[Selected, ...]  # at least one
    model: str
    why: str


def ready(shown: Shown, model: str, selectors: Selectors, views: Views) -> str:
    """Look at a picture ahead of the first click; gives the model's name. Raises RosterError and FamilyError."""
    segmenter = selectors.segmenter(model)
    if not segmenter.card.looks_close:  # the others are shown what the prompts point at, once there are some
        segmenter.prepare(views.of(shown, _whole(shown), segmenter.card.working_px))
    return segmenter.name


def selected(asked: Asked, shown: Shown, selectors: Selectors, views: Views) -> Selection:
    """What is meant. Raises SelectionError, RosterError and FamilyError; in all of them nothing is selected."""
    segmenter = selectors.segmenter(asked.model)
    prompts = _prompts(asked, shown)
    _check_colours(shown, views, segmenter.card.working_px)
    work = _Selecting(asked, shown, segmenter, selectors.matter(), views)
    if asked.words.strip():
        return work.by_words(prompts, selectors)
    return work.selection(work.found(prompts))


@dataclass(frozen=True)
class _Selecting:
    """One request under way."""

    asked: Asked
    shown: Shown
    segmenter: Segmenter
    matter: Matter | None
    views: Views

    def found(self, prompts: Prompts, label: str = "") -> list[Selected]:
        """What the prompts (in pixels of what is shown) mean, at full size, the best first."""
        whole = _whole(self.shown)
        is_close = self.segmenter.card.looks_close and not _is_open(prompts)
        window = _around(prompts.bounds, whole) if is_close and prompts.bounds is not None else whole
        candidates = self._candidates(window, prompts.inside(window))
        works = [partial(self._worked_out, each, window, prompts, label) for each in candidates]
        found = [work() for work in works] if self.matter else together(*works)  # a model works for one at a time
        return [one for one in found if one is not None]

    def _worked_out(self, candidate: Candidate, window: Box, prompts: Prompts, label: str) -> Selected | None:
        return self._full_size(*self._closer(candidate, window, prompts), label)

    def by_words(self, prompts: Prompts, selectors: Selectors) -> Selection:
        """What the words describe: the best of it, then the others.

        Everything that fits, together, where they say "all"; the best of each where they name several things.
        """
        sightings = self._sightings(prompts, selectors)
        words = self.asked.words.strip().lower()
        if words.startswith(ALL):
            return self.selection(self._together(prompts, sightings))
        choices: list[Selected] = []
        best = list({sighting.label: sighting for sighting in reversed(sightings)}.values())
        if SEVERAL.search(words) and len(best) > 1:
            choices += self._together(prompts, best)
        for sighting in sightings[:MOST_SIGHTINGS]:
            choices += self._together(prompts, [sighting])
        return self.selection(choices)

    def _together(self, prompts: Prompts, sightings: list[Sighting]) -> list[Selected]:
        """Everything that was seen as one selection; none where nothing is left of it."""
        boxes = tuple(sighting.box for sighting in sightings)
        label = ", ".join(dict.fromkeys(sighting.label for sighting in sightings))
        return self.found(replace(prompts, boxes=boxes), label)[:1]

    def selection(self, choices: list[Selected]) -> Selection:
        """The choices, each once. Raises SelectionError where there are none."""
        apart: list[Selected] = []
        for one in choices:
            if not any(_iou(one, other) >= SAME_IOU for other in apart):
                apart.append(one)
        if not apart:
            raise SelectionError(
                "nothing_found",
                "Nothing stands out there.",
                field="points" if self.asked.points else None,
                remedy="Click on the middle of the thing, draw a box around it, or select it roughly first.",
            )
        return Selection(tuple(apart), self.segmenter.name, _why(self.segmenter, self.matter, len(apart)))

    def _sightings(self, prompts: Prompts, selectors: Selectors) -> list[Sighting]:
        """Where the words fit, in pixels of what is shown; those that hold a click, where there is one."""
        finder = selectors.finder()
        if finder is None:
            raise SelectionError(
                "no_finder",
                "Nothing on this machine finds things by words.",
                field="words",
                remedy="Install it with `inlay models install grounding-dino-tiny`, or click on the thing.",
            )
        view = self.views.of(self.shown, _whole(self.shown), finder.working_px)
        size, words = size_of(view), self.asked.words.strip()
        seen = finder.sightings(view, words)
        best = max((sighting.score for sighting in seen), default=0.0)
        boxes = [replace(one, box=in_full(one.box, size, _whole(self.shown))) for one in seen if one.score >= SURE]
        clicks = [point for point in prompts.points if point.is_on]
        held = [one for one in boxes if all(_holds(one.box, point) for point in clicks)]
        if held:
            return held
        if boxes:
            message = f'None of what looks like "{words}" lies where you clicked.'
            raise SelectionError(
                "nothing_found", message, field="words", remedy="Click on the thing itself, or use words alone."
            )
        raise SelectionError(
            "nothing_found",
            f'Nothing here looks like "{words}": the best match scores {best:.2f}, and {SURE} is needed.',
            field="words",
            remedy="Say it in other English words, or click on the thing.",
        )

    def _candidates(self, window: Box, prompts: Prompts) -> list[Candidate]:
        """What the prompts (in the window's pixels) mean in a window of what is shown, tidied."""
        view = self.views.of(self.shown, window, self.segmenter.card.working_px)
        scaled = prompts.scaled((window.width, window.height), size_of(view))
        candidates = self.segmenter.candidates(view, scaled)
        return [replace(each, mask=tidied(each.mask, scaled.points)) for each in candidates]

    def _closer(self, candidate: Candidate, window: Box, prompts: Prompts) -> tuple[Candidate, Box]:
        """The candidate as it is seen from nearer, and the window that shows it; for who looks close.

        A thing that is small in a picture that was made smaller is cut once more, with what was found as a rough
        selection.
        """
        card, whole = self.segmenter.card, _whole(self.shown)
        inside = candidate.mask > 0.5
        if not card.looks_close or not inside.any() or max(window.width, window.height) <= card.working_px:
            return candidate, window
        size = inside.shape[1], inside.shape[0]
        near = _around(in_full(support_box(inside), size, window), whole)
        if max(near.width, near.height) > ZOOM_BELOW * max(window.width, window.height):
            return candidate, window
        rough = replace(prompts.inside(near), boxes=(), rough=enlarged(inside, window, near))
        try:
            seen = self._candidates(near, rough)
        except FamilyError:  # nothing more can be told from there: what was found stays
            return candidate, window
        return replace(seen[0], score=candidate.score), near

    def _full_size(self, candidate: Candidate, window: Box, label: str) -> Selected | None:
        """The candidate's mask at full size, grown and feathered as asked; None where nothing is left of it."""
        whole, matter = _whole(self.shown), self.matter
        mask, box = refined(
            lambda part: srgb_of(self.shown.source, part),
            (whole.width, whole.height),
            candidate.mask,
            window,
            None if matter is None else matter.alpha,
        )
        if box.is_empty:
            return None
        room = box.grown(self.asked.grow_px + 1).intersected(whole)
        wide = np.zeros((room.height, room.width), np.uint8)
        wide[box.relative_to(room).slices] = mask
        wide = feathered(grown(wide, self.asked.grow_px), self.asked.feather_px)
        tight = support_box(wide)
        if tight.is_empty:
            return None
        on_canvas = tight.moved(room.x + self.shown.box.x, room.y + self.shown.box.y)
        return Selected(np.ascontiguousarray(wide[tight.slices]), on_canvas, round(candidate.score, 4), label)


def _prompts(asked: Asked, shown: Shown) -> Prompts:
    """What was asked, in pixels of what is shown. Raises SelectionError where it cannot be meant."""
    box = shown.box
    for point in asked.points:
        if not _holds(box, point):
            raise _outside("points", f"The point {int(point.x)}, {int(point.y)}", shown)
    for each in asked.boxes:
        if each.intersected(box).is_empty:
            raise _outside("boxes", f"The box {each.x}, {each.y}, {each.width} x {each.height} px", shown)
    _check_agreement(asked, shown)
    _check_rough(shown.source.mask)
    points = tuple(replace(point, x=point.x - box.x, y=point.y - box.y) for point in asked.points)
    boxes = tuple(each.intersected(box).relative_to(box) for each in asked.boxes)
    return Prompts(points, boxes, shown.source.mask)


def _check_agreement(asked: Asked, shown: Shown) -> None:
    on = [point for point in asked.points if point.is_on]
    off = [point for point in asked.points if not point.is_on]
    if off and not on and not asked.boxes and not asked.words.strip() and shown.source.mask is None:
        raise SelectionError(
            "contradiction",
            "The points only say what does not belong to the thing.",
            field="points",
            remedy="Click on the thing itself, too.",
        )
    for one in on:
        for other in off:
            if hypot(one.x - other.x, one.y - other.y) < CLOSE_PX:
                raise SelectionError(
                    "contradiction",
                    f"The point {int(one.x)}, {int(one.y)} is marked as on the thing and as beside it.",
                    field="points",
                    remedy="Take one of the two back.",
                )


def _check_rough(rough: Mask | None) -> None:
    if rough is None:
        return
    if not rough.any():
        raise SelectionError(
            "rough_empty", "Nothing is selected.", field="rough", remedy="Select the thing roughly, then try again."
        )
    if rough.all():
        raise SelectionError(
            "rough_full",
            "Everything that can be seen is selected, so nothing says what is not meant.",
            field="rough",
            remedy="Select one thing roughly, with some room around it.",
        )


def _check_colours(shown: Shown, views: Views, longest_px: int) -> None:
    picture = views.of(shown, _whole(shown), longest_px).picture
    if (picture.max(axis=(0, 1)) - picture.min(axis=(0, 1))).max() <= ONE_COLOUR:
        raise SelectionError(
            "one_colour",
            "The picture has one colour there, so there is nothing to select.",
            field="image",
            remedy="Look whether the right layers are shown.",
        )


def _outside(field: str, what: str, shown: Shown) -> SelectionError:
    box = shown.box
    is_all = box == shown.source.canvas.box
    where = "the picture, which is" if is_all else f"the part that is shown: from {box.x}, {box.y} on,"
    return SelectionError(
        "outside",
        f"{what} lies outside {where} {box.width} x {box.height} px.",
        field=field,
        remedy="Point at something inside it.",
    )


def _why(segmenter: Segmenter, matter: Matter | None, choices: int) -> str:
    edge = f", its soft edges by {matter.name}" if matter else ""
    others = f"; {choices - 1} other{'s' if choices > 2 else ''} could be meant" if choices > 1 else ""
    return f"Found by {segmenter.card.title}{edge}{others}."


def _whole(shown: Shown) -> Box:
    return Box(0, 0, shown.box.width, shown.box.height)


def _is_open(prompts: Prompts) -> bool:
    """Whether nothing says how large the thing is."""
    return not prompts.boxes and prompts.rough is None


def _around(bounds: Box, whole: Box) -> Box:
    """What a segmenter is shown that looks close: the surroundings tell it what the thing is not."""
    pads = (max(LEAST_CONTEXT_PX, round(CONTEXT_SHARE * side)) for side in (bounds.width, bounds.height))
    across, down = pads
    return bounds.grown(across, down, across, down).intersected(whole)


def _holds(box: Box, point: Point) -> bool:
    return box.x <= point.x < box.right and box.y <= point.y < box.bottom


def _iou(one: Selected, other: Selected) -> float:
    """Of two masks: what they share of what they cover."""
    shared = one.box.intersected(other.box)
    if shared.is_empty:
        return 0.0
    ones, others = (each.mask[shared.relative_to(each.box).slices] for each in (one, other))
    both = float(np.minimum(ones, others).sum(dtype=np.int64))
    return both / (float(one.mask.sum(dtype=np.int64)) + float(other.mask.sum(dtype=np.int64)) - both)
