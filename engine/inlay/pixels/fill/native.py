"""The fill as the compiled kernel does it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field

import numpy as np

from inlay.pixels.fill.copying import nearest_known
from inlay.pixels.fill.kernel import HOLE, KNOWN, VOID, Bytes, Floats, Indices, Kernel
from inlay.pixels.fill.proxy import Bools, Proxy, Tables
from inlay.pixels.fill.synthesis import OnLevel, Settings, find_origins
from inlay.pixels.fill.watch import Watch
from inlay.pixels.formats import Pixels

_TOLERANCE = 0.06  # of white: a larger difference between borders is an edge or an object's fringe, not tone
_SCREEN = 0.02  # pull towards the copied colour, against 1 for a neighbour's
_REACH_PX = 4  # of the window that a difference in tone is measured in
_CYCLES = 6  # of multigrid


@dataclass(frozen=True)
class NativeFill:
    """Matching, copying map and correction by the kernel."""

    library: ctypes.CDLL
    seed: int
    threads: int
    settings: Settings = field(default_factory=Settings)

    def _kernel(self, watch: Watch) -> Kernel:
        return Kernel(self.library, self.threads, watch)

    def look_up(self, watch: Watch, pixels: Pixels, known: Bools, tables: Tables) -> Proxy:
        """(H, W, 4) uint8, see `proxy.looked_up`."""
        return self._kernel(watch).proxy(pixels, known, tables)

    def origins(self, proxy: Proxy, known: Bools, hole: Bools, watch: Watch, on_level: OnLevel) -> Indices:
        """(H, W) int32: where each hole pixel is copied from, -1 elsewhere."""
        kernel = self._kernel(watch)
        state = _state(known, hole)
        if kernel.spread(~known, 3, beyond=True).all():
            return np.where(hole, nearest_known(known), -1).astype(np.int32)
        return find_origins(kernel, proxy, state, self.settings, self.seed, on_level)

    def corrections(self, known: Bools, watch: Watch, values: Floats, origin: Indices) -> Floats:
        """(H, W, C) float32 to add to the copied values."""
        return self._kernel(watch).blend(
            values, _state(known, origin >= 0), origin, _TOLERANCE, _SCREEN, _REACH_PX, _CYCLES
        )


def _state(known: Bools, hole: Bools) -> Bytes:
    assert (VOID, KNOWN, HOLE) == (0, 1, 2)
    state = np.left_shift(hole.view(np.uint8), 1)
    state |= known.view(np.uint8)
    return state
