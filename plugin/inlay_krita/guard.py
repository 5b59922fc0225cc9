"""The one place where an exception of ours ends: in the log and in the panel, never in a dialog of Krita's."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Protocol, TypeVar

from .discreet import DiscreetFormatter
from .wire import EDITS

SHARED_LOG = "panel-shared.log"
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
    """Write our log into `folder`, and the one that anybody may see; of each two files of 256 KiB at most.

    Gives the file; None where it cannot be written.
    """
    path = folder / "panel.log"
    whole = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    shared = DiscreetFormatter(log.name, EDITS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, formatter in ((path, whole), (folder / SHARED_LOG, shared)):
            handler = RotatingFileHandler(file, maxBytes=1 << 18, backupCount=1, encoding="utf-8", delay=True)
            handler.setFormatter(formatter)
            log.addHandler(handler)
    except OSError:
        return None
    log.setLevel(logging.INFO)
    return path
