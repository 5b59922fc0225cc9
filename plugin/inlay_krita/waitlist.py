"""What the engine has to do, of every panel that uses it, in its order; and how that is changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .client import Engine, EngineError
from .engines import Engines
from .guard import guarded
from .listening import LeftError
from .qt import QtCore, Signal
from .state import Work
from .tasks import Tasks
from .wire import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Item:
    """One edit: its turn in the engine, once that has it, and our work, where it is ours."""

    turn: Turn | None
    work: Work | None

    @property
    def key(self) -> int | str:
        """Stays the same from the beginning to the end."""
        if self.work:
            return self.work.number
        return self.turn.id if self.turn else ""

    @property
    def is_waiting(self) -> bool:
        """Whether it can be moved, and has nothing to lose."""
        return self.turn is not None and self.turn.position > 0

    @property
    def is_ending(self) -> bool:
        return self.work is not None and self.work.is_cancelled


class Waitlist(QtCore.QObject):
    """Lives on the UI thread. It asks nothing by itself, and starts no engine: whoever shows it says `look`."""

    changed = Signal()

    def __init__(self, session: Session, engines: Engines, tasks: Tasks) -> None:
        super().__init__()
        self._session, self._engines, self._tasks = session, engines, tasks
        self._turns: list[Turn] = []
        self._own: set[str] = set()  # jobs of ours: one that has just ended is nobody else's
        self._is_looking = False
        session.changed.connect(self._follow)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def items(self) -> list[Item]:
        """What runs, then what waits, in their order; then our own that the engine does not have yet."""
        works = self._works()
        queued = [
            Item(turn, works.get(turn.id)) for turn in self._turns if turn.id in works or turn.id not in self._own
        ]
        listed = {item.work.number for item in queued if item.work}
        others = [Item(None, work) for work in self._session.works if work.number not in listed]
        return queued + others

    @property
    def seconds_left(self) -> float | None:
        """Until all is done; None where nobody knows."""
        left = [item.turn.seconds_left if item.turn else None for item in self.items]
        known = [seconds for seconds in left if seconds is not None]
        return max(known) if known and len(known) == len(left) else None

    def look(self) -> None:
        """Ask the engine, if one runs."""
        if not self._is_looking:
            self._is_looking = True
            self._tasks.run(self._asked, self._looked, self._failed)

    def move(self, item: Item, before: Item | None) -> None:
        """Have a waiting edit done right before another one, or as the last."""
        if item.turn and item is not before:
            job_id, follower = item.turn.id, before.turn.id if before and before.turn else None
            self._ask(lambda engine: engine.move(job_id, follower))

    def cancel(self, item: Item) -> None:
        """End one edit, whoever asked for it."""
        if item.work:
            self._session.cancel(item.work)
        elif item.turn:
            job_id = item.turn.id
            self._ask(lambda engine: engine.cancel(job_id))

    def clear(self) -> None:
        """End what waits, of this panel: what runs goes on, and so does what others asked for."""
        for item in self.items:
            if item.work and (item.turn is None or item.is_waiting):
                self._session.cancel(item.work)

    def _works(self) -> dict[str, Work]:
        """Our own that the engine has, by their jobs."""
        return {work.errand.job_id: work for work in self._session.works if work.errand and work.errand.job_id}

    @guarded
    def _follow(self) -> None:
        self._own |= self._works().keys()
        self.changed.emit()

    def _ask(self, ask: Callable[[Engine], object]) -> None:
        """Then look. What cannot be done any more (it has begun meanwhile) is seen at once."""
        self._tasks.run(lambda: ask(self._engines.connect()), lambda _: self.look(), self._refused)

    def _asked(self) -> list[Turn]:
        """For a worker thread."""
        way = self._engines.way
        return self._engines.connect(way).queue() if way.find() else []

    @guarded
    def _looked(self, turns: list[Turn]) -> None:
        self._is_looking = False
        self._own &= {turn.id for turn in turns}
        if turns != self._turns:
            self._turns = turns
            self.changed.emit()

    @guarded
    def _failed(self, error: Exception) -> None:
        self._looked([])
        if not isinstance(error, (EngineError, LeftError)):
            raise error
        log.info("looking at the queue: %s", error)

    @guarded
    def _refused(self, error: Exception) -> None:
        self.look()
        if not isinstance(error, (EngineError, LeftError)):
            raise error
        log.info("the queue: %s", error)
