"""What a folder or file of a model is, by its configuration or its tensors' names: nothing of it is executed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from inlay.catalogue.adapters import adapter_kind, is_other_lora
from inlay.catalogue.selecting import NOT_NEEDED
from inlay.catalogue.selectors import is_sam, is_selector, sam_description, selector_description
from inlay.catalogue.tensors import Tensors, UnknownModelError, header
from inlay.pipelines.card import Description
from inlay.pipelines.models import AdapterKind

LIBRARIES = (None, "diffusers", "transformers", "stable_diffusion")
PICKLES = {".ckpt", ".pt", ".pth", ".bin", ".pkl"}
LARGEST_JSON = 8 << 20
WHOLE = "Use a whole checkpoint: of SD 1.x or SDXL."
SD2_WIDTH = 1024  # of the text
CONVERT = (
    "Convert it to safetensors on a machine you trust (diffusers: save_pretrained(..., safe_serialization=True); "
    "docs/models.md shows how for SAM)."
)


def recognise(path: Path) -> Description:
    """What it is. Raises UnknownModelError with the reason and the remedy."""
    if path.is_dir():
        return selector_description(path) if is_selector(path) else _folder(path)
    if path.suffix.lower() in PICKLES:
        raise UnknownModelError.because(path, "is a pickle, which can run programs of whoever made it", CONVERT)
    if path.suffix.lower() != ".safetensors":
        raise UnknownModelError.because(
            path, "is no .safetensors file", "Choose a diffusers folder or a .safetensors file."
        )
    return _single_file(path, header(path))


def _folder(path: Path) -> Description:
    """A diffusers folder, by its model_index.json and its U-Net's or transformer's configuration."""
    index = _json(path / "model_index.json", path)
    if not isinstance(name := index.get("_class_name"), str):
        raise UnknownModelError.because(
            path, "has a model_index.json that names no pipeline", "Use another copy of the model."
        )
    _refuse_code(path, index)
    _refuse_parts(path, index)
    network = next((path / part for part in ("unet", "transformer") if (path / part / "config.json").is_file()), None)
    if network is None:
        return Description(name)
    config = _json(network / "config.json", path)
    return Description(
        name,
        in_channels=_whole(config.get("in_channels")),
        cross_attention_dim=_whole(config.get("cross_attention_dim")),
        native_px=_native_px(path, config),
    )


def _native_px(path: Path, config: dict[str, Any]) -> int | None:
    """A U-Net's sample size in pixels; transformers do not tell theirs."""
    side, vae = _whole(config.get("sample_size")), path / "vae" / "config.json"
    if side is None or not vae.is_file():
        return None
    blocks = _json(vae, path).get("block_out_channels")
    return side * 2 ** (len(blocks) - 1) if isinstance(blocks, list) and 1 <= len(blocks) <= 8 else None


def _refuse_code(path: Path, index: dict[str, Any]) -> None:
    """Folders that bring programs."""
    own = [part for part in index.values() if isinstance(part, list) and part and part[0] not in LIBRARIES]
    if own or any(path.rglob("*.py")):
        raise UnknownModelError.because(
            path, "brings program code of its own, which is never run", "Use a model without custom code."
        )


def _refuse_parts(path: Path, index: dict[str, Any]) -> None:
    """Folders whose networks are there as pickles only, or not at all."""
    for name, part in index.items():
        if name in NOT_NEEDED or not _is_network(part):
            continue
        files = [each.suffix for each in (path / name).iterdir()] if (path / name).is_dir() else []
        if ".safetensors" in files:
            continue
        if PICKLES & set(files):
            raise UnknownModelError.because(
                path, f"holds {name} as a pickle, which can run programs of whoever made it", CONVERT
            )
        raise UnknownModelError.because(path, f"has no weights of its {name}", "Download the whole model again.")


def _is_network(part: Any) -> bool:
    """Whether an entry of model_index.json, (library, class), is a network: tokenizers and the like have no weights."""
    if not (isinstance(part, list) and len(part) == 2 and isinstance(part[1], str)):
        return False
    return not any(kind in part[1] for kind in ("Tokenizer", "Scheduler", "Processor", "Extractor"))


FIRST = "model.diffusion_model.input_blocks.0.0.weight"  # the U-Net's first convolution, in single files
CROSS = "model.diffusion_model.input_blocks.{}.1.transformer_blocks.0.attn2.to_k.weight"
KINDS = {  # (is SDXL, input channels): the pipeline that runs it
    (False, 4): "StableDiffusionPipeline",
    (False, 8): "StableDiffusionInstructPix2PixPipeline",
    (False, 9): "StableDiffusionInpaintPipeline",
    (True, 4): "StableDiffusionXLPipeline",
    (True, 8): "StableDiffusionXLInstructPix2PixPipeline",
    (True, 9): "StableDiffusionXLInpaintPipeline",
}


def _single_file(path: Path, tensors: Tensors) -> Description:
    """A checkpoint in one file, by its tensors' names and shapes."""
    if is_sam(tensors):
        return sam_description(path, tensors)
    _, first = tensors.get(FIRST, ("", ()))
    if len(first) != 4:
        raise UnknownModelError.because(path, *_what_else(tensors))
    channels = first[1]  # (out, in, 3, 3)
    is_xl = any(name.startswith("conditioner.embedders.1.") for name in tensors)
    cross = tensors.get(CROSS.format(4 if is_xl else 1))
    if (is_xl, channels) not in KINDS:
        raise UnknownModelError.because(
            path, f"has {channels} input channels, which no known model has", "Use another model."
        )
    width = cross[1][-1] if cross and cross[1] else None
    if width in (None, SD2_WIDTH):  # SDXL's refiner; SD 2.x, whose files do not say what the network predicts
        reason = "is a checkpoint of SD 2.x or of a refiner, which a single file does not tell enough of"
        raise UnknownModelError.because(path, reason, "Use its diffusers folder, or a checkpoint of SD 1.x or SDXL.")
    return Description(KINDS[is_xl, channels], channels, width, native_px=1024 if is_xl else 512)


def _what_else(tensors: Tensors) -> tuple[str, str]:
    """(what a file is that is no whole checkpoint, what to do about it)."""
    names = " ".join(list(tensors)[:200])
    kind = adapter_kind(tensors)
    if kind is AdapterKind.LORA:
        return "is a LoRA, which goes on top of a checkpoint", "Keep it in a folder of models, and name it in the edit."
    if kind is AdapterKind.EMBEDDING:
        return "is an embedding, a word for prompts", "Keep it in a folder of models, and use its name in the prompt."
    if is_other_lora(tensors):
        return "is a LoHa, LoKr or OFT, which diffusers does not load", "Use one that was saved as a LoRA."
    if "control_model" in names or "controlnet" in names:
        return "is a ControlNet in one file", "Use it as diffusers saves it: a folder with a config.json."
    if any(name.startswith(("encoder.", "decoder.", "first_stage_model.")) for name in tensors):
        return "is an autoencoder alone", WHOLE
    if re.search(r"double_blocks|joint_blocks|single_transformer_blocks|noise_refiner|img_mlp", names):
        return "holds a transformer without its text encoder and autoencoder", "Use the model's whole diffusers folder."
    return "has tensors that no known model has", WHOLE


def _json(path: Path, model: Path) -> dict[str, Any]:
    """A configuration. Raises UnknownModelError where it is missing, too large or no JSON object."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = f"has no {path.name} that can be read"
        raise UnknownModelError.because(
            model, reason, "Choose the folder that holds model_index.json, or download it again."
        ) from error
    if not isinstance(told, dict):
        raise UnknownModelError.because(model, f"has a {path.name} that is no configuration", "Download it again.")
    return told


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
