"""A model: a checkpoint on this machine's disk, and what it was recognised as."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inlay.pipelines.card import Description


@dataclass(frozen=True)
class Model:
    """One checkpoint. Several families may run the same one: a plain checkpoint serves blending, RePaint and SDEdit."""

    id: str  # as users name it: an offer's id, or the folder's or file's own name
    path: Path  # a diffusers folder, or a single .safetensors file
    description: Description
    size_bytes: int
    licence: str = ""
    revision: str = ""  # the hub's commit, or the file's SHA-256: what exactly it is
