"""Images on disk, named by their digest. A file's name says all about it, so that a rename is the whole commit."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from inlay.config import GIB
from inlay.disk import FULL, sync_folder
from inlay.jobs.states import JobError
from inlay.pixels.formats import Depth, Model, PixelFormat

Raw = bytes | bytearray | memoryview
_FILE_NAME = re.compile(r"([0-9a-f]{64})\.([A-Za-z]+)\.([A-Z0-9]+)\.(\d+)x(\d+)")


@dataclass(frozen=True)
class ImageInfo:
    """What was declared about an image when it was uploaded."""

    format: PixelFormat
    width: int
    height: int

    @property
    def size_bytes(self) -> int:
        return self.format.size_bytes(self.width, self.height)

    def digest(self, raw: Raw) -> str:
        """SHA-256 of the declaration and the raw bytes, in lower-case hex."""
        line = f"{self.format.model} {self.format.depth} {self.width} {self.height}\n"
        sha256 = hashlib.sha256(line.encode("ascii"))
        sha256.update(raw)
        return sha256.hexdigest()


class ImageStore:
    """Immutable images in one folder, at most `capacity_bytes` of them. Safe to use from several threads."""

    def __init__(self, folder: Path, capacity_bytes: int) -> None:
        """Opens the folder; makes it where it is missing and clears away what was never finished."""
        self.folder = folder
        self.capacity_bytes = capacity_bytes  # may be changed at any time; what is too much goes when room is needed
        self._lock = threading.Lock()
        self._images: dict[str, ImageInfo] = {}  # least recently used first
        self._checked: set[str] = set()  # written or read whole since this start
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._scan()

    def _scan(self) -> None:
        files = (path for path in self.folder.iterdir() if path.is_file())
        for path in sorted(files, key=lambda path: path.stat().st_mtime):
            info = _info_of(path.name)
            if info is None or info[1].size_bytes != path.stat().st_size:
                path.unlink()
            else:
                self._images[info[0]] = info[1]

    @property
    def size_bytes(self) -> int:
        """What all images take."""
        with self._lock:
            return sum(info.size_bytes for info in self._images.values())

    def clearable_bytes(self, keep: Collection[str]) -> int:
        """What `clear` would free."""
        return sum(info.size_bytes for _, info in self._others(keep))

    def clear(self, keep: Collection[str]) -> int:
        """Delete all but these; gives the bytes that were freed."""
        others = self._others(keep)
        for digest, _ in others:
            self.discard(digest)
        return sum(info.size_bytes for _, info in others)

    def _others(self, keep: Collection[str]) -> list[tuple[str, ImageInfo]]:
        with self._lock:
            return [(digest, info) for digest, info in self._images.items() if digest not in keep]

    def find(self, digest: str) -> ImageInfo | None:
        """What is known of an image, or None; asking for it counts as use."""
        with self._lock:
            info = self._images.pop(digest, None)
            if info is not None:
                self._images[digest] = info
            return info

    def save(self, digest: str, info: ImageInfo, raw: Raw, keep: Collection[str], is_durable: bool) -> None:
        """Write an image whole or not at all. `keep`: digests that must not make room for it.

        is_durable: flushed to the medium, so that it outlives a power cut. Results are; an upload can be sent again,
        and is checked against its digest when it is first read.
        Raises JobError where the store or the disk is full or may not be written.
        """
        if self.find(digest):
            return
        self._make_room(info.size_bytes, keep)
        try:
            self._write(_file_name(digest, info), raw, is_durable)
        except OSError as error:
            raise disk_error(error, self.folder) from error
        with self._lock:
            self._images[digest] = info
            self._checked.add(digest)

    def _write(self, name: str, raw: Raw, is_durable: bool) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                rest = memoryview(raw).cast("B")
                while rest:
                    rest = rest[file.write(rest) :]
                if is_durable:
                    os.fsync(file.fileno())
            Path(temporary).replace(self.folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        if is_durable:
            sync_folder(self.folder)

    def read(self, digest: str) -> tuple[ImageInfo, bytes]:
        """An image's declaration and raw bytes. Raises JobError where it is missing or was damaged on disk."""
        info = self.find(digest)
        if info is None:
            raise missing_image(digest)
        try:
            raw = self._path(digest, info).read_bytes()
        except OSError as error:
            self.discard(digest)
            raise missing_image(digest) from error
        if digest not in self._checked:
            if info.digest(raw) != digest:
                self.discard(digest)
                raise missing_image(digest)
            self._checked.add(digest)
        return info, raw

    def discard(self, digest: str) -> None:
        """Forget an image and delete its file; no error where there is none."""
        with self._lock:
            info = self._images.pop(digest, None)
        if info is not None:
            self._path(digest, info).unlink(missing_ok=True)

    def _make_room(self, size_bytes: int, keep: Collection[str]) -> None:
        """Delete the images used longest ago until `size_bytes` more fit in."""
        with self._lock:
            free_bytes = self.capacity_bytes - sum(info.size_bytes for info in self._images.values())
            candidates = [(digest, info) for digest, info in self._images.items() if digest not in keep]
        for digest, info in candidates:
            if free_bytes >= size_bytes:
                return
            self.discard(digest)
            free_bytes += info.size_bytes
        if free_bytes < size_bytes:
            raise JobError(
                "store_full",
                f"The engine keeps at most {self.capacity_bytes / GIB:.1f} GiB of images, and open jobs and results "
                "that nobody has fetched yet fill it.",
                remedy="Wait for the open jobs, or fetch or delete ended ones.",
            )

    def _path(self, digest: str, info: ImageInfo) -> Path:
        return self.folder / _file_name(digest, info)


def disk_error(error: OSError, folder: Path) -> JobError:
    """An operating system's error in words for people."""
    if error.errno in FULL:
        return JobError(
            "disk_full",
            f"The disk with {folder} is full.",
            remedy="Free some space there, or let INLAY_HOME name a folder on another disk, and try again.",
        )
    return JobError(
        "disk_error",
        f"{folder} cannot be written: {error.strerror or error}.",
        remedy="Check the folder's permissions, or let INLAY_HOME name another folder.",
    )


def missing_image(digest: str, field: str | None = None) -> JobError:
    """The engine does not have this image (any more)."""
    return JobError(
        "image_missing",
        f"The engine does not have the image {digest[:12]}…",
        field=field,
        remedy="Upload it with PUT /images/{digest}, then ask again.",
    )


def _file_name(digest: str, info: ImageInfo) -> str:
    return f"{digest}.{info.format.model}.{info.format.depth}.{info.width}x{info.height}"


def _info_of(name: str) -> tuple[str, ImageInfo] | None:
    """Digest and declaration from a file's name; None for a file that is not ours or was never finished."""
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        return None
    digest, model, depth, width, height = match.groups()
    try:
        return digest, ImageInfo(PixelFormat(Model(model), Depth(depth)), int(width), int(height))
    except ValueError:
        return None
