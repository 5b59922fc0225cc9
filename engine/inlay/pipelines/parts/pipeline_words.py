"""Words for pipelines of diffusers: encoded by the pipeline itself, once for a model and a prompt."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.parts.pipeline_easel import PipelineEasel


def flux_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """FLUX.1: T5's tokens and CLIP's pooled vector, as arguments. prefix: "negative_" for what to keep away."""
    encode = easel.pipeline.encode_prompt
    tokens, pooled, _ = easel.kept(lambda: encode(prompt=prompt, prompt_2=None), "words", prompt)
    return {f"{prefix}prompt_embeds": tokens, f"{prefix}pooled_prompt_embeds": pooled}


def qwen3_words(easel: PipelineEasel, prompt: str, prefix: str = "") -> dict[str, Any]:
    """FLUX.2 klein: three of Qwen3's layers side by side."""
    tokens, _ = easel.kept(lambda: easel.pipeline.encode_prompt(prompt=prompt), "words", prompt)
    return {f"{prefix}prompt_embeds": tokens}
