"""`POST /selections`: what is meant, and what could be added to a selection. The user decides."""

from __future__ import annotations

import time

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["selections"])


@router.post("/selections")
async def select(request: wire.SelectionRequest, engine: Engine) -> wire.Selection | wire.SelectionOffer:
    """The thing that is pointed at; or the shadow or reflection that goes with what is selected."""
    if isinstance(request, wire.ShadowRequest):
        return wire.SelectionOffer.of(await engine.queue.offer_shadow(request.scene))
    return wire.Selection.of(await engine.queue.select(request.scene, request.asked()))


@router.post("/selections/ready")
async def make_ready(request: wire.ReadyRequest, engine: Engine) -> wire.Readiness:
    """Looks at the picture, so that the first click is as quick as the others; not while jobs are open."""
    started = time.perf_counter()
    model = await engine.queue.make_ready(request.scene, request.model)
    return wire.Readiness(model=model, seconds=round(time.perf_counter() - started, 3))
