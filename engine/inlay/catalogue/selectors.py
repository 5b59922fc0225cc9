"""What helps to select things: SAM in one file, and folders of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inlay.catalogue.adapters import config_of
from inlay.catalogue.tensors import Tensors, UnknownModelError, header
from inlay.pipelines.card import Description

# transformers' `model_type`, and what we call it: a checkpoint of SAM 2 for videos holds the one for pictures.
ARCHITECTURES = {
    "sam": "sam",
    "sam2": "sam2",
    "sam2_video": "sam2",
    "grounding-dino": "grounding-dino",
    "vitmatte": "vitmatte",
}
SAM_DECODER = "mask_decoder.iou_token.weight"
SAM_PLACES = "image_encoder.pos_embed"
SAM_PATCHES = "image_encoder.patch_embed.proj.weight"
SAM_ATTENTION = "image_encoder.blocks.0.attn.rel_pos_h"


def is_selector(folder: Path) -> bool:
    """Whether transformers saved there what we use to select."""
    return config_of(folder).get("model_type") in ARCHITECTURES


def selector_description(folder: Path) -> Description:
    """What it is. Raises UnknownModelError where its weights are not there as safetensors."""
    config = config_of(folder)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        remedy = "Download its .safetensors file, or convert it on a machine that you trust."
        raise UnknownModelError.because(folder, "holds no .safetensors file", remedy)
    for each in weights:
        header(each)
    return Description(architecture=ARCHITECTURES[config["model_type"]], native_px=_image_size(config))


def _image_size(config: dict[str, Any]) -> int | None:
    """The side of the square that it looks at, where its configuration tells."""
    prompts = config.get("prompt_encoder_config")
    side = prompts.get("image_size") if isinstance(prompts, dict) else None
    return side if isinstance(side, int) else None


def is_sam(tensors: Tensors) -> bool:
    """Whether a file is a SAM, of whatever kind."""
    return SAM_DECODER in tensors


def sam_description(path: Path, tensors: Tensors) -> Description:
    """A SAM in one file, with segment_anything's names. Raises UnknownModelError for one of another kind."""
    if not {SAM_PLACES, SAM_PATCHES, SAM_ATTENTION} <= set(tensors):
        raise UnknownModelError.because(
            path,
            "is a SAM of another build than ViT-B, L and H (such as MobileSAM or SAM 2 in one file)",
            "Use sam_vit_b, sam_vit_l or sam_vit_h, or a folder that `inlay models install` makes.",
        )
    patches, patch_px = tensors[SAM_PLACES][1][1], tensors[SAM_PATCHES][1][2]
    return Description(architecture="sam", native_px=patches * patch_px)
