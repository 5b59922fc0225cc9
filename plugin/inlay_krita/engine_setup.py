"""How the engine is set up: what it computes on, how much it may keep, and what lies where."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .client import Engine, EngineError
from .engines import Engines
from .listening import LeftError
from .qt import QtCore, Signal
from .tasks import Tasks

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineSettings:
    """What can be set of the engine. 0 bytes of memory are most of what is free."""

    device: str
    memory_bytes: int
    store_bytes: int


@dataclass(frozen=True)
class Device:
    """Something that models can run on. 0 bytes where nobody knows."""

    id: str
    title: str
    memory_bytes: int


@dataclass(frozen=True)
class EngineFolder:
    """What one kind of the engine's files takes. path: None for an engine elsewhere."""

    name: str
    path: str | None
    size_bytes: int
    clearable_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class Setup:
    """The engine's answer to `GET /settings`."""

    settings: EngineSettings
    fixed: frozenset[str]
    devices: tuple[Device, ...]
    held_bytes: int
    folders: tuple[EngineFolder, ...]

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Setup:
        return cls(
            EngineSettings(**known(EngineSettings, told["settings"])),
            frozenset(told["fixed"]),
            tuple(Device(**known(Device, device)) for device in told["devices"]),
            int(told["held_bytes"]),
            tuple(EngineFolder(**known(EngineFolder, folder)) for folder in told["folders"]),
        )

    def folder(self, name: str) -> EngineFolder | None:
        """The folder of that name, if the engine has one."""
        return next((folder for folder in self.folders if folder.name == name), None)


class EngineSetup(QtCore.QObject):
    """Lives on the UI thread. Asking starts an engine: only do it when somebody looks."""

    changed = Signal()

    def __init__(self, engines: Engines, tasks: Tasks, is_there: Callable[[], None]) -> None:
        """is_there: called when the engine has answered."""
        super().__init__()
        self._engines, self._tasks, self._is_there = engines, tasks, is_there
        self.setup: Setup | None = None  # None where nobody has looked
        self.problem: EngineError | None = None  # why the last question was refused
        self._asked = 0  # of several answers under way the last one asked for counts

    def look(self) -> None:
        """Ask how it is set up."""
        self._ask(looked)

    def turned(self) -> None:
        """Another engine is used: whoever looks shall see how that one is set up."""
        was_shown = self.setup is not None or self.problem is not None
        self.setup, self.problem = None, None
        self.changed.emit()
        if was_shown:
            self.look()

    def change(self, **values: Any) -> None:
        """Set some of `EngineSettings`; what the engine refuses is a `problem`, and nothing changes."""
        if self.setup:
            wanted = dataclasses.replace(self.setup.settings, **values)
            if wanted != self.setup.settings:
                self._ask(lambda engine: Setup.from_json(engine.ask("PUT", "/settings", dataclasses.asdict(wanted))))

    def free_memory(self) -> None:
        """Take all models off the device."""
        self._ask(lambda engine: after(engine, "POST", "/memory/free"))

    def clear_images(self) -> None:
        """Delete the images that nobody waits for."""
        self._ask(lambda engine: after(engine, "DELETE", "/images"))

    def _ask(self, question: Callable[[Engine], Setup]) -> None:
        self._asked += 1
        number = self._asked
        self._tasks.run(
            lambda: question(self._engines.connect()),
            lambda setup: self._answered(number, setup),
            lambda error: self._refused(number, error),
        )

    def _answered(self, number: int, setup: Setup) -> None:
        if number == self._asked:
            self.setup, self.problem = setup, None
            self._is_there()
            self.changed.emit()

    def _refused(self, number: int, error: Exception) -> None:
        if isinstance(error, LeftError) or number != self._asked:
            return
        if not isinstance(error, EngineError):
            raise error
        log.info("the engine's settings: %s", error)
        self.problem = error
        self.changed.emit()


def known(kind: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What this panel knows of an object; a later engine may tell more."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in told.items() if name in names}


def looked(engine: Engine) -> Setup:
    """How an engine is set up now."""
    return Setup.from_json(engine.ask("GET", "/settings"))


def after(engine: Engine, method: str, path: str) -> Setup:
    """The same after something was done."""
    engine.ask(method, path)
    return looked(engine)
