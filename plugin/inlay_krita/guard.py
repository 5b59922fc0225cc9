"""The one place where an exception of ours ends: in the log and in the panel, never in a dialog of Krita's."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Protocol, TypeVar

log = logging.getLogger(__package__)


class Guarded(Protocol):
    """Whose methods may be guarded: one that can show what went wrong."""

    def crashed(self, error: Exception) -> None:
        """Show an error that nobody expected."""


Method = TypeVar("Method", bound=Callable[..., Any])


def guarded(method: Method) -> Method:
    """For slots and event handlers: what they raise is logged and shown. Surplus signal arguments are dropped."""
    count = len(inspect.signature(method).parameters) - 1

    @functools.wraps(method)
    def wrapper(self: Guarded, *args: Any) -> Any:
        try:
            return method(self, *args[:count])
        except Exception as error:
            log.exception("in %s", method.__qualname__)
            self.crashed(error)
            return None

    return wrapper  # type: ignore[return-value]


def keep_log(folder: Path) -> Path | None:
    """Write our log into `folder`, at most two files of 256 KiB. Gives the file; None where it cannot be written."""
    path = folder / "panel.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=1 << 18, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return path
