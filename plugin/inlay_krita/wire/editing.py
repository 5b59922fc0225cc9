"""Edits: what is asked, what is planned, and what comes of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from .basis import Box, CanvasInfo


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a model is asked, for every edit that a model may do. Empty, None and 0 leave the choice to the plan."""

    model: str = ""
    family: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    strength: float | None = None
    guidance_scale: float | None = None
    num_inference_steps: int = 0
    scheduler: str = ""
    references: int = 0  # how many other pictures are sent to be looked at
    reads: str = ""  # "below": a layer and what lies below it; "layer": that alone; empty: the whole picture
    layer: str = ""  # which layer that is
    variations: tuple[tuple[int, float], ...] = ()  # seeds, and how far from 0 to 1 the noise goes towards theirs


@dataclass(frozen=True)
class RemoveEdit(Asked):
    """Take the selected thing out."""

    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    tries: int = 0
    kind: str = field(default="remove", init=False)


@dataclass(frozen=True)
class ReplaceEdit(Asked):
    """Paint what the prompt says into the selection."""

    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    control: str = ""  # what is kept: "pose", "depth", "lines"
    control_scale: float | None = None
    control_from: float | None = None
    control_until: float | None = None
    kind: str = field(default="replace", init=False)


@dataclass(frozen=True)
class RestyleEdit(Asked):
    """Let what is selected look different."""

    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    source_prompt: str = ""
    kind: str = field(default="restyle", init=False)


@dataclass(frozen=True)
class InstructEdit(Asked):
    """Change the selection, or the whole picture, as told."""

    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    source_prompt: str = ""
    image_guidance_scale: float | None = None
    kind: str = field(default="instruct", init=False)


@dataclass(frozen=True)
class BackgroundEdit(Asked):
    """Keep what is selected, and replace what is around it."""

    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    kind: str = field(default="background", init=False)


@dataclass(frozen=True)
class ExtendEdit(Asked):
    """Make the canvas larger and go on with the picture."""

    seed: int = 0
    left_px: int = 0
    top_px: int = 0
    right_px: int = 0
    bottom_px: int = 0
    kind: str = field(default="extend", init=False)


Edit = RemoveEdit | ReplaceEdit | RestyleEdit | InstructEdit | BackgroundEdit | ExtendEdit
EDITS: dict[str, type[Edit]] = {
    kind.kind: kind for kind in (RemoveEdit, ReplaceEdit, RestyleEdit, InstructEdit, BackgroundEdit, ExtendEdit)
}


@dataclass(frozen=True)
class Plan:
    """What the engine will do, before a pixel is touched."""

    edit: str
    model: str
    family: str
    canvas_box: Box
    crop_box: Box
    read_box: Box
    paste_box: Box
    working_width: int
    working_height: int
    grow_px: int
    feather_px: int
    denoise_grow_px: int
    steps: int
    why: str
    settings: dict[str, Any] | None
    checklist: list[str]

    @classmethod
    def from_json(cls, plan: dict[str, Any]) -> Plan:
        boxes = {name: Box(**plan[name]) for name in ("canvas_box", "crop_box", "read_box", "paste_box")}
        names = {f.name for f in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in plan.items() if name in names} | boxes)


@dataclass(frozen=True)
class Result:
    """What a finished job gives: two images by digest, where they belong, and how to make them again."""

    pixels: str
    mask: str
    box: Box
    seconds: float
    recipe: dict[str, Any]

    @classmethod
    def from_json(cls, result: dict[str, Any]) -> Result:
        return cls(result["pixels"], result["mask"], Box(**result["box"]), result["seconds"], result["recipe"])


def plan_request(edit: Edit, canvas: CanvasInfo, selection: Box | None) -> dict[str, Any]:
    """The body of `POST /plan`."""
    return {
        "edit": dataclasses.asdict(edit),
        "canvas": dataclasses.asdict(canvas),
        "selection": dataclasses.asdict(selection) if selection else None,
    }


def edit_request(planned: dict[str, Any], image: str, mask: str | None, label: str) -> dict[str, Any]:
    """The body of `POST /edits`: what was planned, the uploaded images, and a name for the result."""
    return {**planned, "image": image, "mask": mask, "label": label}


def caption_request(image: str, mask: str, canvas: CanvasInfo) -> dict[str, Any]:
    """The body of `POST /captions`."""
    return {"image": image, "mask": mask, "canvas": dataclasses.asdict(canvas)}
