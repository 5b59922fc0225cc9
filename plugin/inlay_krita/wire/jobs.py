"""Jobs, and the queue that they wait in."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from .editing import Plan, Result

ENDED = ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Turn:
    """An open job's place in the engine's queue."""

    id: str
    label: str
    kind: str
    state: str
    position: int  # 0: it runs; 1: it is the next
    progress: float
    message: str
    seconds_left: float | None  # until it is done; None where nobody knows yet

    @classmethod
    def from_json(cls, turn: dict[str, Any]) -> Turn:
        return cls(**{field.name: turn[field.name] for field in dataclasses.fields(cls)})


@dataclass(frozen=True)
class Job:
    """One edit in the engine's book."""

    id: str
    state: str
    kind: str
    label: str
    created: Any
    progress: float
    message: str
    plan: Plan | None
    result: Result | None
    error: dict[str, Any] | None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @classmethod
    def from_json(cls, job: dict[str, Any]) -> Job:
        return cls(
            id=job["id"],
            state=job["state"],
            kind=job["kind"],
            label=job.get("label") or "",
            created=job.get("created"),
            progress=job.get("progress") or 0.0,
            message=job.get("message") or "",
            plan=Plan.from_json(job["plan"]) if job.get("plan") else None,
            result=Result.from_json(job["result"]) if job.get("result") else None,
            error=job.get("error"),
        )
