"""What is installed: Inlay's own models folder, and folders of other programs, read in place and never written."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inlay.catalogue.adapters import recognise_adapter
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.catalogue.walking import candidates, name_of
from inlay.config import Folders
from inlay.errors import Refusal
from inlay.pipelines.models import Adapter, Model

MANIFEST = "inlay.json"
_log = logging.getLogger(__name__)


class CatalogueError(Refusal):
    """A model or a folder of models that cannot be used."""


@dataclass(frozen=True)
class Catalogue:
    """The models of one user's folders."""

    folders: Folders

    @property
    def own(self) -> Path:
        """Where Inlay installs models."""
        return self.folders.data / "models"

    def installed(self) -> tuple[Model, ...]:
        """Every model that can be run, Inlay's own first. What is not recognised is left out, and logged."""
        found: dict[str, Model] = {}
        for place in (self.own, *self.user_folders()):
            for path in candidates(place):
                model = _model(path)
                if model and model.id not in found:
                    found[model.id] = model
        return tuple(found.values())

    def adapters(self) -> tuple[Adapter, ...]:
        """Every LoRA, embedding and ControlNet in the same folders; of one kind and name, the first that is found."""
        found: dict[tuple[str, str], Adapter] = {}
        for place in (self.own, *self.user_folders()):
            for path in candidates(place):
                adapter = _adapter(path)
                if adapter:
                    found.setdefault((adapter.kind, adapter.name), adapter)
        return tuple(found.values())

    def user_folders(self) -> tuple[Path, ...]:
        """Folders that the user has added, and `INLAY_MODELS` (separated as PATH is)."""
        told = [part for part in os.environ.get("INLAY_MODELS", "").split(os.pathsep) if part]
        return tuple(Path(part) for part in [*_read(self._list), *told])

    def add_folder(self, path: Path) -> None:
        """Also look into this folder from now on. Raises CatalogueError where there is none."""
        if not path.is_dir():
            raise CatalogueError(
                "no_folder", f"{path} is no folder.", field="path", remedy="Name a folder that holds models."
            )
        self._write([*[old for old in _read(self._list) if Path(old) != path.resolve()], str(path.resolve())])

    def drop_folder(self, path: Path) -> None:
        """Do not look into this folder any more; nothing in it is touched."""
        kept = [old for old in _read(self._list) if Path(old) != path.resolve()]
        if len(kept) == len(_read(self._list)):
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


def _model(path: Path) -> Model | None:
    try:
        description = recognise(path)
        manifest = _manifest(path)
        return Model(
            id=str(manifest.get("name") or name_of(path)),
            path=path,
            description=description,
            size_bytes=_size_bytes(path),
            licence=str(manifest.get("licence", "")),
            revision=str(manifest.get("revision", "")),
        )
    except UnknownModelError as error:
        _log.info("%s is left out: %s", path, error)
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
    return None


def _adapter(path: Path) -> Adapter | None:
    try:
        return recognise_adapter(path, name_of(path))
    except UnknownModelError as error:
        _log.info("%s is left out: %s", path, error)
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
    return None


def _manifest(path: Path) -> dict[str, Any]:
    """What Inlay wrote down when it installed the model; nothing for other programs' folders."""
    try:
        told = json.loads((path / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _size_bytes(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)
