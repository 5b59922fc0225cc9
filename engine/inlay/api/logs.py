"""The engine's log files. Requests' headers never reach a logger, so no token can.

Beside the log for its user there is one that can be shown to anybody (discreet.py): reports of problems hold its end.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from inlay.api.discreet import DiscreetFormatter
from inlay.edits.edit import kinds
from inlay.jobs.states import State
from inlay.jobs.store import disk_error

FILE_NAME = "engine.log"
SHARED_NAME = "engine-shared.log"
SIZE_BYTES = 1_000_000
SHARED_BYTES = 256_000
OLD_FILES = 3
LOGGERS = ("inlay", "uvicorn.error")
DEVICES = ("cpu", "cuda", "mps", "local")


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Send the engine's and the server's records to rotating files, as long as this lasts. Raises JobError."""
    try:
        handlers = [
            RotatingFileHandler(folder / name, maxBytes=size, backupCount=OLD_FILES, encoding="utf-8")
            for name, size in ((FILE_NAME, SIZE_BYTES), (SHARED_NAME, SHARED_BYTES))
        ]
    except OSError as error:
        raise disk_error(error, folder) from error
    whole, shared = handlers
    whole.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    shared.setFormatter(DiscreetFormatter("inlay", words()))
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            for logger in loggers:
                logger.removeHandler(handler)
            handler.close()


def words() -> frozenset[str]:
    """What a log that anybody may read can say besides our sentences: kinds of edits, states, devices."""
    return frozenset({*kinds(), *(state.value for state in State), *DEVICES})


def tail(folder: Path, name: str, lines: int) -> list[str]:
    """The last lines of a log; none where it cannot be read."""
    try:
        return (folder / name).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        return []
