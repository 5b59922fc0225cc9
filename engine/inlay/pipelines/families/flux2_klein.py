"""FLUX.2 klein: a small transformer, distilled to four steps, that sees the picture's tokens beside its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Adapter, Model, pipeline_index
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import qwen3_words
from inlay.pipelines.shelf import Shelf

NATIVE_PX = 1000  # 1024, less what padding may add: the pipeline shrinks what has more than 1024 x 1024 pixels


class Flux2Klein(PipelineFamily):
    """It repaints the whole picture. Distilled checkpoints know no guidance; base ones take a classifier-free one."""

    pipeline_class = "Flux2KleinPipeline"
    card = Card(
        family="flux2-klein",
        title="FLUX.2 klein",
        edits=("instruct",),
        rank=70,
        multiple=16,
        native_px=NATIVE_PX,
        largest_px=1536,
        memory_bytes=17 * GB,
        licence="Apache-2.0",
        num_inference_steps=Range(4, 1, 100),
        guidance_scale=Range(1.0, 1, 1),
        strength=Range(1.0, 1.0, 1.0),
        has_negative_prompt=False,
        source="model card of FLUX.2-klein-4B: 4 steps, guidance 1; of FLUX.2-klein-base-4B: 50 steps, guidance 4",
        moves_picture=True,
        references=3,  # four pictures in all, says Black Forest Labs' documentation
        signatures=(Signature("Flux2KleinPipeline"), Signature("Flux2KleinInpaintPipeline")),
        offers=(
            Offer(
                "flux2-klein",
                "FLUX.2 klein 4B",
                "black-forest-labs/FLUX.2-klein-4B",
                "main",
                round(16.1 * GB),
                "Apache-2.0",
                "https://huggingface.co/black-forest-labs/FLUX.2-klein-4B/blob/main/LICENSE.md",
            ),
            Offer(
                "flux2-klein-base",
                "FLUX.2 klein base 4B",
                "black-forest-labs/FLUX.2-klein-base-4B",
                "main",
                round(16.1 * GB),
                "Apache-2.0",
                "https://huggingface.co/black-forest-labs/FLUX.2-klein-base-4B/blob/main/LICENSE.md",
            ),
            Offer(
                "flux2-klein-9b",
                "FLUX.2 klein 9B",
                "black-forest-labs/FLUX.2-klein-9B",
                "main",
                round(34.7 * GB),
                "FLUX Non-Commercial License",
                "https://huggingface.co/black-forest-labs/FLUX.2-klein-9B/blob/main/LICENSE.md",
                is_gated=True,
            ),
        ),
    )

    def __init__(self, model: Model, shelf: Shelf, adapters: Iterable[Adapter] = ()) -> None:
        super().__init__(model, shelf, adapters)
        self.card = suited(self.card, model)

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`. The pipeline takes nothing but a PIL image, and no strip of a picture."""
        pictures = [easel.rounded_image, *easel.references]
        for number, picture in enumerate(pictures):
            try:
                easel.pipeline.image_processor.check_image_input(picture)
            except ValueError as error:
                raise self._odd_shape(number, *picture.size) from error
        return {**klein_words(easel), "image": pictures}

    def _odd_shape(self, number: int, width: int, height: int) -> FamilyError:
        """number: of the picture; the first is the window."""
        return FamilyError(
            "aspect",
            f"{self.card.title} does not take a {'reference' if number else 'window'} of {width} x {height}.",
            field=f"references.{number - 1}" if number else "selection",
            remedy="Select a part that is less long and narrow, or choose another model."
            if not number
            else "Use a reference that is less long and narrow.",
        )

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return klein_latents(easel, pixels)


def suited(card: Card, model: Model) -> Card:
    """The card as it is for a checkpoint: base ones want many steps and guidance, which distilled ones do not heed."""
    told = pipeline_index(model.path)
    if not told or told.get("is_distilled"):  # gone since it was found: loading it will say so
        return card
    steps, guidance_scale = Range(50, 1, 150), Range(4.0, 1, 20)
    return replace(card, num_inference_steps=steps, guidance_scale=guidance_scale, has_negative_prompt=True)


def klein_words(easel: PipelineEasel) -> Arguments:
    """The guidance, and the words for it: a negative prompt is read where guidance has a use for it."""
    asked = easel.settings
    is_guided = asked.guidance_scale > 1 and not easel.pipeline.config.is_distilled
    unwanted = qwen3_words(easel, asked.negative_prompt, "negative_") if is_guided else {}
    return {**qwen3_words(easel, asked.prompt), **unwanted, "guidance_scale": asked.guidance_scale}


def klein_latents(easel: PipelineEasel, pixels: Tensor) -> Tensor:
    """Its latents are normalised in patches of 2 x 2 cells; (1, C, h, w) once more, cell by cell."""
    patches = easel.pipeline._encode_vae_image(pixels, None)  # (1, 4 C, h / 2, w / 2)
    return easel.pipeline._unpatchify_latents(patches)


FAMILY = Flux2Klein
