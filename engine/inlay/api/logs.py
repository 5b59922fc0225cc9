"""The engine's log file. Requests' headers never reach a logger, so no token can."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from inlay.jobs.store import disk_error

FILE_NAME = "engine.log"
SIZE_BYTES = 1_000_000
OLD_FILES = 3
LOGGERS = ("inlay", "uvicorn.error")


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Send the engine's and the server's records to a rotating file, as long as this lasts. Raises JobError."""
    try:
        handler = RotatingFileHandler(folder / FILE_NAME, maxBytes=SIZE_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    except OSError as error:
        raise disk_error(error, folder) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        handler.close()
