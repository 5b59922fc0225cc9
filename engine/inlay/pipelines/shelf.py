"""The shelf: loaded models inside a memory budget, and what was computed with them and may be needed again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Shelf:
    """What is loaded, by key. Used on one thread, the device's worker. Made without torch; torch comes with a load."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def take(self, key: str, load: Callable[[], T]) -> T:
        """What lies under this key, loaded if need be."""
        if key not in self._loaded:
            self._loaded[key] = load()
        loaded: T = self._loaded[key]
        return loaded
