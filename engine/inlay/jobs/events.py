"""What a job tells those who listen: numbered events that can be read again from any number on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from inlay.jobs.states import Job

ENDS = frozenset({"done", "failed", "cancelled", "interrupted"})
SUPERSEDED = frozenset({"queued", "progress", "preview"})  # only the latest of each is worth reading again


@dataclass(frozen=True)
class Event:
    """One event; `data` is JSON to be, or the job itself for the events that end the stream."""

    number: int
    name: str
    data: Mapping[str, Any] | Job

    @property
    def is_end(self) -> bool:
        return self.name in ENDS


class EventLog:
    """One job's events. Lives on the event loop; any number of listeners may follow it."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._last_number = 0
        self._news = asyncio.Event()

    def publish(self, name: str, data: Mapping[str, Any] | Job) -> None:
        """Add an event and wake all listeners."""
        if name in SUPERSEDED:
            self._events = [event for event in self._events if event.name != name]
        self._last_number += 1
        self._events.append(Event(self._last_number, name, data))
        self._news.set()
        self._news = asyncio.Event()

    async def follow(self, after: int = 0) -> AsyncIterator[Event]:
        """Events numbered above `after`, old ones first, until the job ends.

        The end is always told, even to a listener whose `after` lies beyond it: numbers start anew with the engine.
        """
        while True:
            news = self._news
            fresh = [event for event in self._events if event.number > after or event.is_end]
            for event in fresh:
                yield event
                after = event.number
                if event.is_end:
                    return
            if news is self._news:
                await news.wait()
