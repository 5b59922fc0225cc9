"""From "copied from where" to pixels, at full depth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.proxy import Bools, Encoding, has_alpha
from inlay.pixels.fill.strips import by_strips
from inlay.pixels.formats import Model, Pixels

Indices = NDArray[np.int32]
Values = NDArray[np.float32]
Correct = Callable[[Values, Indices], Values]


def copied(
    pixels: Pixels, known: Bools, origin: Indices, model: Model, is_linear: bool, correct: Correct, threads: int = 1
) -> Pixels:
    """(N, C) the hole's pixels in reading order: those at `origin` and what `correct` adds, in perceptual values.

    pixels: (H, W, C). known: (H, W). origin: (H, W) index of each hole pixel's source, -1 elsewhere.
    correct: from (H, W, C) float32 values, white about 1, of which only known ones count, and `origin`: the (H, W, C)
    to add.
    """
    channels = pixels.shape[2]
    encodings = _encodings(pixels, model, is_linear)
    values = np.empty(pixels.shape, np.float32)

    def encode(rows: slice) -> None:
        for run, encoding in encodings:
            values[rows][..., run] = encoding.encode(pixels[rows][..., run])

    by_strips(encode, pixels.shape, threads)
    holes = np.flatnonzero(origin >= 0)
    sources = values.reshape(-1, channels)[origin.reshape(-1)[holes]]
    if pixels.dtype.kind == "u":
        wanted = sources + correct(values, origin).reshape(-1, channels)[holes]
    else:
        least, most = _range(values, known, threads)
        span = max(np.float32(1), np.abs(least).max(), np.abs(most).max())  # of any range, HDR or inks up to 100
        if span > 1:
            by_strips(lambda rows: np.divide(values[rows], span, out=values[rows]), pixels.shape, threads)
        wanted = np.clip(sources + correct(values, origin).reshape(-1, channels)[holes] * span, least, most)
    result = np.empty(wanted.shape, pixels.dtype)
    for run, encoding in encodings:
        result[:, run] = encoding.decode(wanted[:, run])
    return result


def _range(values: Values, known: Bools, threads: int) -> tuple[Values, Values]:
    """(C,) the least and the most of each channel's known values."""

    def ends(rows: slice) -> tuple[Values, Values]:
        seen = values[rows][known[rows]]
        return seen.min(0, initial=np.inf), seen.max(0, initial=-np.inf)

    pairs = by_strips(ends, known.shape, threads)
    return np.min([least for least, _ in pairs], axis=0), np.max([most for _, most in pairs], axis=0)


def nearest_known(known: Bools) -> Indices:
    """(H, W) int32: the index of a known pixel near each pixel, found by pull and push over a pyramid."""
    return _spread(np.where(known, np.arange(known.size, dtype=np.int32).reshape(known.shape), np.int32(-1)))


def _spread(index: Indices) -> Indices:
    if (index >= 0).all():
        return index
    rows, columns = index.shape
    padded = np.full((rows + rows % 2, columns + columns % 2), -1, np.int32)
    padded[:rows, :columns] = index
    half = np.maximum.reduce([padded[::2, ::2], padded[1::2, ::2], padded[::2, 1::2], padded[1::2, 1::2]])
    wide = _spread(half).repeat(2, 0).repeat(2, 1)[:rows, :columns]
    return np.where(index >= 0, index, wide).astype(np.int32)


def _encodings(pixels: Pixels, model: Model, is_linear: bool) -> list[tuple[slice, Encoding]]:
    """The curve of each run of channels: alpha is never curved."""
    colour = Encoding(pixels.dtype, is_linear or model is Model.XYZA)
    if not (colour.is_linear and has_alpha(pixels, model)):
        return [(slice(None), colour)]
    return [(slice(None, -1), colour), (slice(-1, None), Encoding(pixels.dtype, False))]
