"""The toy models: small Stable Diffusion pipelines that were really trained, so that tests can ask for meaning."""

from __future__ import annotations

import json
import shutil
from enum import StrEnum
from pathlib import Path

import diffusers

TOY = Path(__file__).parent / "toy"  # what the pipelines share lies there once


class Kind(StrEnum):
    """Which of the three U-Nets."""

    PLAIN = "plain"
    INPAINT = "inpaint"
    INSTRUCT = "instruct"


PIPELINES = {
    Kind.PLAIN: "StableDiffusionPipeline",
    Kind.INPAINT: "StableDiffusionInpaintPipeline",
    Kind.INSTRUCT: "StableDiffusionInstructPix2PixPipeline",
}
PARTS = {
    "scheduler": ("diffusers", "DDIMScheduler"),
    "text_encoder": ("transformers", "CLIPTextModel"),
    "tokenizer": ("transformers", "CLIPTokenizer"),
    "unet": ("diffusers", "UNet2DConditionModel"),
    "vae": ("diffusers", "AutoencoderKL"),
}


def toy(kind: str, folder: Path) -> Path:
    """A toy model as users have theirs: the diffusers folder `toy-<kind>` below `folder`, made of copies."""
    kind = Kind(kind)
    made = folder / f"toy-{kind}"
    for part in PARTS:
        own = TOY / f"{part}_{kind}"  # what this kind does not share
        shutil.copytree(own if own.is_dir() else TOY / part, made / part)
    index = {"_class_name": PIPELINES[kind], "_diffusers_version": diffusers.__version__, **PARTS}
    left_out = {"safety_checker": (None, None), "feature_extractor": (None, None), "requires_safety_checker": False}
    (made / "model_index.json").write_text(json.dumps({**index, **left_out}, indent=2), encoding="utf-8")
    return made
