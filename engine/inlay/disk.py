"""What every room that writes files must know of disks."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}  # what an OSError's errno says


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder; 0 where there is none. What goes away meanwhile is not counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_size
    return total


def free_bytes(folder: Path) -> int:
    """What is free on a folder's disk; the folder need not be there yet."""
    return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows a folder's entries, so that a rename in it outlives a power cut.

    Windows has no such call, and keeps them in order by itself.
    """
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
