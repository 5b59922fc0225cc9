"""From a checkpoint on disk to its parts, once per model: all families that run it share them."""

from __future__ import annotations

import json
import logging
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Model
from inlay.pipelines.parts import residency
from inlay.pipelines.parts.blueprints import lay_out
from inlay.pipelines.parts.devices import NATIVE, Device, attention_backend, chosen_device
from inlay.pipelines.parts.faults import is_out_of_memory, reading
from inlay.pipelines.shelf import Shelf

# A pipeline's components by their diffusers names: "unet", "vae", "tokenizer", ...; and of ours "settings", the
# pipeline's own; "device", the torch device that they work on, wherever they lie; "residency", how they lie.
Parts = dict[str, Any]
# Of Stable Diffusion's folders; and of Qwen-Image-Edit's, whose processor needs torchvision: see qwen_processor.py.
NOT_NEEDED = ("safety_checker", "feature_extractor", "processor")
_log = logging.getLogger(__name__)


def parts_of(model: Model, shelf: Shelf, beside: str = "") -> Parts:
    """The model's parts on the device, from the shelf or loaded. Raises FamilyError where they cannot be loaded.

    beside: the id of a model that it works together with.
    """
    return shelf.take(model.id, lambda: _loaded(model, shelf), beside=beside, size_of=footprint_bytes)


def footprint_bytes(parts: Parts) -> int:
    """How much of the device a model takes, as it lies."""
    way: residency.Residency = parts["residency"]
    return way.footprint_bytes(residency.sizes_of(parts), itemsize=1)  # what is reduced already counts as what it is


def _loaded(model: Model, shelf: Shelf) -> Parts:
    pipeline, device = _read(model)
    parts = parts_from(pipeline, device)
    _set_attention(parts, attention_backend(device.kind))
    return parts | {"residency": _settled(parts, shelf, device)}


def parts_from(pipeline: Any, device: Device) -> Parts:
    """A pipeline's components, and its own settings; wherever they lie yet."""
    own = {name: value for name, value in pipeline.config.items() if isinstance(value, (bool, int, float, str))}
    return {**pipeline.components, "settings": own, "device": device.kind}


def _settled(parts: Parts, shelf: Shelf, device: Device) -> residency.Residency:
    """Put the parts where the budget has room for them, and tell how they lie now."""
    sizes = residency.sizes_of(parts)
    ways = residency.fitting(sizes, shelf.budget_bytes, device)
    for way in ways:
        shelf.make_room(way.footprint_bytes(sizes, device.dtype.itemsize))
        try:
            residency.settle(parts, way, device)
        except RuntimeError as error:
            if not is_out_of_memory(error) or way is ways[-1]:
                raise
            _log.warning("%s does not fit after all: %s", way.note or "the whole model", error)
        else:
            return way
    raise AssertionError("there is always a last way")


def _set_attention(parts: Parts, backend: str) -> None:
    """U-Nets have torch's own attention always; transformers can be told."""
    transformer = parts.get("transformer")
    if backend != NATIVE and transformer is not None:
        transformer.set_attention_backend(backend)


def _read(model: Model) -> tuple[Any, Device]:
    """The model's pipeline, still in the machine's memory, and the device that it is for."""
    try:
        import diffusers
    except ImportError as error:
        raise FamilyError(
            "no_torch", "Models need torch and diffusers.", remedy='Install them with: pip install "inlay[models]"'
        ) from error
    device = chosen_device()
    _log.info("Loading %s from %s for %s", model.id, model.path, device.kind)
    how: dict[str, Any] = {"dtype": device.dtype, "use_safetensors": True, "local_files_only": True}
    with reading(model.path, partial(_broken, model)):
        if model.path.is_file():
            kind = getattr(diffusers, model.description.pipeline_class)
            with TemporaryDirectory(prefix="inlay-") as folder:
                lay_out(model.description, Path(folder))
                return kind.from_single_file(str(model.path), config=folder, **how), device
        how |= {"variant": variant_of(model.path)} | _left_out(model)
        return diffusers.DiffusionPipeline.from_pretrained(str(model.path), **how), device


def _broken(model: Model, reason: str) -> FamilyError:
    return FamilyError(
        "model_broken",
        f"The model {model.id} does not load: {reason}",
        field="edit.model",
        remedy="`inlay models verify` tells which file is damaged; install it again, or choose another model.",
    )


def variant_of(folder: Path) -> str | None:
    """Give "fp16" where a part's weights are there in half precision alone: their files have other names then."""
    weights: dict[Path, set[bool]] = {}
    for path in folder.rglob("*.safetensors"):
        weights.setdefault(path.parent, set()).add(".fp16" in path.name)
    return "fp16" if {True} in weights.values() else None


def _left_out(model: Model) -> Parts:
    """Parts of the folder that we do not load: nothing is filtered behind the user's back, and gigabytes are saved."""
    index = json.loads((model.path / "model_index.json").read_text("utf-8"))
    left_out: Parts = {name: None for name in NOT_NEEDED if name in index}
    return left_out | ({"requires_safety_checker": False} if "requires_safety_checker" in index else {})
