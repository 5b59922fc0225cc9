"""Qwen-Image (Wu et al. 2025) inside a mask: after every step the rest is the picture again, as noisy as it is then."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.families.qwen_image_edit import qwen_latents
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import guided_qwen_words


class QwenImageInpaint(PipelineFamily):
    """A plain checkpoint, which has not learned to inpaint."""

    pipeline_class = "QwenImageInpaintPipeline"
    card = Card(
        family="qwen-image-inpaint",
        title="Qwen-Image inpainting",
        edits=("replace",),
        rank=65,
        multiple=16,
        native_px=1024,
        largest_px=1664,
        memory_bytes=58 * GB,
        licence="Apache-2.0",
        num_inference_steps=Range(50, 1, 150),
        guidance_scale=Range(4.0, 1, 20),
        strength=Range(0.85, 0.0, 1.0),
        source="model card of Qwen-Image: 50 steps, guidance 4.0; strength 0.85 in the pipeline's example",
        signatures=(Signature("QwenImagePipeline"), Signature("QwenImageInpaintPipeline")),
        offers=(
            Offer(
                "qwen-image",
                "Qwen-Image",
                "Qwen/Qwen-Image",
                "main",
                round(57.7 * GB),
                "Apache-2.0",
                "https://huggingface.co/Qwen/Qwen-Image",
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return {
            **guided_qwen_words(easel),
            "image": easel.image,
            "mask_image": easel.cell_mask(self.cell_px),
            "strength": easel.settings.strength,
        }

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return qwen_latents(easel, pixels)


FAMILY = QwenImageInpaint
