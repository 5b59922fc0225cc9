"""One file from the hub to the disk: goes on where it stopped, counts only when its checksum is right."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.hub import NETWORK, CutError, Hub, Listing
from inlay.catalogue.manifest import FileEntry
from inlay.catalogue.selecting import RemoteFile
from inlay.catalogue.watch import StoppedError, Watch

PIECE = 1 << 20  # bytes read at a time from the disk
TRIES = 3  # without a single byte between them
PART = ".part"


class Checksum:
    """A file's SHA-256, and git's own checksum of small files (SHA-1 of "blob", the size, and the content)."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._blob = hashlib.sha1(f"blob {file.size_bytes}\0".encode(), usedforsecurity=False)
        self.size_bytes = 0

    def add(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if not self._file.sha256:
            self._blob.update(piece)
        self.size_bytes += len(piece)

    @property
    def is_right(self) -> bool:
        """Whether what was added is the file."""
        if self.size_bytes != self._file.size_bytes:
            return False
        if self._file.sha256:
            return self._sha256.hexdigest() == self._file.sha256
        return self._blob.hexdigest() == self._file.blob

    @property
    def entry(self) -> FileEntry:
        return FileEntry(self._file.path, self.size_bytes, self._sha256.hexdigest())


class Download:
    """One file of a listing into a folder."""

    def __init__(self, hub: Hub, listing: Listing, folder: Path, watch: Watch, done_bytes: int) -> None:
        """done_bytes: of the model's files before this one."""
        self._hub = hub
        self._listing = listing
        self._folder = folder
        self._watch = watch
        self._done_bytes = done_bytes

    def fetch(self, file: RemoteFile) -> FileEntry:
        """Have the file whole and right in the folder; only what is missing is downloaded.

        Raises CatalogueError, StoppedError where it was cancelled, and OSError where the disk refuses.
        """
        path = self._folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            checksum = self._read(path, file)
            if checksum.is_right:
                return checksum.entry
            path.unlink()  # of another commit, or damaged
        part = part_of(path, file)
        checksum = self._completed(part, file)
        if not checksum.is_right or part.stat().st_size != file.size_bytes:
            part.unlink()
            raise CatalogueError(
                "corrupt",
                f"{file.path} arrived damaged: its checksum is not the one that the hub names. It was deleted.",
                remedy="Install it again; only this file is downloaded again.",
            )
        part.replace(path)
        return checksum.entry

    def _completed(self, part: Path, file: RemoteFile) -> Checksum:
        """Fetch what the part lacks, however often the connection is cut, as long as it moves."""
        part.touch()
        checksum = self._read(part, file)
        tries = TRIES
        while checksum.size_bytes < file.size_bytes:
            self._stop_if_told()
            before = checksum.size_bytes
            try:
                checksum = self._appended(part, file, checksum)
            except CutError as error:
                checksum = self._read(part, file)
                tries = TRIES if checksum.size_bytes > before else tries - 1
                if not tries:
                    raise CatalogueError("cut", f"{file.path} does not arrive: {error}.", remedy=NETWORK) from error
                time.sleep(self._hub.pause_s)
        return checksum

    def _appended(self, part: Path, file: RemoteFile, checksum: Checksum) -> Checksum:
        """One request; gives the checksum of the whole part. Raises CutError where it ends early."""
        with (
            self._hub.opened(self._listing, file, checksum.size_bytes) as (start, pieces),
            part.open("ab") as written,
        ):
            if start < checksum.size_bytes:  # the hub cannot go on in the middle
                written.truncate(start)
                checksum = Checksum(file)
            for piece in pieces:
                self._stop_if_told()
                written.write(piece)
                checksum.add(piece)
                self._report(checksum, file)
                if checksum.size_bytes > file.size_bytes:
                    break  # not what was asked for: the checksum says so
            written.flush()
            os.fsync(written.fileno())
        if checksum.size_bytes < file.size_bytes:
            raise CutError("the hub sends less than it announced")
        return checksum

    def _read(self, path: Path, file: RemoteFile) -> Checksum:
        """The checksum of what is on the disk."""
        checksum = Checksum(file)
        for piece in pieces_of(path):
            self._stop_if_told()
            checksum.add(piece)
            self._report(checksum, file)
        return checksum

    def _report(self, checksum: Checksum, file: RemoteFile) -> None:
        done_bytes = self._done_bytes + min(checksum.size_bytes, file.size_bytes)
        self._watch.progress(done_bytes, self._listing.size_bytes)

    def _stop_if_told(self) -> None:
        if self._watch.is_cancelled():
            raise StoppedError


def part_of(path: Path, file: RemoteFile) -> Path:
    """Where a file lies until it is whole: what stopped in another version of it is never continued."""
    return path.with_name(f"{path.name}.{(file.sha256 or file.blob)[:12]}{PART}")


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's content in pieces that fit into memory."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
