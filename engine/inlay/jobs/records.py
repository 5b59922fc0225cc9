"""Jobs as JSON for the journal, and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from inlay.edits.edit import Canvas, Edit, kinds
from inlay.edits.plan import Plan
from inlay.errors import Fault
from inlay.jobs.states import Job, Reference, Request, Result, State
from inlay.pipelines.card import Infill, Settings
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

Json = dict[str, Any]


def edit_json(edit: Edit) -> Json:
    """An edit as it stands in requests and recipes: its kind and its fields."""
    fields = dataclasses.asdict(edit)  # type: ignore[call-overload]  # every kind of edit is a dataclass
    pairs = {name: [list(pair) for pair in value] for name, value in fields.items() if isinstance(value, tuple)}
    return {"kind": edit.kind, **fields, **pairs}


def canvas_json(canvas: Canvas) -> Json:
    """A canvas as it stands in requests and recipes."""
    return {
        "width": canvas.width,
        "height": canvas.height,
        "model": canvas.format.model.value,
        "depth": canvas.format.depth.value,
        "profile": canvas.profile,
    }


def plan_json(plan: Plan) -> Json:
    """A plan as it stands in records and recipes."""
    return dataclasses.asdict(plan) | {"checklist": list(plan.checklist)}


def encoded(job: Job) -> str:
    """A job as one line of JSON."""
    record = {field.name: getattr(job, field.name) for field in dataclasses.fields(job)}
    record["request"] = {
        "edit": edit_json(job.request.edit),
        "canvas": canvas_json(job.request.canvas),
        "selection": job.request.selection_box and dataclasses.asdict(job.request.selection_box),
        "image": job.request.image,
        "mask": job.request.mask,
        "label": job.request.label,
        "control_image": job.request.control_image,
        "references": list(map(dataclasses.asdict, job.request.references)),
    }
    for name in ("plan", "result", "error"):
        record[name] = record[name] and dataclasses.asdict(record[name])
    return json.dumps(record | {"fetched": sorted(job.fetched)})


def decoded(line: str) -> Job:
    """The job that `encoded` wrote. Raises KeyError, TypeError or ValueError for what another version wrote."""
    record = json.loads(line)
    return Job(
        **record
        | {
            "request": _request(record["request"]),
            "plan": _plan(record["plan"]),
            "state": State(record["state"]),
            "result": record["result"] and Result(**record["result"] | {"box": Box(**record["result"]["box"])}),
            "error": record["error"] and Fault(**record["error"]),
            "fetched": frozenset(record["fetched"]),
        }
    )


def _request(record: Json) -> Request:
    settings = {**record["edit"], "variations": _variations(record["edit"])}
    canvas = record["canvas"]
    return Request(
        edit=kinds()[settings.pop("kind")](**settings),
        canvas=Canvas(
            canvas["width"],
            canvas["height"],
            PixelFormat(Model(canvas["model"]), Depth(canvas["depth"])),
            canvas["profile"],
        ),
        selection_box=record["selection"] and Box(**record["selection"]),
        image=record["image"],
        mask=record["mask"],
        label=record["label"],
        control_image=record.get("control_image"),
        references=tuple(_reference(each) for each in record.get("references", ())),
    )


def _reference(record: Json) -> Reference:
    return Reference(record["image"], Box(**record["box"]))


def _variations(record: Json) -> tuple[tuple[int, float], ...]:
    return tuple((seed, strength) for seed, strength in record.get("variations", ()))


def _plan(record: Json) -> Plan:
    boxes = {name: Box(**value) for name, value in record.items() if name.endswith("_box")}
    settings = record["settings"]
    if settings is not None:
        worn = {
            "loras": tuple((name, weight) for name, weight in settings["loras"]),
            "embeddings": tuple(settings["embeddings"]),
            "variations": _variations(settings),
        }
        settings = Settings(**settings | worn | {"infill": Infill(settings["infill"])})
    return Plan(**record | boxes | {"settings": settings, "checklist": tuple(record["checklist"])})
