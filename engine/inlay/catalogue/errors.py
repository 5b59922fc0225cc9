"""What can go wrong with models on disk, in words for people."""

from __future__ import annotations

from pathlib import Path

from inlay.disk import FULL
from inlay.errors import Refusal

GB = 10**9


class CatalogueError(Refusal):
    """A model or a folder of models that cannot be used, installed or taken away."""


def disk_error(error: OSError, folder: Path) -> CatalogueError:
    """An operating system's error about the folder of models."""
    if error.errno in FULL:
        return CatalogueError("disk_full", f"The disk with {folder} is full.", remedy="Free some space, and try again.")
    return CatalogueError(
        "disk_error",
        f"{error.filename or folder} cannot be used: {error.strerror or error}.",
        remedy="Check the folder's permissions; programs that have the model open must be ended first.",
    )


def spelled(size_bytes: int) -> str:
    """A size for people: "7.1 GB", "350 MB"."""
    return f"{size_bytes / GB:.1f} GB" if size_bytes >= GB else f"{max(1, round(size_bytes / 1e6))} MB"
