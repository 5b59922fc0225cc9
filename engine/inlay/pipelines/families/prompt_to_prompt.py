"""Prompt-to-Prompt (Hertz et al. 2022): other words for the same picture, whose layout its attention keeps."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

from inlay.pipelines.card import Range, Settings
from inlay.pipelines.families.blended import Blended
from inlay.pipelines.family import Cancelled, Watch
from inlay.pipelines.parts.attention import Kept, bond, keeping, unweighted
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily
from inlay.pipelines.parts.levels import Levels
from inlay.pixels.geometry import Box

CROSS_SHARE = 0.8  # of the steps keep the attention to words, as in the paper's examples
SELF_SHARE = 0.4  # of the steps keep the attention between places
VARIATION = 0.2  # of the noise to begin with is fresh: another seed gives another picture


class PromptToPrompt(LatentFamily):
    """Swap words, add words, or weigh them: "a (red:1.5) boat". The source prompt says what the picture shows now.

    A photograph has no noise that it came from: it is found by DDIM inversion (Song et al. 2021), and the source's
    branch is put back onto that way at every step (Ju et al. 2024, Direct Inversion), so that its attention is right.
    """

    card = replace(
        Blended.card,
        family="prompt-to-prompt",
        title="Prompt-to-Prompt",
        edits=("restyle", "instruct"),
        rank=10,
        strength=Range(0.8, 0.0, 1.0),
        own_sampler="ddim",
        has_negative_prompt=True,
        needs_source_prompt=True,
        source="Hertz et al. 2022, section 4: attention kept for 0.8 of the steps; guidance 7.5 as in its examples",
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return retold(easel, watch, CROSS_SHARE, SELF_SHARE)

    def steps(self, crop_box: Box, settings: Settings | None) -> int:
        """See `Family.steps`: there, and back again."""
        return 2 * super().steps(crop_box, settings)


def retold(easel: Easel, watch: Watch, cross_share: float, self_share: float) -> Latents:
    """The target's branch beside the source's; outside the mask the source's own way is gone.

    cross_share, self_share: of the steps that keep the attention to words, and between places.
    """
    levels = Levels(easel)
    way = _way(easel, levels, watch)
    asked = easel.settings
    target = unweighted(asked.prompt)
    (source_words, target_words, unwanted), pooled = easel.read(asked.source_prompt, target, asked.negative_prompt)
    words, together = _in_order(source_words, target_words, unwanted, pooled)
    kept = Kept(bond(easel.parts, asked.source_prompt, asked.prompt, source_words.shape[1]))
    latents = _varied(easel, way[0])
    with keeping(easel.unet, kept):
        for position in range(len(levels)):
            if watch.is_cancelled():
                raise Cancelled
            kept.is_cross_kept = position < cross_share * len(levels)
            kept.is_self_kept = position < self_share * len(levels)
            three = easel.joined(latents, way[position], latents)
            predicted = easel.predicted(three, levels.timestep(position), words, together, None)
            free, _, told = predicted.chunk(3)
            clean, noise = levels.parted(free + asked.guidance_scale * (told - free), latents, position)
            latents = levels.mixed(clean, noise, position + 1)  # DDIM's step, eta = 0
            latents = easel.mask * latents + (1 - easel.mask) * way[position + 1]
            easel.shown(latents, watch)
            done = len(levels) + position + 1
            watch.progress(done / (2 * len(levels) + 1), f"step {done} of {2 * len(levels)}")
    return latents


def _in_order(source: Any, target: Any, unwanted: Any, pooled: list[Any]) -> tuple[Any, Any]:
    """Words, and what is pooled of them, in the order of the branches: (unwanted, source, target)."""
    import torch

    words = torch.cat([unwanted, source, target])
    return words, None if pooled[0] is None else torch.cat([pooled[2], pooled[0], pooled[1]])


def _way(easel: Easel, levels: Levels, watch: Watch) -> list[Latents]:
    """The picture at every position of the schedule, the noisiest first: DDIM, backwards. The same for every seed."""
    asked = easel.settings
    key = ("way", easel.sitting.image_key, asked.source_prompt, asked.num_inference_steps, asked.strength)
    return easel.remembered(key, lambda: _inverted(easel, levels, watch))


def _inverted(easel: Easel, levels: Levels, watch: Watch) -> list[Latents]:
    (words,), (pooled,) = easel.read(easel.settings.source_prompt)
    way = [easel.picture]
    for position in reversed(range(len(levels))):
        if watch.is_cancelled():
            raise Cancelled
        predicted = easel.predicted(way[-1], levels.timestep(position), words, pooled, None)
        clean, noise = levels.parted(predicted, way[-1], position + 1)
        way.append(levels.mixed(clean, noise, position))
        watch.progress((len(way) - 1) / (2 * len(levels) + 1), f"step {len(way) - 1} of {2 * len(levels)}")
    return way[::-1]


def _varied(easel: Easel, noisiest: Latents) -> Latents:
    """The noise that the picture came from, with a share of fresh noise in it; its variance stays."""
    return sqrt(1 - VARIATION**2) * noisiest + VARIATION * easel.noise()


FAMILY = PromptToPrompt
