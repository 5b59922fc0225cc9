"""Looking through folders for what may be a model or an adapter; nothing is written, no link is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from inlay.catalogue.adapters import is_beside
from inlay.catalogue.selectors import is_selector

PARTIAL = ".partial"  # the end of a folder's name while it is being installed
SUFFIXES = (".safetensors", ".ckpt")  # the latter to be refused with the reason
DEEPEST = 4  # folders below a user's own that are looked into
MOST_ENTRIES = 20_000
_log = logging.getLogger(__name__)


def candidates(place: Path) -> Iterator[Path]:
    """Folders of pipelines, folders of single networks and files of weights below a folder, in order; or the one file.

    What lies inside a folder that is given is not given again.
    """
    if place.is_file():
        yield place
        return
    budget = MOST_ENTRIES
    waiting = [(place, 0)]
    while waiting:
        folder, depth = waiting.pop(0)
        if (folder / "model_index.json").is_file() or is_beside(folder) or is_selector(folder):
            yield folder
            continue
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        budget -= len(entries)
        if budget < 0:
            _log.warning("%s holds too many files; the rest is not looked at", place)
            return
        yield from (entry for entry in entries if entry.suffix in SUFFIXES and entry.is_file())
        if depth < DEEPEST:
            waiting += [(entry, depth + 1) for entry in entries if entry.is_dir() and not entry.name.endswith(PARTIAL)]


def name_of(path: Path) -> str:
    """How users call what lies there: the file's or folder's name, and the repository's in a hub's cache."""
    if path.is_file():
        return path.stem
    repository = path.parent.parent.name
    is_cached = path.parent.name == "snapshots" and repository.startswith("models--")
    return repository.rpartition("--")[2] if is_cached else path.name
