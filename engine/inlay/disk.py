"""What every room that writes files must know of disks."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}  # what an OSError's errno says


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
