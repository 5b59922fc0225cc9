"""What Inlay writes down beside a model that it installs: where it came from, and every file of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from inlay.catalogue.selecting import is_plain

MANIFEST = "inlay.json"


@dataclass(frozen=True)
class FileEntry:
    """One file of a model."""

    path: str  # below the model's folder, with slashes
    size_bytes: int
    sha256: str  # lower-case hex


@dataclass(frozen=True)
class Manifest:
    """One installed model."""

    name: str  # the offer's id
    title: str
    repository: str
    revision: str  # the commit
    licence: str
    licence_url: str
    files: tuple[FileEntry, ...]

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """What Inlay wrote there; None in other programs' folders, and where it is no manifest."""
        try:
            told = json.loads((folder / MANIFEST).read_text("utf-8"))
            read = cls(**told | {"files": tuple(FileEntry(**entry) for entry in told["files"])})
            return read if all(is_plain(entry.path) for entry in read.files) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        """Write it, and wait until the disk has it."""
        with (folder / MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
