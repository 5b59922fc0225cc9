"""One size of the picture, as it is worked on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.kernel import HOLE, KNOWN, RADIUS, VOID, Bytes, Floats, Indices, Kernel

Bools = NDArray[np.bool_]


@dataclass
class Level:
    """One size of the picture. features: (H, W, CHANNELS); the hole's are written by votes."""

    features: Bytes
    state: Bytes
    whole: Bools  # (H, W) the patch around the pixel lies inside, and has no VOID pixel
    sources: Bools  # (H, W) the whole patch around the pixel is known
    targets: Indices  # (T,) pixels whose patch touches the hole
    holes: Indices  # (N,)
    trust: Floats  # (H, W), 0 where there is no target
    nearest: Indices  # (H, W) index of each target's match, -1 = none
    cost: Indices  # (H, W)
    expected_roughness: Floats | None = None  # (2,) what votes are lifted to on average, None = they are not


def make_level(kernel: Kernel, features: Bytes, state: Bytes, falloff: float) -> Level:
    """Everything about a level that does not change while it is worked on."""
    is_hole = state == HOLE
    is_target = kernel.spread(is_hole, RADIUS)
    targets = np.flatnonzero(is_target & (state != VOID)).astype(np.int32)
    trust_by_depth = np.maximum(np.float32(falloff) ** -np.arange(256, dtype=np.float32), 1e-12)
    trust = np.zeros(state.shape, np.float32)
    trust.reshape(-1)[targets] = trust_by_depth[kernel.depth(is_target).reshape(-1)[targets]]
    return Level(
        features=features,
        state=state,
        whole=~kernel.spread(state == VOID, RADIUS, beyond=True),
        sources=~kernel.spread(state != KNOWN, RADIUS, beyond=True),
        targets=targets,
        holes=np.flatnonzero(is_hole).astype(np.int32),
        trust=trust,
        nearest=np.full(state.shape, -1, np.int32),
        cost=np.zeros(state.shape, np.int32),
    )
