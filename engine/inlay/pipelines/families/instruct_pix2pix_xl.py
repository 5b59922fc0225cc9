"""InstructPix2Pix on Stable Diffusion XL."""

from __future__ import annotations

from dataclasses import replace

from inlay.pipelines.card import GB, Offer, Range, Signature
from inlay.pipelines.families.instruct_pix2pix import InstructPix2Pix, instructed
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily


class InstructPix2PixXl(LatentFamily):
    """See `instruct_pix2pix`."""

    card = replace(
        InstructPix2Pix.card,
        family="instruct-pix2pix-xl",
        title="InstructPix2Pix XL",
        rank=35,
        native_px=768,
        largest_px=1024,
        memory_bytes=9 * GB,
        licence="CreativeML OpenRAIL++-M",
        guidance_scale=Range(3.0, 1, 30),
        source="model card of sdxl-instructpix2pix-768: guidance 3.0, picture 1.5, 30 steps, 768 px",
        signatures=(Signature("StableDiffusionXLInstructPix2PixPipeline", in_channels=8),),
        offers=(
            Offer(
                "instruct-pix2pix-xl",
                "InstructPix2Pix XL",
                "diffusers/sdxl-instructpix2pix-768",
                "main",
                round(6.9 * GB),
                "CreativeML OpenRAIL++-M",
                "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return instructed(easel, watch)


FAMILY = InstructPix2PixXl
