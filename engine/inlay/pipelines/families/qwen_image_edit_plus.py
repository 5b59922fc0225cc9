"""Qwen-Image-Edit-2509 and later: it keeps what it was not told to change better, and looks at a smaller picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inlay.pipelines.card import GB, Offer, Range, Signature
from inlay.pipelines.families.qwen_image_edit import QwenImageEdit, edit_arguments, qwen_latents, worked_size
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily

LOOKED_AT_PX = 384 * 384


class QwenImageEditPlus(PipelineFamily):
    """See `qwen_image_edit`."""

    pipeline_class = "QwenImageEditPlusPipeline"
    card = replace(
        QwenImageEdit.card,
        family="qwen-image-edit-plus",
        title="Qwen-Image-Edit-2509",
        rank=88,
        references=2,  # one to three pictures work best, says the model card
        num_inference_steps=Range(40, 1, 150),
        source='model card of Qwen-Image-Edit-2509: 40 steps, guidance 4.0, negative prompt " "',
        signatures=(Signature("QwenImageEditPlusPipeline"),),
        offers=(
            Offer(
                "qwen-image-edit-2509",
                "Qwen-Image-Edit-2509",
                "Qwen/Qwen-Image-Edit-2509",
                "main",
                round(57.7 * GB),
                "Apache-2.0",
                "https://huggingface.co/Qwen/Qwen-Image-Edit-2509",
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        return {**edit_arguments(easel, self.looked_at), "image": [easel.rounded_image, *easel.references]}

    def looked_at(self, easel: PipelineEasel, width: int, height: int) -> Any:
        """What Qwen2.5-VL sees: reduced pictures, as the pipeline makes them."""
        resize = easel.pipeline.image_processor.resize
        pictures = [easel.rounded_image, *easel.references]
        sizes = [worked_size(LOOKED_AT_PX, picture.width / picture.height) for picture in pictures]
        return [resize(picture, high, wide) for picture, (wide, high) in zip(pictures, sizes, strict=True)]

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return qwen_latents(easel, pixels)


FAMILY = QwenImageEditPlus
