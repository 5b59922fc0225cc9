"""Stable Diffusion 1.5 inpainting: a U-Net that also sees the mask and the masked picture (Rombach et al. 2022)."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily


class Sd15Inpaint(LatentFamily):
    """9 input channels: noisy latents, mask, latents of the masked picture."""

    card = Card(
        family="sd15-inpaint",
        title="Stable Diffusion 1.5 inpainting",
        edits=("replace", "remove", "extend"),
        rank=40,
        multiple=8,
        native_px=512,
        largest_px=768,
        memory_bytes=4 * GB,
        licence="CreativeML OpenRAIL-M",
        num_inference_steps=Range(30, 1, 150),
        guidance_scale=Range(7.5, 1, 30),
        source="model card of stable-diffusion-inpainting; 50 steps there, 30 lose nothing that is seen",
        removal_tries=3,
        signatures=(Signature("StableDiffusionInpaintPipeline", in_channels=9),),
        offers=(
            Offer(
                "sd15-inpaint",
                "Stable Diffusion 1.5 inpainting",
                "stable-diffusion-v1-5/stable-diffusion-inpainting",
                "main",
                round(2.1 * GB),
                "CreativeML OpenRAIL-M",
                "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
                patterns=("*.json", "*.txt", "*.fp16.safetensors"),
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return denoised(easel, watch)


def denoised(easel: Easel, watch: Watch) -> Latents:
    """The loop of every 9-channel model."""
    import torch

    beside = torch.cat([easel.mask, easel.masked_picture], dim=1)  # (1, 1 + 4, h, w)
    latents = easel.begun(easel.noise())
    for step in easel.steps(watch):
        latents = easel.stepped(easel.guided(latents, step, beside), step, latents)
        easel.shown(latents, watch)
    return latents


FAMILY = Sd15Inpaint
