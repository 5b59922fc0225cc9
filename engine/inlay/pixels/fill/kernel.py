"""The compiled kernel (engine/native), by ctypes: arrays in, arrays out, the GIL free meanwhile.

Arrays are C-contiguous. A level's `state` says for each pixel whether it is VOID (never looked at), KNOWN or in the
HOLE.
"""

from __future__ import annotations

import ctypes
import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import Cancelled
from inlay.pixels.fill.proxy import Tables
from inlay.pixels.fill.watch import Watch
from inlay.pixels.geometry import Box
from inlay.pixels.masks import support_box

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int32]
Floats = NDArray[np.float32]

VOID, KNOWN, HOLE = 0, 1, 2  # of a pixel's state
CHANNELS = 8  # bytes of a feature pixel
RADIUS = 3  # of a patch

_ABI = 5  # of the C interface: a stale library is not used


def _address(array: NDArray[np.generic]) -> ctypes.c_void_p:
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def _near(mask: NDArray[np.bool_], margin_px: int) -> Box:
    """The box around what is in the mask, grown by the margin; empty where nothing is."""
    box = support_box(mask)
    return box if box.is_empty else box.grown(margin_px).intersected(Box(0, 0, mask.shape[1], mask.shape[0]))


@dataclass(frozen=True)
class Kernel:
    """The kernel's functions for one fill: raise Cancelled where the watch says so."""

    library: ctypes.CDLL
    threads: int
    watch: Watch

    def _call(self, name: str, *arguments: object) -> None:
        if getattr(self.library, name)(*arguments, self.threads, ctypes.byref(self.watch.flag)):
            raise Cancelled

    def proxy(self, pixels: NDArray[np.generic], known: NDArray[np.bool_], tables: Tables) -> Bytes:
        """(H, W, 4) what the tables say of known pixels, else 0. pixels: (H, W, C) uint8 or uint16, any row stride."""
        height, width, channels = pixels.shape
        if pixels.strides[1:] != (channels * pixels.itemsize, pixels.itemsize):
            pixels = np.ascontiguousarray(pixels)
        out = np.empty((height, width, 4), np.uint8)
        colours = channels - (tables.coverage is not None)
        self._call(
            "inlay_proxy", width, height, channels, colours, pixels.itemsize, ctypes.c_void_p(pixels.ctypes.data),
            ctypes.c_int64(pixels.strides[0]), _address(known), _address(tables.colour),
            None if tables.coverage is None else _address(tables.coverage), _address(out),
        )  # fmt: skip
        return out

    def features(self, proxy: Bytes, state: Bytes, reach: int, weight: float) -> Bytes:
        """(H, W, CHANNELS) features of a picture: colour, alpha, roughness. proxy: (H, W, 4). Zero where not known."""
        height, width = state.shape
        out = np.empty((height, width, CHANNELS), np.uint8)
        self._call(
            "inlay_features",
            width,
            height,
            _address(proxy),
            _address(state),
            reach,
            ctypes.c_float(weight),
            _address(out),
        )
        return out

    def shrink(self, features: Bytes, state: Bytes) -> tuple[Bytes, Bytes]:
        """Features and state at half the size, from known pixels alone."""
        height, width = state.shape
        half = (height + 1) // 2, (width + 1) // 2
        out, out_state = np.empty((*half, CHANNELS), np.uint8), np.empty(half, np.uint8)
        self._call(
            "inlay_shrink", width, height, _address(features), _address(state), _address(out), _address(out_state)
        )
        return out, out_state

    def spread(self, mask: NDArray[np.bool_], reach: int, *, beyond: bool = False) -> NDArray[np.bool_]:
        """Whether anything within `reach` pixels is in the mask. beyond: what the picture's outside counts as."""
        out = np.zeros(mask.shape, np.bool_)
        near = _near(mask, reach)
        if not near.is_empty:
            part = np.ascontiguousarray(mask[near.slices]).view(np.uint8)
            near_out = np.empty(part.shape, np.uint8)
            self.library.inlay_spread(near.width, near.height, _address(part), reach, 0, _address(near_out))
            out[near.slices] = near_out.view(np.bool_)
        if beyond:
            for edge in (out[:reach], out[-reach:], out[:, :reach], out[:, -reach:]):
                edge[...] = True
        return out

    def depth(self, mask: NDArray[np.bool_]) -> Bytes:
        """City-block steps out of the mask, at most 255; 0 outside it."""
        out = np.zeros(mask.shape, np.uint8)
        near = _near(mask, 1)
        if not near.is_empty:
            part = np.ascontiguousarray(mask[near.slices]).view(np.uint8)
            near_out = np.empty(part.shape, np.uint8)
            self.library.inlay_depth(near.width, near.height, _address(part), _address(near_out))
            out[near.slices] = near_out
        return out

    def match_all(
        self,
        features: Bytes,
        state: Bytes,
        whole: NDArray[np.bool_],
        targets: Indices,
        places: Indices,
        nearest: Indices,
        cost: Indices,
        locality: float,
    ) -> None:
        """Set `nearest` and `cost` (H, W) at the targets to the best of all `places`; `whole`: see `Level`."""
        height, width = state.shape
        self._call(
            "inlay_match_all", width, height, _address(features), _address(state), _address(whole.view(np.uint8)),
            _address(targets), len(targets), _address(places), len(places), _address(nearest), _address(cost),
            ctypes.c_float(locality),
        )  # fmt: skip

    def match(
        self,
        features: Bytes,
        state: Bytes,
        whole: NDArray[np.bool_],
        sources: NDArray[np.bool_],
        targets: Indices,
        nearest: Indices,
        cost: Indices,
        iterations: int,
        search_radius: int,
        locality: float,
        seed: int,
    ) -> None:
        """Improve `nearest` and `cost` (H, W) at the targets by PatchMatch; `whole`: see `Level`."""
        height, width = state.shape
        self._call(
            "inlay_match", width, height, _address(features), _address(state), _address(whole.view(np.uint8)),
            _address(sources.view(np.uint8)), _address(targets), len(targets), _address(nearest), _address(cost),
            iterations, search_radius, ctypes.c_float(locality), ctypes.c_uint64(seed),
        )  # fmt: skip

    def vote(
        self,
        features: Bytes,
        holes: Indices,
        targets: Indices,
        nearest: Indices,
        cost: Indices,
        trust: Floats,
        sharpness: float,
    ) -> None:
        """Write the holes' features as what the patches around them, those at the targets, say."""
        height, width = nearest.shape
        self._call(
            "inlay_vote", width, height, _address(features), _address(holes), len(holes), _address(targets),
            len(targets), _address(nearest), _address(cost), _address(trust), ctypes.c_float(sharpness),
        )  # fmt: skip

    def label(
        self,
        features: Bytes,
        state: Bytes,
        holes: Indices,
        nearest: Indices,
        origin: Indices,
        fidelity: float,
        rounds: int,
    ) -> None:
        """Improve `origin` (H, W), the source of each hole pixel, so that seams between copied regions are hidden."""
        height, width = nearest.shape
        self._call(
            "inlay_label", width, height, _address(features), _address(state), _address(holes), len(holes),
            _address(nearest), _address(origin), ctypes.c_float(fidelity), rounds,
        )  # fmt: skip

    def blend(
        self, values: Floats, state: Bytes, origin: Indices, tolerance: float, screen: float, reach: int, cycles: int
    ) -> Floats:
        """(H, W, C) what to add to each copied pixel so that no step shows. values: (H, W, C), 1 = white."""
        height, width, channels = values.shape
        out = np.zeros_like(values)
        rows, columns = np.flatnonzero((origin >= 0).any(1)), np.flatnonzero((origin >= 0).any(0))
        self._call(
            "inlay_blend", width, height, channels, _address(values), _address(state), _address(origin),
            int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1, ctypes.c_float(tolerance),
            ctypes.c_float(screen), reach, cycles, _address(out),
        )  # fmt: skip
        return out


@functools.cache
def load() -> ctypes.CDLL | None:
    """The compiled library beside this module, or None: not built, does not load, or of another version."""
    name = "_kernel.dll" if os.name == "nt" else "_kernel.so"
    try:
        library = ctypes.CDLL(str(Path(__file__).with_name(name)))
        return library if library.inlay_abi() == _ABI else None
    except (OSError, AttributeError):
        return None
