"""Qwen-Image-Edit (Wu et al. 2025): Qwen2.5-VL looks at the picture while it reads what shall change."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import guided_qwen_words
from inlay.pipelines.parts.qwen_processor import QwenProcessor

WORKED_PX = 1024 * 1024  # that the pipeline works at, whatever it is asked for


class QwenImageEdit(PipelineFamily):
    """It repaints the whole picture, at about a million pixels of its aspect."""

    pipeline_class = "QwenImageEditPipeline"
    card = Card(
        family="qwen-image-edit",
        title="Qwen-Image-Edit",
        edits=("instruct",),
        rank=85,
        multiple=32,
        native_px=1024,
        largest_px=1664,
        memory_bytes=58 * GB,
        licence="Apache-2.0",
        num_inference_steps=Range(50, 1, 150),
        guidance_scale=Range(4.0, 1, 20),
        strength=Range(1.0, 1.0, 1.0),
        source='model card of Qwen-Image-Edit: 50 steps, guidance 4.0, negative prompt " "',
        moves_picture=True,
        signatures=(Signature("QwenImageEditPipeline"),),
        offers=(
            Offer(
                "qwen-image-edit",
                "Qwen-Image-Edit",
                "Qwen/Qwen-Image-Edit",
                "main",
                round(57.7 * GB),
                "Apache-2.0",
                "https://huggingface.co/Qwen/Qwen-Image-Edit",
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return edit_arguments(easel, self.looked_at)

    def looked_at(self, easel: PipelineEasel, width: int, height: int) -> Any:
        """What Qwen2.5-VL sees: the picture at the size that it is painted at."""
        return easel.pipeline.image_processor.resize(easel.rounded_image, height, width)

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return qwen_latents(easel, pixels)


def edit_arguments(easel: PipelineEasel, looked_at: Any) -> Arguments:
    """What both editing pipelines take. looked_at: (easel, width, height) to what is shown to Qwen2.5-VL."""
    easel.pipeline.processor = QwenProcessor(easel.folder / "processor", easel.pipeline.tokenizer)
    width, height = worked_size(WORKED_PX, easel.sitting.width / easel.sitting.height)
    return {
        **guided_qwen_words(easel, looked_at(easel, width, height)),
        "image": easel.rounded_image,
        "width": width,
        "height": height,
    }


def worked_size(area_px: int, aspect: float) -> tuple[int, int]:
    """(width, height) of about this area, as the pipelines themselves choose it."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus

    width, height = pipeline_qwenimage_edit_plus.calculate_dimensions(area_px, aspect)
    return width, height


def qwen_latents(easel: PipelineEasel, pixels: Tensor) -> Tensor:
    """Its autoencoder is a film's, of one frame here."""
    return easel.pipeline._encode_vae_image(pixels[:, :, None], None)[:, :, 0]  # (1, C, h, w)


FAMILY = QwenImageEdit
