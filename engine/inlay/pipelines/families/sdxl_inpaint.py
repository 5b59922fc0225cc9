"""Stable Diffusion XL inpainting: 9 channels, as for SD 1.5, at four times the area."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.families.sd15_inpaint import denoised
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily


class SdxlInpaint(LatentFamily):
    """See `sd15_inpaint`. At a strength of 1.0 its results are noisy (its model card): 0.99 is the most."""

    card = Card(
        family="sdxl-inpaint",
        title="Stable Diffusion XL inpainting",
        edits=("replace", "remove", "extend"),
        rank=60,
        multiple=8,
        native_px=1024,
        largest_px=1536,
        memory_bytes=9 * GB,
        licence="CreativeML OpenRAIL++-M",
        num_inference_steps=Range(20, 1, 150),
        guidance_scale=Range(8.0, 1, 30),
        strength=Range(0.99, 0.0, 0.99),
        source="model card of stable-diffusion-xl-1.0-inpainting-0.1: 20 steps, guidance 8.0, strength 0.99",
        removal_tries=2,
        signatures=(Signature("StableDiffusionXLInpaintPipeline", in_channels=9),),
        offers=(
            Offer(
                "sdxl-inpaint",
                "Stable Diffusion XL inpainting",
                "diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
                "main",
                round(6.9 * GB),
                "CreativeML OpenRAIL++-M",
                "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
                patterns=("*.json", "*.txt", "*.fp16.safetensors"),
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return denoised(easel, watch)


FAMILY = SdxlInpaint
