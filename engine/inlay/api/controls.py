"""`POST /controls`: what an edit would keep of a picture, to be looked at, corrected and sent along with the edit."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["controls"])


@router.post("/controls")
async def read_control(request: wire.EditRequest, engine: Engine) -> wire.Control:
    """The pose, the depth or the lines of the edit's window, read as its model would see it. Starts no job."""
    image, box = await engine.queue.read_control(request.plain())
    return wire.Control(image=image, box=wire.Box(**asdict(box)))
