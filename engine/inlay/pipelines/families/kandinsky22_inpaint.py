"""Kandinsky 2.2 (Razzhigaev et al. 2023): a prior imagines what the words look like, and a U-Net paints that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inlay.pipelines.card import GB, Card, Description, Offer, Range, Signature
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Model, pipeline_index
from inlay.pipelines.parts.loading import Parts, parts_of
from inlay.pipelines.parts.pipeline_easel import Pipeline, PipelineEasel, Tensor, fresh
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily

PRIOR = "prior_"  # how the names of the prior's parts begin in a whole model
PRIOR_CLASS = "KandinskyV22PriorPipeline"
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
        signatures=(
            Signature("KandinskyV22InpaintPipeline", in_channels=9),
            Signature("KandinskyV22InpaintCombinedPipeline", in_channels=9),
        ),
        offers=(
            Offer(
                "kandinsky22-inpaint",
                "Kandinsky 2.2 inpainting, the decoder; needs kandinsky22-prior",
                "kandinsky-community/kandinsky-2-2-decoder-inpaint",
                "main",
                round(5.3 * GB),
                "Apache-2.0",
                "https://www.apache.org/licenses/LICENSE-2.0",
            ),
            Offer(
                "kandinsky22-prior",
                "Kandinsky 2.2, the prior; for kandinsky22-inpaint",
                "kandinsky-community/kandinsky-2-2-prior",
                "main",
                round(10.6 * GB),
                "Apache-2.0",
                "https://www.apache.org/licenses/LICENSE-2.0",
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`. The pipeline widens the mask by a cell itself."""
        wanted, unwanted = imagined(easel, self._prior_parts(easel))
        return {
            "image_embeds": wanted,
            "negative_image_embeds": unwanted,
            "image": easel.image * 2 - 1,
            "mask_image": easel.cell_mask(self.cell_px, inflate=0),
            "guidance_scale": easel.settings.guidance_scale,
        }

    def _prior_parts(self, easel: PipelineEasel) -> Parts:
        """The prior's parts: of a whole model its own, of a decoder those that lie beside it."""
        own = {name.removeprefix(PRIOR): part for name, part in easel.parts.items() if name.startswith(PRIOR)}
        return own or parts_of(prior_beside(self.model.path), self.shelf, beside=self.model.id)

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """See `PipelineFamily.latents_of`."""
        return easel.autoencoder.encode(pixels).latents


def prior_beside(decoder: Path) -> Model:
    """The prior in a folder beside the decoder's, where both are installed. Raises FamilyError where there is none."""
    for folder in sorted(decoder.parent.iterdir()):
        if pipeline_index(folder).get("_class_name") == PRIOR_CLASS:
            return Model(folder.name, folder, Description(PRIOR_CLASS), size_bytes=0)
    raise FamilyError(
        "prior_missing",
        "Kandinsky 2.2 is a decoder and a prior, and the prior is not here.",
        field="edit.model",
        remedy="Install it with: inlay models install kandinsky22-prior",
    )


def imagined(easel: PipelineEasel, prior: Parts) -> tuple[Tensor, Tensor]:
    """What the prompt looks like, and what to keep away from: CLIP's embeddings of pictures, (1, D) each."""
    asked = easel.settings
    kept_away = {"negative_prompt": asked.negative_prompt} if asked.negative_prompt else {}

    def after_step(*_: Any) -> dict[str, Any]:
        easel.check_cancelled()
        return {}

    meant = remembering(easel, prior)(
        asked.prompt,
        **kept_away,
        num_inference_steps=PRIOR_STEPS,
        guidance_scale=PRIOR_GUIDANCE,
        generator=easel.generator,
        callback_on_step_end=after_step,
    )
    return meant.image_embeds, meant.negative_image_embeds


def remembering(easel: PipelineEasel, parts: Parts) -> Pipeline:
    """The prior, which reads no words and looks at no picture twice. What it imagines is each seed's own."""
    prior = easel.made(PRIOR_CLASS, **parts | {"scheduler": fresh(parts["scheduler"])})
    read, nothing = prior._encode_prompt, prior.get_zero_embed
    prior._encode_prompt = lambda prompts, *how: easel.read(lambda: read(prompts, *how), *prompts)
    prior.get_zero_embed = lambda *how, **more: easel.kept(lambda: nothing(*how, **more), "nothing")
    return prior


FAMILY = Kandinsky22Inpaint
