"""FLUX.2 klein inside a mask: after every step the rest is the picture again, as noisy as the latents are by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from inlay.pipelines.card import Range
from inlay.pipelines.families.flux2_klein import Flux2Klein, klein_latents, klein_words, suited
from inlay.pipelines.models import Adapter, Model
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.shelf import Shelf


class Flux2KleinInpaint(PipelineFamily):
    """The same checkpoint as `flux2_klein`. It keeps what lies outside the mask by patches of two cells each way."""

    pipeline_class = "Flux2KleinInpaintPipeline"
    card = replace(
        Flux2Klein.card,
        family="flux2-klein-inpaint",
        title="FLUX.2 klein inpainting",
        edits=("replace",),
        rank=70,
        strength=Range(1.0, 0.0, 1.0),
        source=Flux2Klein.card.source + "; strength 1 paints what the words say and not what was there",
        moves_picture=False,
        references=1,
    )

    def __init__(self, model: Model, shelf: Shelf, adapters: Iterable[Adapter] = ()) -> None:
        super().__init__(model, shelf, adapters)
        self.card = suited(self.card, model)

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return {
            **klein_words(easel),
            "image": easel.image,
            "mask_image": easel.cell_mask(2 * self.cell_px, inflate=0),
            "strength": easel.settings.strength,
            **({"image_reference": easel.references[0]} if easel.references else {}),
        }

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return klein_latents(easel, pixels)


FAMILY = Flux2KleinInpaint
