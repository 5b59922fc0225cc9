"""What the fill looks at in place of the pixels: four perceptual 8-bit channels, from any model and depth.

Matching needs neither 16 bits nor a profile, only that equal steps look about equal. The pixels that are copied keep
their depth. Whatever scales the values is measured on known pixels alone: nothing hidden leaks through a range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import FillError
from inlay.pixels.fill.strips import by_strips
from inlay.pixels.formats import CHANNELS, Model, Pixels

Proxy = NDArray[np.uint8]
Values = NDArray[np.float32]
Bools = NDArray[np.bool_]

_SAMPLE = 200_000  # pixels that a range is measured on; up to twice as many are taken
_TOE = 0.0031308  # of the sRGB curve, IEC 61966-2-1
_XYZ_TO_RGB = np.array(  # IEC 61966-2-1
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]], np.float32
)


@dataclass(frozen=True)
class Encoding:
    """How stored values become perceptual ones, and back, without loss of range (HDR and negative values live on)."""

    dtype: np.dtype[np.generic]
    is_linear: bool

    @property
    def scale(self) -> float:
        """The stored value that means 1."""
        return float(2 ** (8 * self.dtype.itemsize) - 1) if self.dtype.kind == "u" else 1.0

    def encode(self, stored: Pixels) -> Values:
        """Stored values, any shape, as float32; linear ones through the sRGB curve, mirrored below 0, open above 1."""
        values: Values = stored.astype(np.float32) * np.float32(1 / self.scale)
        if not self.is_linear:
            return values
        size = np.abs(values)
        curved = np.where(size <= _TOE, 12.92 * size, 1.055 * np.maximum(size, _TOE) ** np.float32(1 / 2.4) - 0.055)
        return np.copysign(curved, values).astype(np.float32)

    def decode(self, values: Values) -> Pixels:
        """The inverse of `encode`, rounded and clipped to what the depth can hold."""
        if self.is_linear:
            size = np.abs(values)
            toe = np.float32(12.92 * _TOE)
            straight = np.where(size <= toe, size / 12.92, ((np.maximum(size, toe) + 0.055) / 1.055) ** np.float32(2.4))
            values = np.copysign(straight, values).astype(np.float32)
        if self.dtype.kind == "u":
            rounded: Pixels = np.clip(np.rint(values * self.scale), 0, self.scale).astype(self.dtype)
            return rounded
        limit = np.float32(65504.0 if self.dtype.itemsize == 2 else np.finfo(np.float32).max)
        clipped: Pixels = np.clip(values, -limit, limit).astype(self.dtype)
        return clipped


def has_alpha(pixels: Pixels, model: Model) -> bool:
    """Whether the last channel is coverage: the array then has all of the model's channels, else one less.

    Raises FillError when the number of channels fits neither.
    """
    channels = int(pixels.shape[2])
    if model is Model.MASK and channels == 1:
        return False
    if channels in (CHANNELS[model], CHANNELS[model] - 1):
        return channels == CHANNELS[model]
    raise FillError(f"{channels} channels are not {model}: pass the model that the pixels are in")


@dataclass(frozen=True)
class Tables:
    """The level of every value that 8 or 16 bits can store, where a channel needs no other to be seen."""

    colour: NDArray[np.uint8]  # (256,) or (65536,)
    coverage: NDArray[np.uint8] | None  # the same for alpha; None = the pixels have none


LookUp = Callable[[Pixels, Bools, Tables], Proxy]  # stored pixels as uint8 or uint16


@dataclass(frozen=True)
class Look:
    """How stored colours are seen: what was measured on known pixels holds for all of them."""

    model: Model
    encoding: Encoding
    ink: float = 1.0  # CMYKA: the value of a full ink; Krita's float inks run to 100
    low: float = 0.0  # the perceptual values that become 0 and 255
    high: float = 1.0

    @property
    def is_by_channel(self) -> bool:
        """Whether tables can say it."""
        return self.encoding.dtype.itemsize <= 2 and self.model not in (Model.CMYKA, Model.XYZA)

    def colours(self, stored: Pixels) -> Values:
        """(N, channels) stored colours as (N, 3) perceptual ones."""
        if self.model is Model.XYZA:
            straight = Encoding(self.encoding.dtype, False).encode(stored)
            return Encoding(np.dtype(np.float32), True).encode(straight @ _XYZ_TO_RGB.T)
        values = self.encoding.encode(stored)
        if self.model is Model.CMYKA:
            inks = 1 - values / np.float32(self.ink)
            return inks[:, :3] * inks[:, 3:]
        return np.repeat(values, 3, axis=1) if values.shape[1] == 1 else values

    def levels(self, stored: Pixels) -> Proxy:
        """(N, channels) stored colours as (N, 3) of 0..255."""
        stretched = (self.colours(stored) - self.low) * np.float32(255 / (self.high - self.low))
        levels: Proxy = np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
        return levels

    def coverage(self, stored: Pixels) -> Proxy:
        """Stored alpha, any shape, as 0..255."""
        alpha = np.clip(Encoding(self.encoding.dtype, False).encode(stored), 0, 1)
        levels: Proxy = np.rint(alpha * 255).astype(np.uint8)
        return levels

    def tables(self, has_alpha: bool) -> Tables:
        """See `Tables`. What no known pixel holds (NaN) may stand there as anything."""
        every = np.arange(256**self.encoding.dtype.itemsize).astype(f"u{self.encoding.dtype.itemsize}")
        stored = every.view(self.encoding.dtype)
        with np.errstate(all="ignore"):
            return Tables(self.levels(stored[:, None])[:, 0].copy(), self.coverage(stored) if has_alpha else None)


def make_proxy(
    pixels: Pixels, known: Bools, model: Model, is_linear: bool, look_up: LookUp | None = None, threads: int = 1
) -> Proxy:
    """(H, W, 4) uint8 from (H, W, C) pixels: three perceptual colour channels, and alpha (255 without one).

    known: (H, W) bool; what is not known comes out as 0 and is not looked at. look_up: something faster than numpy.
    """
    alpha_is_last = has_alpha(pixels, model)
    look = _measured(pixels[..., :-1] if alpha_is_last else pixels, known, model, is_linear, threads)
    if look.is_by_channel:
        stored = pixels.view(f"u{pixels.dtype.itemsize}")
        return (look_up or looked_up)(stored, known, look.tables(alpha_is_last))
    proxy = np.zeros((*known.shape, 4), np.uint8)

    def see(rows: slice) -> None:
        visible = pixels[rows][known[rows]]
        levels = np.full((len(visible), 4), 255, np.uint8)
        levels[:, :3] = look.levels(visible[:, :-1] if alpha_is_last else visible)
        if alpha_is_last:
            levels[:, 3] = look.coverage(visible[:, -1])
        proxy[rows][known[rows]] = _as_far_as_seen(levels)

    by_strips(see, known.shape, threads)
    return proxy


def looked_up(pixels: Pixels, known: Bools, tables: Tables) -> Proxy:
    """(H, W, 4) uint8, 0 where not known. pixels: (H, W, C) uint8 or uint16, alpha last where it has a table."""
    proxy = np.zeros((*known.shape, 4), np.uint8)

    def see(rows: slice) -> None:
        visible = pixels[rows][known[rows]]
        levels = np.full((len(visible), 4), 255, np.uint8)
        levels[:, :3] = tables.colour[visible if tables.coverage is None else visible[:, :-1]]
        if tables.coverage is not None:
            levels[:, 3] = tables.coverage[visible[:, -1]]
        proxy[rows][known[rows]] = _as_far_as_seen(levels)

    by_strips(see, known.shape, 1)
    return proxy


def _as_far_as_seen(levels: Proxy) -> Proxy:
    """(N, 4) levels with their colours weakened where alpha is below 255."""
    if levels[:, 3].min(initial=255) < 255:
        share = levels[:, 3].astype(np.float32) / np.float32(255)
        levels[:, :3] = np.rint(levels[:, :3] * share[:, None])
    return levels


def _measured(colours: Pixels, known: Bools, model: Model, is_linear: bool, threads: int) -> Look:
    """The look of a picture. Floats may have any range: then 0.1 and 99.9 % of what is there spans it."""
    look = Look(model, Encoding(colours.dtype, is_linear or model is Model.XYZA))
    if model is Model.CMYKA:
        inks = by_strips(partial(_most_ink, look.encoding, colours, known), known.shape, threads)
        look = replace(look, ink=max(1.0, *inks))
    if colours.dtype.kind != "f":
        return look
    sample = look.colours(_sampled(colours, known))
    if not len(sample):
        return look
    least, most = (float(v) for v in np.quantile(sample, (0.001, 0.999)))
    low, high = (least if least < -0.05 else 0.0), (most if most > 1.05 else 1.0)
    return replace(look, low=low, high=max(high, low + 1e-3))


def _most_ink(encoding: Encoding, colours: Pixels, known: Bools, rows: slice) -> float:
    return float(encoding.encode(colours[rows][known[rows]]).max(initial=0))


def _sampled(colours: Pixels, known: Bools) -> Pixels:
    """(N, C): every n-th known pixel in reading order, so that about `_SAMPLE` are taken."""
    ends = np.cumsum(np.count_nonzero(known, axis=1))
    step = max(1, int(ends[-1]) // _SAMPLE)
    runs, wanted = [colours[:0, 0]], 0
    for row, end in enumerate(ends.tolist()):
        if wanted < end:
            columns = np.flatnonzero(known[row])
            first = wanted - (end - len(columns))
            runs.append(colours[row, columns[first::step]])
            wanted += len(runs[-1]) * step
    return np.concatenate(runs)
