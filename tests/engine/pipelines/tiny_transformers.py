"""Tiny real pipelines around transformers, with random weights: FLUX and those that came after it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxTransformer2DModel,
    QwenImageEditPipeline,
    QwenImageEditPlusPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import (
    CLIPTextModelWithProjection,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2TokenizerFast,
    Qwen2VLImageProcessorPil,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

from tests.engine.pipelines import tiny
from tests.engine.pipelines.tiny_kandinsky import kandinsky

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


def vae(latents: int = LATENTS) -> AutoencoderKL:
    """8 pixels a cell; shifted, as FLUX's and Stable Diffusion 3's are."""
    made = AutoencoderKL(**VAE | {"latent_channels": latents}, shift_factor=0.1, scaling_factor=0.4)
    return certain(made, made.encoder.conv_out)


def flux2_vae() -> AutoencoderKLFlux2:
    made = AutoencoderKLFlux2(**VAE)
    return certain(made, made.encoder.conv_out)


def qwen_tokenizer() -> Qwen2TokenizerFast:
    """Printable characters, and the marks of a chat."""
    characters = [chr(code) for code in range(33, 127)] + ["\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}", "\u010a"]
    words = ["<|endoftext|>", *characters]
    made = Qwen2TokenizerFast(vocab={word: number for number, word in enumerate(words)}, merges=[])
    marks = ("im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad")
    made.add_special_tokens({"additional_special_tokens": [f"<|{mark}|>" for mark in marks]})
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


def t5(size: int = tiny.WIDTH) -> T5EncoderModel:
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


def qwen_vae() -> AutoencoderKLQwenImage:
    """A film's autoencoder: 8 pixels a cell, and four frames a latent one."""
    made = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=LATENTS,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.1] * LATENTS,
        latents_std=[1.5] * LATENTS,
    )
    return certain(made, made.quant_conv)


def qwen_vl() -> Qwen2_5_VLForConditionalGeneration:
    tokens = qwen_tokenizer()
    text = {
        "vocab_size": len(tokens),
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0},
    }
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    numbers = {
        f"{place}_token_id": tokens.convert_tokens_to_ids(f"<|{place}|>") for place in ("vision_start", "vision_end")
    }
    numbers |= {f"{kind}_token_id": tokens.convert_tokens_to_ids(f"<|{kind}_pad|>") for kind in ("image", "video")}
    return Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(text_config=text, vision_config=vision, **numbers)
    ).eval()


def qwen_image(kind: type = QwenImagePipeline, **more: object) -> object:
    transformer = QwenImageTransformer2DModel(
        in_channels=4 * LATENTS,
        out_channels=LATENTS,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(4, 6, 6),
    )
    return kind(
        scheduler=scheduler(),
        vae=qwen_vae(),
        text_encoder=qwen_vl(),
        tokenizer=qwen_tokenizer(),
        transformer=transformer.eval(),
        **more,
    )


def qwen_image_edit() -> object:
    return qwen_image(QwenImageEditPipeline, processor=None)


def qwen_image_edit_plus() -> object:
    return qwen_image(QwenImageEditPlusPipeline, processor=None)


def z_image() -> ZImagePipeline:
    transformer = ZImageTransformer2DModel(
        in_channels=LATENTS,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 6, 6],
        axes_lens=[1024, 64, 64],
    )
    return ZImagePipeline(
        scheduler=scheduler(),
        vae=vae(),
        text_encoder=qwen3().model,
        tokenizer=qwen_tokenizer(),
        transformer=transformer.eval(),
    )


def sd3() -> StableDiffusion3Pipeline:
    """16 channels a cell: its inpainting pipeline takes no other number."""
    width = 2 * tiny.WIDTH  # of both CLIPs side by side
    transformer = SD3Transformer2DModel(
        sample_size=8,
        in_channels=16,
        out_channels=16,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=width,
        caption_projection_dim=32,
        pooled_projection_dim=width,
        pos_embed_max_size=16,
    )
    return StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae(16),
        text_encoder=tiny.text_encoder(tiny.WIDTH, CLIPTextModelWithProjection),
        tokenizer=tiny.tokenizer(),
        text_encoder_2=tiny.text_encoder(tiny.WIDTH, CLIPTextModelWithProjection),
        tokenizer_2=tiny.tokenizer(),
        text_encoder_3=t5(width),
        tokenizer_3=t5_tokenizer(),
        transformer=transformer.eval(),
    )


MAKERS = {
    "tiny-flux-fill": flux_fill,
    "tiny-flux-kontext": flux_kontext,
    "tiny-klein": flux2_klein,
    "tiny-klein-base": flux2_klein_base,
    "tiny-qwen": qwen_image,
    "tiny-qwen-edit": qwen_image_edit,
    "tiny-qwen-edit-plus": qwen_image_edit_plus,
    "tiny-z-image": z_image,
    "tiny-sd3": sd3,
    "tiny-kandinsky": kandinsky,
    "tiny-kandinsky-decoder": lambda: kandinsky().decoder_pipe,
    "tiny-kandinsky-prior": lambda: kandinsky().prior_pipe,
}


def save(folder: Path, name: str) -> Path:
    """A pipeline folder as users have it, from seed 0."""
    torch.manual_seed(0)
    pipeline = MAKERS[name]()
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    if hasattr(pipeline, "processor"):
        save_processor(folder)
    return folder


def save_processor(folder: Path) -> None:
    """A processor cannot be made without torchvision, and so not be saved: its files as they are on the hub."""
    Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56).save_pretrained(str(folder / "processor"))
    index = folder / "model_index.json"
    told = json.loads(index.read_text()) | {"processor": ["transformers", "Qwen2VLProcessor"]}
    index.write_text(json.dumps(told))
