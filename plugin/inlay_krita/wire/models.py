"""Models: what is installed and what can be."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


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
