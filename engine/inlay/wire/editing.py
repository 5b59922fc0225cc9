"""Edits: what is asked, what is planned, and what comes of it."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_origin, get_type_hints

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    Strict,
    create_model,
)
from pydantic_core import CoreSchema, core_schema

from inlay.edits import edit as edits
from inlay.edits.asking import MOST_REFERENCES
from inlay.edits.plan import Plan as EditPlan
from inlay.jobs import states
from inlay.pipelines.card import Infill
from inlay.pixels import geometry
from inlay.wire.basis import Box, Canvas, Digest, Wire


class _ByKind:
    """Lets pydantic read an `Edit`: by its `kind`, into the dataclass of that kind, with the bounds declared there."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        models = {name: handler.generate_schema(_edit_model(kind)) for name, kind in edits.kinds().items()}
        union = core_schema.tagged_union_schema(
            models,
            discriminator="kind",
            custom_error_type="edit_kind",
            custom_error_message="no known edit",
            custom_error_context={"kinds": " or ".join(f'"{name}"' for name in models)},
        )
        return core_schema.no_info_after_validator_function(_edit, union)


def _edit_model(kind: type[edits.Edit]) -> type[BaseModel]:
    fields: dict[str, Any] = {"kind": (Literal[kind.kind], ...)}
    types = get_type_hints(kind)
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # every kind of edit is a dataclass
        fields[field.name] = (_readable(types[field.name]), Field(default=field.default, **field.metadata))
    return create_model(kind.__name__, __base__=Wire, __doc__=kind.__doc__, **fields)


def _readable(kind: Any) -> Any:
    """The type with JSON's arrays taken for tuples, where it is one; numbers in them stay as strict as all others."""
    return Annotated[kind, BeforeValidator(_as_tuples)] if get_origin(kind) is tuple else kind


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _edit(model: BaseModel) -> edits.Edit:
    settings = model.model_dump()
    return edits.kinds()[settings.pop("kind")](**settings)


Edit = Annotated[edits.Edit, _ByKind()]


class PlanRequest(Wire):
    """What would be done?"""

    edit: Edit
    canvas: Canvas
    selection: Box | None

    @property
    def selection_box(self) -> geometry.Box | None:
        return self.selection.plain() if self.selection else None


class Reference(Wire):
    """Another picture to be looked at, and where it lay on the canvas."""

    image: Digest
    box: Box

    def plain(self) -> states.Reference:
        """The engine's own value."""
        return states.Reference(self.image, self.box.plain())


class EditRequest(PlanRequest):
    """Do it."""

    image: Digest
    mask: Digest | None
    label: str = Field(default="", max_length=200)
    control_image: Digest | None = None
    references: list[Reference] = Field(default=[], max_length=MOST_REFERENCES)

    def plain(self) -> states.Request:
        """The engine's own value."""
        canvas, box = self.canvas.plain(), self.selection_box
        references = tuple(each.plain() for each in self.references)
        images = self.image, self.mask, self.label, self.control_image
        return states.Request(self.edit, canvas, box, *images, references)


class Control(Wire):
    """What an edit would keep: a picture in the document's model and depth, over a part of its canvas."""

    image: Digest
    box: Box


class CaptionRequest(Wire):
    """What does the picture show, besides what is selected?"""

    image: Digest
    mask: Digest | None = None
    canvas: Canvas


class Caption(Wire):
    """What it shows, in words."""

    caption: str


class Settings(Wire):
    """How a model is asked, with nothing left open."""

    prompt: str
    negative_prompt: str
    source_prompt: str
    strength: float
    guidance_scale: float
    image_guidance_scale: float
    num_inference_steps: int
    scheduler: str
    infill: Annotated[Infill, Strict(False)]
    tries: int
    is_soft: bool
    control: str
    control_scale: float | None
    control_from: float
    control_until: float
    loras: tuple[tuple[str, float], ...]
    embeddings: tuple[str, ...]
    variations: tuple[tuple[int, float], ...]


class Plan(Wire):
    """What will be done, before a pixel is touched."""

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
    settings: Settings | None
    checklist: list[str]

    @classmethod
    def of(cls, plan: EditPlan) -> Plan:
        return cls(**dataclasses.asdict(plan) | {"checklist": list(plan.checklist)})


class Result(Wire):
    """What a finished job gives."""

    pixels: Digest
    mask: Digest
    box: Box
    seconds: float
    recipe: dict[str, Any]
