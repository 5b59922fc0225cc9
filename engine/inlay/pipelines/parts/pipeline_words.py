"""Words for pipelines of diffusers: encoded by the pipeline itself, once for a model and a prompt."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.parts.pipeline_easel import PipelineEasel


def flux_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """FLUX.1: T5's tokens and CLIP's pooled vector, as arguments. prefix: "negative_" for what to keep away."""
    encode = easel.pipeline.encode_prompt
    tokens, pooled, _ = easel.read(lambda: encode(prompt=prompt, prompt_2=None), prompt)
    return {f"{prefix}prompt_embeds": tokens, f"{prefix}pooled_prompt_embeds": pooled}


def qwen3_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """FLUX.2 klein: three of Qwen3's layers side by side."""
    tokens, _ = easel.read(lambda: easel.pipeline.encode_prompt(prompt=prompt), prompt)
    return {f"{prefix}prompt_embeds": tokens}


def qwen_words(easel: PipelineEasel, prompt: str, prefix: str = "", pictures: Any = None) -> dict[str, Any]:
    """Qwen-Image: Qwen2.5-VL's last layer. pictures: what it looks at while it reads, made of the sitting's picture."""

    def encode() -> Any:
        seen = {} if pictures is None else {"image": pictures}
        return easel.pipeline.encode_prompt(prompt=prompt, **seen)[0]

    tokens = easel.read(encode, prompt, "" if pictures is None else easel.sitting.seen_key)
    return {f"{prefix}prompt_embeds": tokens, f"{prefix}prompt_embeds_mask": tokens.new_ones(tokens.shape[:2]).long()}


def guided_qwen_words(easel: PipelineEasel, pictures: Any = None) -> dict[str, Any]:
    """Both prompts and the guidance scale. A blank is kept away from where nothing is named, as in the model card."""
    asked = easel.settings
    unwanted = (
        qwen_words(easel, asked.negative_prompt or " ", "negative_", pictures) if asked.guidance_scale > 1 else {}
    )
    return {**qwen_words(easel, asked.prompt, pictures=pictures), **unwanted, "true_cfg_scale": asked.guidance_scale}


def z_image_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """Z-Image: the last layer but one of Qwen3, as long as the prompt is."""
    encode = easel.pipeline.encode_prompt
    tokens, _ = easel.read(lambda: encode(prompt=prompt, do_classifier_free_guidance=False), prompt)
    return {f"{prefix}prompt_embeds": tokens}


def sd3_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """Stable Diffusion 3: two CLIPs and T5, one after the other, and the CLIPs' pooled vectors."""
    encode = easel.pipeline.encode_prompt
    alone = {"prompt_2": None, "prompt_3": None, "do_classifier_free_guidance": False}
    tokens, _, pooled, _ = easel.read(lambda: encode(prompt=prompt, **alone), prompt)
    return {f"{prefix}prompt_embeds": tokens, f"{prefix}pooled_prompt_embeds": pooled}
