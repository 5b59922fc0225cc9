"""`/images/{digest}`: raw pixels in and out, named by what they are."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from inlay import wire
from inlay.api.bodies import read_image
from inlay.api.errors import RequestError
from inlay.api.services import Engine
from inlay.config import GIB, Limits
from inlay.jobs.store import ImageInfo, ImageStore, missing_image
from inlay.jobs.thumbnails import LARGEST_SIDE_PX, thumbnail
from inlay.pixels.formats import Depth, Model, PixelFormat

router = APIRouter(prefix="/images", tags=["images"])
RAW = "application/octet-stream"
RAW_BODY = {"requestBody": {"required": True, "content": {RAW: {"schema": {"type": "string", "format": "binary"}}}}}


def _declared(
    model: Model,
    depth: Depth,
    width: Annotated[int, Query(ge=1)],
    height: Annotated[int, Query(ge=1)],
    engine: Engine,
) -> ImageInfo:
    """The declaration in the query, within the engine's limits."""
    info = ImageInfo(PixelFormat(model, depth), width, height)
    _check_size(info, engine.limits)
    if model is Model.MASK and depth is not Depth.U8:
        raise RequestError("depth", "A mask has depth U8.", field="depth", remedy="Send the selection as bytes.")
    return info


def _check_size(info: ImageInfo, limits: Limits) -> None:
    for name, side_px in (("width", info.width), ("height", info.height)):
        if side_px > limits.side_px:
            raise RequestError(
                "body_too_large",
                f"The image's {name} is {side_px} px, and {limits.side_px} px is the most.",
                field=name,
                remedy="Upload only the plan's `read_box`.",
            )
    if info.size_bytes > limits.window_bytes:
        raise RequestError(
            "body_too_large",
            f"The image has {info.size_bytes / GIB:.1f} GiB, and {limits.window_bytes / GIB:.1f} GiB is the most.",
            field="body",
            remedy="Upload only the plan's `read_box`.",
        )


@router.put("/{digest}", status_code=201, openapi_extra=RAW_BODY, responses={200: {"description": "Already there"}})
async def upload(
    digest: wire.Digest, info: Annotated[ImageInfo, Depends(_declared)], request: Request, engine: Engine
) -> Response:
    """Keep an image; the body is its raw pixels and nothing else."""
    is_new = engine.queue.images.find(digest) is None
    await engine.queue.keep_image(digest, info, await read_image(request, info.size_bytes))
    return Response(status_code=201 if is_new else 200)


@router.head("/{digest}")
async def has(digest: wire.Digest, engine: Engine) -> Response:
    """200 where the engine has the image, else 404."""
    info = engine.queue.images.find(digest)
    return Response(status_code=404) if info is None else Response(headers=_headers(info), media_type=RAW)


@router.get("/{digest}", response_class=Response, responses={200: {"content": {RAW: {}}}})
async def download(digest: wire.Digest, engine: Engine) -> Response:
    """The raw pixels; their declaration is in the headers."""
    found = engine.queue.previews.find(digest)
    if found is None:
        if engine.queue.images.find(digest) is None:
            raise missing_image(digest, "digest")
        found = await asyncio.to_thread(engine.queue.images.read, digest)
        engine.queue.note_fetched(digest)
    info, raw = found
    return Response(raw, media_type=RAW, headers=_headers(info))


@router.get("/{digest}/thumbnail", response_class=Response, responses={200: {"content": {RAW: {}}}})
async def small(
    digest: wire.Digest,
    engine: Engine,
    side: Annotated[int, Query(ge=1, le=LARGEST_SIDE_PX)] = 128,
    profile: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """The picture in 8-bit sRGB, at most `side` pixels wide and high."""
    info = engine.queue.images.find(digest)
    if info is None:
        raise missing_image(digest, "digest")
    if info.format.model is Model.MASK:
        raise RequestError("model", "A mask has no thumbnail.", field="digest", remedy="Ask for a picture's.")
    told, raw = await asyncio.to_thread(_shrunk, engine.queue.images, digest, profile, side)
    return Response(raw, media_type=RAW, headers=_headers(told))


def _shrunk(images: ImageStore, digest: str, profile: str, side_px: int) -> tuple[ImageInfo, bytes]:
    info, raw = images.read(digest)
    return thumbnail(info, raw, profile, side_px)


def _headers(info: ImageInfo) -> dict[str, str]:
    return {
        "Inlay-Model": info.format.model.value,
        "Inlay-Depth": info.format.depth.value,
        "Inlay-Width": str(info.width),
        "Inlay-Height": str(info.height),
    }
