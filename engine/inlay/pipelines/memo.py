"""Results that need not be computed again: bounded by bytes, the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
GIB = 1 << 30


class Memo:
    """What was computed for a key. Keys begin with the model's id, so that a model's results can be dropped together.

    Used on one thread. Values are read, never changed, by whoever gets them.
    """

    def __init__(self, most_bytes: int = GIB) -> None:
        self.most_bytes = most_bytes
        self.size_bytes = 0
        self._kept: OrderedDict[tuple[Hashable, ...], tuple[Any, int]] = OrderedDict()

    def get(self, key: tuple[Hashable, ...], compute: Callable[[], T]) -> T:
        """The value of this key, computed if it is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            value: T = self._kept[key][0]
            return value
        value = compute()
        self._keep(key, value)
        return value

    def forget(self, model: Hashable | None = None) -> None:
        """Drop everything, or everything of one model."""
        for key in [key for key in self._kept if model is None or key[0] == model]:
            self._drop(key)

    def _keep(self, key: tuple[Hashable, ...], value: Any) -> None:
        size = size_bytes(value)
        if size > self.most_bytes:
            return
        self._kept[key] = (value, size)
        self.size_bytes += size
        while self.size_bytes > self.most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[Hashable, ...]) -> None:
        self.size_bytes -= self._kept.pop(key)[1]


def size_bytes(value: Any) -> int:
    """How much memory a value takes: tensors and arrays, and what holds them; anything else counts as nothing."""
    if isinstance(value, dict):
        return sum(map(size_bytes, value.values()))
    if isinstance(value, (tuple, list)):
        return sum(map(size_bytes, value))
    return int(getattr(value, "nbytes", 0))
