"""Z-Image inside a mask: after every step the rest is the picture again, as noisy as the latents are by then."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.parts.pipeline_easel import PipelineEasel
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import z_image_words


class ZImageInpaint(PipelineFamily):
    """A plain checkpoint, which has not learned to inpaint. Turbo is distilled: its guidance is 0, none."""

    pipeline_class = "ZImageInpaintPipeline"
    card = Card(
        family="z-image-inpaint",
        title="Z-Image inpainting",
        edits=("replace",),
        rank=62,
        multiple=16,
        native_px=1024,
        largest_px=1664,
        memory_bytes=21 * GB,
        licence="Apache-2.0",
        num_inference_steps=Range(9, 1, 100),
        guidance_scale=Range(0.0, 0, 20),
        strength=Range(1.0, 0.0, 1.0),
        source="model card of Z-Image-Turbo: 9 steps, of which the last does nothing, guidance 0; "
        "strength 1 in the pipeline's example",
        signatures=(
            Signature("ZImagePipeline"),
            Signature("ZImageInpaintPipeline"),
            Signature("ZImageImg2ImgPipeline"),
        ),
        offers=(
            Offer(
                "z-image-turbo",
                "Z-Image-Turbo",
                "Tongyi-MAI/Z-Image-Turbo",
                "main",
                round(32.9 * GB),
                "Apache-2.0",
                "https://huggingface.co/Tongyi-MAI/Z-Image-Turbo",
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        asked = easel.settings
        unwanted = z_image_words(easel, asked.negative_prompt, "negative_") if asked.guidance_scale > 0 else {}
        return {
            **z_image_words(easel, asked.prompt),
            **unwanted,
            "image": easel.image,
            "mask_image": easel.cell_mask(self.cell_px),
            "strength": asked.strength,
            "guidance_scale": asked.guidance_scale,
        }


FAMILY = ZImageInpaint
