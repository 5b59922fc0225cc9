"""`POST /captions`: a picture's surroundings in words, for the user to put into a prompt."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["captions"])


@router.post("/captions")
async def caption(request: wire.CaptionRequest, engine: Engine) -> wire.Caption:
    """Done on the device, after what is running there. Nothing is kept."""
    return wire.Caption(caption=await engine.queue.describe(request.image, request.mask, request.canvas.plain()))
