"""The shelf: loaded models inside a memory budget, and what was computed with them and may be needed again."""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
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
        self._pinned: set[str] = set()
        self._outdated: set[str] = set()

    @property
    def budget_bytes(self) -> int:
        """What all loaded models together may take."""
        if self._budget_bytes is None:
            told = os.environ.get("INLAY_MEMORY_BYTES", "")
            free = SHARE * (free_bytes() + self.size_bytes)
            self._budget_bytes = int(told) if told.isdecimal() else int(free)
        return self._budget_bytes

    def set_budget(self, budget_bytes: int | None) -> None:
        """Another budget from now on, None as at first; what is too much for it goes."""
        self._budget_bytes = budget_bytes
        self._pinned = set()  # called between two pieces of work
        self.make_room(0)
        give_back_memory()

    @property
    def size_bytes(self) -> int:
        """What lies on the shelf now. On any thread."""
        return sum(one.size_bytes for one in tuple(self._loaded.values()))

    def take(
        self, key: str, load: Callable[[], T], *, beside: str = "", size_of: Callable[[T], int] | None = None
    ) -> T:
        """What lies under this key, loaded if need be. It stays at least until something else is taken.

        beside: the key of what it works together with: both stay. size_of: how much of the budget it takes; None
        counts its parameters.
        """
        self._pinned = {key, *([beside] if beside else [])}
        if key not in self._loaded:
            started = self._clock()
            what = load()
            size_bytes = size_of(what) if size_of else loaded_bytes(what)
            self.make_room(size_bytes)
            self._loaded[key] = _Loaded(what, size_bytes, self._clock() - started, self._clock())
        entry = self._loaded[key]
        entry.last_used = self._clock()
        taken: T = entry.what
        return taken

    def peek(self, key: str) -> Any:
        """What lies under this key, or None. Nothing is loaded, and nothing counts as used."""
        return self._loaded[key].what if key in self._loaded else None

    def make_room(self, size_bytes: int) -> None:
        """Drop what is worth least until so much more fits, but never what is in use. Called by loads, too."""
        while self.size_bytes + size_bytes > self.budget_bytes:
            now = self._clock()
            others = [name for name in self._loaded if name not in self._pinned]
            if not others:
                return
            least = min(others, key=lambda name: self._loaded[name].value(now))
            _log.info("%s makes room for %s", least, ", ".join(sorted(self._pinned)))
            self.drop(least)

    def clear_around(self, key: str) -> bool:
        """Drop everything but one thing, and all that was computed; whether there was anything to drop."""
        others = [name for name in self._loaded if name != key]
        has_any = bool(others) or self.memo.size_bytes > 0
        for name in others:
            del self._loaded[name]
        self.memo.forget()
        give_back_memory()
        return has_any

    def tighten(self, key: str) -> bool:
        """Less of the budget for models than this one takes now: what else a run needs was more than was thought.

        It is dropped, so that it is loaded again in a way that takes less. False where it takes nothing already.
        """
        size_bytes = self._loaded[key].size_bytes if key in self._loaded else 0
        if not size_bytes:
            return False
        self._budget_bytes = min(self.budget_bytes, size_bytes - 1)
        self.drop(key)
        return True

    def outdate(self, keys: Iterable[str]) -> None:
        """What lies under these keys was removed or replaced on the disk: it goes when that is safe. On any thread."""
        self._outdated.update(keys)

    def drop_outdated(self) -> None:
        """Drop what is outdated: called between two pieces of work."""
        while self._outdated:
            self.drop(self._outdated.pop())

    def drop(self, key: str | None = None) -> None:
        """Take one thing, or everything, off the shelf, and give its memory back."""
        for name in [key] if key else list(self._loaded):
            if self._loaded.pop(name, None):
                self.memo.forget(name)
        give_back_memory()


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
    if torch is not None and hasattr(torch, "xpu") and torch.xpu.is_available():
        return int(torch.xpu.mem_get_info()[0])
    if torch is not None and torch.backends.mps.is_available():
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return _available_bytes() or 8 << 30  # where the system does not tell: what most machines can spare


def _available_bytes() -> int | None:
    """The machine's memory that is free, or that the system gives back when it is asked for; Linux tells."""
    try:
        told = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable: +(\d+) kB", told, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def give_back_memory() -> None:
    """Return what nothing refers to any more, to the device and the system. A lost device has nothing to return."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for backend in (torch.cuda, getattr(torch, "mps", None), getattr(torch, "xpu", None)):
        if backend is not None and hasattr(backend, "is_available") and backend.is_available():
            try:
                backend.empty_cache()
            except RuntimeError as error:
                _log.warning("The device does not give memory back: %s", error)
