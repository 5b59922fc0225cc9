"""A look at latents without decoding them: a linear map from latents to colours, fitted to the VAE itself once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.models import Model
from inlay.pipelines.parts import latents as spaces
from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.parts.sitting import Rgb
from inlay.pipelines.shelf import Shelf

CELLS = 8  # side of the patches that the map is fitted on
PATCHES = 8
RIDGE = 0.01  # of a latent's variance: directions that smooth pictures do not show must not be amplified


def preview_of(latents: Any, parts: Parts, model: Model, shelf: Shelf) -> NDArray[np.uint8]:
    """Latents (1, C, h, w) as a picture (h, w, 3) uint8: a pixel a cell."""
    return linear_preview(latents, partial(spaces.encoded, parts), spaces.cell_px(parts), model, shelf)


def linear_preview(
    latents: Any, encode: Callable[[Rgb], Any], cell_px: int, model: Model, shelf: Shelf
) -> NDArray[np.uint8]:
    """The same for a VAE that `encode` stands for: a picture (h, w, 3) in [0, 1] to latents (1, C, h, w)."""
    weights = shelf.memo.get((model.id, "preview"), lambda: _fitted(encode, cell_px))
    flat = latents[0].float().cpu().numpy().transpose(1, 2, 0)  # (h, w, C)
    rgb = flat @ weights[:-1] + weights[-1]
    picture: NDArray[np.uint8] = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    return picture


def _fitted(encode: Callable[[Rgb], Any], cell: int) -> NDArray[np.float32]:
    """(C + 1, 3): the least squares map from a cell's latents, and 1, to its mean colour, over smooth pictures."""
    import torch

    rng = np.random.default_rng(0)
    colours = rng.uniform(0, 1, (PATCHES, 2, 2, 3)).astype(np.float32)
    pictures = torch.nn.functional.interpolate(
        torch.from_numpy(colours).permute(0, 3, 1, 2), size=CELLS * cell, mode="bilinear", align_corners=True
    )
    seen, shown = [], []
    for picture in pictures.permute(0, 2, 3, 1).numpy():
        latents = encode(picture)[0].float().cpu().numpy()
        seen.append(latents.reshape(latents.shape[0], -1).T)
        shown.append(picture.reshape(CELLS, cell, CELLS, cell, 3).mean(axis=(1, 3)).reshape(-1, 3))
    inputs = np.concatenate(seen)
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1), np.float32)], axis=1)
    damped = inputs.T @ inputs + RIDGE * len(inputs) * np.eye(inputs.shape[1])
    weights: NDArray[np.float32] = np.linalg.solve(damped, inputs.T @ np.concatenate(shown)).astype(np.float32)
    return weights
