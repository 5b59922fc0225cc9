"""What devices say when they cannot go on, and loaders when a file is damaged: told apart by class, else by words."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inlay.pipelines.family import FamilyError

OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory|allocation.* failed", re.IGNORECASE)
LOST = re.compile(r"\b(CUDA|HIP|XPU|MPS|driver) error\b|device(-side assert| (is )?(lost|removed|hung))", re.IGNORECASE)
TRIED = re.compile(r"tried to allocate ([\d.]+) ?(bytes|B|KiB|MiB|GiB|KB|MB|GB)\b", re.IGNORECASE)
UNITS = {
    "b": 1,
    "bytes": 1,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "kb": 1 << 10,
    "mb": 1 << 20,
    "gb": 1 << 30,
}
# What libraries raise for a file that is cut, or is not what it says it is.
DAMAGE = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError)
LONGEST_REASON = 200
_log = logging.getLogger(__name__)


@contextmanager
def reading(path: Path, refusal: Callable[[str], FamilyError]) -> Iterator[None]:
    """Whatever fails within says that the file or folder is damaged; what is a device's fault is raised as it is.

    refusal: made of the reason, one line.
    """
    from safetensors import SafetensorError

    damage: tuple[type[Exception], ...] = (*DAMAGE, SafetensorError)
    try:
        yield
    except damage as error:
        if is_of_device(error):
            raise
        _log.exception("%s cannot be used", path)
        raise refusal(reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """The first line of what it says, or its name where it says nothing."""
    said = str(error).strip().splitlines()
    return said[0][:LONGEST_REASON] if said else type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether more memory was asked for than is free, on a device or in the machine.

    torch has a class for CUDA's; MPS and the CPU raise a RuntimeError.
    """
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and OUT_OF_MEMORY.search(str(error)) is not None


def is_device_lost(error: BaseException) -> bool:
    """Whether the device does not answer any more, or the driver has given it up."""
    is_told = isinstance(error, RuntimeError) and LOST.search(str(error)) is not None
    return is_told and not is_out_of_memory(error)


def is_of_device(error: BaseException) -> bool:
    """Whether it says nothing against the file that was being read: whoever runs the work answers it."""
    return is_out_of_memory(error) or is_device_lost(error)


def tried_bytes(error: BaseException) -> int | None:
    """How much was asked for, where the message tells."""
    found = TRIED.search(str(error))
    return round(float(found[1]) * UNITS[found[2].lower()]) if found else None
