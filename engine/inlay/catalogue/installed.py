"""What is installed: Inlay's own models folder, and folders of other programs, read in place and never written."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from inlay.catalogue.adapters import recognise_adapter
from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.manifest import Manifest
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.catalogue.walking import candidates, name_of
from inlay.config import Folders
from inlay.pipelines.models import Adapter, Model

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Catalogue:
    """The models of one user's folders."""

    folders: Folders

    @property
    def own(self) -> Path:
        """Where Inlay installs models."""
        return self.folders.data / "models"

    def installed(self) -> tuple[Model, ...]:
        """Every model that can be run, Inlay's own first; of one name, the first. What is not known is logged."""
        found: dict[str, Model] = {}
        for place in self._places():
            for model in look(place).models:
                found.setdefault(model.id, model)
        return tuple(found.values())

    def adapters(self) -> tuple[Adapter, ...]:
        """Every LoRA, embedding and ControlNet in the same folders; of one kind and name, the first."""
        found: dict[tuple[str, str], Adapter] = {}
        for place in self._places():
            for adapter in look(place).adapters:
                found.setdefault((adapter.kind, adapter.name), adapter)
        return tuple(found.values())

    def paths(self, name: str | None = None) -> tuple[Path, ...]:
        """Where the models and adapters of this name lie; all of them without a name.

        Raises CatalogueError where there is none of that name.
        """
        models = [model.path for model in self.installed() if name in (None, model.id)]
        paths = (*models, *(adapter.path for adapter in self.adapters() if name in (None, adapter.name)))
        if name is not None and not paths:
            remedy = "`inlay models list` shows what is."
            raise CatalogueError("no_model", f"No model {name} is installed.", field="id", remedy=remedy)
        return paths

    def stamp(self) -> tuple[int, ...]:
        """Another one after any program of Inlay has installed or removed a model, added or dropped a folder."""
        return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in (self.own, self._list))

    def _places(self) -> tuple[Path, ...]:
        return (self.own, *self.user_folders())

    def user_folders(self) -> tuple[Path, ...]:
        """Folders that the user has added, and `INLAY_MODELS` (separated as PATH is)."""
        told = [part for part in os.environ.get("INLAY_MODELS", "").split(os.pathsep) if part]
        return tuple(Path(part) for part in [*_read(self._list), *told])

    def add_folder(self, path: Path) -> Found:
        """Also look there from now on: a folder that holds models, or a single .safetensors file. Gives what is there.

        Raises CatalogueError where nothing is there that Inlay knows, with the reason.
        """
        path = path.expanduser().resolve()
        if not path.exists():
            raise CatalogueError("no_folder", f"There is no {path}.", field="path", remedy="Name a folder of models.")
        found = look(path)
        if not (found.models or found.adapters):
            raise _nothing(path, found)
        self._write([*[old for old in _read(self._list) if Path(old) != path], str(path)])
        return found

    def drop_folder(self, path: Path) -> None:
        """Do not look there any more; nothing in it is touched."""
        added = _read(self._list)
        kept = [old for old in added if Path(old) != path.expanduser().resolve()]
        if len(kept) == len(added):
            raise CatalogueError(
                "no_folder", f"{path} was never added.", field="path", remedy="`inlay models list` shows the folders."
            )
        self._write(kept)

    @property
    def _list(self) -> Path:
        return self.folders.data / "model_folders.json"

    def _write(self, folders: list[str]) -> None:
        self._list.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._list.with_suffix(".new")
        beside.write_text(json.dumps(folders), encoding="utf-8")
        beside.replace(self._list)


def _read(path: Path) -> list[str]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in told if isinstance(each, str)] if isinstance(told, list) else []


@dataclass(frozen=True)
class Found:
    """What lies in one place."""

    models: tuple[Model, ...]
    adapters: tuple[Adapter, ...]
    refused: tuple[UnknownModelError, ...]  # why the rest is not used


def look(place: Path) -> Found:
    """Everything below a folder, or the one file, by what it turns out to be."""
    models: list[Model] = []
    adapters: list[Adapter] = []
    refused: list[UnknownModelError] = []
    for path in candidates(place):
        try:
            adapter = recognise_adapter(path, name_of(path))
            if adapter:
                adapters.append(adapter)
            else:
                models.append(_model(path))
        except UnknownModelError as error:
            _log.info("%s is left out: %s", path, error)
            refused.append(error)
        except OSError as error:
            _log.warning("%s cannot be read: %s", path, error)
    return Found(tuple(models), tuple(adapters), tuple(refused))


def _model(path: Path) -> Model:
    """Raises UnknownModelError where it is none that Inlay can run, OSError where it cannot be read."""
    description = recognise(path)
    manifest = Manifest.read(path)
    return Model(
        id=manifest.name if manifest else name_of(path),
        path=path,
        description=description,
        size_bytes=_size_bytes(path),
        licence=manifest.licence if manifest else "",
        revision=manifest.revision if manifest else "",
    )


def _nothing(path: Path, found: Found) -> CatalogueError:
    if found.refused:
        fault = found.refused[0].fault
        return CatalogueError(fault.code, fault.message, field="path", remedy=fault.remedy)
    return CatalogueError(
        "no_models",
        f"{path} holds no model, LoRA, embedding or ControlNet.",
        field="path",
        remedy="Name a diffusers folder, a .safetensors file, or a folder that holds some.",
    )


def _size_bytes(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)
