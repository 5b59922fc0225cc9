"""What is checked before a request becomes a job, so that nothing is found out after the wait."""

from __future__ import annotations

from inlay.edits.edit import Need, Source
from inlay.edits.plan import Plan
from inlay.jobs.states import JobError, Request
from inlay.jobs.store import ImageStore, missing_image
from inlay.pixels.formats import Depth, Model, PixelFormat, Pixels

MASK_U8 = PixelFormat(Model.MASK, Depth.U8)


def check_request(request: Request, plan: Plan, images: ImageStore) -> None:
    """Refuse images that are missing, or not what the plan reads; a mask that is missing or not asked for."""
    _check_image(request.image, "image", request.canvas.format, plan, images)
    if request.edit.selection is (Need.MUST if request.mask is None else Need.NEVER):
        raise _wrong_mask(request)
    if request.mask is not None:
        _check_image(request.mask, "mask", MASK_U8, plan, images)
    if request.control_image is not None:
        if plan.settings is None or not plan.settings.control:
            raise _unused_control()
        _check_image(request.control_image, "control_image", request.canvas.format, plan, images)


def _unused_control() -> JobError:
    return JobError(
        "control_unused",
        "A picture of a pose or a depth was sent, and nothing keeps it.",
        field="control_image",
        remedy='Set `control` to "pose" or "depth", or send null as `control_image`.',
    )


def _wrong_mask(request: Request) -> JobError:
    kind = request.edit.kind
    if request.mask is None:
        remedy = "Upload the selection inside the plan's `read_box`, and name it."
        return JobError("mask_missing", f"{kind} needs the selection as a mask.", field="mask", remedy=remedy)
    return JobError("mask_unused", f"{kind} brings its own mask.", field="mask", remedy="Send null as `mask`.")


def _check_image(digest: str, field: str, wanted: PixelFormat, plan: Plan, images: ImageStore) -> None:
    info = images.find(digest)
    if info is None:
        raise missing_image(digest, field)
    if info.format != wanted:
        raise JobError(
            f"{field}_format",
            f"The {field} is {info.format.model} {info.format.depth}, and {wanted.model} {wanted.depth} is needed.",
            field=field,
            remedy="Upload it in that model and depth, and let `canvas` say the document's.",
        )
    if (info.width, info.height) != (plan.read_box.width, plan.read_box.height):
        raise JobError(
            f"{field}_size",
            f"The {field} is {info.width} x {info.height} px, and the plan reads "
            f"{plan.read_box.width} x {plan.read_box.height}.",
            field=field,
            remedy="Read and upload exactly the plan's `read_box`.",
        )


def load_source(request: Request, images: ImageStore) -> Source:
    """The request's images as arrays. Raises JobError where one is gone."""
    mask = _array(request.mask, images)
    return Source(
        _read(request.image, images),
        None if mask is None else mask[..., 0].view("u1"),
        request.canvas,
        control=_array(request.control_image, images),
    )


def _array(digest: str | None, images: ImageStore) -> Pixels | None:
    return None if digest is None else _read(digest, images)


def _read(digest: str, images: ImageStore) -> Pixels:
    info, raw = images.read(digest)
    return info.format.from_bytes(raw, info.width, info.height)
