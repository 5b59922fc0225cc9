"""Independent pieces of work at the same time: numpy lets go of the interpreter while it works on large arrays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(*works: Callable[[], T]) -> list[T]:
    """What each of them gives, in their order. The first is done on the caller's thread.

    Raises what one of them raised, when the others are done.
    """
    first, *others = works
    with ThreadPoolExecutor(max(1, len(others))) as pool:
        begun = [pool.submit(work) for work in others]
        return [first(), *(work.result() for work in begun)]
