"""Previews: small pictures of work in progress, in memory only."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from inlay.jobs.store import ImageInfo
from inlay.pixels.formats import Depth, Model, PixelFormat

LARGEST_SIDE_PX = 512
RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)


class Previews:
    """The latest previews of all jobs by digest. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._images: OrderedDict[str, tuple[ImageInfo, bytes]] = OrderedDict()

    def add(self, rgb: NDArray[np.uint8]) -> str:
        """Keep a preview, the oldest ones make room; gives its digest. rgb: (h, w, 3) sRGB of any size."""
        stride = -(-max(rgb.shape[:2]) // LARGEST_SIDE_PX)
        small = rgb[::stride, ::stride]
        rgba = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])
        raw = RGBA_U8.to_bytes(rgba)
        info = ImageInfo(RGBA_U8, rgba.shape[1], rgba.shape[0])
        digest = info.digest(raw)
        with self._lock:
            self._images[digest] = (info, raw)
            while len(self._images) > self._count:
                self._images.popitem(last=False)
        return digest

    def find(self, digest: str) -> tuple[ImageInfo, bytes] | None:
        """A preview's declaration and raw bytes, or None."""
        with self._lock:
            return self._images.get(digest)
