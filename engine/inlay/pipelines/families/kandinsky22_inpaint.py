"""Kandinsky 2.2 (Razzhigaev et al. 2023): a prior imagines what the words look like, and a U-Net paints that."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.card import GB, Card, Range, Signature
from inlay.pipelines.parts.pipeline_easel import Pipeline, PipelineEasel, Tensor, fresh
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily

PRIOR = "prior_"  # how the names of the prior's parts begin in a whole model
PRIOR_STEPS = 25  # the prior's own default, and its guidance
PRIOR_GUIDANCE = 4.0


class Kandinsky22Inpaint(PipelineFamily):
    """9 channels, as in `sd15_inpaint`; always from noise: there is no strength."""

    pipeline_class = "KandinskyV22InpaintPipeline"
    card = Card(
        family="kandinsky22-inpaint",
        title="Kandinsky 2.2 inpainting",
        edits=("replace",),
        rank=35,
        multiple=64,
        native_px=768,
        largest_px=1024,
        memory_bytes=11 * GB,
        licence="Apache-2.0",
        num_inference_steps=Range(50, 1, 150),
        guidance_scale=Range(4.0, 1, 20),
        strength=Range(1.0, 1.0, 1.0),
        source="model card of kandinsky-2-2-decoder-inpaint: guidance 4.0, 768 px; 100 steps there, 25 in diffusers' "
        "example",
        signatures=(Signature("KandinskyV22InpaintCombinedPipeline", in_channels=9),),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`. The pipeline widens the mask by a cell itself."""
        wanted, unwanted = imagined(easel)
        return {
            "image_embeds": wanted,
            "negative_image_embeds": unwanted,
            "image": easel.image * 2 - 1,
            "mask_image": easel.cell_mask(self.cell_px, inflate=0),
            "guidance_scale": easel.settings.guidance_scale,
        }

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return easel.autoencoder.encode(pixels).latents


def imagined(easel: PipelineEasel) -> tuple[Tensor, Tensor]:
    """What the prompt looks like, and what to keep away from: CLIP's embeddings of pictures, (1, D) each."""
    asked = easel.settings
    kept_away = {"negative_prompt": asked.negative_prompt} if asked.negative_prompt else {}

    def after_step(*_: Any) -> dict[str, Any]:
        easel.check_cancelled()
        return {}

    meant = remembering_prior(easel)(
        asked.prompt,
        **kept_away,
        num_inference_steps=PRIOR_STEPS,
        guidance_scale=PRIOR_GUIDANCE,
        generator=easel.generator,
        callback_on_step_end=after_step,
    )
    return meant.image_embeds, meant.negative_image_embeds


def remembering_prior(easel: PipelineEasel) -> Pipeline:
    """The prior, which reads no words and looks at no picture twice. What it imagines is each seed's own."""
    parts = {name.removeprefix(PRIOR): part for name, part in easel.parts.items() if name.startswith(PRIOR)}
    prior = easel.made("KandinskyV22PriorPipeline", **parts | {"scheduler": fresh(parts["scheduler"])})
    read, nothing = prior._encode_prompt, prior.get_zero_embed
    prior._encode_prompt = lambda prompts, *how: easel.read(lambda: read(prompts, *how), *prompts)
    prior.get_zero_embed = lambda *how, **more: easel.kept(lambda: nothing(*how, **more), "nothing")
    return prior


FAMILY = Kandinsky22Inpaint
