"""What the fill looks at in place of the pixels: four perceptual 8-bit channels, from any model and depth.

Matching needs neither 16 bits nor a profile, only that equal steps look about equal. The pixels that are copied keep
their depth. Whatever scales the values is measured on known pixels alone: nothing hidden leaks through a range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import FillError
from inlay.pixels.formats import CHANNELS, Model, Pixels

Proxy = NDArray[np.uint8]
Values = NDArray[np.float32]
Bools = NDArray[np.bool_]

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


def make_proxy(pixels: Pixels, known: Bools, model: Model, is_linear: bool) -> Proxy:
    """(H, W, 4) uint8 from (H, W, C) pixels: three perceptual colour channels, and alpha (255 without one).

    known: (H, W) bool; what is not known comes out as 0 and is not looked at.
    """
    alpha_is_last = has_alpha(pixels, model)
    colours = pixels[..., :-1] if alpha_is_last else pixels
    proxy = np.zeros((*known.shape, 4), np.uint8)
    is_plain = model in (Model.RGBA, Model.LABA, Model.YCBCRA) and pixels.dtype == np.uint8 and not is_linear
    encoding = Encoding(pixels.dtype, is_linear or model is Model.XYZA)
    if is_plain:
        proxy[..., :3] = colours
        proxy[~known] = 0
    else:
        visible = _colours(encoding, colours[known], model)
        proxy[known, :3] = _stretch(visible, is_float=pixels.dtype.kind == "f")
    proxy[..., 3] = np.where(known, 255, 0)
    if alpha_is_last:
        coverage = pixels[..., -1][known]
        alpha = np.rint(np.clip(Encoding(pixels.dtype, False).encode(coverage), 0, 1) * 255)
        if alpha.min(initial=255) < 255:  # colours count as far as they are seen
            proxy[known, 3] = alpha
            proxy[known, :3] = np.rint(proxy[known, :3] * (alpha / np.float32(255))[:, None])
    return proxy


def _colours(encoding: Encoding, known_colours: Pixels, model: Model) -> Values:
    """(N, channels) stored colours as (N, 3) perceptual ones."""
    if model is Model.XYZA:
        straight = Encoding(encoding.dtype, False).encode(known_colours)
        return Encoding(np.dtype(np.float32), True).encode(straight @ _XYZ_TO_RGB.T)
    values = encoding.encode(known_colours)
    if model is Model.CMYKA:
        full = max(1.0, float(values.max(initial=0)))  # Krita's float inks run to 100
        inks = 1 - values / np.float32(full)
        return inks[:, :3] * inks[:, 3:]
    return np.repeat(values, 3, axis=1) if values.shape[1] == 1 else values


def _stretch(colours: Values, is_float: bool) -> Proxy:
    """(N, 3) colours to 0..255. Floats may have any range: then 0.1 and 99.9 % of what is there spans it."""
    low, high = 0.0, 1.0
    if is_float and len(colours):
        sample = colours[:: max(1, len(colours) // 200_000)]
        least, most = (float(v) for v in np.quantile(sample, (0.001, 0.999)))
        low, high = (least if least < -0.05 else 0.0), (most if most > 1.05 else 1.0)
        high = max(high, low + 1e-3)
    stretched: Proxy = np.clip(np.rint((colours - low) * np.float32(255 / (high - low))), 0, 255).astype(np.uint8)
    return stretched
