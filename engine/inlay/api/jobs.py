"""`/jobs`: what runs, what ran, its events, and its end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from inlay import wire
from inlay.api.services import Engine
from inlay.jobs.events import Event
from inlay.jobs.states import Job

EVENT_ID = re.compile(r"[0-9]{1,9}")
router = APIRouter(prefix="/jobs", tags=["jobs"])
queue_router = APIRouter(tags=["jobs"])


@queue_router.get("/queue")
async def queue(engine: Engine) -> wire.Queue:
    """The open jobs in the order in which they are done."""
    return wire.Queue(jobs=[wire.Turn.of(turn) for turn in engine.queue.turns()])


@router.get("")
async def jobs(engine: Engine) -> wire.Jobs:
    """All jobs, newest first."""
    return wire.Jobs(jobs=[wire.Job.of(job) for job in engine.queue.jobs()])


@router.get("/{id}")
async def job(id: wire.JobId, engine: Engine) -> wire.Job:
    """One job."""
    return wire.Job.of(engine.queue.job(id))


def _events(
    id: wire.JobId, engine: Engine, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[Event]:
    """Found before the stream begins, so that an unknown job is a plain 404."""
    return engine.queue.events(id, last_number(last_event_id))


def last_number(last_event_id: str | None) -> int:
    """The number of the last event that a listener heard; what is no number counts as 0."""
    match = EVENT_ID.fullmatch(last_event_id or "")
    return int(match[0]) if match else 0


@router.get("/{id}/events", response_class=EventSourceResponse)
async def events(stream: Annotated[AsyncIterator[Event], Depends(_events)]) -> AsyncIterator[ServerSentEvent]:
    """What happened and happens, until the job ends."""
    async for event in stream:
        data = wire.Job.of(event.data) if isinstance(event.data, Job) else dict(event.data)
        yield ServerSentEvent(data=data, event=event.name, id=str(event.number))


@router.post("/{id}/cancel")
async def cancel(id: wire.JobId, engine: Engine) -> wire.Job:
    """End a job now; the work stops soon after. A job that has ended is given as it is."""
    return wire.Job.of(engine.queue.cancel(id))


@router.post("/{id}/hurry")
async def hurry(id: wire.JobId, engine: Engine) -> wire.Job:
    """Let a waiting job be the next one."""
    return wire.Job.of(engine.queue.hurry(id))


@router.post("/{id}/move")
async def move(id: wire.JobId, asked: wire.Move, engine: Engine) -> wire.Job:
    """Let a waiting job be done right before another one, or as the last."""
    return wire.Job.of(engine.queue.move(id, asked.before))


@router.post("/{id}/rerun", status_code=202)
async def rerun(id: wire.JobId, engine: Engine) -> wire.Job:
    """A new job from the request of an interrupted, failed or cancelled one."""
    return wire.Job.of(await engine.queue.rerun(id))


@router.delete("/{id}", status_code=204)
async def forget(id: wire.JobId, engine: Engine) -> None:
    """Drop an ended job and its result."""
    await engine.queue.forget(id)
