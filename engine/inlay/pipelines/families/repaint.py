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
            latents = levels.noisier(latents, start, end)
        else:
            known = levels.noised(easel.picture, end)
            latents = mask * levels.denoised(latents, start) + (1 - mask) * known
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


class Levels:
    """The noise schedule, by position: 0 is the noisiest timestep, `len` is clean."""

    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self._timesteps = easel.timesteps
        self._alphas = easel.scheduler.alphas_cumprod  # (T,): how much of a clean latent's variance is left

    def __len__(self) -> int:
        return len(self._timesteps)

    def noised(self, clean: Latents, position: int) -> Latents:
        """Clean latents under the noise of a position (equation 8a)."""
        left = self._left(position)
        return left**0.5 * clean + (1 - left) ** 0.5 * self._easel.noise()

    def noisier(self, latents: Latents, start: int, end: int) -> Latents:
        """From one position back to a noisier one (equation 1, several steps at once)."""
        share = self._left(end) / self._left(start)
        return share**0.5 * latents + (1 - share) ** 0.5 * self._easel.noise()

    def denoised(self, latents: Latents, position: int) -> Latents:
        """One ancestral step (equation 8b; DDIM's with eta = 1, Song et al. 2021, equations 12 and 16)."""
        easel, left, following = self._easel, self._left(position), self._left(position + 1)
        timestep = self._timesteps[position]
        predicted = easel.guided(latents, Step(position, len(self), timestep, None))
        clean, noise = self._parted(predicted, latents, left)
        deviation = ((1 - following) / (1 - left) * (1 - left / following)) ** 0.5
        direction = (1 - following - deviation**2).clamp(min=0) ** 0.5 * noise
        fresh = deviation * easel.noise() if position + 1 < len(self) else 0
        return following**0.5 * clean + direction + fresh

    def _left(self, position: int) -> Any:
        import torch

        if position >= len(self):
            return torch.ones((), device=self._timesteps.device, dtype=torch.float32)
        return self._alphas.to(self._timesteps.device)[self._timesteps[position].long()]

    def _parted(self, predicted: Latents, latents: Latents, left: Any) -> tuple[Latents, Latents]:
        """(clean, noise) that the prediction says the latents are made of."""
        if self._easel.scheduler.config.prediction_type == "v_prediction":  # Salimans and Ho 2022
            clean = left**0.5 * latents - (1 - left) ** 0.5 * predicted
            return clean, left**0.5 * predicted + (1 - left) ** 0.5 * latents
        return (latents - (1 - left) ** 0.5 * predicted) / left**0.5, predicted


FAMILY = RePaint
