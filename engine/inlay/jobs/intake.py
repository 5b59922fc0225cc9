"""What is checked before a request becomes a job, so that nothing is found out after the wait."""

from __future__ import annotations

from dataclasses import replace

from inlay.edits.asking import Asked
from inlay.edits.edit import Canvas, Need, Source
from inlay.edits.plan import Plan
from inlay.jobs.states import JobError, Request
from inlay.jobs.store import ImageInfo, ImageStore, missing_image
from inlay.pixels.formats import Depth, Model, PixelFormat, Pixels
from inlay.pixels.masks import Mask

MASK_U8 = PixelFormat(Model.MASK, Depth.U8)


def check_request(request: Request, plan: Plan, images: ImageStore) -> None:
    """Refuse images that are missing, or not what the plan reads; a mask that is missing or not asked for."""
    _check_image(request.image, "image", request.canvas.format, plan, images)
    if request.edit.selection is (Need.MUST if request.mask is None else Need.NEVER):
        raise _wrong_mask(request)
    if request.mask is not None:
        _check_image(request.mask, "mask", MASK_U8, plan, images)
    _check_references(request, images)
    if request.control_image is not None:
        if plan.settings is None or not plan.settings.control:
            raise _unused_control()
        _check_image(request.control_image, "control_image", request.canvas.format, plan, images)


def _check_references(request: Request, images: ImageStore) -> None:
    """As many as the edit says, each of the size of its box."""
    sent, told = len(request.references), request.edit.references if isinstance(request.edit, Asked) else 0
    if sent != told:
        raise JobError(
            "references_count",
            f"{sent} references were sent, and `edit.references` says {told}.",
            field="references",
            remedy="Let both be the same.",
        )
    for number, reference in enumerate(request.references):
        field, box = f"references.{number}", reference.box
        info = _found(reference.image, field, request.canvas.format, images)
        if (info.width, info.height) != (box.width, box.height):
            raise _wrong_size(field, info, f"its box {box.width} x {box.height}", "Upload what its `box` says.")


def check_control(request: Request, plan: Plan, images: ImageStore) -> None:
    """The same, for what only looks at what an edit would keep."""
    if plan.settings is None or not plan.settings.control:
        raise JobError(
            "no_control",
            "The edit keeps nothing that could be looked at.",
            field="edit.control",
            remedy='Set `control` to "pose", "depth" or "lines".',
        )
    check_request(request, plan, images)


def _unused_control() -> JobError:
    return JobError(
        "control_unused",
        "A picture of a pose, a depth or lines was sent, and nothing keeps it.",
        field="control_image",
        remedy='Set `control` to "pose", "depth" or "lines", or send null as `control_image`.',
    )


def _wrong_mask(request: Request) -> JobError:
    kind = request.edit.kind
    if request.mask is None:
        remedy = "Upload the selection inside the plan's `read_box`, and name it."
        return JobError("mask_missing", f"{kind} needs the selection as a mask.", field="mask", remedy=remedy)
    return JobError("mask_unused", f"{kind} brings its own mask.", field="mask", remedy="Send null as `mask`.")


def check_picture(image: str, mask: str | None, canvas: Canvas, images: ImageStore, mask_field: str = "mask") -> None:
    """Refuse a picture that is missing or of another format than the canvas, and a mask that is not of its size."""
    info = _found(image, "image", canvas.format, images)
    if mask is not None:
        found = _found(mask, mask_field, MASK_U8, images)
        if (found.width, found.height) != (info.width, info.height):
            raise _wrong_size(
                mask_field, found, f"the image is {info.width} x {info.height}", "Upload both in one size."
            )


def _check_image(digest: str, field: str, wanted: PixelFormat, plan: Plan, images: ImageStore) -> None:
    info, read = _found(digest, field, wanted, images), plan.read_box
    if (info.width, info.height) != (read.width, read.height):
        reads = f"the plan reads {read.width} x {read.height}"
        raise _wrong_size(field, info, reads, "Read and upload exactly the plan's `read_box`.")


def _found(digest: str, field: str, wanted: PixelFormat, images: ImageStore) -> ImageInfo:
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
    return info


def _wrong_size(field: str, info: ImageInfo, wanted: str, remedy: str) -> JobError:
    message = f"The {field} is {info.width} x {info.height} px, and {wanted}."
    return JobError(f"{field}_size", message, field=field, remedy=remedy)


def load_source(request: Request, images: ImageStore) -> Source:
    """The request's images as arrays. Raises JobError where one is gone."""
    source = load_picture(request.image, request.mask, request.canvas, images)
    references = tuple(_read(reference.image, images) for reference in request.references)
    return replace(source, control=_array(request.control_image, images), references=references)


def load_picture(image: str, mask: str | None, canvas: Canvas, images: ImageStore) -> Source:
    """A picture, and what is selected on it. Raises JobError where one is gone."""
    return Source(_read(image, images), None if mask is None else load_mask(mask, images), canvas)


def load_mask(digest: str, images: ImageStore) -> Mask:
    """A mask, (h, w). Raises JobError where it is gone."""
    mask: Mask = _read(digest, images)[..., 0].view("u1")
    return mask


def _array(digest: str | None, images: ImageStore) -> Pixels | None:
    return None if digest is None else _read(digest, images)


def _read(digest: str, images: ImageStore) -> Pixels:
    info, raw = images.read(digest)
    return info.format.from_bytes(raw, info.width, info.height)
