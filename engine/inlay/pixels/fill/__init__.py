"""The built-in fill: classical exemplar-based completion of a hole, without a model."""

from __future__ import annotations

import os
from functools import partial
from typing import Literal

from inlay.pixels.fill import kernel
from inlay.pixels.fill.copying import copied
from inlay.pixels.fill.errors import Cancelled, FillError
from inlay.pixels.fill.native import NativeFill
from inlay.pixels.fill.portable import PortableFill
from inlay.pixels.fill.preview import make_preview
from inlay.pixels.fill.proxy import Bools, Proxy, has_alpha, make_proxy
from inlay.pixels.fill.region import Part, context_px, parts
from inlay.pixels.fill.watch import IsCancelled, OnPreview, OnProgress, Watch, watched
from inlay.pixels.formats import Model, Pixels

__all__ = ["Cancelled", "FillError", "backend", "context_px", "fill"]


def backend() -> Literal["native", "portable"]:
    """Which code does the work: the compiled kernel, or numpy where it could not be built or loaded."""
    return "portable" if kernel.load() is None else "native"


def fill(
    pixels: Pixels,
    hole: Bools,
    *,
    seed: int = 0,
    unknown: Bools | None = None,
    model: Model = Model.RGBA,
    is_linear: bool = False,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
    on_preview: OnPreview | None = None,
    threads: int | None = None,
) -> Pixels:
    """A copy of the pixels with the hole filled from the rest; bit-identical outside the hole.

    pixels: (H, W, C) uint8, uint16, float16 or float32, channels in the model's reading order, with alpha last or
    without it (C tells). hole: (H, W) bool, True = fill. unknown: (H, W) bool, True = neither known nor to be filled;
    those pixels are never looked at. is_linear: the values are light, not perceptual. threads: None = all cores; the
    result depends on the seed alone.
    The callbacks are called on the caller's thread: on_progress(fraction 0..1, stage), is_cancelled() about every
    20 ms, on_preview((h, w, 3) uint8, the whole picture at most 512 px long).
    Raises FillError when nothing is known or shapes disagree, Cancelled when `is_cancelled` said so.
    """
    has_alpha(pixels, model)
    if hole.shape != pixels.shape[:2] or (unknown is not None and unknown.shape != hole.shape):
        raise FillError(f"the mask is {hole.shape}, the picture {pixels.shape[:2]}: give them the same size")
    pieces = parts(hole, unknown)
    result = pixels.copy()
    if not pieces:
        return result
    crew = threads or processors()
    library = kernel.load()
    worker = PortableFill(seed) if library is None else NativeFill(library, seed, crew)
    total = sum(piece.count for piece in pieces)

    def work(watch: Watch) -> None:
        preview = make_preview(pixels, hole, unknown, model, is_linear) if watch.wants_previews else None

        def on_level(done: int, piece: Part, fraction: float, guess: Proxy, halvings: int) -> None:
            watch.report((done + 0.9 * fraction * piece.count) / total, "matching")
            if preview is not None:
                watch.show(preview.put(piece, guess, halvings))

        done = 0
        for piece in pieces:
            part, is_known = pixels[piece.window], piece.known
            proxy = make_proxy(part, is_known, model, is_linear, partial(worker.look_up, watch), crew)
            origin = worker.origins(proxy, is_known, piece.hole, watch, partial(on_level, done, piece))
            watch.check()
            correct = partial(worker.corrections, is_known, watch)
            filled = copied(part, is_known, origin, model, is_linear, correct, crew)
            result[piece.window][piece.inner][piece.hole[piece.inner]] = filled
            done += piece.count
        watch.report(1.0, "done")

    watched(work, on_progress, is_cancelled, on_preview)
    return result


def processors() -> int:
    """How many this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
