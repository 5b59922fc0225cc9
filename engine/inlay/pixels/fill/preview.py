"""Small pictures of a fill under way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.proxy import Bools, Proxy, make_proxy
from inlay.pixels.fill.region import Part
from inlay.pixels.formats import Model, Pixels

Rgb8 = NDArray[np.uint8]

_LONG_SIDE_PX = 512


@dataclass(frozen=True)
class Preview:
    """The whole picture at a low resolution, into which the levels' guesses for the hole are put."""

    shown: Proxy  # (h, w, 4), written into
    step: int  # pixels of the picture a pixel of the preview
    model: Model

    def put(self, part: Part, level: Proxy, halvings: int) -> Rgb8:
        """The picture with a part's latest guess, (h, w, 3) uint8 RGB. level: (h', w', 4), halved so many times."""
        top, left = part.window[0].start, part.window[1].start
        first_row, first_column = -(-top // self.step), -(-left // self.step)
        grid = part.hole[first_row * self.step - top :: self.step, first_column * self.step - left :: self.step]
        rows, columns = np.nonzero(grid)
        rows, columns = rows + first_row, columns + first_column
        guess = level[(rows * self.step - top) >> halvings, (columns * self.step - left) >> halvings]
        self.shown[rows, columns] = guess
        return _to_rgb(self.shown, self.model)


def make_preview(pixels: Pixels, hole: Bools, unknown: Bools | None, model: Model, is_linear: bool) -> Preview:
    """The preview of a fill, before any guess. hole, unknown: (H, W) bool, True = not to be shown."""
    step = -(-max(hole.shape) // _LONG_SIDE_PX)
    grid = (slice(None, None, step), slice(None, None, step))
    known = ~hole[grid] if unknown is None else ~(hole[grid] | unknown[grid])
    return Preview(make_proxy(pixels[grid], known, model, is_linear), step, model)


def _to_rgb(proxy: Proxy, model: Model) -> Rgb8:
    """A rough view: exact for grey and RGB, near enough for the others."""
    first, second, third = (proxy[..., i].astype(np.float32) for i in range(3))
    if model is Model.YCBCRA:  # ITU-R BT.601, full range
        red_chroma, blue_chroma = third - 128, second - 128
    elif model is Model.LABA:  # lightness as luma, a* and b* as red against green and yellow against blue
        red_chroma, blue_chroma = second - 128, 128 - third
    else:
        return proxy[..., :3].copy()
    colours = (
        first + 1.402 * red_chroma,
        first - 0.714 * red_chroma - 0.344 * blue_chroma,
        first + 1.772 * blue_chroma,
    )
    shown: Rgb8 = np.clip(np.rint(np.stack(colours, -1)), 0, 255).astype(np.uint8)
    return shown
