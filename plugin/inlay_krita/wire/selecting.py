"""Selections: what points at a thing, and what is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .basis import Box, CanvasInfo


@dataclass(frozen=True)
class Addition:
    """A part of the picture that likely belongs to what is selected."""

    kind: str  # "shadow" or "reflection"
    mask: str
    box: Box
    confidence: float
    why: str

    @classmethod
    def from_json(cls, addition: dict[str, Any]) -> Addition:
        box = Box(**addition["box"])
        return cls(addition["kind"], addition["mask"], box, addition["confidence"], addition["why"])


@dataclass(frozen=True)
class Point:
    """A pixel of the canvas that is on the thing to be selected, or beside it."""

    x: int
    y: int
    is_on: bool = True


@dataclass(frozen=True)
class Selected:
    """Something that could be meant: a mask, soft where its edge is."""

    mask: str
    box: Box
    score: float
    label: str

    @classmethod
    def from_json(cls, selected: dict[str, Any]) -> Selected:
        return cls(selected["mask"], Box(**selected["box"]), selected["score"], selected["label"])


@dataclass(frozen=True)
class Selection:
    """What is meant, and what else could be, the best first."""

    selection: Selected
    alternatives: tuple[Selected, ...]
    model: str
    why: str

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Selection:
        others = tuple(map(Selected.from_json, told["alternatives"]))
        return cls(Selected.from_json(told["selection"]), others, told["model"], told["why"])


def shadow_request(image: str, mask: str, canvas: dict[str, Any], box: dict[str, Any]) -> dict[str, Any]:
    """The body of `POST /selections` for what belongs to what is selected: both images show `box`."""
    return {"kind": "shadow", "image": image, "mask": mask, "canvas": canvas, "box": box}


def ready_request(image: str, canvas: CanvasInfo, box: Box, model: str = "") -> dict[str, Any]:
    """The body of `POST /selections/ready`: an uploaded part of the canvas."""
    return {"image": image, "canvas": dataclasses.asdict(canvas), "box": dataclasses.asdict(box), "model": model}


def object_request(
    scene: dict[str, Any],
    points: Sequence[Point] = (),
    boxes: Sequence[Box] = (),
    rough: str | None = None,
    words: str = "",
    grow_px: int = 0,
    feather_px: int = 0,
) -> dict[str, Any]:
    """The body of `POST /selections` for a thing in a scene, which is what `ready_request` gives."""
    pointed = {"points": list(map(dataclasses.asdict, points)), "boxes": list(map(dataclasses.asdict, boxes))}
    edge = {"grow_px": grow_px, "feather_px": feather_px}
    return {"kind": "object", **scene, **pointed, "rough": rough, "words": words, **edge}
