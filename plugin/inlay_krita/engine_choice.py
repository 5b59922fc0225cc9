"""Which engine the painter uses, this machine's or one elsewhere, kept from one start to the next."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from .client import EngineError
from .engines import Engines
from .launcher import Launcher
from .notes import Notes
from .qt import QtCore, Signal
from .remote import Remote, RemoteError, RemoteSettings, checked
from .state import Notice
from .tasks import Tasks
from .translation import tr
from .whole_file import read_whole, reason_of, write_whole

VERSION = 1
LARGEST_BYTES = 1 << 16


@dataclass(frozen=True)
class Kept:
    """What the file holds: the engine elsewhere stays known while it is not used."""

    settings: RemoteSettings = field(default_factory=RemoteSettings)
    is_used: bool = False


class EngineChoice(QtCore.QObject):
    """Lives on the UI thread. `changed` when there is another engine, a question under way, or a problem."""

    changed = Signal()
    turned = Signal()  # new work goes to another engine

    def __init__(
        self, launcher: Launcher, engines: Engines, tasks: Tasks, notes: Notes, tell: Callable[[Notice], None]
    ) -> None:
        """launcher: the way to this machine's engine; the choice is kept in its data folder."""
        super().__init__()
        self._path = launcher.folders.data / "remote.json"
        self._local, self._engines, self._tasks, self._notes = launcher, engines, tasks, notes
        self.is_asking = False
        self.problem: EngineError | None = None  # why the last choice could not be made
        kept = self._read()
        self.settings, self.is_remote = kept.settings, kept.is_used
        if self.is_remote:
            engines.turn_to(Remote(self.settings))
        if self.problem:
            tell(Notice(self.problem.message, self.problem.remedy))

    @property
    def place(self) -> str:
        """The machine that works, for people; "" for this one."""
        return self.settings.place if self.is_remote else ""

    def left_elsewhere(self) -> int:
        """How many results wait at engines that are not used now. Looks at the disk."""
        waiting = self._notes.waiting()
        return waiting.total() - waiting[self._engines.way.address]

    def use_local(self) -> None:
        """Let this machine's engine work."""
        self._keep(Kept(self.settings))

    def use_remote(self, address: str, token: str, fingerprint: str, authority: str) -> None:
        """Let an engine elsewhere work, once it has been asked who it is."""
        try:
            settings = checked(address, token, fingerprint, authority)
        except RemoteError as error:
            return self._refused(error)
        self.is_asking, self.problem = True, None
        self.changed.emit()
        self._tasks.run(Remote(settings).ensure, lambda _: self._keep(Kept(settings, True)), self._refused)

    def _keep(self, kept: Kept) -> None:
        """Write the choice down, then change over: what could not be kept is not used by halves."""
        try:
            write_whole(
                self._path, json.dumps({"inlay_engine": VERSION, **asdict(kept.settings), "is_used": kept.is_used})
            )
        except OSError as error:
            return self._refused(
                EngineError(
                    tr("The choice of the engine could not be written. {reason}").format(reason=reason_of(error)),
                    tr("Free some space, or check the permissions of {path}.").format(path=self._path.parent),
                )
            )
        self.is_asking, self.problem = False, None
        self.settings, self.is_remote = kept.settings, kept.is_used
        self._engines.turn_to(Remote(kept.settings) if kept.is_used else self._local)
        self.changed.emit()
        self.turned.emit()

    def _refused(self, error: Exception) -> None:
        self.is_asking = False
        if not isinstance(error, EngineError):
            raise error
        self.problem = error
        self.changed.emit()

    def _read(self) -> Kept:
        """What was chosen last; nothing where the file is not there, not ours, or readable by others.

        An engine elsewhere that cannot be used is a problem: this machine's works then.
        """
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            if is_open_to_others(self._path):
                self.problem = EngineError(
                    tr("Others on this machine can read the token of the engine elsewhere, so it is not used."),
                    tr("Have a new token made there, and enter it."),
                    field="token",
                )
                return Kept()
            told = json.loads(read_whole(self._path, LARGEST_BYTES))
            values: list[Any] = [told[each.name] for each in fields(RemoteSettings)]
            is_used = told["is_used"] is True
            if not values[0] and not is_used:
                return Kept()
            try:
                return Kept(checked(*map(str, values)), is_used)
            except RemoteError as error:
                self.problem = error if is_used else None
        return Kept()


def is_open_to_others(path: Path) -> bool:
    """Whether somebody else could read a file. Windows keeps that in other ways, and the folder is the user's."""
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & 0o077)
