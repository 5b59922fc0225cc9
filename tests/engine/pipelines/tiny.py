"""Tiny real pipelines with random weights: the classes that users have, at some ten thousand parameters."""

from __future__ import annotations

import string
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

WIDTH = 32
TOKENS = 16  # the longest prompt that the encoders take at once
SD = {4: StableDiffusionPipeline, 8: StableDiffusionInstructPix2PixPipeline, 9: StableDiffusionInpaintPipeline}
XL = {4: StableDiffusionXLPipeline, 8: StableDiffusionXLInstructPix2PixPipeline, 9: StableDiffusionXLInpaintPipeline}


def tokenizer() -> CLIPTokenizer:
    """Letters alone, inside words and at their ends."""
    letters = [*string.ascii_lowercase, *string.digits, *",.'"]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    made = CLIPTokenizer(vocab={word: number for number, word in enumerate(words)}, merges=[])
    made.model_max_length = TOKENS
    return made


def text_encoder(size: int, kind: type = CLIPTextModel) -> torch.nn.Module:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer()),
        hidden_size=size,
        intermediate_size=2 * size,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=TOKENS,
        projection_dim=size,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return kind(config).eval()


def vae() -> AutoencoderKL:
    """8 pixels a cell, as in Stable Diffusion."""
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=64,
    ).eval()


def unet(channels: int, is_xl: bool) -> UNet2DConditionModel:
    more = {}
    if is_xl:
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 8 * 6 + WIDTH,
            "transformer_layers_per_block": (1, 1),
            "use_linear_projection": True,
        }
    return UNet2DConditionModel(
        in_channels=channels,
        out_channels=4,
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=2 * WIDTH if is_xl else WIDTH,
        attention_head_dim=8,
        **more,
    ).eval()


def save(folder: Path, channels: int = 4, is_xl: bool = False) -> Path:
    """A pipeline folder as users have it, from seed 0."""
    torch.manual_seed(0)
    parts = {"vae": vae(), "unet": unet(channels, is_xl), "tokenizer": tokenizer()}
    if is_xl:
        parts |= {
            "text_encoder": text_encoder(WIDTH),
            "text_encoder_2": text_encoder(WIDTH, CLIPTextModelWithProjection),
            "tokenizer_2": tokenizer(),
            "scheduler": EulerDiscreteScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
        }
        pipeline = XL[channels](**parts)
    else:
        parts |= {"text_encoder": text_encoder(WIDTH), "safety_checker": None, "feature_extractor": None}
        scheduler = DDIMScheduler(
            beta_schedule="scaled_linear",
            beta_start=0.00085,
            beta_end=0.012,
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        )
        pipeline = SD[channels](**parts, scheduler=scheduler, requires_safety_checker=False)
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    return folder
