"""Stable Diffusion 3 (Esser et al. 2024) inside a mask: after every step the rest is the picture again."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.parts.pipeline_easel import PipelineEasel
from inlay.pipelines.parts.pipeline_family import Arguments, PipelineFamily
from inlay.pipelines.parts.pipeline_words import sd3_words
from inlay.pipelines.parts.sitting import Rgb

LICENCE = "Stability AI Community License"


class Sd3Inpaint(PipelineFamily):
    """A plain checkpoint, which has not learned to inpaint."""

    pipeline_class = "StableDiffusion3InpaintPipeline"
    card = Card(
        family="sd3-inpaint",
        title="Stable Diffusion 3 inpainting",
        edits=("replace",),
        rank=50,
        multiple=16,
        native_px=1024,
        largest_px=1536,
        memory_bytes=16 * GB,
        licence=LICENCE,
        num_inference_steps=Range(28, 1, 150),
        guidance_scale=Range(7.0, 1, 20),
        strength=Range(0.9, 0.0, 1.0),
        source="model card of stable-diffusion-3-medium: 28 steps, guidance 7.0; strength as in `blended`",
        signatures=(
            Signature("StableDiffusion3Pipeline", in_channels=16),
            Signature("StableDiffusion3Img2ImgPipeline", in_channels=16),
            Signature("StableDiffusion3InpaintPipeline", in_channels=16),
        ),
        offers=(
            Offer(
                "sd3-medium",
                "Stable Diffusion 3 Medium",
                "stabilityai/stable-diffusion-3-medium-diffusers",
                "main",
                round(15.5 * GB),
                LICENCE,
                "https://huggingface.co/stabilityai/stable-diffusion-3-medium-diffusers/blob/main/LICENSE.md",
                is_gated=True,
            ),
        ),
    )

    def arguments(self, easel: PipelineEasel) -> Arguments:
        """See `PipelineFamily.arguments`."""
        asked = easel.settings
        unwanted = sd3_words(easel, asked.negative_prompt, "negative_") if asked.guidance_scale > 1 else {}
        return {
            **sd3_words(easel, asked.prompt),
            **unwanted,
            "image": easel.image,
            "mask_image": easel.cell_mask(self.cell_px),
            "strength": asked.strength,
            "guidance_scale": asked.guidance_scale,
            "output_type": "latent",
        }

    def painted(self, easel: PipelineEasel, arguments: Arguments) -> Rgb:
        """See `PipelineFamily.painted`.

        WORKAROUND https://github.com/huggingface/diffusers/issues/13611: the pipeline decodes without the VAE's shift.
        """
        vae, latents = easel.parts["vae"], easel.pipeline(**arguments).images
        decoded = vae.decode(latents / vae.config.scaling_factor + vae.config.shift_factor).sample
        picture: Rgb = easel.pipeline.image_processor.postprocess(decoded, output_type="np")[0]
        return picture


FAMILY = Sd3Inpaint
