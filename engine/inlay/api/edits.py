"""`POST /edits`: take an edit as a job."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["edits"])


@router.post("/edits", status_code=202)
async def edit(request: wire.EditRequest, engine: Engine) -> wire.Job:
    """The job is on disk when this is answered; follow it at `/jobs/{id}/events`."""
    return wire.Job.of(await engine.queue.submit(request.plain()))
