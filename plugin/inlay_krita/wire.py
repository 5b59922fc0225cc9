"""The contract with the engine, as plain values. The fields' meaning stands in docs/protocol.md."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PROTOCOL = 1
ENDED = ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Box:
    """A rectangle in canvas pixels; `x` and `y` may be negative."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: Box) -> bool:
        """Whether both have a pixel in common."""
        across = min(self.right, other.right) - max(self.x, other.x)
        return across > 0 and min(self.bottom, other.bottom) > max(self.y, other.y)


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
class CanvasInfo:
    """What the engine must know about the document; on the wire it is called `canvas`."""

    width: int
    height: int
    model: str
    depth: str
    profile: str = ""


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


@dataclass(frozen=True)
class Use:
    """A way in which a model works: as which family, and what it does then."""

    family: str
    title: str
    edits: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()  # what of a picture it can keep: "pose", "depth"; it is for nothing else then
    references: int = 0  # other pictures that it looks at, at most

    @classmethod
    def from_json(cls, use: dict[str, Any]) -> Use:
        edits, controls = (tuple(map(str, use.get(name) or ())) for name in ("edits", "controls"))
        return cls(str(use["family"]), str(use["title"]), edits, controls, int(use.get("references") or 0))


@dataclass(frozen=True)
class InstalledModel:
    """A model that the engine can work with now, and which edits it does."""

    id: str
    title: str
    edits: tuple[str, ...]
    uses: tuple[Use, ...] = ()

    @classmethod
    def from_json(cls, model: dict[str, Any]) -> InstalledModel:
        uses = tuple(map(Use.from_json, model.get("uses") or ()))
        return cls(str(model["id"]), str(model.get("title") or model["id"]), tuple(map(str, model["edits"])), uses)


@dataclass(frozen=True)
class InstalledAdapter:
    """What a prompt can name: a LoRA, or an embedding, which is a word by its name."""

    name: str
    kind: str  # "lora" or "embedding"
    architecture: str = ""  # the kind of model that it was made for: "sd1", "sdxl"; empty where nobody knows

    @classmethod
    def from_json(cls, adapter: dict[str, Any]) -> InstalledAdapter:
        return cls(str(adapter["name"]), str(adapter["kind"]), str(adapter.get("architecture") or ""))


@dataclass(frozen=True)
class Install:
    """How far an installation is."""

    id: str
    state: str  # "queued" or "running", then an end: "done", "failed", "cancelled"
    done_bytes: int = 0
    total_bytes: int = 0  # 0 until it is known
    error: dict[str, Any] | None = None

    @property
    def fraction(self) -> float | None:
        """How much of it is here; None where nobody can say."""
        return self.done_bytes / self.total_bytes if self.total_bytes else None

    @classmethod
    def from_json(cls, install: dict[str, Any]) -> Install:
        return cls(**{f.name: install[f.name] for f in dataclasses.fields(cls)})


@dataclass(frozen=True)
class ListedModel:
    """A model that is installed, or that can be."""

    id: str
    title: str
    is_installed: bool
    edits: tuple[str, ...]
    size_bytes: int
    licence: str
    licence_url: str
    is_gated: bool  # an account must have accepted the licence
    path: str
    is_removable: bool  # Inlay installed it
    begun_bytes: int  # of an installation that stopped
    install: Install | None  # the one that is under way
    is_alone: bool  # it works by itself; else it goes beside a model, as a ControlNet does
    is_on_server: bool  # its pixels leave this machine

    @classmethod
    def from_json(cls, model: dict[str, Any]) -> ListedModel:
        names = {f.name for f in dataclasses.fields(cls)}
        told = {name: value for name, value in model.items() if name in names}
        install = Install.from_json(told["install"]) if told["install"] else None
        is_installed = model["state"] == "installed"
        is_alone = any(use["edits"] and not use["controls"] for use in model["uses"])
        is_on_server = any(use["leaves_machine"] for use in model["uses"])
        ours = {
            "is_installed": is_installed,
            "is_alone": is_alone,
            "is_on_server": is_on_server,
            "install": install,
        }
        return cls(**told | ours | {"edits": tuple(told["edits"]), "path": told["path"] or ""})


@dataclass(frozen=True)
class Stock:
    """What there is to work with, and what there could be."""

    models: tuple[InstalledModel, ...] = ()
    adapters: tuple[InstalledAdapter, ...] = ()
    offered: tuple[ListedModel, ...] = ()

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Stock:
        listed = told["models"]
        models = tuple(InstalledModel.from_json(model) for model in listed if model["state"] == "installed")
        offered = tuple(ListedModel.from_json(model) for model in listed if model["state"] == "offered")
        return cls(models, tuple(map(InstalledAdapter.from_json, told.get("adapters") or ())), offered)


@dataclass(frozen=True)
class Turn:
    """An open job's place in the engine's queue."""

    id: str
    label: str
    kind: str
    state: str
    position: int  # 0: it runs; 1: it is the next
    progress: float
    message: str
    seconds_left: float | None  # until it is done; None where nobody knows yet

    @classmethod
    def from_json(cls, turn: dict[str, Any]) -> Turn:
        return cls(**{field.name: turn[field.name] for field in dataclasses.fields(cls)})


@dataclass(frozen=True)
class Job:
    """One edit in the engine's book."""

    id: str
    state: str
    kind: str
    label: str
    created: Any
    progress: float
    message: str
    plan: Plan | None
    result: Result | None
    error: dict[str, Any] | None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @classmethod
    def from_json(cls, job: dict[str, Any]) -> Job:
        return cls(
            id=job["id"],
            state=job["state"],
            kind=job["kind"],
            label=job.get("label") or "",
            created=job.get("created"),
            progress=job.get("progress") or 0.0,
            message=job.get("message") or "",
            plan=Plan.from_json(job["plan"]) if job.get("plan") else None,
            result=Result.from_json(job["result"]) if job.get("result") else None,
            error=job.get("error"),
        )


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


def caption_request(image: str, mask: str, canvas: CanvasInfo) -> dict[str, Any]:
    """The body of `POST /captions`."""
    return {"image": image, "mask": mask, "canvas": dataclasses.asdict(canvas)}


def image_digest(model: str, depth: str, width: int, height: int, raw: Any) -> str:
    """The name of an image: SHA-256 of its declaration and its raw bytes (anything with the buffer protocol)."""
    digest = hashlib.sha256(f"{model} {depth} {width} {height}\n".encode("ascii"))
    digest.update(raw)
    return digest.hexdigest()
