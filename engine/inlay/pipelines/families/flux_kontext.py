"""FLUX.1 Kontext (Labs et al. 2025): it sees the picture's tokens beside its own, and is told what shall change."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.families.flux_fill import FLUX_LICENCE
from inlay.pipelines.parts.pipeline_easel import PipelineEasel
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import flux_words

TRUE_GUIDANCE = 2.0  # away from a negative prompt. No source gives one; low, for the distilled guidance is on top


class FluxKontext(PipelineFamily):
    """It repaints the whole picture. Its guidance is distilled; only a negative prompt costs a second pass a step."""

    pipeline_class = "FluxKontextPipeline"
    card = Card(
        family="flux-kontext",
        title="FLUX.1 Kontext",
        edits=("instruct",),
        rank=80,
        multiple=16,
        native_px=1024,
        largest_px=1568,
        memory_bytes=34 * GB,
        licence=FLUX_LICENCE,
        num_inference_steps=Range(28, 1, 150),
        guidance_scale=Range(2.5, 1, 30),
        strength=Range(1.0, 1.0, 1.0),
        source="model card of FLUX.1-Kontext-dev: guidance 2.5; the pipeline's 28 steps; sizes from 672 to 1568",
        is_guidance_distilled=True,
        moves_picture=True,
        signatures=(Signature("FluxKontextPipeline"), Signature("FluxKontextInpaintPipeline")),
        offers=(
            Offer(
                "flux-kontext",
                "FLUX.1 Kontext [dev]",
                "black-forest-labs/FLUX.1-Kontext-dev",
                "main",
                round(33.7 * GB),
                FLUX_LICENCE,
                "https://huggingface.co/black-forest-labs/FLUX.1-Kontext-dev/blob/main/LICENSE.md",
                is_gated=True,
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return kontext_arguments(easel)


def kontext_arguments(easel: PipelineEasel) -> Arguments:
    """What both of Kontext's pipelines take. They would choose another size of the same area, and are kept from it."""
    asked, sitting = easel.settings, easel.sitting
    unwanted: dict[str, Any] = {}
    if asked.negative_prompt:
        unwanted = flux_words(easel, asked.negative_prompt, "negative_") | {"true_cfg_scale": TRUE_GUIDANCE}
    return {
        **flux_words(easel, asked.prompt),
        **unwanted,
        "image": easel.image,
        "guidance_scale": asked.guidance_scale,
        "max_area": sitting.width * sitting.height,
        "_auto_resize": False,
    }


FAMILY = FluxKontext
