"""The engine's log file. Requests' headers never reach a logger, so no token can."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_NAME = "engine.log"
SIZE_BYTES = 1_000_000
OLD_FILES = 3
LOGGERS = ("inlay", "uvicorn.error")


def log_to(folder: Path) -> None:
    """Send the engine's and the server's records to a rotating file. Raises OSError where it cannot be opened."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / FILE_NAME, maxBytes=SIZE_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
