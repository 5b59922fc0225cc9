"""`POST /plan`: what an edit would do."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["edits"])


@router.post("/plan")
async def plan(request: wire.PlanRequest, engine: Engine) -> wire.Plan:
    """Pure: no pixel is touched, nothing is kept."""
    return wire.Plan.of(engine.queue.plan(request.edit, request.canvas.plain(), request.selection_box))
