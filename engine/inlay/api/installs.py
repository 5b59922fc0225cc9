"""This engine's installations: in the background, one after another, each followed by whoever listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial

from inlay.api.errors import RequestError
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.installing import install
from inlay.catalogue.progress import Install, State
from inlay.catalogue.watch import StoppedError
from inlay.errors import Fault, Refusal
from inlay.jobs.events import Event, EventLog
from inlay.pipelines.card import Offer
from inlay.pipelines.roster import Roster

PAUSE_S = 0.2  # between two reports of one installation
_log = logging.getLogger(__name__)


class Installs:
    """Used on the event loop; the downloads run on a thread of their own."""

    def __init__(self, catalogue: Catalogue, roster: Roster) -> None:
        self._catalogue = catalogue
        self._roster = roster
        self._runs: dict[str, _Run] = {}  # the last one of each model
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inlay-install")
        self._one_look = threading.Lock()  # a slow look at the disk must not overwrite a newer one
        self._stamp = catalogue.stamp()

    @property
    def is_busy(self) -> bool:
        """Whether the engine is needed."""
        return any(run.install.is_open for run in self._runs.values())

    def under_way(self, name: str) -> Install | None:
        """How far this model is being installed, or waits for it. On any thread."""
        run = self._runs.get(name)
        return run.install if run and run.install.is_open else None

    def begin(self, offer: Offer) -> Install:
        """Install in the background; where that is under way already, it goes on."""
        if before := self.under_way(offer.id):
            return before
        run = self._runs[offer.id] = _Run(offer, asyncio.get_running_loop())
        self._thread.submit(self._work, run)
        return run.install

    def cancel(self, name: str) -> Install:
        """End it now; the download stops with the next bytes that arrive. What is here stays for the next time.

        Raises RequestError where this engine began none.
        """
        run = self._run(name)
        run.end(State.CANCELLED)
        return run.install

    def cancel_all(self) -> None:
        """The engine ends."""
        for run in self._runs.values():
            run.end(State.CANCELLED)

    def events(self, name: str, after: int) -> AsyncIterator[Event]:
        """What the last installation of a model tells, from the event after that number on."""
        return self._run(name).events.follow(after)

    def refresh(self) -> None:
        """Let the engine use what is installed now, and nothing else. On any thread but the event loop's."""
        with self._one_look:
            self._stamp = self._catalogue.stamp()
            self._roster.refresh()

    def refresh_if_changed(self) -> None:
        """As `refresh`, where another program has changed something since."""
        if self._catalogue.stamp() != self._stamp:
            self.refresh()

    def _run(self, name: str) -> _Run:
        if name not in self._runs:
            raise RequestError(
                "no_install",
                f"This engine has not installed {name}.",
                field="id",
                remedy="POST /models/{id}/install begins it.",
            )
        return self._runs[name]

    def _work(self, run: _Run) -> None:
        """On the thread of installations."""
        if run.is_cancelled():
            return
        try:
            install(self._catalogue, run.offer, run)
            self.refresh()
        except StoppedError:
            run.tell_end(State.CANCELLED)
        except Refusal as refusal:
            run.tell_end(State.FAILED, refusal.fault)
        except Exception as error:  # noqa: BLE001 - a job's boundary: logged whole, and the engine goes on
            _log.exception("Installing %s failed", run.offer.id)
            fault = Fault("bug", f"The engine made a mistake: {error!r}.", None, "Try again; the log says more.")
            run.tell_end(State.FAILED, fault)
        else:
            run.tell_end(State.DONE)


class _Run:
    """One installation: the watch of the thread that works, and the story for those who listen."""

    def __init__(self, offer: Offer, loop: asyncio.AbstractEventLoop) -> None:
        self.offer = offer
        self.install = Install(offer.id)
        self.events = EventLog()
        self.events.publish("queued", {})
        self._loop = loop
        self._cancelled = threading.Event()
        self._reported = 0.0

    # On the thread that works

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        now = time.monotonic()
        if now - self._reported >= PAUSE_S or done_bytes == total_bytes:
            self._reported = now
            self._on_loop(partial(self._progressed, done_bytes, total_bytes))

    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def tell_end(self, state: State, error: Fault | None = None) -> None:
        """The work has ended."""
        self._on_loop(partial(self.end, state, error))

    def _on_loop(self, tell: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the engine has ended, and nobody listens
            self._loop.call_soon_threadsafe(tell)

    # On the event loop

    def end(self, state: State, error: Fault | None = None) -> None:
        """The one end of it; what comes later is not heard."""
        if not self.install.is_open:
            return
        self._cancelled.set()
        self.install = replace(self.install, state=state, error=error)
        _log.info("Installing %s: %s", self.offer.id, state)
        self.events.publish(state.value, asdict(self.install))

    def _progressed(self, done_bytes: int, total_bytes: int) -> None:
        if self.install.is_open:
            self.install = replace(self.install, state=State.RUNNING, done_bytes=done_bytes, total_bytes=total_bytes)
            self.events.publish("progress", {"done_bytes": done_bytes, "total_bytes": total_bytes})
