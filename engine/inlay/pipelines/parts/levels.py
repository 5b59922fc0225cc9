"""A model's noise schedule by position: for samplers that go back and forth on it, and keep no memory of their own."""

from __future__ import annotations

from typing import Any

from inlay.pipelines.parts.easel import Easel, Latents


class Levels:
    """Position 0 is the noisiest timestep that strength leaves, `len` is clean. Latents keep their variance.

    Where latents grow with the noise (Euler) this does not hold: families with levels have the `own_sampler` "ddim".
    """

    def __init__(self, easel: Easel) -> None:
        self._timesteps = easel.timesteps
        self._alphas = easel.scheduler.alphas_cumprod  # (T,): how much of a clean latent's variance is left
        self._predicts_velocity = easel.scheduler.config.prediction_type == "v_prediction"

    def __len__(self) -> int:
        return len(self._timesteps)

    def timestep(self, position: int) -> Any:
        """What the model is told of the noise at a position."""
        return self._timesteps[position]

    def left(self, position: int) -> Any:
        """The share of a clean latent's variance that is left at a position: alpha bar, a scalar tensor."""
        import torch

        if position >= len(self):
            return torch.ones((), device=self._timesteps.device, dtype=torch.float32)
        return self._alphas.to(self._timesteps.device)[self._timesteps[position].long()]

    def mixed(self, clean: Latents, noise: Latents, position: int) -> Latents:
        """Clean latents under the noise of a position."""
        left = self.left(position)
        return left**0.5 * clean + (1 - left) ** 0.5 * noise

    def parted(self, predicted: Latents, latents: Latents, position: int) -> tuple[Latents, Latents]:
        """(clean, noise) that a prediction says the latents of a position are made of."""
        left = self.left(position)
        if self._predicts_velocity:  # Salimans and Ho 2022
            clean = left**0.5 * latents - (1 - left) ** 0.5 * predicted
            return clean, left**0.5 * predicted + (1 - left) ** 0.5 * latents
        return (latents - (1 - left) ** 0.5 * predicted) / left**0.5, predicted
