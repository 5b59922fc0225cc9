"""What came of the work, as stored images and a recipe."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from inlay import __version__
from inlay.jobs.executors.port import Outcome
from inlay.jobs.intake import MASK_U8
from inlay.jobs.records import Json, canvas_json, edit_json, plan_json
from inlay.jobs.states import Job, Result
from inlay.jobs.store import ImageInfo, ImageStore
from inlay.pixels.formats import PixelFormat, Pixels


def keep_result(job: Job, outcome: Outcome, notes: Sequence[str], images: ImageStore, keep: Collection[str]) -> Result:
    """Store the result's two images durably. Raises JobError where the disk does not take them.

    notes: what the work said of itself (`Watch.note`).
    """
    edited = outcome.result
    pixels = _kept(edited.pixels, job.request.canvas.format, images, keep)
    mask = _kept(edited.mask[..., None], MASK_U8, images, {*keep, pixels})
    return Result(pixels, mask, edited.box, round(outcome.seconds, 3), _recipe(job, outcome, notes))


def keep_picture(array: Pixels, form: PixelFormat, images: ImageStore, keep: Collection[str]) -> str:
    """Store a picture that nobody's job gave, (H, W, C); gives its digest. Raises JobError where it cannot be."""
    return _kept(array, form, images, keep)


def _kept(array: Pixels, pixel_format: PixelFormat, images: ImageStore, keep: Collection[str]) -> str:
    raw = pixel_format.to_bytes(array)
    info = ImageInfo(pixel_format, array.shape[1], array.shape[0])
    digest = info.digest(raw)
    images.save(digest, info, raw, keep, is_durable=True)
    return digest


def _recipe(job: Job, outcome: Outcome, notes: Sequence[str]) -> Json:
    """Everything needed to run the edit again, as JSON; the plugin keeps it in the document."""
    return {
        "edit": edit_json(job.request.edit),
        "canvas": canvas_json(job.request.canvas),
        "selection": job.request.selection_box and dataclasses.asdict(job.request.selection_box),
        "plan": plan_json(job.plan),
        "label": job.request.label,
        "image": job.request.image,
        "mask": job.request.mask,
        "control_image": job.request.control_image,
        "references": list(map(dataclasses.asdict, job.request.references)),
        "engine": __version__,
        "model": job.plan.model,
        "family": job.plan.family,
        "checks": outcome.result.checks,
        "model_version": outcome.model_version,
        "notes": list(notes),
    }
