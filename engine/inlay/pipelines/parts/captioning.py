"""A picture in words, by BLIP (Li et al. 2022): what a prompt should say of the surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.parts.faults import is_device_lost, is_of_device, reading, reason_of
from inlay.pipelines.parts.sitting import Rgb
from inlay.pipelines.shelf import Shelf
from inlay.pixels.resampling import resized

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)  # of CLIP's pictures, as BLIP was trained
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
LONGEST = 30  # tokens: a sentence


def caption(picture: Rgb, adapters: Sequence[Adapter], shelf: Shelf) -> str:
    """One phrase in English: "a boat on a lake with mountains". picture: (h, w, 3) float32 sRGB in [0, 1].

    Raises FamilyError where no captioner is installed, it does not load, or the device gives up.
    """
    found = next((one for one in adapters if one.kind is AdapterKind.ESTIMATOR and one.purpose == "caption"), None)
    if found is None:
        raise FamilyError(
            "no_captioner",
            "Nothing on this machine puts pictures into words.",
            remedy="Install it with `inlay models install captioner`, or write the prompt yourself.",
        )
    try:
        return _said(picture, found, shelf)
    except (MemoryError, RuntimeError) as error:
        if not is_of_device(error):
            raise
        raise FamilyError(
            "device_lost" if is_device_lost(error) else "out_of_memory",
            f"The device gave up while {found.name} looked at the picture: {reason_of(error)}",
            remedy="Close other programs that use the GPU, or write the prompt yourself.",
        ) from error


def _said(picture: Rgb, found: Adapter, shelf: Shelf) -> str:
    import torch

    network, tokenizer = shelf.take(str(found.path), lambda: _loaded(found))
    side = network.config.vision_config.image_size
    pixels = ((resized(picture, side, side) - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)
    given = torch.from_numpy(np.ascontiguousarray(pixels))[None].to(network.device, network.dtype)
    with torch.inference_mode():
        tokens = network.generate(pixel_values=given, max_new_tokens=LONGEST, do_sample=False)
    return str(tokenizer.decode(tokens[0], skip_special_tokens=True)).strip()


def _loaded(found: Adapter) -> tuple[Any, Any]:
    import transformers

    how = {"use_safetensors": True, "local_files_only": True}
    with reading(found.path, partial(_broken, found)):
        network = transformers.BlipForConditionalGeneration.from_pretrained(str(found.path), **how)
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(found.path), local_files_only=True)
    return network.to(chosen_device().kind).eval(), tokenizer


def _broken(found: Adapter, reason: str) -> FamilyError:
    return FamilyError("captioner_broken", f"{found.name} does not load: {reason}", remedy="Install it again.")
