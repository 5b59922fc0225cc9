"""The contract with clients, as pydantic models. What the fields mean stands in docs/protocol.md."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_origin, get_type_hints

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    Strict,
    StringConstraints,
    create_model,
)
from pydantic_core import CoreSchema, core_schema

from inlay.catalogue import progress
from inlay.catalogue.listing import Entry
from inlay.edits import edit as edits
from inlay.edits import selecting
from inlay.edits.asking import MOST_REFERENCES
from inlay.edits.plan import Plan as EditPlan
from inlay.errors import Fault
from inlay.jobs import additions, forecast, selections, states
from inlay.pipelines import models
from inlay.pipelines.card import Infill
from inlay.pixels import geometry
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.selecting import prompts

FAR_PX = 2**31 - 1  # no canvas reaches so far; keeps sums inside what JSON readers hold exactly

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
OfferId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
ModelId = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,200}$")]  # a folder's or file's name
DocumentModel = Literal["RGBA", "GRAYA", "CMYKA", "LABA", "XYZA", "YCbCrA"]


class Wire(BaseModel):
    """What all of them share: no unknown fields, no silent conversions, no changes after."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


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


class Box(Wire):
    """A rectangle in canvas pixels; corners may be negative."""

    x: int = Field(ge=-FAR_PX, le=FAR_PX)
    y: int = Field(ge=-FAR_PX, le=FAR_PX)
    width: int = Field(ge=0, le=FAR_PX)
    height: int = Field(ge=0, le=FAR_PX)

    def plain(self) -> geometry.Box:
        """The engine's own value."""
        return geometry.Box(self.x, self.y, self.width, self.height)


class Canvas(Wire):
    """The document, as far as an edit must know it."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    model: DocumentModel
    depth: Annotated[Depth, Strict(False)]
    profile: str = Field(default="", max_length=1000)

    def plain(self) -> edits.Canvas:
        """The engine's own value."""
        return edits.Canvas(self.width, self.height, PixelFormat(Model(self.model), self.depth), self.profile)


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


class Error(Wire):
    """What happened, and what to do."""

    code: str
    message: str
    field: str | None
    remedy: str

    @classmethod
    def of(cls, fault: Fault) -> Error:
        return cls(**dataclasses.asdict(fault))


class ErrorReply(Wire):
    """The one form of every error."""

    error: Error


class Job(Wire):
    """A request on its way."""

    id: JobId
    state: Annotated[states.State, Strict(False)]
    kind: str
    label: str
    created: float
    progress: float
    message: str
    plan: Plan
    result: Result | None
    error: Error | None

    @classmethod
    def of(cls, job: states.Job) -> Job:
        return cls(
            id=job.id,
            state=job.state,
            kind=job.request.edit.kind,
            label=job.request.label,
            created=job.created,
            progress=job.progress,
            message=job.message,
            plan=Plan.of(job.plan),
            result=Result(**dataclasses.asdict(job.result)) if job.result else None,
            error=Error.of(job.error) if job.error else None,
        )


class Jobs(Wire):
    """All jobs, newest first."""

    jobs: list[Job]


class Move(Wire):
    """Where a waiting job is to go."""

    before: JobId | None


class Turn(Wire):
    """An open job's place in the queue."""

    id: JobId
    label: str
    kind: str
    state: Annotated[states.State, Strict(False)]
    position: int
    progress: float
    message: str
    seconds_left: float | None

    @classmethod
    def of(cls, turn: forecast.Turn) -> Turn:
        job, left = turn.job, turn.seconds_left
        return cls(
            id=job.id,
            label=job.request.label,
            kind=job.request.edit.kind,
            state=job.state,
            position=turn.position,
            progress=job.progress,
            message=job.message,
            seconds_left=None if left is None else round(left, 1),
        )


class Queue(Wire):
    """The open jobs: those that run, then those that wait, in their order."""

    jobs: list[Turn]


class Use(Wire):
    """A way in which a model works: as which family, and what it does then."""

    family: str
    title: str
    edits: list[str]
    controls: list[str]
    references: int
    leaves_machine: bool


class Install(Wire):
    """How far an installation is."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done_bytes: int
    total_bytes: int
    error: Error | None

    @classmethod
    def of(cls, install: progress.Install) -> Install:
        error = Error.of(install.error) if install.error else None
        return cls(**dataclasses.asdict(install) | {"state": str(install.state), "error": error})


class ModelInfo(Wire):
    """A model that is installed, or that can be."""

    id: str
    title: str
    state: Literal["installed", "offered"]
    edits: list[str]
    uses: list[Use]
    size_bytes: int
    memory_bytes: int
    licence: str
    licence_url: str
    is_gated: bool
    path: str | None
    is_removable: bool
    begun_bytes: int
    install: Install | None

    @classmethod
    def of(cls, entry: Entry, install: progress.Install | None) -> ModelInfo:
        """install: the one that is under way."""
        return cls.model_validate(
            dataclasses.asdict(entry) | {"install": Install.of(install) if install else None}, strict=False
        )


class Adapter(Wire):
    """What a prompt can name: a LoRA, `<lora:name:1>`, or an embedding, which is a word by its name."""

    name: str
    kind: Literal["lora", "embedding"]
    architecture: str

    @classmethod
    def of(cls, adapter: models.Adapter) -> Adapter:
        return cls.model_validate(
            {"name": adapter.name, "kind": str(adapter.kind), "architecture": adapter.architecture}
        )


class Models(Wire):
    """Installed models first."""

    models: list[ModelInfo]
    adapters: list[Adapter]
    folders: list[str]
    free_bytes: int  # on the disk where models are installed
    may_change: bool  # whoever asks may install and delete


class Damage(Wire):
    """A file that is not as it should be."""

    path: str
    message: str


class Verification(Wire):
    """Whole where there are no damages."""

    id: str
    damages: list[Damage]


class ModelFolder(Wire):
    """A folder of models, or a single .safetensors file."""

    path: str = Field(min_length=1, max_length=4096)


class ModelFolders(Wire):
    """The user's own folders."""

    folders: list[str]


class Health(Wire):
    """Who answers."""

    name: Literal["inlay"] = "inlay"
    version: str
    protocol: int
    pid: int
    instance: str
    fill: Literal["native", "portable"]
    jobs: int
