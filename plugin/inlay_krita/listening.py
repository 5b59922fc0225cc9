"""Waiting for what an engine tells, event by event, until another thread has had enough of it."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


class LeftError(Exception):
    """We stopped listening on purpose: Krita closes, or the edit was cancelled before it was sent."""


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: str
    name: str
    data: dict[str, Any]


class Listening:
    """Lets another thread stop one that waits for events, at once."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._wake: Callable[[], None] | None = None
        self._lock = threading.Lock()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Wake the waiting thread; it raises LeftError. Any thread may call this, any number of times."""
        self._stopped.set()
        with self._lock:
            if self._wake:
                self._wake()

    def check(self) -> None:
        """Raise LeftError if stopped."""
        if self.is_stopped:
            raise LeftError

    def pause(self, seconds: float) -> None:
        """Sleep, but not past a stop."""
        if self._stopped.wait(seconds):
            raise LeftError

    @contextlib.contextmanager
    def to(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """While inside, `stop` breaks this connection."""
        sock = connection.sock  # the connection lets go of it when the response is to be the last

        def wake() -> None:
            with contextlib.suppress(OSError):
                sock.shutdown(2)

        with self._lock:
            self._wake = wake
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._wake = None


def parse_events(lines: Iterator[bytes]) -> Iterator[Event]:
    """Server-sent events from lines; comments and fields that we do not know are skipped."""
    event_id, name = "", "message"
    data: list[str] = []
    for line in lines:
        text = line.decode("utf-8").rstrip("\r\n")
        if not text:
            if data:
                yield Event(event_id, name, json.loads("\n".join(data)))
            name, data = "message", []
            continue
        key, _, value = text.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if key == "id":
            event_id = value
        elif key == "event":
            name = value
        elif key == "data":
            data.append(value)
