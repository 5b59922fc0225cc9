"""Small pictures of a fill under way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.proxy import Bools, Proxy, make_proxy
from inlay.pixels.fill.region import Window
from inlay.pixels.formats import Model, Pixels

Rgb8 = NDArray[np.uint8]

_LONG_SIDE_PX = 512


@dataclass(frozen=True)
class Preview:
    """The whole picture at a low resolution, into which the levels' guesses for the hole are put."""

    base: Proxy  # (h, w, 4)
    hole: Bools  # (h, w)
    step: int  # pixels of the picture a pixel of the preview
    window: Window
    model: Model

    def of(self, level: Proxy, halvings: int) -> Rgb8:
        """(h, w, 3) uint8 RGB. level: (h', w', 4), the window's guess, halved so many times."""
        shown = self.base.copy()
        rows, columns = np.nonzero(self.hole)
        y = (rows * self.step - self.window[0].start) >> halvings
        x = (columns * self.step - self.window[1].start) >> halvings
        shown[rows, columns] = level[y, x]
        return _to_rgb(shown, self.model)


def make_preview(pixels: Pixels, hole: Bools, known: Bools, window: Window, model: Model, is_linear: bool) -> Preview:
    """The preview of a fill, before any guess."""
    step = -(-max(hole.shape) // _LONG_SIDE_PX)
    grid = (slice(None, None, step), slice(None, None, step))
    inside = np.zeros_like(hole)
    inside[window] = True
    base = make_proxy(pixels[grid], known[grid], model, is_linear)
    return Preview(base, (hole & inside)[grid], step, window, model)


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
