"""FLUX.1 Kontext inside a mask: after every step the rest is the picture again, as noisy as the latents are by then."""

from __future__ import annotations

from dataclasses import replace

from inlay.pipelines.card import Range
from inlay.pipelines.families.flux_kontext import FluxKontext, kontext_arguments
from inlay.pipelines.parts.pipeline_easel import PipelineEasel
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily


class FluxKontextInpaint(PipelineFamily):
    """The same checkpoint as `flux_kontext`."""

    pipeline_class = "FluxKontextInpaintPipeline"
    card = replace(
        FluxKontext.card,
        family="flux-kontext-inpaint",
        title="FLUX.1 Kontext inpainting",
        edits=("replace",),
        rank=75,
        strength=Range(1.0, 0.0, 1.0),
        source="model card of FLUX.1-Kontext-dev: guidance 2.5; the inpainting pipeline's 28 steps and strength 1",
        moves_picture=False,
        references=1,
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return {
            **kontext_arguments(easel),
            "mask_image": easel.cell_mask(self.cell_px),
            "strength": easel.settings.strength,
            **({"image_reference": easel.references[0]} if easel.references else {}),
        }


FAMILY = FluxKontextInpaint
