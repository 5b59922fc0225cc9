"""Models: what is installed and what can be."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pydantic import (
    Field,
)

from inlay.catalogue import progress
from inlay.catalogue.listing import Entry
from inlay.pipelines import models
from inlay.wire.basis import Error, Wire


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
