"""What lies where on the disk, and `DELETE /images`: what is only kept for convenience goes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter

from inlay.api.services import Engine, Services
from inlay.disk import free_bytes, size_of
from inlay.wire import Wire

router = APIRouter(tags=["engine"])


class Folder(Wire):
    """One kind of what the engine keeps."""

    name: Literal["models", "images", "logs"]
    path: str | None  # None is told to other machines
    size_bytes: int
    clearable_bytes: int  # that can be cleared without loss
    free_bytes: int  # on its disk


class Cleared(Wire):
    """What has gone."""

    freed_bytes: int


@router.delete("/images")
async def clear_images(engine: Engine) -> Cleared:
    """Delete the images that no open job needs and nobody still waits for. What is in documents is not touched."""
    return Cleared(freed_bytes=await engine.queue.clear_images())


def folders(engine: Services, tells_where: bool) -> list[Folder]:
    """How much each holds. Looks at the disk: not on the event loop."""
    places = engine.catalogue.folders
    images, clearable = engine.queue.images.size_bytes, engine.queue.clearable_bytes()
    return [
        _folder("models", engine.catalogue.own, size_of(engine.catalogue.own), 0, tells_where),
        _folder("images", engine.queue.images.folder, images, clearable, tells_where),
        _folder("logs", places.log, size_of(places.log), 0, tells_where),
    ]


def _folder(
    name: Literal["models", "images", "logs"], path: Path, size: int, clearable: int, tells_where: bool
) -> Folder:
    return Folder(
        name=name,
        path=str(path) if tells_where else None,
        size_bytes=size,
        clearable_bytes=clearable,
        free_bytes=free_bytes(path),
    )
