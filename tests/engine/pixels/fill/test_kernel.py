"""What the compiled kernel promises function by function, where a whole fill would hide a break."""

from __future__ import annotations

import numpy as np
import pytest
from inlay.pixels.fill import kernel
from inlay.pixels.fill.kernel import CHANNELS, HOLE, KNOWN, Indices, Kernel
from inlay.pixels.fill.watch import Watch


def test_labels_do_not_depend_on_the_number_of_threads() -> None:
    library = kernel.load()
    if library is None:
        pytest.skip("the kernel is not built: python setup.py build_ext --inplace")
    side, generator = 512, np.random.default_rng(0)
    state = np.full((side, side), KNOWN, np.uint8)
    state[40:-40, 40:-40] = HOLE
    features = np.zeros((side, side, CHANNELS), np.uint8)
    features[..., 0] = generator.integers(0, 40, (side, side))  # many labels are nearly as good as the next
    features[..., 1] = np.arange(side) // 4
    holes = np.flatnonzero(state == HOLE).astype(np.int32)
    nearest = np.full((side, side), -1, np.int32)
    known = np.flatnonzero(state == KNOWN).astype(np.int32)
    nearest.reshape(-1)[holes] = generator.choice(known, len(holes))

    def labels(threads: int) -> Indices:
        origin = nearest.copy()
        crew = Kernel(library, threads, Watch(wants_previews=False))
        crew.label(features, state, holes, nearest, origin, fidelity=1.0, rounds=3)
        return origin

    alone = labels(1)
    assert (alone != nearest).any()
    for threads in (2, 4, 8):
        assert (labels(threads) == alone).all()
