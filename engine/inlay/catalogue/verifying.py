"""Whether a model on disk is whole: against what Inlay wrote down, or, in a user's folder, as far as files tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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

    Raises StoppedError where the watch was cancelled.
    """
    manifest = Manifest.read(path) if path.is_dir() else None
    found = _against(manifest, path, watch or Unwatched()) if manifest else _unlisted(path)
    return tuple(found)


def _against(manifest: Manifest, folder: Path, watch: Watch) -> Iterator[Damage]:
    """Sizes first, then SHA-256: every byte is read."""
    total_bytes = sum(entry.size_bytes for entry in manifest.files)
    done_bytes = 0
    for entry in manifest.files:
        try:
            message = _wrong(entry, folder / entry.path, partial(_tell, watch, done_bytes, total_bytes))
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
        if message:
            yield Damage(entry.path, message)
        done_bytes += entry.size_bytes
        watch.progress(done_bytes, total_bytes)


def _tell(watch: Watch, done_bytes: int, total_bytes: int, read_bytes: int) -> None:
    """How much of a file was read, after those before it. Raises StoppedError where the watch was cancelled."""
    if watch.is_cancelled():
        raise StoppedError
    watch.progress(done_bytes + read_bytes, total_bytes)


def _wrong(entry: FileEntry, path: Path, tell: Callable[[int], None]) -> str:
    """What is wrong with a file; "" where it is right. Raises OSError where it cannot be read."""
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != entry.size_bytes:
        return f"has {path.stat().st_size} bytes, and should have {entry.size_bytes}"
    sha256 = hashlib.sha256()
    read_bytes = 0
    for piece in pieces_of(path):
        sha256.update(piece)
        read_bytes += len(piece)
        tell(read_bytes)
    return "" if sha256.hexdigest() == entry.sha256 else "has changed: its checksum is another"


def _unlisted(path: Path) -> Iterator[Damage]:
    """Of a model without a manifest: whether Inlay would take it, and whether its weights are there to their ends."""
    try:
        if recognise_adapter(path) is None:
            recognise(path)
    except UnknownModelError as error:
        yield Damage("", error.fault.message)
    except OSError as error:
        yield Damage("", f"cannot be read: {error.strerror}")
    if path.is_dir():
        yield from _cut(path)
        yield from _missing(path)


def _cut(folder: Path) -> Iterator[Damage]:
    """Files of weights that end too early, and links to nothing, as in a hub's cache."""
    for file in sorted(folder.rglob("*.safetensors")):
        try:
            header(file)
        except UnknownModelError as error:
            yield Damage(file.relative_to(folder).as_posix(), error.fault.message)
        except OSError as error:
            yield Damage(file.relative_to(folder).as_posix(), f"cannot be read: {error.strerror}")


def _missing(folder: Path) -> Iterator[Damage]:
    """Files that the weights are spread over, and that are not there."""
    for index in sorted(folder.rglob("*.safetensors.index.json")):
        for shard in sorted(_shards(index)):
            if not (index.parent / shard).is_file():
                yield Damage((index.parent.relative_to(folder) / shard).as_posix(), "is missing")


def _shards(index: Path) -> set[str]:
    """The files that weights are spread over."""
    try:
        return set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return {index.name + " (unreadable)"}
