"""What a sitting needs when a pipeline of diffusers paints it: our scheduler, our generator, and nothing done twice."""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from inlay.pipelines.family import Cancelled, Watch
from inlay.pipelines.models import Model
from inlay.pipelines.parts.adapters import wardrobe
from inlay.pipelines.parts.loading import Parts, parts_of
from inlay.pipelines.parts.previews import linear_preview
from inlay.pipelines.parts.sitting import Rgb, Sitting
from inlay.pipelines.shelf import Shelf
from inlay.pixels.latent_masks import latent_mask

T = TypeVar("T")
Tensor = Any  # torch.Tensor
Pipeline = Any  # diffusers.DiffusionPipeline
Encode = Callable[[Rgb], Tensor]  # a picture (h, w, 3) in [0, 1] to latents (1, C, h / cell, w / cell)


class PipelineEasel:
    """Made for one sitting, on the device's worker. Encodings come from the shelf's memo."""

    def __init__(self, pipeline_class: str, model: Model, shelf: Shelf, sitting: Sitting) -> None:
        import torch

        self.sitting = sitting
        self.settings = sitting.settings
        self.parts = parts_of(model, shelf)
        self.generator = torch.Generator("cpu").manual_seed(sitting.seed)
        self.folder = model.path
        self._model = model
        self._shelf = shelf
        self.pipeline = self.made(pipeline_class)

    def made(self, pipeline_class: str, **own: Any) -> Pipeline:
        """A pipeline of that class around the loaded parts, with a scheduler of this job's own: they keep state.

        own: parts in place of the loaded ones.
        """
        import diffusers

        kind = getattr(diffusers, pipeline_class)
        parts = self.parts["settings"] | self.parts | self._own_parts() | own
        wanted = inspect.signature(kind.__init__).parameters
        pipeline = kind(**{name: part for name, part in parts.items() if name in wanted})
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def kept(self, compute: Callable[[], T], *key: Hashable) -> T:
        """What was computed for this key with this model, now or before."""
        return self._shelf.memo.get((self._model.id, *key), compute)

    def read(self, encode: Callable[[], T], prompt: str, *key: Hashable) -> T:
        """A prompt as the model reads it, encoded now or before; `key` is what else decides how it is read."""
        return self.kept(encode, "words", prompt, *wardrobe(self.parts).key(prompt), *key)

    # The picture and the mask, as pipelines take them

    @cached_property
    def image(self) -> Tensor:
        """The infilled picture, (1, 3, h, w) float32 in [0, 1]: a tensor is not rounded to 8 bits on its way."""
        return as_tensor(self.sitting.image)

    @cached_property
    def rounded_image(self) -> Any:
        """The infilled picture as a PIL image, for pipelines that take nothing else."""
        from PIL import Image

        return Image.fromarray(np.rint(self.sitting.image * 255).astype(np.uint8))

    @cached_property
    def mask(self) -> Tensor:
        """The denoise mask, (1, 1, h, w) float32, hard."""
        return as_tensor((self.sitting.mask > 0).astype(np.float32)[..., None])

    def cell_mask(self, cell_px: int, inflate: int = 1) -> Tensor:
        """The denoise mask, (1, 1, h, w), in whole cells: pipelines take one pixel of a cell for all of it."""
        cells = latent_mask(self.sitting.mask, cell_px, inflate) > 0
        return as_tensor(np.kron(cells, np.ones((cell_px, cell_px)))[..., None].astype(np.float32))

    # While it is painted

    def listener(self, watch: Watch, encode: Encode, cell_px: int, height: int) -> Callable[..., dict[str, Any]]:
        """A `callback_on_step_end` that reports each step, shows it, and raises Cancelled when it is told to.

        height: of the picture that the pipeline works on, in pixels.
        """

        def after_step(pipeline: Pipeline, number: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            count = pipeline.num_timesteps
            watch.progress((number + 1) / (count + 1), f"step {number + 1} of {count}")
            latents = unpacked(tensors["latents"], height // (2 * cell_px))
            watch.preview(linear_preview(latents, encode, cell_px, self._model, self._shelf))
            if watch.is_cancelled():
                raise Cancelled
            return {}

        return after_step

    # Within

    def _own_parts(self) -> Parts:
        """What each job has for itself."""
        scheduler = self.parts["scheduler"]
        own = {"scheduler": type(scheduler).from_config(scheduler.config)}
        return own | ({"vae": self._remembering(self.parts["vae"])} if "vae" in self.parts else {})

    def _remembering(self, vae: Any) -> Any:
        """A twin of the VAE that shares every weight, and encodes no picture twice.

        The distribution is kept and not a sample of it: each seed draws its own, as it would from a fresh encoding.
        """
        twin = copy.copy(vae)

        def encode(pixels: Tensor) -> Any:
            from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
            from diffusers.models.modeling_outputs import AutoencoderKLOutput

            found = self.kept(lambda: vae.encode(pixels).latent_dist.parameters, "distribution", digest(pixels))
            return AutoencoderKLOutput(latent_dist=DiagonalGaussianDistribution(found))

        twin.encode = encode
        return twin


def as_tensor(picture: Rgb) -> Tensor:
    """(h, w, C) float32 as (1, C, h, w)."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]


def digest(tensor: Tensor) -> str:
    """Names a tensor's values and shape."""
    import torch

    values = tensor.detach().cpu().contiguous().view(torch.uint8).numpy()
    return f"{tuple(tensor.shape)} {tensor.dtype} {hashlib.sha256(values).hexdigest()}"


def unpacked(latents: Tensor, rows: int) -> Tensor:
    """Tokens (1, N, 4 C) of 2 x 2 cells, which lie in so many rows, as cells (1, C, h, w); cells stay as they are.

    FLUX, FLUX.2 and Qwen-Image pack alike.
    """
    if latents.ndim != 3:
        return latents
    patches = latents.reshape(rows, latents.shape[1] // rows, -1, 2, 2)  # (h / 2, w / 2, C, 2, 2)
    return patches.permute(2, 0, 3, 1, 4).flatten(3, 4).flatten(1, 2)[None]  # (1, C, h, w)
