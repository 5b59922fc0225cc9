"""Between pictures and latents. An encoding of the same picture is never made twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.parts.sitting import Rgb


def cell_px(parts: Parts) -> int:
    """Pixels that a side of a latent cell stands for."""
    return int(2 ** (len(parts["vae"].config.block_out_channels) - 1))


def encoded(parts: Parts, image: Rgb) -> Any:
    """A picture (h, w, 3) in [0, 1] as latents (1, C, h / cell, w / cell), scaled as the model wants them.

    The distribution's mode and not a sample of it: so the same picture always gives the same latents.
    """
    import torch

    vae = parts["vae"]
    pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None] * 2 - 1  # (1, 3, h, w)
    with _full_precision(parts):
        latents = vae.encode(pixels.to(parts["device"], vae.dtype)).latent_dist.mode()
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    scaled = (latents - shift) * vae.config.scaling_factor
    return scaled.to(parts["unet"].dtype)


def decoded(parts: Parts, latents: Any) -> Rgb:
    """Latents (1, C, h, w) as a picture (H, W, 3) float32 in [0, 1]."""
    vae = parts["vae"]
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    with _full_precision(parts):
        unscaled = (latents.to(vae.dtype) / vae.config.scaling_factor) + shift
        pixels = vae.decode(unscaled).sample[0]
    picture: Rgb = (pixels.float() / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return picture


class _full_precision:  # noqa: N801 - used as a statement
    """SDXL's first VAE overflows in float16 (its model card): it works in float32 then, and goes back after."""

    def __init__(self, parts: Parts) -> None:
        import torch

        self._vae = parts["vae"]
        self._before = self._vae.dtype
        self._is_needed = self._before == torch.float16 and bool(getattr(self._vae.config, "force_upcast", False))

    def __enter__(self) -> None:
        if self._is_needed:
            self._vae.float()

    def __exit__(self, *error: object) -> None:
        if self._is_needed:
            self._vae.to(self._before)
