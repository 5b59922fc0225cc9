"""Whether a model on disk is whole: against what Inlay wrote down, or, in a user's folder, as far as files tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inlay.catalogue.adapters import recognise_adapter
from inlay.catalogue.download import pieces_of
from inlay.catalogue.manifest import FileEntry, Manifest
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError, header
from inlay.catalogue.watch import StoppedError, Unwatched, Watch


@dataclass(frozen=True)
class Damage:
    """A file that is not as it should be."""

    path: str  # below the model's folder; "" is the model itself
    message: str


def damages(path: Path, watch: Watch | None = None) -> tuple[Damage, ...]:
    """What is wrong with a model's folder or file; nothing where it is whole.

    Raises OSError where it cannot be read, StoppedError where the watch was cancelled.
    """
    manifest = Manifest.read(path) if path.is_dir() else None
    found = _against(manifest, path, watch or Unwatched()) if manifest else _unlisted(path)
    return tuple(found)


def _against(manifest: Manifest, folder: Path, watch: Watch) -> Iterator[Damage]:
    """Sizes first, then SHA-256: every byte is read."""
    total_bytes = sum(entry.size_bytes for entry in manifest.files)
    done_bytes = 0
    for entry in manifest.files:
        if message := _wrong(entry, folder / entry.path, watch):
            yield Damage(entry.path, message)
        done_bytes += entry.size_bytes
        watch.progress(done_bytes, total_bytes)


def _wrong(entry: FileEntry, path: Path, watch: Watch) -> str:
    """What is wrong with a file; "" where it is right."""
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != entry.size_bytes:
        return f"has {path.stat().st_size} bytes, and should have {entry.size_bytes}"
    sha256 = hashlib.sha256()
    for piece in pieces_of(path):
        if watch.is_cancelled():
            raise StoppedError
        sha256.update(piece)
    return "" if sha256.hexdigest() == entry.sha256 else "has changed: its checksum is another"


def _unlisted(path: Path) -> Iterator[Damage]:
    """Of a model without a manifest: whether Inlay would take it, and whether its weights are there to their ends."""
    try:
        if recognise_adapter(path) is None:
            recognise(path)
    except UnknownModelError as error:
        yield Damage("", error.fault.message)
    for file in sorted(path.rglob("*.safetensors")) if path.is_dir() else ():
        try:
            header(file)
        except UnknownModelError as error:
            yield Damage(file.relative_to(path).as_posix(), error.fault.message)
    for index in sorted(path.rglob("*.safetensors.index.json")) if path.is_dir() else ():
        for shard in sorted(_shards(index)):
            if not (index.parent / shard).is_file():
                yield Damage((index.parent.relative_to(path) / shard).as_posix(), "is missing")


def _shards(index: Path) -> set[str]:
    """The files that weights are spread over."""
    try:
        return set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return {index.name + " (unreadable)"}
