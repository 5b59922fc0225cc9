"""Jobs, and the queue that they wait in."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from pydantic import (
    Strict,
)

from inlay.jobs import forecast, states
from inlay.wire.basis import Error, JobId, Wire
from inlay.wire.editing import Plan, Result


class Job(Wire):
    """A request on its way."""

    id: JobId
    state: Annotated[states.State, Strict(False)]
    kind: str
    label: str
    created: float
    progress: float
    message: str
    plan: Plan
    result: Result | None
    error: Error | None

    @classmethod
    def of(cls, job: states.Job) -> Job:
        return cls(
            id=job.id,
            state=job.state,
            kind=job.request.edit.kind,
            label=job.request.label,
            created=job.created,
            progress=job.progress,
            message=job.message,
            plan=Plan.of(job.plan),
            result=Result(**dataclasses.asdict(job.result)) if job.result else None,
            error=Error.of(job.error) if job.error else None,
        )


class Jobs(Wire):
    """All jobs, newest first."""

    jobs: list[Job]


class Move(Wire):
    """Where a waiting job is to go."""

    before: JobId | None


class Turn(Wire):
    """An open job's place in the queue."""

    id: JobId
    label: str
    kind: str
    state: Annotated[states.State, Strict(False)]
    position: int
    progress: float
    message: str
    seconds_left: float | None

    @classmethod
    def of(cls, turn: forecast.Turn) -> Turn:
        job, left = turn.job, turn.seconds_left
        return cls(
            id=job.id,
            label=job.request.label,
            kind=job.request.edit.kind,
            state=job.state,
            position=turn.position,
            progress=job.progress,
            message=job.message,
            seconds_left=None if left is None else round(left, 1),
        )


class Queue(Wire):
    """The open jobs: those that run, then those that wait, in their order."""

    jobs: list[Turn]
