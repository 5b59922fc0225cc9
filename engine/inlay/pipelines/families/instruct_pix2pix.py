"""InstructPix2Pix (Brooks et al. 2023): the picture beside the latents, and a guidance scale for each of the two."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents, Step
from inlay.pipelines.parts.latent_family import LatentFamily


class InstructPix2Pix(LatentFamily):
    """8 input channels: noisy latents, and the latents of the picture, unscaled."""

    card = Card(
        family="instruct-pix2pix",
        title="InstructPix2Pix",
        edits=("instruct",),
        rank=30,
        multiple=8,
        native_px=512,
        largest_px=768,
        memory_bytes=4 * GB,
        licence="MIT",
        num_inference_steps=Range(30, 1, 150),
        guidance_scale=Range(7.5, 1, 30),
        image_guidance_scale=Range(1.5, 1, 10),
        source="Brooks et al. 2023, section 3.2.1: text 7.5 (5 to 10), picture 1.5 (1 to 1.5)",
        has_negative_prompt=True,
        signatures=(Signature("StableDiffusionInstructPix2PixPipeline", in_channels=8),),
        offers=(
            Offer(
                "instruct-pix2pix",
                "InstructPix2Pix",
                "timbrooks/instruct-pix2pix",
                "main",
                round(2.1 * GB),
                "MIT",
                "https://github.com/timothybrooks/instruct-pix2pix/blob/main/LICENSE",
                patterns=("*.json", "*.txt", "*.fp16.safetensors"),
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return instructed(easel, watch)


def instructed(easel: Easel, watch: Watch) -> Latents:
    """Always from noise: the picture is a condition, not a start."""
    beside = easel.picture / easel.parts["vae"].config.scaling_factor
    latents = easel.noise() * easel.scheduler.init_noise_sigma
    for step in easel.steps(watch):
        latents = easel.stepped(guided_twice(easel, latents, step, beside), step, latents)
        easel.shown(latents, watch)
    return latents


def guided_twice(easel: Easel, latents: Latents, step: Step, beside: Latents) -> Latents:
    """The paper's equation 3: towards the picture from nothing, and towards the words from the picture."""
    import torch

    words, asked = easel.words, easel.settings
    three = torch.cat([words.wanted, words.unwanted, words.unwanted])
    pooled: Any = None
    if words.wanted_pooled is not None:
        pooled = torch.cat([words.wanted_pooled, words.unwanted_pooled, words.unwanted_pooled])
    pictures = torch.cat([beside, beside, torch.zeros_like(beside)])
    predicted = easel.predicted(torch.cat([latents] * 3), step.timestep, three, pooled, pictures)
    told, kept, free = predicted.chunk(3)
    return free + asked.guidance_scale * (told - kept) + asked.image_guidance_scale * (kept - free)


FAMILY = InstructPix2Pix
