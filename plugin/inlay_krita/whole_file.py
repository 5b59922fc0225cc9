"""Small files of text that are written whole or not at all, and that nobody else may read."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

from .translation import numeral, tr

log = logging.getLogger(__name__)
FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}


def read_whole(path: Path, largest_bytes: int) -> str:
    """A file's text. Raises OSError, or ValueError where it is too large or no UTF-8."""
    with path.open("rb") as file:
        raw = file.read(largest_bytes + 1)
    if len(raw) > largest_bytes:
        raise ValueError(tr("It is larger than {size} KB.").format(size=numeral(largest_bytes // 1024)))
    return raw.decode("utf-8")


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file's place. Raises OSError; what was there stays then."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)  # half a file on a full disk
        raise


def logged(error: OSError) -> None:
    """For a file whose painter need not be told that it was not written."""
    log.warning("a file was not written: %s", error)


def reason_of(error: OSError) -> str:
    """Why a file cannot be read or written, as a sentence."""
    if error.errno in FULL:
        return tr("The disk is full.")
    return f"{(error.strerror or str(error)).rstrip('.')}."
