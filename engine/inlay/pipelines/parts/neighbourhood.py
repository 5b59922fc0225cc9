"""Noise near a seed's: the same picture in the large, another one in the small.

Unit normal noise stays that when it is turned towards other such noise: cos(a) n + sin(a) m, a = strength * 90 degrees.
This is spherical interpolation (Shoemake 1985, "Animating rotation with quaternion curves") between directions that are
orthogonal, as independent noise of many dimensions all but is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Variation = tuple[int, float]  # a seed, and how far towards its noise: 0 not at all, 1 wholly


@contextmanager
def near(seed: int, variations: Sequence[Variation]) -> Iterator[None]:
    """Inside, in this thread, `torch.randn` by a generator that was seeded with `seed` gives noise near its own.

    The first variation turns the seed's noise, the next one what came of that. Every model family draws its noise so,
    ours and the pipelines of diffusers alike. With no variation nothing is touched.
    """
    if not variations:
        yield
        return
    import torch
    from torch.overrides import TorchFunctionMode

    class Turned(TorchFunctionMode):  # type: ignore[misc]  # torch has no types here
        """Each variation has a generator of its own, which goes on from draw to draw as the seed's does."""

        def __init__(self) -> None:
            super().__init__()
            self._others = [(torch.Generator("cpu").manual_seed(other), strength) for other, strength in variations]

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options = kwargs or {}
            drawn = func(*args, **options)
            generator = options.get("generator") if func is torch.randn else None
            if generator is None or generator.initial_seed() != seed:
                return drawn
            for other, strength in self._others:
                angle = strength * math.pi / 2
                drawn = math.cos(angle) * drawn + math.sin(angle) * func(*args, **{**options, "generator": other})
            return drawn

    with Turned():
        yield
