"""Thumbnails: stored images made small, as a screen shows them."""

from __future__ import annotations

import numpy as np

from inlay.edits.edit import Canvas
from inlay.jobs.store import ImageInfo, Raw
from inlay.pixels import colours
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.resampling import resized

LARGEST_SIDE_PX = 512
RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)
COARSE = 4  # a large image is first brought down to this many times the size, by leaving pixels out


def thumbnail(info: ImageInfo, raw: Raw, profile: str, side_px: int) -> tuple[ImageInfo, bytes]:
    """A picture in 8-bit sRGB, at most `side_px` a side and never enlarged, over white where it is transparent.

    raw: the picture's own bytes, which must not be a mask's; profile: the name of its ICC profile.
    """
    assert info.format.model is not Model.MASK
    canvas = Canvas(info.width, info.height, info.format, profile)
    stride = max(1, max(info.width, info.height) // (COARSE * side_px))
    pixels = info.format.from_bytes(raw, info.width, info.height)[::stride, ::stride]  # (H, W, C)
    rgb = colours.to_srgb(np.ascontiguousarray(pixels), canvas.format.model, canvas.is_linear, profile)  # (H, W, 3)
    scale = min(1.0, side_px / max(info.width, info.height))
    width, height = (max(1, round(side * scale)) for side in (info.width, info.height))
    small = np.rint(resized(rgb, width, height) * 255).astype(np.uint8)
    rgba = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])  # (h, w, 4)
    return ImageInfo(RGBA_U8, width, height), RGBA_U8.to_bytes(rgba)
