"""What a single-file checkpoint leaves out: the configurations and the tokenizer of Stable Diffusion 1.x and XL.

diffusers would fetch them from the network, also where it is told to use local files alone. The figures are those of
the published repositories: stable-diffusion-v1-5, stable-diffusion-xl-base-1.0, and what was made from them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inlay.pipelines.card import Description

Settings = Mapping[str, Any]
MERGES = Path(__file__).with_name("clip_merges.txt.gz")
TOKENS = 77  # that a CLIP text encoder takes
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
PNDM = SCHEDULE | {"set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1}
EULER = SCHEDULE | {"steps_offset": 1, "timestep_spacing": "leading"}
VAE = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
}
CLIP = {
    "vocab_size": 49408,
    "max_position_embeddings": TOKENS,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "pad_token_id": 1,
}
CLIP_L = CLIP | {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
}
CLIP_BIG_G = CLIP | {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "hidden_act": "gelu",
}
SD1: Mapping[str, Settings] = {
    "unet": {
        "attention_head_dim": 8,
        "block_out_channels": [320, 640, 1280, 1280],
        "cross_attention_dim": 768,
        "down_block_types": [*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"],
        "layers_per_block": 2,
        "sample_size": 64,
        "up_block_types": ["UpBlock2D", *["CrossAttnUpBlock2D"] * 3],
    },
    "vae": VAE | {"sample_size": 512, "scaling_factor": 0.18215},
    "text_encoder": CLIP_L,
}
SDXL: Mapping[str, Settings] = {
    "unet": {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "attention_head_dim": [5, 10, 20],
        "block_out_channels": [320, 640, 1280],
        "cross_attention_dim": 2048,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "layers_per_block": 2,
        "projection_class_embeddings_input_dim": 2816,
        "sample_size": 128,
        "transformer_layers_per_block": [1, 2, 10],
        "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "use_linear_projection": True,
    },
    "vae": VAE | {"sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True},
    "text_encoder": CLIP_L,
    "text_encoder_2": CLIP_BIG_G,
}
CLASSES = {
    "unet": ("diffusers", "UNet2DConditionModel"),
    "vae": ("diffusers", "AutoencoderKL"),
    "text_encoder": ("transformers", "CLIPTextModel"),
    "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
    "tokenizer": ("transformers", "CLIPTokenizer"),
    "tokenizer_2": ("transformers", "CLIPTokenizer"),
}
INSTRUCTED = 8  # input channels of InstructPix2Pix, which was published with another sampler


def lay_out(description: Description, folder: Path) -> None:
    """Write a diffusers folder without weights: what `from_single_file` takes as `config`.

    description: of a single file, by the catalogue.
    """
    is_xl = "XL" in description.pipeline_class
    parts = SDXL if is_xl else SD1
    for name, settings in parts.items():
        own = {"in_channels": description.in_channels} if name == "unet" else {}
        _write(folder / name / "config.json", {"_class_name": CLASSES[name][1], **settings, **own})
    _write_tokenizer(folder / "tokenizer", padding="<|endoftext|>")
    if is_xl:
        _write_tokenizer(folder / "tokenizer_2", padding="!")
    scheduler, schedule = _scheduler(is_xl, description.in_channels)
    _write(folder / "scheduler" / "scheduler_config.json", {"_class_name": scheduler, **schedule})
    _write(
        folder / "model_index.json", _index(description.pipeline_class, is_xl) | {"scheduler": ["diffusers", scheduler]}
    )


def _index(pipeline_class: str, is_xl: bool) -> dict[str, Any]:
    names = [name for name in CLASSES if is_xl or not name.endswith("_2")]
    index: dict[str, Any] = {"_class_name": pipeline_class, **{name: list(CLASSES[name]) for name in names}}
    if not is_xl:
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None], "requires_safety_checker": False}
    return index


def _scheduler(is_xl: bool, in_channels: int | None) -> tuple[str, Settings]:
    """(class, configuration) of the sampler that the model was published with."""
    if in_channels == INSTRUCTED:
        return "EulerAncestralDiscreteScheduler", EULER
    return ("EulerDiscreteScheduler", EULER) if is_xl else ("PNDMScheduler", PNDM)


def _write_tokenizer(folder: Path, padding: str) -> None:
    """CLIP's, as transformers reads it: bytes, bytes at a word's end, and what they merge to (Radford et al. 2021)."""
    merges = gzip.decompress(MERGES.read_bytes()).decode("utf-8").split("\n")
    letters = _letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters), *(merge.replace(" ", "") for merge in merges)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    _write(folder / "vocab.json", {word: number for number, word in enumerate(words)})
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    told = special | {"pad_token": padding, "model_max_length": TOKENS, "tokenizer_class": "CLIPTokenizer"}
    _write(folder / "tokenizer_config.json", told)


def _letters() -> list[str]:
    """A visible character for every byte, in CLIP's order: visible bytes first, the others by characters above 255."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    return [*map(chr, visible), *(chr(256 + number) for number in range(256 - len(visible)))]


def _write(path: Path, told: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told), encoding="utf-8")
