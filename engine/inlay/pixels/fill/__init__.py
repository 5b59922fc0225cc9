"""The built-in fill: classical exemplar-based completion of a hole, without a model."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill import native
from inlay.pixels.fill.errors import Cancelled, FillError
from inlay.pixels.fill.proxy import has_alpha, make_proxy
from inlay.pixels.fill.region import context_px, search_window
from inlay.pixels.fill.watch import IsCancelled, OnPreview, OnProgress, Watch, watched
from inlay.pixels.formats import Model, Pixels

__all__ = ["Cancelled", "FillError", "backend", "context_px", "fill"]

Bools = NDArray[np.bool_]


def backend() -> Literal["native", "portable"]:
    """Which code does the work: the compiled kernel, or numpy where it could not be built or loaded."""
    return "native"


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
    those pixels are never looked at.
    Raises FillError when nothing is known or shapes disagree, Cancelled when `is_cancelled` said so.
    """
    has_alpha(pixels, model)
    if hole.shape != pixels.shape[:2] or (unknown is not None and unknown.shape != hole.shape):
        raise FillError(f"the mask is {hole.shape}, the picture {pixels.shape[:2]}: give them the same size")
    result = pixels.copy()
    if not hole.any():
        return result
    known = ~hole if unknown is None else ~(hole | unknown)
    window = search_window(hole, known)

    def work(watch: Watch) -> None:
        part = pixels[window]
        proxy = make_proxy(part, known[window], model, is_linear)
        result[window] = native.compose(part, proxy, known[window], hole[window], seed, threads or 0, watch)

    watched(work, on_progress, is_cancelled, on_preview)
    return result
