"""From a checkpoint on disk to its parts, once per model: all families that run it share them."""

from __future__ import annotations

import json
import logging
from typing import Any

from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.shelf import Shelf

Parts = dict[str, Any]  # a pipeline's components by their diffusers names: "unet", "vae", "tokenizer", ...
# Of Stable Diffusion's folders; and of Qwen-Image-Edit's, whose processor needs torchvision: see qwen_processor.py.
NOT_NEEDED = ("safety_checker", "feature_extractor", "processor")
_log = logging.getLogger(__name__)


def parts_of(model: Model, shelf: Shelf) -> Parts:
    """The model's parts on the device, from the shelf or loaded. Raises FamilyError where they cannot be loaded."""
    return shelf.take(model.id, lambda: _loaded(model))


def _loaded(model: Model) -> Parts:
    try:
        import diffusers
    except ImportError as error:
        raise FamilyError(
            "no_torch", "Models need torch and diffusers.", remedy='Install them with: pip install "inlay[models]"'
        ) from error
    device = chosen_device()
    _log.info("Loading %s from %s for %s", model.id, model.path, device.kind)
    how: dict[str, Any] = {"dtype": device.dtype, "use_safetensors": True, "local_files_only": True}
    try:
        if model.path.is_file():
            pipeline = getattr(diffusers, model.description.pipeline_class).from_single_file(str(model.path), **how)
        else:
            pipeline = diffusers.DiffusionPipeline.from_pretrained(str(model.path), **how, **_left_out(model))
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        if "out of memory" in str(error).lower():
            raise
        _log.exception("%s does not load", model.path)
        raise FamilyError(
            "model_broken",
            f"The model {model.id} does not load: {str(error).strip().splitlines()[0][:200]}",
            field="edit.model",
            remedy="`inlay models verify` tells which file is damaged; install it again, or choose another model.",
        ) from error
    pipeline.to(device.kind)
    extra = {name: value for name, value in pipeline.config.items() if isinstance(value, (bool, int, float, str))}
    return {**pipeline.components, "settings": extra}


def _left_out(model: Model) -> Parts:
    """Parts of the folder that we do not load: nothing is filtered behind the user's back, and gigabytes are saved."""
    index = json.loads((model.path / "model_index.json").read_text("utf-8"))
    left_out: Parts = {name: None for name in NOT_NEEDED if name in index}
    return left_out | ({"requires_safety_checker": False} if "requires_safety_checker" in index else {})
