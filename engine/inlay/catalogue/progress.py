"""How far an installation is, as it is told to those who do not carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inlay.errors import Fault


class State(StrEnum):
    """Of an installation; the last three are its ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Install:
    """One installation."""

    id: str  # the offer's
    state: State = State.QUEUED
    done_bytes: int = 0
    total_bytes: int = 0  # 0 until the hub has told it
    error: Fault | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (State.QUEUED, State.RUNNING)
