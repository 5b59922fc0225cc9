"""What segmenters look at: parts of what is shown, reduced, and the way back to full size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from inlay.edits.edit import Source
from inlay.pipelines.segmenter import View
from inlay.pixels import colours
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support
from inlay.pixels.resampling import resized
from inlay.pixels.smooth import Floats

MOST_VIEWS = 8  # that are kept; each is 12 MiB at most, a finder's 20


@dataclass(frozen=True)
class Shown:
    """A part of the canvas, and where it lies."""

    source: Source  # its mask is the rough selection, or None
    box: Box  # canvas space, of the source's size
    key: str  # names the pixels


class Views:
    """Pictures at the sizes that segmenters look at, the last few of them. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, View] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, shown: Shown, window: Box, longest_px: int) -> View:
        """A window (in pixels of what is shown), its long side `longest_px` at most."""
        key = f"{shown.key} {window.x},{window.y},{window.width},{window.height} {longest_px}"
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        view = View(key, _reduced(shown.source, window, longest_px))
        with self._lock:
            self._kept[key] = view
            while len(self._kept) > MOST_VIEWS:
                self._kept.popitem(last=False)
        return view


def size_of(view: View) -> tuple[int, int]:
    """Width and height."""
    return view.picture.shape[1], view.picture.shape[0]


def in_full(box: Box, size: tuple[int, int], window: Box) -> Box:
    """A box of a view of the window in pixels of what is shown."""
    left, right = (window.x + round(at * window.width / size[0]) for at in (box.x, box.right))
    top, bottom = (window.y + round(at * window.height / size[1]) for at in (box.y, box.bottom))
    return Box.from_edges(left, top, max(left + 1, right), max(top + 1, bottom)).intersected(window)


def enlarged(inside: Support, window: Box, part: Box) -> Mask:
    """A part of the window in a view's mask of it, (part.height, part.width), each pixel the view's nearest."""
    rows = (np.arange(part.y, part.bottom) - window.y) * inside.shape[0] // window.height
    columns = (np.arange(part.x, part.right) - window.x) * inside.shape[1] // window.width
    mask: Mask = inside[rows][:, columns] * np.uint8(255)
    return mask


def _reduced(source: Source, window: Box, longest_px: int) -> Floats:
    """A window as (h, w, 3) float32 sRGB in [0, 1], its long side `longest_px` at most.

    Of large pictures whole rows and columns are left out first, so that only what is looked at is converted.
    """
    scale = max(window.width, window.height) / longest_px
    stride = max(1, int(scale / 2))
    first = stride // 2  # the middle of what it stands for
    pixels = source.pixels[window.slices][first::stride, first::stride]
    canvas = source.canvas
    picture = colours.to_srgb(np.ascontiguousarray(pixels), canvas.format.model, canvas.is_linear, canvas.profile)
    if scale <= 1:
        return picture
    return resized(picture, max(1, round(window.width / scale)), max(1, round(window.height / scale)))


def srgb_of(source: Source, part: Box) -> Floats:
    """A part of what is shown, (h, w, 3) float32 sRGB in [0, 1]."""
    canvas = source.canvas
    return colours.to_srgb(source.pixels[part.slices], canvas.format.model, canvas.is_linear, canvas.profile)
