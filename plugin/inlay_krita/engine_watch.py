"""How it stands with the engine: whether it runs, which models it has, and what it keeps that nobody fetched."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from .client import EngineError
from .engines import Engines
from .launcher import EngineMissingError, Launcher
from .notes import Note, Notes
from .qt import QtCore, Signal
from .state import EngineState
from .tasks import Tasks
from .wire import InstalledAdapter, InstalledModel, ListedModel, Stock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sight:
    """What a look at the engine found; stock: None where nobody could be asked."""

    state: EngineState
    orphans: list[Note] = field(default_factory=list)
    stock: Stock | None = None
    address: str = ""  # of the engine that was looked for


class EngineWatch(QtCore.QObject):
    """Lives on the UI thread. Looking starts no engine, unless an earlier Krita left a result in one."""

    changed = Signal()  # the state, the models or the adapters
    found = Signal(object)  # the Note of a result that an earlier Krita did not fetch
    failed = Signal(object)  # the EngineError that a look ended with

    def __init__(
        self, launcher: Launcher, engines: Engines, notes: Notes, tasks: Tasks, models: list[InstalledModel] | None
    ) -> None:
        """models: those that there were when the engine was last seen; None where nobody knows."""
        super().__init__()
        self.state = EngineState.UNKNOWN
        self.models = models
        self.adapters: list[InstalledAdapter] = []  # that prompts can name
        self.offered: tuple[ListedModel, ...] = ()  # that could be installed; empty where nobody was asked
        self._launcher, self._engines, self._notes, self._tasks = launcher, engines, notes, tasks
        self._looking = threading.Lock()
        self._told = ""  # why the last look failed
        launcher.on_start = lambda: tasks.post(lambda: self.set_state(EngineState.STARTING))

    def look(self) -> None:
        """See how it stands, unless somebody is looking already."""
        if self._looking.acquire(blocking=False):
            self._tasks.run(self._look, self._looked, self._look_failed)

    def turned(self) -> None:
        """Another engine is used now: what was known of the one before is not true of it."""
        self.models, self.adapters, self.offered = None, [], ()
        self._told = ""
        self.set_state(EngineState.UNKNOWN)
        self.changed.emit()
        self.look()

    def answered(self) -> None:
        """The engine is there; one that was not before may have other models."""
        if self.state is not EngineState.READY:
            self.set_state(EngineState.READY)
            self.look()

    def set_state(self, state: EngineState) -> None:
        """Say so if it is another one."""
        if self.state is not state:
            self.state = state
            self.changed.emit()

    def _look(self) -> Sight:
        way = self._engines.way
        orphans = self._notes.orphans(way.address)
        if orphans or way.find():
            return Sight(EngineState.READY, orphans, self._engines.connect(way).stock(), way.address)
        return Sight(EngineState.IDLE if self._launcher.installed() else EngineState.MISSING)

    def _looked(self, seen: Sight) -> None:
        self._looking.release()
        if seen.address != self._engines.way.address:
            return self.look()
        self._told = ""
        if seen.stock:
            self._take_stock(seen.stock)
        for note in seen.orphans:
            self._notes.take_up(note)
            self.found.emit(note)
        self.set_state(seen.state)

    def _take_stock(self, stock: Stock) -> None:
        models, adapters = list(stock.models), list(stock.adapters)
        if (models, adapters, stock.offered) != (self.models, self.adapters, self.offered):
            self.models, self.adapters, self.offered = models, adapters, stock.offered
            self.changed.emit()

    def _look_failed(self, error: Exception) -> None:
        self._looking.release()
        log.info("looking for the engine: %s", error)
        self.set_state(EngineState.MISSING if isinstance(error, EngineMissingError) else EngineState.TROUBLE)
        if isinstance(error, EngineError) and error.message != self._told:  # once, not with every look
            self._told = error.message
            self.failed.emit(error)
