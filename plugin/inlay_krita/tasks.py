"""Work off the UI thread, and what came of it back on the UI thread."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from .qt import QtCore, Signal

log = logging.getLogger(__name__)
T = TypeVar("T")


class Tasks(QtCore.QObject):
    """Lives on the UI thread. `crashed` gets what an answer's handler raised."""

    _posted = Signal(object)

    def __init__(self, crashed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._crashed = crashed
        self._threads: set[threading.Thread] = set()
        self._is_closed = False
        self._posted.connect(self._call, QtCore.Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], T], done: Callable[[T], Any], failed: Callable[[Exception], Any]) -> None:
        """Call `work` in a thread of its own; then `done` or `failed` on the UI thread."""

        def perform() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001 - the thread's edge: `failed` gets it whole
                caught = error
                self.post(lambda: failed(caught))
            else:
                self.post(lambda: done(answer))
            finally:
                self._threads.discard(threading.current_thread())

        # A daemon: Krita's end must never wait for a socket; `close` gives them the time they need.
        thread = threading.Thread(target=perform, name="inlay", daemon=True)
        self._threads.add(thread)
        thread.start()

    def post(self, call: Callable[[], Any]) -> None:
        """Have `call` called on the UI thread, soon. Any thread may post; nothing comes after `close`."""
        if not self._is_closed:
            with contextlib.suppress(RuntimeError):  # Qt's half is gone: the application has ended
                self._posted.emit(call)

    def close(self, timeout_s: float = 2.0) -> bool:
        """Wait for the threads, which have been told to stop. False if one is still at it."""
        self._is_closed = True
        deadline = time.monotonic() + timeout_s
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in tuple(self._threads))

    def _call(self, call: Callable[[], Any]) -> None:
        if self._is_closed:
            return
        try:
            call()
        except Exception as error:
            log.exception("while handling an answer")
            self._crashed(error)
