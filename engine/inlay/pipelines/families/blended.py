"""Blended latent diffusion (Avrahami et al. 2023): any plain checkpoint repaints a mask, without having learned to."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Range, Signature
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily

PLAIN = (
    Signature("StableDiffusionPipeline", in_channels=4),
    Signature("StableDiffusionXLPipeline", in_channels=4),
    Signature("StableDiffusionImg2ImgPipeline", in_channels=4),
    Signature("StableDiffusionXLImg2ImgPipeline", in_channels=4),
)


class Blended(LatentFamily):
    """After every step, what lies outside the mask is the picture again, as noisy as the latents are by then.

    Soft masks by differential diffusion (Levin and Fried 2023): a cell of value v is repainted in the last v of the
    steps, and the picture's until then.
    """

    card = Card(
        family="blended",
        title="Blended latent diffusion",
        edits=("replace",),
        rank=20,
        multiple=8,
        native_px=512,
        largest_px=768,
        memory_bytes=4 * GB,
        licence="the checkpoint's own",
        num_inference_steps=Range(30, 1, 150),
        guidance_scale=Range(7.5, 1, 30),
        strength=Range(0.9, 0.0, 1.0),
        source="Avrahami et al. 2023 (guidance 7.5); strength below 1 keeps the surroundings' colours in the infill",
        signatures=PLAIN,
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return blended(easel, watch)


def blended(easel: Easel, watch: Watch) -> Latents:
    """The paper's algorithm 1, without its decoder optimisation: the seam is mended in pixels, where it is seen."""
    noise = easel.noise()
    latents = easel.begun(noise)
    for step in easel.steps(watch):
        latents = easel.stepped(easel.guided(latents, step), step, latents)
        mask = easel.mask_at(step)
        latents = mask * latents + (1 - mask) * easel.noised(easel.picture, noise, step)
        easel.shown(latents, watch)
    return latents


FAMILY = Blended
