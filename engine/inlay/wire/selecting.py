"""Selections: what points at a thing, and what is found."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from pydantic import (
    Field,
)

from inlay.edits import selecting
from inlay.jobs import additions, selections
from inlay.pixels.selecting import prompts
from inlay.wire.basis import FAR_PX, Box, Canvas, Digest, Wire


class ShadowRequest(Wire):
    """What could be added to this selection?"""

    kind: Literal["shadow"]
    image: Digest
    mask: Digest
    canvas: Canvas
    box: Box

    @property
    def scene(self) -> additions.Scene:
        """The engine's own value."""
        return additions.Scene(self.image, self.mask, self.canvas.plain(), self.box.plain())


class Point(Wire):
    """A pixel of the canvas that is on the thing, or beside it."""

    x: int = Field(ge=-FAR_PX, le=FAR_PX)
    y: int = Field(ge=-FAR_PX, le=FAR_PX)
    is_on: bool


class ReadyRequest(Wire):
    """Look at this picture ahead of the first click."""

    image: Digest
    canvas: Canvas
    box: Box
    model: str = Field(default="", max_length=200)

    @property
    def scene(self) -> additions.Scene:
        """The engine's own value."""
        return additions.Scene(self.image, None, self.canvas.plain(), self.box.plain())


class ObjectRequest(ReadyRequest):
    """What is meant?"""

    kind: Literal["object"]
    points: list[Point] = Field(default=[], max_length=64)
    boxes: list[Box] = Field(default=[], max_length=16)
    rough: Digest | None = None
    words: str = Field(default="", max_length=1000)
    grow_px: int = Field(default=0, ge=0, le=256)
    feather_px: int = Field(default=0, ge=0, le=256)

    @property
    def scene(self) -> additions.Scene:
        return dataclasses.replace(super().scene, mask=self.rough)

    def asked(self) -> selecting.Asked:
        """The engine's own value."""
        points = tuple(prompts.Point(point.x + 0.5, point.y + 0.5, point.is_on) for point in self.points)
        boxes = tuple(box.plain() for box in self.boxes)
        return selecting.Asked(points, boxes, self.words, self.model, self.grow_px, self.feather_px)


SelectionRequest = Annotated[ShadowRequest | ObjectRequest, Field(discriminator="kind")]


class Selected(Wire):
    """Something that could be meant."""

    mask: Digest
    box: Box
    score: float
    label: str

    @classmethod
    def of(cls, kept: selections.KeptSelected) -> Selected:
        found = kept.selected
        return cls(mask=kept.mask, box=Box(**dataclasses.asdict(found.box)), score=found.score, label=found.label)


class Selection(Wire):
    """What is meant, and what else could be."""

    selection: Selected
    alternatives: list[Selected]
    model: str
    why: str

    @classmethod
    def of(cls, kept: selections.KeptSelection) -> Selection:
        first, *others = map(Selected.of, kept.choices)
        return cls(selection=first, alternatives=others, model=kept.model, why=kept.why)


class Readiness(Wire):
    """Who has looked at the picture, and how long that took."""

    model: str
    seconds: float


class Addition(Wire):
    """A part of the picture that likely belongs to what is selected."""

    kind: Literal["shadow", "reflection"]
    mask: Digest
    box: Box
    confidence: float
    why: str


class SelectionOffer(Wire):
    """What could be added; null where nothing looks like it."""

    addition: Addition | None

    @classmethod
    def of(cls, kept: additions.KeptAddition | None) -> SelectionOffer:
        if kept is None:
            return cls(addition=None)
        found = kept.addition
        box = Box(**dataclasses.asdict(found.box))
        return cls(
            addition=Addition(
                kind=found.trace.value, mask=kept.mask, box=box, confidence=found.confidence, why=found.why
            )
        )
