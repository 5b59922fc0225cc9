"""FLUX.1 Fill: a transformer that also sees the mask, pixel by pixel, and the masked picture."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.parts.pipeline_easel import PipelineEasel
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import flux_words

FLUX_LICENCE = "FLUX.1 [dev] Non-Commercial License"


class FluxFill(PipelineFamily):
    """Its guidance is distilled into the model, no classifier-free one: no negative prompt, no second pass."""

    pipeline_class = "FluxFillPipeline"
    card = Card(
        family="flux-fill",
        title="FLUX.1 Fill",
        edits=("replace", "remove", "extend"),
        rank=90,
        multiple=16,
        native_px=1024,
        largest_px=1664,
        memory_bytes=34 * GB,
        licence=FLUX_LICENCE,
        num_inference_steps=Range(50, 1, 150),
        guidance_scale=Range(30.0, 1, 100),
        source="model card of FLUX.1-Fill-dev: 50 steps, guidance 30, 1632 x 1232 in its example",
        has_negative_prompt=False,
        is_guidance_distilled=True,
        removal_tries=1,
        signatures=(Signature("FluxFillPipeline"),),
        offers=(
            Offer(
                "flux-fill",
                "FLUX.1 Fill [dev]",
                "black-forest-labs/FLUX.1-Fill-dev",
                "main",
                round(33.8 * GB),
                FLUX_LICENCE,
                "https://huggingface.co/black-forest-labs/FLUX.1-Fill-dev/blob/main/LICENSE.md",
                is_gated=True,
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        asked = easel.settings
        return {
            **flux_words(easel, asked.prompt),
            "image": easel.image,
            "mask_image": easel.mask,
            "strength": asked.strength,
            "guidance_scale": asked.guidance_scale,
        }


FAMILY = FluxFill
