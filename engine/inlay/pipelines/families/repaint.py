"""RePaint (Lugmayr et al. 2022) on latents: jump back to more noise, and denoise again, so that both sides agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from inlay.pipelines.card import Range
from inlay.pipelines.families.blended import Blended
from inlay.pipelines.family import Cancelled, Watch
from inlay.pipelines.parts.easel import Easel, Latents, Step
from inlay.pipelines.parts.latent_family import LatentFamily
from inlay.pipelines.parts.levels import Levels

JUMP_LENGTH = 5  # steps that are taken back at once; the paper's 10 of 250, for fewer steps
JUMP_COUNT = 5  # times that each stretch is denoised; the paper uses 10, and 5 in its fast setting


class RePaint(LatentFamily):
    """A sampler of our own: it needs a model's noise schedule alone, not a scheduler's memory of earlier steps."""

    card = replace(
        Blended.card,
        family="repaint",
        title="RePaint",
        edits=("replace", "remove"),
        rank=15,
        num_inference_steps=Range(25, 2, 150),
        strength=Range(1.0, 0.0, 1.0),
        own_sampler="ddim",
        source="Lugmayr et al. 2022, section 4.2: jumps of 10 steps, 10 times each, over 250 steps; here a tenth of it",
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        return repainted(easel, watch, JUMP_LENGTH, JUMP_COUNT)

    def steps(self, crop_box: Any, settings: Any) -> int:
        """See `Family.steps`: the jumps count, too."""
        assert settings is not None
        count = max(1, int(settings.num_inference_steps * settings.strength))
        return int(settings.tries) * sum(one < other for one, other in _walk(count, JUMP_LENGTH, JUMP_COUNT))


def repainted(easel: Easel, watch: Watch, jump_length: int, jump_count: int) -> Latents:
    """The paper's algorithm 1: known latents at every level of noise, unknown ones denoised, and jumps back."""
    levels = Levels(easel)
    latents = easel.begun(easel.noise())
    mask = easel.mask
    walk = list(_walk(len(levels), jump_length, jump_count))
    for number, (start, end) in enumerate(walk):
        if watch.is_cancelled():
            raise Cancelled
        if end < start:  # back to more noise
            latents = _noisier(easel, levels, latents, start, end)
        else:
            known = levels.mixed(easel.picture, easel.noise(), end)
            latents = mask * _denoised(easel, levels, latents, start) + (1 - mask) * known
            easel.shown(latents, watch)
        watch.progress((number + 1) / (len(walk) + 1), f"step {number + 1} of {len(walk)}")
    return latents


def _walk(count: int, jump_length: int, jump_count: int) -> Iterator[tuple[int, int]]:
    """(from, to) positions 0 .. count on the schedule: single steps forward, and jumps back of `jump_length`."""
    visits: dict[int, int] = {}
    position = 0
    while position < count:
        yield position, position + 1
        position += 1
        is_landing = position % jump_length == 0 and position < count
        if is_landing and visits.get(position, 1) < jump_count:
            visits[position] = visits.get(position, 1) + 1
            yield position, position - jump_length
            position -= jump_length


def _noisier(easel: Easel, levels: Levels, latents: Latents, start: int, end: int) -> Latents:
    """From one position back to a noisier one (equation 1, several steps at once)."""
    share = levels.left(end) / levels.left(start)
    return share**0.5 * latents + (1 - share) ** 0.5 * easel.noise()


def _denoised(easel: Easel, levels: Levels, latents: Latents, position: int) -> Latents:
    """One ancestral step (equation 8b; DDIM's with eta = 1, Song et al. 2021, equations 12 and 16)."""
    left, following = levels.left(position), levels.left(position + 1)
    predicted = easel.guided(latents, Step(position, len(levels), levels.timestep(position), None))
    clean, noise = levels.parted(predicted, latents, position)
    deviation = ((1 - following) / (1 - left) * (1 - left / following)) ** 0.5
    direction = (1 - following - deviation**2).clamp(min=0) ** 0.5 * noise
    fresh = deviation * easel.noise() if position + 1 < len(levels) else 0
    return following**0.5 * clean + direction + fresh


FAMILY = RePaint
