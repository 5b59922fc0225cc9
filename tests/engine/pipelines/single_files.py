"""Checkpoints in one file, as people share them: a pipeline's tensors under the names of the first Stable Diffusion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from inlay.pipelines.parts import blueprints
from safetensors.torch import save_file

TINY_UNET = {
    "norm_num_groups": 4,
    "attention_head_dim": 4,
    "cross_attention_dim": 32,
    "sample_size": 8,
}
TINY_VAE = {"block_out_channels": [8] * 4, "norm_num_groups": 4, "layers_per_block": 2, "sample_size": 64}
TINY_CLIP = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
TINY_SD1 = {
    "unet": blueprints.SD1["unet"] | TINY_UNET | {"block_out_channels": [32] * 4},
    "vae": blueprints.SD1["vae"] | TINY_VAE,
    "text_encoder": blueprints.SD1["text_encoder"] | TINY_CLIP,
}
TINY_XL_UNET = {
    "block_out_channels": [32] * 3,
    "attention_head_dim": [4, 4, 4],
    "transformer_layers_per_block": [1, 1, 2],
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 64,
    "cross_attention_dim": 32 + 64,
}
TINY_SDXL = {
    "unet": blueprints.SDXL["unet"] | TINY_UNET | TINY_XL_UNET,
    "vae": blueprints.SDXL["vae"] | TINY_VAE,
    "text_encoder": blueprints.SDXL["text_encoder"] | TINY_CLIP,
    "text_encoder_2": blueprints.SDXL["text_encoder_2"] | TINY_CLIP | {"hidden_size": 64, "projection_dim": 64},
}
UNET = [
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"),
    ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    ("mid_block.attentions.0", "middle_block.1"),
    ("mid_block.resnets.0", "middle_block.0"),
    ("mid_block.resnets.1", "middle_block.2"),
]
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def _unet_names(levels: int) -> list[tuple[str, str]]:
    """(beginning of a name in diffusers, the old one). Where three levels are, the deepest up-block has attention."""
    names = list(UNET)
    for level in range(levels):
        for block in range(2):
            here = f"input_blocks.{3 * level + block + 1}"
            names += [(f"down_blocks.{level}.resnets.{block}", f"{here}.0")]
            names += [(f"down_blocks.{level}.attentions.{block}", f"{here}.1")]
        for block in range(3):
            here = f"output_blocks.{3 * level + block}"
            names += [(f"up_blocks.{level}.resnets.{block}", f"{here}.0")]
            names += [(f"up_blocks.{level}.attentions.{block}", f"{here}.1")]
        names += [(f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{3 * (level + 1)}.0.op")]
        names += [
            (
                f"up_blocks.{level}.upsamplers.0",
                f"output_blocks.{3 * level + 2}.{1 if (level, levels) == (0, 4) else 2}",
            )
        ]
    return names


def _old_unet(name: str, levels: int) -> str:
    new, old = next(pair for pair in _unet_names(levels) if name.startswith(f"{pair[0]}."))
    rest = name.removeprefix(new)
    if "resnets" in new:
        part, _, kind = rest.removeprefix(".").rpartition(".")
        rest = f".{RESNET[part]}.{kind}"
    return f"model.diffusion_model.{old}{rest}"


def _old_vae(name: str) -> str:
    name = re.sub(r"down_blocks\.(\d)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets\.", lambda found: f"up.{3 - int(found[1])}.block.", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda found: f"up.{3 - int(found[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    for new, old in VAE_ATTENTION.items():
        name = name.replace(f"mid_block.attentions.0.{new}.", f"mid.attn_1.{old}.")
    return "first_stage_model." + name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")


def _open_clip(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A text encoder of transformers under OpenCLIP's names, its three projections of attention in one."""
    tensors = {}
    for name, tensor in state.items():
        name = name.removeprefix("text_model.")
        layer = re.fullmatch(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)", name)
        if layer and layer[2] in OPEN_CLIP:
            tensors[f"transformer.resblocks.{layer[1]}.{OPEN_CLIP[layer[2]]}.{layer[3]}"] = tensor
        elif layer and layer[2] == "self_attn.q_proj":
            whole = [state[_renamed(state, name.replace("q_proj", f"{one}_proj"))] for one in "qkv"]
            tensors[f"transformer.resblocks.{layer[1]}.attn.in_proj_{layer[3]}"] = torch.cat(whole)
    embeddings = "embeddings.{}_embedding.weight"
    tensors["token_embedding.weight"] = state[_renamed(state, embeddings.format("token"))]
    tensors["positional_embedding"] = state[_renamed(state, embeddings.format("position"))]
    tensors |= {f"ln_final.{kind}": state[_renamed(state, f"final_layer_norm.{kind}")] for kind in ("weight", "bias")}
    return tensors | {"text_projection": state["text_projection.weight"].T}


def _renamed(state: Mapping[str, torch.Tensor], name: str) -> str:
    """As this version of transformers calls it: with or without a prefix."""
    return name if name in state else f"text_model.{name}"


def save_single_file(path: Path, parts: Mapping[str, Any]) -> Path:
    """A Stable Diffusion 1.x or XL checkpoint in one file. parts: modules by their names in diffusers."""
    levels = len(parts["unet"].config.block_out_channels)
    tensors = {_old_unet(name, levels): tensor for name, tensor in parts["unet"].state_dict().items()}
    for name, tensor in parts["vae"].state_dict().items():
        is_projection = "attentions" in name and name.endswith(".weight") and tensor.ndim == 2
        tensors[_old_vae(name)] = tensor[..., None, None] if is_projection else tensor
    is_xl = "text_encoder_2" in parts
    prefix = "conditioner.embedders.0.transformer." if is_xl else "cond_stage_model.transformer."
    for name, tensor in parts["text_encoder"].state_dict().items():
        tensors[prefix + (name if name.startswith("text_model.") else f"text_model.{name}")] = tensor
    if is_xl:
        second = _open_clip(parts["text_encoder_2"].state_dict())
        tensors |= {f"conditioner.embedders.1.model.{name}": tensor for name, tensor in second.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path)
    return path


def tiny_parts(channels: int, is_xl: bool) -> dict[str, torch.nn.Module]:
    """The networks of TINY_SD1 or TINY_SDXL with random weights."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(0)
    sizes = TINY_SDXL if is_xl else TINY_SD1
    parts = {
        "unet": UNet2DConditionModel.from_config(sizes["unet"] | {"in_channels": channels}),
        "vae": AutoencoderKL.from_config(sizes["vae"]),
        "text_encoder": CLIPTextModel(CLIPTextConfig(**sizes["text_encoder"])),
    }
    if is_xl:
        parts["text_encoder_2"] = CLIPTextModelWithProjection(CLIPTextConfig(**sizes["text_encoder_2"]))
    return parts
