"""From a document's window to a model's picture, and back without a seam."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt

import numpy as np

from inlay.pipelines.card import Infill
from inlay.pipelines.family import Task, Watch
from inlay.pipelines.parts.neighbourhood import near
from inlay.pipelines.parts.sitting import Coverage, Rgb, Sitting
from inlay.pipelines.shares import shares
from inlay.pixels import colours, coverage, drawing, infill, judging, mending
from inlay.pixels.fill import fill
from inlay.pixels.formats import Model, Pixels
from inlay.pixels.resampling import Fit, resized

NEXT_TRY = 1_000_003  # between the seeds of an edit's tries
REFERENCE_PX = 1024  # the side of the square with as many pixels: what FLUX.2 and Qwen-Image look at, at most
LEAST_REFERENCE_PX, LONGEST_SHAPE = 64, 8  # of the shorter side, and of the sides' ratio: FLUX.2 refuses the rest
Paint = Callable[[Sitting, Watch], Rgb]


def repainted(task: Task, fit: Fit, paint: Paint, watch: Watch, *, may_move: bool) -> Pixels:
    """See `Family.repaint`. With several tries, the one whose border and texture fit best."""
    assert task.settings is not None
    original = colours.to_srgb(task.pixels, task.model, task.is_linear, task.profile)
    begun = _infilled(original, task)
    sitting = Sitting(fit.apply(begun), fit.apply_mask(_denoise_mask(task)), task.settings, task.seed)
    if task.settings.control:
        sitting = replace(sitting, original=fit.apply(original), control=_control(task, fit))
    if task.references:
        sitting = replace(sitting, references=tuple(map(_seen, task.references)))
    paste = task.paste_mask.astype(np.float32) / np.float32(255)

    def tried(one: Sitting, share: Watch) -> Rgb:
        with near(one.seed, sitting.settings.variations):
            painted = fit.undo(paint(one, share))
        return mending.mended(painted, original, paste, may_move=may_move, seed=one.seed).picture

    results = [tried(one, share) for one, share in _tries(sitting, watch)]
    best = min(results, key=lambda rgb: judging.removal_score(rgb, original, task.hole)) if results[1:] else results[0]
    return colours.from_srgb(best, task.pixels, task.model, task.is_linear, task.profile)


def _tries(sitting: Sitting, watch: Watch) -> Iterator[tuple[Sitting, Watch]]:
    """The sitting for each try and its share of the progress. No neighbouring seed has the same tries."""
    if sitting.settings.tries == 1:
        return iter([(sitting, watch)])
    watches = shares(watch, [1] * sitting.settings.tries, are_shown=True)
    return ((sitting.with_seed(sitting.seed + number * NEXT_TRY), share) for number, share in enumerate(watches))


def _control(task: Task, fit: Fit) -> Rgb | None:
    """The pose, depth or lines that were sent, as the model sees them."""
    if task.control is None or task.settings is None:
        return None
    drawn = colours.to_srgb(coverage.opaque(task.control), task.model, task.is_linear, task.profile)
    return fit.apply(drawing.as_control(drawn, coverage.alpha(task.control), task.settings.control))


def _seen(reference: Rgb) -> Rgb:
    """A reference as large as models look at them, of its own shape."""
    height, width = reference.shape[:2]
    scale = min(1.0, REFERENCE_PX / sqrt(width * height))
    if max(width, height) <= LONGEST_SHAPE * min(width, height):
        scale = max(scale, LEAST_REFERENCE_PX / min(width, height))
    return resized(reference, max(1, round(width * scale)), max(1, round(height * scale)))


def _denoise_mask(task: Task) -> Coverage:
    """Where the model may repaint: the hole wholly, or as softly as the paste mask where that is asked for."""
    assert task.settings is not None
    if not task.settings.is_soft:
        return task.hole.astype(np.float32)
    return task.paste_mask.astype(np.float32) / np.float32(255)


def _infilled(original: Rgb, task: Task) -> Rgb:
    """What the model begins with under the hole: the same for every seed, so that it is encoded once."""
    assert task.settings is not None
    kind = task.settings.infill
    if kind is Infill.KEEP or task.hole.all():
        return original
    if kind is Infill.FILL:
        begun = fill(np.rint(original * 255).astype(np.uint8), task.hole, seed=0, unknown=task.bare, model=Model.RGBA)
        return begun.astype(np.float32) / np.float32(255)
    if kind is Infill.BLUR:
        return infill.blurred_surroundings(original, task.hole)
    return (infill.edge_continued if kind is Infill.EDGE else infill.neutral)(original, task.hole)
