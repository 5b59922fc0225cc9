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
from inlay.pixels.masks import Mask


@dataclass(frozen=True)
class Scene:
    """A part of the canvas, perhaps with what is selected in it, as it was uploaded."""

    image: str  # digest
    mask: str | None  # digest
    canvas: Canvas
    box: Box  # canvas space: where the image lies

    @property
    def images(self) -> set[str]:
        """The digests of what it needs."""
        return {self.image} | ({self.mask} if self.mask else set())


@dataclass(frozen=True)
class KeptAddition:
    """An addition whose mask can be fetched."""

    mask: str  # digest, of the addition's size
    addition: Addition  # its box is in canvas space


def check_box(scene: Scene, images: ImageStore) -> None:
    """Refuse a box that is not of the image's size. The image must be there."""
    info = images.find(scene.image)
    assert info is not None
    if (info.width, info.height) != (scene.box.width, scene.box.height):
        raise JobError(
            "box_size",
            f"The box is {scene.box.width} x {scene.box.height}, and the image {info.width} x {info.height} px.",
            field="box",
            remedy="Let `box` say where on the canvas the image lies.",
        )


def kept_shadow(scene: Scene, images: ImageStore, keep: Collection[str]) -> KeptAddition | None:
    """The shadow that is offered, its mask stored. Raises JobError where an image is gone or the disk is full."""
    found = shadow_offered(load_picture(scene.image, scene.mask, scene.canvas, images))
    if found is None:
        return None
    digest = kept_mask(found.mask, images, {*keep, *scene.images})
    on_canvas = found.box.moved(scene.box.x, scene.box.y)
    return KeptAddition(digest, Addition(found.mask, on_canvas, found.trace, found.confidence, found.why))


def kept_mask(mask: Mask, images: ImageStore, keep: Collection[str]) -> str:
    """Store a mask (h, w) until its room is needed, and give its digest. Raises JobError where the disk is full."""
    raw = MASK_U8.to_bytes(mask[..., None])
    info = ImageInfo(MASK_U8, mask.shape[1], mask.shape[0])
    digest = info.digest(raw)
    images.save(digest, info, raw, keep, is_durable=False)
    return digest
