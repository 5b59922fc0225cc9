"""`inlay serve`: one engine for all of a user's Kritas, on the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn

from inlay import __version__, settings
from inlay.api import rendezvous
from inlay.api.activity import Activity
from inlay.api.app import create_app
from inlay.api.identity import Identity
from inlay.api.installs import Installs
from inlay.api.logs import logging_to
from inlay.api.outside import OuterServer, Outside, Wanted, listening
from inlay.api.services import Services
from inlay.catalogue.installed import Catalogue
from inlay.config import IDLE_EXIT_S, Folders, Limits
from inlay.errors import Refusal
from inlay.jobs.executors.local import LocalExecutor
from inlay.jobs.journal import Journal
from inlay.jobs.queue import JobQueue
from inlay.jobs.store import ImageStore, disk_error
from inlay.lock import Lock
from inlay.pipelines.hosted import hosted_families
from inlay.pipelines.roster import Roster

HOST = "127.0.0.1"
WAIT_S = 10.0  # for an engine that starts or ends at this moment
RETRY_S = 0.05
HOUSEKEEPING_S = 2.0  # well within WAIT_S, so that a start finds an engine whose engine.json a cleaner took
GRACE_S = 5  # for answers under way when the engine ends
KEEP_ALIVE_S = 30  # a painter's next edit finds the connection still open
_log = logging.getLogger(__name__)


class ServeError(Refusal):
    """The engine cannot start."""


def serve(
    port: int = 0,
    idle_exit_s: float = IDLE_EXIT_S,
    folders: Folders | None = None,
    limits: Limits | None = None,
    say: Callable[[str], None] = print,
    roster: Roster | None = None,
    wanted: Wanted | None = None,
) -> None:
    """Run the engine until it is told to end or nobody needs it; returns at once where one runs already.

    port: 0 takes a free one. say: is told, in one line, where the engine is.
    roster: who repaints; the built-in fill and what is installed.
    wanted: a door for other machines, too; the engine never ends by itself then.
    Raises Refusal where the port is taken, a folder cannot be written, or another engine cannot be reached.
    """
    folders = folders or Folders.find()
    _make_folders(folders.run, folders.journal, folders.log)
    outside = Outside.of(wanted, folders.data) if wanted else None
    with Lock(folders.journal / "engine.lock") as lock:
        if not _is_ours(lock, folders, say, bool(outside)):
            return
        outer = listening(wanted) if wanted else contextlib.nullcontext()
        with _listening(port) as listener, outer as outer_listener, logging_to(folders.log):
            fixed = settings.fixed_by(os.environ)
            settings.apply(settings.read(folders.data), os.environ, fixed)
            catalogue = Catalogue(folders)
            hosted = partial(hosted_families, folders.data)
            roster = roster or Roster(catalogue.installed, adapters=catalogue.adapters, hosted=hosted)
            engine = _Engine(folders, limits or _limits(folders), roster, catalogue, fixed, outside)
            asyncio.run(_run(engine, listener, outer_listener, math.inf if outside else idle_exit_s, say))


@dataclass(frozen=True)
class _Engine:
    """What an engine is put together from."""

    folders: Folders
    limits: Limits
    roster: Roster
    catalogue: Catalogue
    fixed: frozenset[str]  # settings that the environment says
    outside: Outside | None

    def queue(self) -> JobQueue:
        """The queue over this user's journal, with one local executor. Raises JobError where the disk refuses."""
        journal = Journal(self.folders.journal / "jobs.sqlite3")
        images = ImageStore(self.folders.journal / "images", self.limits.store_bytes)
        return JobQueue([LocalExecutor(self.roster)], self.roster, journal, images, self.limits)


def _limits(folders: Folders) -> Limits:
    return Limits(store_bytes=settings.read(folders.data).store_bytes)


def _make_folders(*folders: Path) -> None:
    """Make them where they are missing, and find out now whether they can be written."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise ServeError(
                "folder",
                f"The folder {folder} cannot be used: {error.strerror}.",
                remedy="Check its permissions, or let INLAY_HOME name another folder.",
            ) from error


def _is_ours(lock: Lock, folders: Folders, say: Callable[[str], None], is_for_others: bool) -> bool:
    """Whether the lock is ours. Where a living engine of this version holds it, that one is named and used instead.

    is_for_others: other machines shall be let in, so one that runs already will not do.
    An idle engine of another version is asked to make room. One that is just starting or ending is waited for.
    """
    deadline = time.monotonic() + WAIT_S
    while not _taken(lock, folders.journal):
        running = rendezvous.find_running(folders.run)
        if running and running.identity.version == __version__ and not is_for_others:
            say(f"Inlay engine {__version__} is already running at http://{HOST}:{running.identity.port}")
            return False
        if running and running.open_jobs:
            raise ServeError(
                "busy",
                f"Inlay engine {running.identity.version} is running and has {running.open_jobs} open jobs.",
                remedy="Wait until they are done, then start this version again.",
            )
        if running:
            rendezvous.ask_to_end(running.identity)
        if time.monotonic() > deadline:
            raise ServeError(
                "unreachable",
                f"Another engine uses {folders.data} and cannot be reached through {folders.run}."
                if running is None
                else f"An engine runs already (process {running.identity.pid}), and other machines use it.",
                remedy="End it, or start this one with INLAY_HOME set to another folder.",
            )
        time.sleep(RETRY_S)
    return True


def _taken(lock: Lock, journal: Path) -> bool:
    """Whether the journal's lock is ours now. Raises JobError where the disk refuses."""
    try:
        return lock.take()
    except OSError as error:
        raise disk_error(error, Path(error.filename or journal)) from error


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket bound to the loopback interface."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port whose last connections only linger is free; on Windows it would mean sharing
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise ServeError(
                "port",
                f"The port {port} cannot be used: {getattr(error, 'strerror', None) or error}.",
                field="port",
                remedy="Choose another one, or leave it out to get a free one.",
            ) from error
        yield listener
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """uvicorn, which announces itself when it answers and tells the queue to end before it waits for streams to end."""

    def __init__(
        self,
        config: uvicorn.Config,
        services: Services,
        run_folder: Path,
        say: Callable[[str], None],
        outer: OuterServer | None,
    ) -> None:
        super().__init__(config)
        self.services = services
        self._run_folder = run_folder
        self._say = say
        self._outer = outer

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            try:
                rendezvous.announce(self.services.identity, self._run_folder)
            except OSError as error:
                await super().shutdown(sockets)
                raise disk_error(error, self._run_folder) from error
            self._say(f"Inlay engine {__version__} at http://{HOST}:{self.services.identity.port}")
            await self._open_the_door()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        rendezvous.withdraw(self.services.identity, self._run_folder)
        self.services.queue.interrupt_all()
        self.services.installs.cancel_all()
        if self._outer:
            await self._outer.end()
        await super().shutdown(sockets)

    async def _open_the_door(self) -> None:
        if self._outer and self.services.outside:
            await self._outer.start()
            for line in self.services.outside.told():
                self._say(line)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own raises the signal again after a graceful end, and the process would seem to have crashed."""
        # Only the main thread may set handlers; an engine in another thread is ended by POST /shutdown.
        is_main = threading.current_thread() is threading.main_thread()
        signals = (signal.SIGINT, signal.SIGTERM) if is_main else ()
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def _run(
    engine: _Engine,
    listener: socket.socket,
    outer_listener: socket.socket | None,
    idle_exit_s: float,
    say: Callable[[str], None],
) -> None:
    """Serve until the end. outer_listener: for other machines."""
    port = listener.getsockname()[1]
    activity = Activity()
    installs = Installs(engine.catalogue, engine.roster)
    services = Services(
        Identity.new(port),
        engine.queue(),
        engine.catalogue,
        installs,
        engine.limits,
        end=lambda: _end(server),
        fixed=engine.fixed,
        outside=engine.outside,
    )
    app = create_app(services, activity)
    outer = None
    if engine.outside and outer_listener:
        outer = OuterServer(app, engine.outside, outer_listener, GRACE_S, KEEP_ALIVE_S)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = _Server(config, services, engine.folders.run, say, outer)
    housekeeping = asyncio.create_task(_keep_house(server, engine, activity, idle_exit_s))
    await server.serve([listener])
    housekeeping.cancel()
    if not server.started:
        raise ServeError("start", "The engine could not start.", remedy=f"{engine.folders.log} says why.")


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _keep_house(server: _Server, engine: _Engine, activity: Activity, idle_exit_s: float) -> None:
    """End the engine when nobody needs it; until then, keep it findable."""
    services = server.services
    while activity.idle_s < idle_exit_s or services.queue.open_count or services.installs.is_busy:
        if server.started and rendezvous.read(engine.folders.run) is None:
            _log.warning("%s was deleted and is written again", engine.folders.run / rendezvous.FILE_NAME)
            with contextlib.suppress(OSError):  # the disk may be full; the next round tries again
                rendezvous.announce(services.identity, engine.folders.run)
        await asyncio.sleep(min(max(idle_exit_s - activity.idle_s, 0.1), HOUSEKEEPING_S))
    _log.info("Nobody has needed the engine for %.0f s", idle_exit_s)
    _end(server)
