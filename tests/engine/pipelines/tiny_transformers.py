"""Tiny real pipelines around transformers, with random weights: FLUX and those that came after it."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxTransformer2DModel,
)
from transformers import T5Config, T5EncoderModel, T5TokenizerFast

from tests.engine.pipelines import tiny

LATENTS = 4  # channels of a latent cell
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def vae() -> AutoencoderKL:
    """8 pixels a cell; shifted, as FLUX's and Stable Diffusion 3's are."""
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=LATENTS,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.1,
        scaling_factor=0.4,
    ).eval()


def t5_tokenizer() -> T5TokenizerFast:
    """Letters alone."""
    words = ["<pad>", "</s>", "<unk>", "\N{LOWER ONE EIGHTH BLOCK}", *LETTERS]
    return T5TokenizerFast(vocab=[(word, -float(place)) for place, word in enumerate(words)], extra_ids=0)


def t5() -> T5EncoderModel:
    size = tiny.WIDTH
    config = T5Config(
        vocab_size=len(t5_tokenizer()),
        d_model=size,
        d_kv=8,
        d_ff=size,
        num_layers=1,
        num_heads=2,
        is_encoder_decoder=False,
    )
    return T5EncoderModel(config).eval()


def scheduler(**options: object) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True, **options)


def flux_transformer(in_channels: int) -> FluxTransformer2DModel:
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=in_channels,
        out_channels=4 * LATENTS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=tiny.WIDTH,
        pooled_projection_dim=tiny.WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(4, 6, 6),
    ).eval()


def flux(kind: type, in_channels: int) -> object:
    return kind(
        scheduler=scheduler(),
        vae=vae(),
        text_encoder=tiny.text_encoder(tiny.WIDTH),
        tokenizer=tiny.tokenizer(),
        text_encoder_2=t5(),
        tokenizer_2=t5_tokenizer(),
        transformer=flux_transformer(in_channels),
    )


def flux_fill() -> object:
    """Latents, latents of the masked picture, and 8 x 8 pixels of the mask for each of 2 x 2 cells."""
    return flux(FluxFillPipeline, 4 * LATENTS + 4 * LATENTS + 4 * 64)


def flux_kontext() -> object:
    return flux(FluxKontextPipeline, 4 * LATENTS)


MAKERS = {"tiny-flux-fill": flux_fill, "tiny-flux-kontext": flux_kontext}


def save(folder: Path, name: str) -> Path:
    """A pipeline folder as users have it, from seed 0."""
    torch.manual_seed(0)
    MAKERS[name]().save_pretrained(str(folder), safe_serialization=True)
    return folder
