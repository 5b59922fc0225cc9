"""Other sizes: resampling without aliasing or a shift, and how a window is laid into a model's canvas.

Lanczos with three lobes (Duchon 1979), widened by the reduction, on the centres of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LOBES = 3
LARGEST_ENLARGEMENT = 4.0  # of a small window: more would show a model nothing but blur


def resized(values: Floats, width: int, height: int) -> Floats:
    """(H, W) or (H, W, C) float32 at another size; constants stay, nothing leaves the range that it was in."""
    if values.shape[:2] == (height, width):
        return values
    return _resampled(values, width, height, LOBES)


def resized_coverage(mask: Floats, width: int, height: int) -> Floats:
    """A mask (H, W) at another size, by a filter without ripples: nothing but the border's own pixels turns soft."""
    return mask if mask.shape == (height, width) else _resampled(mask, width, height, lobes=1)


def _resampled(values: Floats, width: int, height: int, lobes: int) -> Floats:
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    rows = _along_rows(values.reshape(*values.shape[:2], -1), height, lobes)
    columns = _along_rows(np.ascontiguousarray(rows.transpose(1, 0, 2)), width, lobes).transpose(1, 0, 2)
    clipped: Floats = np.clip(columns, low, high).reshape(height, width, *values.shape[2:])
    return clipped


def _along_rows(values: Floats, length: int, lobes: int) -> Floats:
    """(N, W, C) to (length, W, C), tap by tap: a gather of all taps at once would take many times the memory."""
    source, weights = _taps(values.shape[0], length, lobes)
    result = np.zeros((length, *values.shape[1:]), np.float32)
    for rows, weight in zip(source.T, weights.T, strict=True):
        result += values[rows] * weight[:, None, None]
    return result


def _taps(length: int, wanted: int, lobes: int) -> tuple[NDArray[np.intp], Floats]:
    """For each new sample: the old ones it is made of, (wanted, taps), and their weights, which sum to 1.

    One lobe is never negative, and the more lobes, the sharper.
    """
    step = length / wanted
    reach = lobes * max(step, 1.0)
    centres = (np.arange(wanted) + 0.5) * step - 0.5
    first = np.floor(centres - reach).astype(np.intp) + 1
    source = first[:, None] + np.arange(ceil(2 * reach))
    distance = (source - centres[:, None]) / max(step, 1.0)
    weights = np.where(np.abs(distance) < lobes, np.sinc(distance) * np.sinc(distance / lobes), 0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(source, 0, length - 1), weights.astype(np.float32)


@dataclass(frozen=True)
class Fit:
    """How a window is laid into a model's canvas: scaled alike in both ways, then padded at the right and below."""

    crop_width: int
    crop_height: int
    inner_width: int  # of the scaled window, model pixels
    inner_height: int
    width: int  # with the padding: multiples of the model's own
    height: int

    @property
    def scale(self) -> float:
        """Model pixels for a crop pixel."""
        return sqrt(self.inner_width * self.inner_height / (self.crop_width * self.crop_height))

    def apply(self, rgb: Floats) -> Floats:
        """A picture (crop_height, crop_width, 3) as the model gets it; the padding repeats the edge."""
        return self._padded(resized(rgb, self.inner_width, self.inner_height))

    def apply_mask(self, mask: Floats) -> Floats:
        """A mask (crop_height, crop_width), 1 = repaint; a model pixel that a masked one touches is masked, too."""
        reach = round(0.5 / self.scale) if self.scale < 1 else 0  # half of a model pixel
        spread = _spread(mask, reach)
        return self._padded(resized_coverage(spread, self.inner_width, self.inner_height))

    def undo(self, rgb: Floats) -> Floats:
        """A picture (height, width, 3) of the model's as (crop_height, crop_width, 3): the padding goes."""
        return resized(rgb[: self.inner_height, : self.inner_width], self.crop_width, self.crop_height)

    def _padded(self, values: Floats) -> Floats:
        missing = ((0, self.height - self.inner_height), (0, self.width - self.inner_width))
        padded: Floats = np.pad(values, (*missing, *((0, 0),) * (values.ndim - 2)), mode="edge").astype(np.float32)
        return padded


def _spread(mask: Floats, reach: int) -> Floats:
    """The largest value within `reach` pixels in rows and columns, so that a reduction loses no thin part."""
    height, width = mask.shape
    padded = np.pad(mask, reach)
    rows = np.maximum.reduce([padded[shift : shift + height] for shift in range(2 * reach + 1)])
    found: NDArray[np.float32] = np.maximum.reduce([rows[:, shift : shift + width] for shift in range(2 * reach + 1)])
    return found


def fit(crop_width: int, crop_height: int, native_px: int, multiple: int, largest_px: int) -> Fit:
    """The size at which a window is worked on: the area that the model was trained at, its own aspect.

    Small windows are enlarged, for detail is where a model's pixels are; large ones are reduced. Neither side gets
    longer than `largest_px` nor shorter than `multiple`; nothing is squashed.
    """
    wanted = min(native_px / sqrt(crop_width * crop_height), LARGEST_ENLARGEMENT)
    most = max(largest_px // multiple, 1) * multiple  # the padding counts, too
    scale = min(wanted, most / max(crop_width, crop_height))
    width, height = max(1, round(crop_width * scale)), max(1, round(crop_height * scale))
    return Fit(crop_width, crop_height, width, height, _up_to(width, multiple), _up_to(height, multiple))


def _up_to(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple
