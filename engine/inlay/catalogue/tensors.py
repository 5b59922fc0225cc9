"""The names, types and shapes of a safetensors file's tensors, from its header: no tensor is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inlay.errors import Refusal

LARGEST_HEADER = 64 << 20
Tensors = Mapping[str, tuple[str, tuple[int, ...]]]  # (type, shape) by name: ("F16", (320, 4, 3, 3))


class UnknownModelError(Refusal):
    """A folder or file that is no model which Inlay can run; the text says why."""

    @classmethod
    def because(cls, path: Path, reason: str, remedy: str) -> UnknownModelError:
        """reason: goes on after the name of the file or folder."""
        return cls("unknown_model", f"{path.name} {reason}.", field="path", remedy=remedy)


def header(path: Path) -> Tensors:
    """A safetensors file's tensors. Raises UnknownModelError for a cut or foreign file, OSError where none is read.

    The format: 8 bytes with the header's length, the header as JSON, then the tensors (safetensors' own description).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(LARGEST_HEADER, size - 8):
            raise UnknownModelError.because(path, "is cut short, or no safetensors file at all", "Download it again.")
        raw = file.read(length)
    try:
        told = json.loads(raw)
        tensors = {name: _entry(entry) for name, entry in told.items() if name != "__metadata__"}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnknownModelError.because(path, "has a header that cannot be read", "Download it again.") from error
    if max((end for _, _, end in tensors.values()), default=0) + 8 + length > size:
        raise UnknownModelError.because(path, "is cut short: its end is missing", "Download it again.")
    return {name: (kind, shape) for name, (kind, shape, _) in tensors.items()}


def _entry(told: Any) -> tuple[str, tuple[int, ...], int]:
    """(type, shape, end in bytes) of one tensor."""
    _, end = told["data_offsets"]
    return str(told["dtype"]), tuple(int(side) for side in told["shape"]), int(end)
