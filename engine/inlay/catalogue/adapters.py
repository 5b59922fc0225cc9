"""What goes on top of a checkpoint or beside it: LoRAs, textual inversion embeddings, ControlNets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from inlay.catalogue.tensors import Tensors, UnknownModelError, header
from inlay.pipelines.models import Adapter, AdapterKind

CONTROL_NET = "ControlNetModel"  # `_class_name` of a ControlNet for Stable Diffusion
TINY = "AutoencoderTiny"  # and of what gives previews
# transformers' `model_type`: what it reads off a picture.
ESTIMATORS = {"depth_anything": "depth", "dpt": "depth", "vitpose": "pose", "blip": "caption"}
# What a ControlNet's name says of it. All that draw lines read white ones on black.
PURPOSES = {"pose": "pose", "depth": "depth"} | dict.fromkeys(
    ("lines", "lineart", "canny", "softedge", "hed", "scribble"), "lines"
)
LORA = re.compile(r"lora[._](linear_layer[._])?(down|up|A|B)\b")  # kohya's, PEFT's and old diffusers' names
OTHER_LORA = re.compile(r"\.(hada_w\d_[ab]|lokr_w\d|oft_blocks)\b")  # LyCORIS' other kinds
CROSS = re.compile(r"attn2[._](processor[._])?to_k[._]lora[._](down|A)\b")
CROSS_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}  # of the text that a U-Net attends to
FLUX_1_DOUBLE_BLOCKS = 19
FLUX_1_WIDTH, FLUX_1_LINEAR1 = 3072, 21504  # hidden size; rows of a single block's first layer: 3 + 4 times that
SD3_WIDTHS = (1536, 2432)  # of SD 3 and 3.5 medium, and of 3.5 large
LONGEST_EMBEDDING = 75  # tokens that a CLIP prompt holds
LARGEST_CONFIG = 1 << 20


def recognise_adapter(path: Path, name: str = "") -> Adapter | None:
    """What a .safetensors file or a folder is, if it is an adapter.

    name: how users will call it; the file's or folder's own unless told.
    Raises UnknownModelError for a cut or foreign file, OSError where it cannot be read.
    """
    if path.is_dir():
        return _beside(path, name or path.name)
    if path.suffix.lower() != ".safetensors":
        return None
    tensors = header(path)
    kind = adapter_kind(tensors)
    if kind is None:
        return None
    if kind is AdapterKind.PREVIEW:
        return Adapter(name or path.stem, path, kind, "flux2")
    width = cross_attention_dim(tensors) if kind is AdapterKind.LORA else _embedding_width(tensors)
    made_for = CROSS_WIDTHS.get(width or 0, "")
    if kind is AdapterKind.LORA:
        made_for = _lora_architecture(tensors) or made_for
    return Adapter(name or path.stem, path, kind, made_for, width)


def adapter_kind(tensors: Tensors) -> AdapterKind | None:
    """A LoRA, an embedding, FLUX.2's tiny autoencoder, or none: by the tensors' names, and the shape of a lone one."""
    if {"encoder.0.weight", "decoder.1.weight", "decoder.3.pool.0.weight"} <= set(tensors):
        return AdapterKind.PREVIEW
    if any(LORA.search(name) for name in tensors):
        return AdapterKind.LORA
    if "emb_params" in tensors or {"clip_l", "clip_g"} <= set(tensors):
        return AdapterKind.EMBEDDING
    shapes = [shape for _, shape in tensors.values()]
    is_embedding = len(shapes) == 1 and _is_token(shapes[0])
    return AdapterKind.EMBEDDING if is_embedding else None


def is_other_lora(tensors: Tensors) -> bool:
    """Whether it is one of the kinds of LoRA that diffusers does not load: LoHa, LoKr, OFT."""
    return any(OTHER_LORA.search(name) for name in tensors)


def _is_token(shape: tuple[int, ...]) -> bool:
    """diffusers saves an embedding as one tensor under the token's own name: (width,) or (tokens, width)."""
    return 1 <= len(shape) <= 2 and shape[-1] in CROSS_WIDTHS and (len(shape) == 1 or shape[0] <= LONGEST_EMBEDDING)


def cross_attention_dim(tensors: Tensors) -> int | None:
    """The width of the text that a U-Net's LoRA reads; None where it touches no cross-attention."""
    for name, (_, shape) in tensors.items():
        if CROSS.search(name) and len(shape) >= 2:
            return shape[1]  # (rank, width)
    return None


def _embedding_width(tensors: Tensors) -> int | None:
    """The text's width: SDXL's is that of its two encoders together."""
    widths = {name: shape[-1] for name, (_, shape) in tensors.items() if shape}
    if {"clip_l", "clip_g"} <= set(widths):
        return widths["clip_l"] + widths["clip_g"]
    return widths.get("emb_params") or (next(iter(widths.values())) if len(widths) == 1 else None)


def _lora_architecture(tensors: Tensors) -> str:
    """By the names of the layers that it changes; "" where they are a U-Net's, whose widths tell."""
    names = " ".join(tensors)
    if re.search(r"to_qkv_mlp_proj|double_stream_modulation", names):
        return "flux2"
    if re.search(r"single_transformer_blocks|double_blocks|single_blocks", names):
        return "flux" if _is_flux_1(tensors) else "flux2"
    for architecture, layers in LAYERS.items():
        if re.search(layers, names):
            return architecture
    return _by_width(tensors)


LAYERS = {
    "qwen": r"img_mlp|txt_mlp|img_mod|txt_mod",
    "sd3": r"joint_blocks",
    "z-image": r"layers[._]\d+[._]attention[._]",
    "sdxl": r"lora_te2_|text_encoder_2\.",
}
ATTENTION = re.compile(r"transformer_blocks[._](\d+)[._]attn[._]to_[qkv][._]lora[._](down|A)\b")  # U-Nets: attn1, attn2


def _is_flux_1(tensors: Tensors) -> bool:
    """FLUX.2 has wider first layers in its single blocks, or another width altogether."""
    for name, (_, shape) in tensors.items():
        if re.search(r"single_blocks[._]\d+[._]linear1[._]lora[._](up|B)\b", name):
            return shape[0] == FLUX_1_LINEAR1
        if re.search(r"(img_attn[._]qkv|attn[._]to_[qkv])[._]lora[._](down|A)\b", name):
            return shape[1] == FLUX_1_WIDTH
    return True


def _by_width(tensors: Tensors) -> str:
    """SD 3, FLUX.1 and Qwen-Image share names where only the double blocks' attention is changed."""
    found = [(int(match[1]), shape[1]) for name, (_, shape) in tensors.items() if (match := ATTENTION.search(name))]
    widths = {width for _, width in found}
    if widths & set(SD3_WIDTHS):
        return "sd3"
    if FLUX_1_WIDTH in widths:
        return "qwen" if max(block for block, _ in found) >= FLUX_1_DOUBLE_BLOCKS else "flux"
    return ""


def is_beside(folder: Path) -> bool:
    """Whether a folder is a ControlNet or a tiny autoencoder as diffusers saves it, or an estimator of transformers."""
    config = config_of(folder)
    return config.get("_class_name") in (CONTROL_NET, TINY) or config.get("model_type") in ESTIMATORS


def _beside(folder: Path, name: str) -> Adapter | None:
    """A network that works beside a checkpoint's own."""
    if not is_beside(folder):
        return None
    config = config_of(folder)
    kinds = {CONTROL_NET: "a ControlNet", TINY: "a tiny autoencoder"}
    what = kinds.get(str(config.get("_class_name")), "an estimator")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        remedy = "Download its .safetensors file, or convert it on a machine that you trust."
        raise UnknownModelError.because(folder, f"is {what} without a .safetensors file", remedy)
    for each in weights:
        header(each)
    if config.get("_class_name") == TINY:
        return Adapter(name, folder, AdapterKind.PREVIEW, _latents_of(config, name))
    if reads := ESTIMATORS.get(str(config.get("model_type"))):
        return Adapter(name, folder, AdapterKind.ESTIMATOR, purpose=reads)
    width = config.get("cross_attention_dim")
    width = width if isinstance(width, int) else None
    purpose = next((what for word, what in PURPOSES.items() if word in name.lower()), "")
    return Adapter(name, folder, AdapterKind.CONTROL_NET, CROSS_WIDTHS.get(width or 0, ""), width, purpose)


def _latents_of(config: dict[str, Any], name: str) -> str:
    """Whose latents a tiny autoencoder takes: by their channels, and by its name where two kinds have as many."""
    if config.get("latent_channels", 4) == 4:
        return "sdxl" if "xl" in name.lower() else "sd1"
    if config["latent_channels"] == 16:
        return "sd3" if "sd3" in name.lower() else "flux"
    return ""


def config_of(folder: Path) -> dict[str, Any]:
    """A folder's config.json; nothing where there is none that can be read."""
    path = folder / "config.json"
    try:
        told = json.loads(path.read_text("utf-8")) if path.stat().st_size <= LARGEST_CONFIG else {}
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
