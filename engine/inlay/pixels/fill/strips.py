"""Numpy work a few rows at a time: temporaries stay in the cache, and large pictures use every thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

_STRIP_PX = 1 << 16  # 1 MiB of four float32 channels
_ALONE = 16  # strips that are done before a thread is started


def by_strips(work: Callable[[slice], Result], shape: tuple[int, ...], threads: int) -> list[Result]:
    """What `work` gives for each run of rows of a picture (H, W, ...), in order; called on up to `threads` threads."""
    height, width = shape[:2]
    step = max(1, _STRIP_PX // max(1, width))
    strips = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    if threads < 2 or len(strips) <= _ALONE:
        return [work(strip) for strip in strips]
    from concurrent.futures import ThreadPoolExecutor  # not needed for a small picture

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, strips))
