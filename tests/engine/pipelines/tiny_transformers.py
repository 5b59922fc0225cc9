"""Tiny real pipelines around transformers, with random weights: FLUX and those that came after it."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxTransformer2DModel,
)
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM, T5Config, T5EncoderModel, T5TokenizerFast

from tests.engine.pipelines import tiny

LATENTS = 4  # channels of a latent cell
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHAT = (  # as Qwen's tokenizers have it, in short
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CERTAIN = -30.0  # the log of the variance that the encoders give: a trained one is nearly certain, too


VAE = {
    "block_out_channels": (8, 8, 8, 8),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "norm_num_groups": 4,
    "latent_channels": LATENTS,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}


def certain(autoencoder: torch.nn.Module, last: torch.nn.Module) -> torch.nn.Module:
    """An autoencoder whose encoder ends in `last`, made certain of what it encodes."""
    half = last.weight.shape[0] // 2
    with torch.no_grad():
        last.weight[half:] = 0
        last.bias[half:] = CERTAIN
    return autoencoder.eval()


def vae() -> AutoencoderKL:
    """8 pixels a cell; shifted, as FLUX's and Stable Diffusion 3's are."""
    made = AutoencoderKL(**VAE, shift_factor=0.1, scaling_factor=0.4)
    return certain(made, made.encoder.conv_out)


def flux2_vae() -> AutoencoderKLFlux2:
    made = AutoencoderKLFlux2(**VAE)
    return certain(made, made.encoder.conv_out)


def qwen_tokenizer() -> Qwen2TokenizerFast:
    """Printable characters, and the marks of a chat."""
    characters = [chr(code) for code in range(33, 127)] + ["\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}", "\u010a"]
    words = ["<|endoftext|>", *characters]
    made = Qwen2TokenizerFast(vocab={word: number for number, word in enumerate(words)}, merges=[])
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    made.chat_template = CHAT
    return made


def qwen3() -> Qwen3ForCausalLM:
    """As deep as the layers that are read: the 27th is the last."""
    config = Qwen3Config(
        vocab_size=len(qwen_tokenizer()),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=28,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    return Qwen3ForCausalLM(config).eval()


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


def flux2_klein(is_distilled: bool = True) -> Flux2KleinPipeline:
    transformer = Flux2Transformer2DModel(
        in_channels=4 * LATENTS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * 16,
        timestep_guidance_channels=16,
        guidance_embeds=False,
        axes_dims_rope=(4, 4, 4, 4),
    )
    return Flux2KleinPipeline(
        scheduler=scheduler(),
        vae=flux2_vae(),
        text_encoder=qwen3(),
        tokenizer=qwen_tokenizer(),
        transformer=transformer.eval(),
        is_distilled=is_distilled,
    )


def flux2_klein_base() -> Flux2KleinPipeline:
    return flux2_klein(is_distilled=False)


MAKERS = {
    "tiny-flux-fill": flux_fill,
    "tiny-flux-kontext": flux_kontext,
    "tiny-klein": flux2_klein,
    "tiny-klein-base": flux2_klein_base,
}


def save(folder: Path, name: str) -> Path:
    """A pipeline folder as users have it, from seed 0."""
    torch.manual_seed(0)
    MAKERS[name]().save_pretrained(str(folder), safe_serialization=True)
    return folder
