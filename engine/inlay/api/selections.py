"""`POST /selections`: what could be added to a selection."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["selections"])


@router.post("/selections")
async def offer(request: wire.SelectionRequest, engine: Engine) -> wire.SelectionOffer:
    """The shadow or reflection that goes with what is selected. Nothing is changed: the user decides."""
    return wire.SelectionOffer.of(await engine.queue.offer_shadow(request.plain()))
