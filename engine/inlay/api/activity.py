"""How long nobody has needed the engine, and how large JSON bodies may be: both seen at the door."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Receive, Scope, Send

NO_NEED = frozenset({"/health", "/queue"})  # anybody may ask, and a panel that is looked at goes on asking


class Activity:
    """Counts requests under way (event streams are requests that take long), but those of `NO_NEED`."""

    def __init__(self) -> None:
        self._under_way = 0
        self._last = time.monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds since the last request ended; 0 while one is under way."""
        return 0.0 if self._under_way else time.monotonic() - self._last

    def begin(self) -> None:
        self._under_way += 1

    def end(self) -> None:
        self._under_way -= 1
        self._last = time.monotonic()


class CountRequests:
    """ASGI: tells an Activity of requests."""

    def __init__(self, app: ASGIApp, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in NO_NEED:
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._activity.end()
