"""The shelf: loaded models inside a memory budget, and what was computed with them and may be needed again."""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from inlay.pipelines.memo import Memo

T = TypeVar("T")
SHARE = 0.8  # of the memory that is free at the first load
_log = logging.getLogger(__name__)


@dataclass
class _Loaded:
    """Something on the shelf, and what decides whether it stays."""

    what: Any
    size_bytes: int
    seconds: float  # that loading it took
    last_used: float

    def value(self, now: float) -> float:
        """What its room is worth: the seconds that loading it again would take, less and less as it lies unused.

        Greedy-dual-size (Cao and Irani 1997) with time in place of its inflation term.
        """
        return self.seconds / ((1.0 + now - self.last_used) * max(self.size_bytes, 1))


class Shelf:
    """What is loaded, by key. Used on one thread, the device's worker. Made without torch; torch comes with a load."""

    def __init__(
        self, budget_bytes: int | None = None, memo: Memo | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """budget_bytes: None takes `INLAY_MEMORY_BYTES`, or most of what is free when the first model is loaded."""
        self.memo = memo or Memo()
        self._budget_bytes = budget_bytes
        self._clock = clock
        self._loaded: dict[str, _Loaded] = {}
        self._pinned: str | None = None

    @property
    def budget_bytes(self) -> int:
        """What all loaded models together may take."""
        if self._budget_bytes is None:
            told = os.environ.get("INLAY_MEMORY_BYTES", "")
            self._budget_bytes = int(told) if told.isdecimal() else int(SHARE * free_bytes())
        return self._budget_bytes

    @property
    def size_bytes(self) -> int:
        """What lies on the shelf now."""
        return sum(one.size_bytes for one in self._loaded.values())

    def take(self, key: str, load: Callable[[], T]) -> T:
        """What lies under this key, loaded if need be. It stays at least until something else is taken."""
        self._pinned = key
        if key not in self._loaded:
            started = self._clock()
            what = load()
            self._loaded[key] = _Loaded(what, loaded_bytes(what), self._clock() - started, self._clock())
            self._make_room()
        entry = self._loaded[key]
        entry.last_used = self._clock()
        taken: T = entry.what
        return taken

    def drop(self, key: str | None = None) -> None:
        """Take one thing, or everything, off the shelf, and give its memory back."""
        for name in [key] if key else list(self._loaded):
            if self._loaded.pop(name, None):
                self.memo.forget(name)
        give_back_memory()

    def _make_room(self) -> None:
        """Drop what is worth least until the rest fits, but never what was just taken."""
        while self.size_bytes > self.budget_bytes:
            now = self._clock()
            others = [name for name in self._loaded if name != self._pinned]
            if not others:
                return
            least = min(others, key=lambda name: self._loaded[name].value(now))
            _log.info("%s makes room for %s", least, self._pinned)
            self.drop(least)


def loaded_bytes(what: Any) -> int:
    """The parameters and buffers of a module, of a pipeline's components, or of a mapping or sequence of them."""
    if what is None or isinstance(what, (str, int, float)):
        return 0
    parts = _parts(what)
    if parts is not None:
        return sum(map(loaded_bytes, parts))
    tensors = [*what.parameters(), *what.buffers()] if hasattr(what, "parameters") and hasattr(what, "buffers") else []
    return sum(int(tensor.nbytes) for tensor in {id(tensor): tensor for tensor in tensors}.values())


def _parts(what: Any) -> Iterable[Any] | None:
    if isinstance(what, dict):
        return list(what.values())
    if isinstance(what, (list, tuple)):
        return what
    components = getattr(what, "components", None)
    return list(components.values()) if isinstance(components, dict) else None


def free_bytes() -> int:
    """What a model may take: the device's free memory, or the machine's where it has no memory of its own."""
    torch = sys.modules.get("torch")  # whoever loads models has imported it
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[0])
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 8 << 30


def give_back_memory() -> None:
    """Return what nothing refers to any more, to the device and the system."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for backend in (torch.cuda, getattr(torch, "mps", None), getattr(torch, "xpu", None)):
        if backend is not None and hasattr(backend, "is_available") and backend.is_available():
            backend.empty_cache()
