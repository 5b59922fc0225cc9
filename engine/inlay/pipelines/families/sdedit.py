"""SDEdit in the mask (Meng et al. 2022): noise up to t / T = strength, then denoise with the prompt."""

from __future__ import annotations

from dataclasses import replace

from inlay.pipelines.card import GB, Offer, Range
from inlay.pipelines.families.blended import Blended, blended
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily


class SdEdit(LatentFamily):
    """Keeps what is there as far as strength says; the rest of the picture is blended in as in `blended`."""

    card = replace(
        Blended.card,
        family="sdedit",
        title="SDEdit",
        edits=("restyle",),
        strength=Range(0.5, 0.0, 1.0),
        source="Meng et al. 2022, section 4: between 0.3 and 0.6 realism and faithfulness are both kept",
        offers=(
            Offer(
                "sdxl",
                "Stable Diffusion XL",
                "stabilityai/stable-diffusion-xl-base-1.0",
                "main",
                round(7.1 * GB),
                "CreativeML OpenRAIL++-M",
                "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
                patterns=("*.json", "*.txt", "*.fp16.safetensors"),
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return blended(easel, watch)


FAMILY = SdEdit
