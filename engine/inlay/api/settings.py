"""`/settings`: what the engine computes on and how much it may keep; `/memory/free`: loaded models go."""

from __future__ import annotations

import asyncio
import os
from functools import partial

from fastapi import APIRouter, Request
from pydantic import Field

from inlay import settings as kept
from inlay.api import storage
from inlay.api.errors import RequestError
from inlay.api.outside import is_outside
from inlay.api.services import Engine, Services
from inlay.catalogue.errors import spelled
from inlay.jobs.store import disk_error
from inlay.pipelines.device import Place, places
from inlay.wire import Wire

FREE_S = 2.0  # for the answer to have the new figure; behind a longer edit it has the old one
router = APIRouter(tags=["engine"])


class EngineSettings(Wire):
    """What can be set; docs/protocol.md."""

    device: str = Field(pattern=f"^({kept.DEVICE.pattern})$")
    memory_bytes: int = Field(ge=0, le=kept.MOST_MEMORY)
    store_bytes: int = Field(ge=kept.LEAST_STORE, le=kept.MOST_STORE)


class Device(Wire):
    """Something to compute on."""

    id: str
    title: str
    memory_bytes: int  # that it has; 0 where nobody knows


class Setup(Wire):
    """How the engine is set up, and what there is to choose from."""

    settings: EngineSettings
    fixed: list[str]  # that the engine's environment says: not to be changed here
    devices: list[Device]  # the best first, which is also what "" takes
    held_bytes: int  # by the models that are loaded now
    folders: list[storage.Folder]


class Memory(Wire):
    """What is loaded."""

    held_bytes: int


@router.get("/settings")
async def settings(engine: Engine, request: Request) -> Setup:
    """What is set, what could be, and what lies where. Other machines are told no path."""
    return await asyncio.to_thread(_setup, engine, not is_outside(request.scope))


@router.put("/settings")
async def change(wanted: EngineSettings, engine: Engine) -> Setup:
    """Set it from now on: for the next load, and for what is loaded as soon as nothing runs."""
    await asyncio.to_thread(_change, engine, kept.Settings(**wanted.model_dump()))
    return await asyncio.to_thread(_setup, engine, True)


@router.post("/memory/free")
async def free(engine: Engine) -> Memory:
    """Take every loaded model off the device; the next edit loads its own again. An edit that runs keeps its own."""
    done = engine.queue.soon_on_device(engine.queue.roster.shelf.drop)
    await asyncio.wait([asyncio.wrap_future(each) for each in done], timeout=FREE_S)
    return Memory(held_bytes=engine.queue.roster.shelf.size_bytes)


def _setup(engine: Services, tells_where: bool) -> Setup:
    now = kept.read(engine.catalogue.folders.data)
    return Setup(
        settings=EngineSettings(device=now.device, memory_bytes=now.memory_bytes, store_bytes=now.store_bytes),
        fixed=sorted(engine.fixed),
        devices=[Device(id=each.id, title=each.title, memory_bytes=each.memory_bytes) for each in places()],
        held_bytes=engine.queue.roster.shelf.size_bytes,
        folders=storage.folders(engine, tells_where),
    )


def _change(engine: Services, wanted: kept.Settings) -> None:
    folder = engine.catalogue.folders.data
    before = kept.read(folder)
    _check(wanted, before, engine.fixed)
    try:
        kept.write(folder, wanted)
    except OSError as error:
        raise disk_error(error, folder) from error
    kept.apply(wanted, os.environ, engine.fixed)
    engine.queue.images.capacity_bytes = wanted.store_bytes
    shelf = engine.queue.roster.shelf
    if wanted.device != before.device:
        engine.queue.soon_on_device(shelf.drop)
    if wanted.memory_bytes != before.memory_bytes:
        engine.queue.soon_on_device(partial(shelf.set_budget, wanted.memory_bytes or None))


def _check(wanted: kept.Settings, before: kept.Settings, fixed: frozenset[str]) -> None:
    """Raises RequestError for what cannot be on this machine, by field."""
    for name in sorted(fixed):
        if getattr(wanted, name) != getattr(before, name):
            variable = kept.VARIABLES[name]
            message, remedy = f"{variable} says it already.", f"Start the engine without {variable} to set it here."
            raise RequestError("fixed", message, field=name, remedy=remedy)
    here = places()
    chosen = _chosen(wanted.device, here)
    if chosen is None:
        ids = ", ".join(place.id for place in here)
        message, remedy = f"There is no device {wanted.device} here.", f'Send one of {ids}, or "" for the best.'
        raise RequestError("device", message, field="device", remedy=remedy)
    most = chosen.memory_bytes or kept.MOST_MEMORY
    if wanted.memory_bytes and not kept.LEAST_MEMORY <= wanted.memory_bytes <= most:
        raise RequestError(
            "memory",
            f"{spelled(wanted.memory_bytes)} is no budget for {chosen.title}.",
            field="memory_bytes",
            remedy=f"Send {spelled(kept.LEAST_MEMORY)} to {spelled(most)}, or 0 for most of what is free.",
        )


def _chosen(device: str, here: tuple[Place, ...]) -> Place | None:
    """What a device's name means here; None for nothing. `cuda` is the first of them."""
    if not device:
        return here[0]
    return next((place for place in here if device in (place.id, place.id.partition(":")[0])), None)
