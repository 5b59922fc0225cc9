"""`/models`: what is installed and what could be, installing, removing, verifying; `/model-folders`: the user's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from inlay import wire
from inlay.api.errors import RequestError
from inlay.api.jobs import last_number
from inlay.api.outside import is_outside
from inlay.api.services import Engine
from inlay.catalogue.installing import remove
from inlay.catalogue.listing import entries, find_offer
from inlay.catalogue.verifying import damages
from inlay.disk import free_bytes
from inlay.jobs.events import Event
from inlay.pipelines.models import AdapterKind

router = APIRouter(tags=["models"])
NAMED = (AdapterKind.LORA, AdapterKind.EMBEDDING)  # in prompts


@router.get("/models")
async def models(engine: Engine, request: Request) -> wire.Models:
    """Installed models with the edits they do, then what can be installed; what prompts can name; folders.

    Where anything lies is nobody's business on another machine.
    """
    tells_where = not is_outside(request.scope)
    may_change = tells_where or (engine.outside is not None and engine.outside.may_manage)

    def look() -> wire.Models:
        engine.installs.refresh_if_changed()
        roster = engine.queue.roster
        listed = entries(engine.catalogue, roster.uses, roster.cards)
        shown = listed if tells_where else [replace(entry, path=None) for entry in listed]
        models = [wire.ModelInfo.of(entry, engine.installs.under_way(entry.id)) for entry in shown]
        told = _folders(engine).folders if tells_where else []
        free = free_bytes(engine.catalogue.own)
        adapters = [wire.Adapter.of(each) for each in roster.adapters if each.kind in NAMED]
        return wire.Models(models=models, adapters=adapters, folders=told, free_bytes=free, may_change=may_change)

    return await asyncio.to_thread(look)


@router.post("/models/{id}/install", status_code=202)
async def install(id: wire.OfferId, engine: Engine) -> wire.Install:
    """Download and verify in the background, after those that were asked for before; it goes on where it stopped."""
    return wire.Install.of(engine.installs.begin(find_offer(id, engine.queue.roster.cards)))


def _events(
    id: wire.OfferId, engine: Engine, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[Event]:
    """Found before the stream begins, so that an unknown installation is a plain 404."""
    return engine.installs.events(id, last_number(last_event_id))


@router.get("/models/{id}/events", response_class=EventSourceResponse)
async def events(stream: Annotated[AsyncIterator[Event], Depends(_events)]) -> AsyncIterator[ServerSentEvent]:
    """What the model's last installation told and tells, until it ends."""
    async for event in stream:
        assert isinstance(event.data, Mapping)
        yield ServerSentEvent(data=dict(event.data), event=event.name, id=str(event.number))


@router.post("/models/{id}/cancel")
async def cancel(id: wire.OfferId, engine: Engine) -> wire.Install:
    """End an installation; what has arrived stays for the next one. One that has ended is given as it is."""
    return wire.Install.of(engine.installs.cancel(id))


@router.delete("/models/{id}", status_code=204)
async def delete(id: wire.ModelId, engine: Engine) -> None:
    """Delete a model that Inlay installed, or what there is of a half one."""
    if engine.installs.under_way(id):
        raise RequestError(
            "installing", f"{id} is being installed.", field="id", remedy="Cancel that first: POST /models/{id}/cancel."
        )
    await _changed(engine, lambda: remove(engine.catalogue, id))


@router.post("/models/{id}/verify")
async def verify(id: wire.ModelId, engine: Engine) -> wire.Verification:
    """Whether a model is whole. Reads every byte of one that Inlay installed: seconds for each gigabyte."""
    paths = await asyncio.to_thread(engine.catalogue.paths, id)
    found = [damage for path in paths for damage in await asyncio.to_thread(damages, path)]
    return wire.Verification(id=id, damages=[wire.Damage(path=each.path, message=each.message) for each in found])


@router.post("/model-folders", status_code=201)
async def add_folder(folder: wire.ModelFolder, engine: Engine) -> wire.ModelFolders:
    """Also look into a folder, or use a single .safetensors file; nothing in it is changed."""
    await _changed(engine, lambda: engine.catalogue.add_folder(Path(folder.path)))
    return _folders(engine)


@router.delete("/model-folders")
async def drop_folder(folder: wire.ModelFolder, engine: Engine) -> wire.ModelFolders:
    """Do not look there any more; nothing in it is touched."""
    await _changed(engine, lambda: engine.catalogue.drop_folder(Path(folder.path)))
    return _folders(engine)


def _folders(engine: Engine) -> wire.ModelFolders:
    return wire.ModelFolders(folders=[str(folder) for folder in engine.catalogue.user_folders()])


async def _changed(engine: Engine, change: Callable[[], object]) -> None:
    """Make a change on the disk, then let the engine use what is there now."""

    def change_and_look() -> None:
        change()
        engine.installs.refresh()

    await asyncio.to_thread(change_and_look)
