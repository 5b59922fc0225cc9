"""Additions to a selection, from uploaded images to a stored mask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from inlay.edits.edit import Canvas
from inlay.edits.offering import Addition, shadow_offered
from inlay.jobs.intake import MASK_U8, load_picture
from inlay.jobs.states import JobError
from inlay.jobs.store import ImageInfo, ImageStore
from inlay.pixels.geometry import Box


@dataclass(frozen=True)
class Shown:
    """A part of the canvas with what is selected in it, as it was uploaded."""

    image: str  # digest
    mask: str  # digest
    canvas: Canvas
    box: Box  # canvas space: where the image lies


@dataclass(frozen=True)
class KeptAddition:
    """An addition whose mask can be fetched."""

    mask: str  # digest, of the addition's size
    addition: Addition  # its box is in canvas space


def check_box(shown: Shown, images: ImageStore) -> None:
    """Refuse a box that is not of the image's size. The image must be there."""
    info = images.find(shown.image)
    assert info is not None
    if (info.width, info.height) != (shown.box.width, shown.box.height):
        raise JobError(
            "box_size",
            f"The box is {shown.box.width} x {shown.box.height}, and the image {info.width} x {info.height} px.",
            field="box",
            remedy="Let `box` say where on the canvas the image lies.",
        )


def kept_shadow(shown: Shown, images: ImageStore, keep: Collection[str]) -> KeptAddition | None:
    """The shadow that is offered, its mask stored. Raises JobError where an image is gone or the disk is full."""
    found = shadow_offered(load_picture(shown.image, shown.mask, shown.canvas, images))
    if found is None:
        return None
    raw = MASK_U8.to_bytes(found.mask[..., None])
    info = ImageInfo(MASK_U8, found.box.width, found.box.height)
    digest = info.digest(raw)
    images.save(digest, info, raw, {*keep, shown.image, shown.mask}, is_durable=False)
    on_canvas = found.box.moved(shown.box.x, shown.box.y)
    return KeptAddition(digest, Addition(found.mask, on_canvas, found.trace, found.confidence, found.why))
