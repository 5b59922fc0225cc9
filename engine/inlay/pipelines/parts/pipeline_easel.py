"""What a sitting needs when a pipeline of diffusers paints it: our scheduler, our generator, and nothing done twice."""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from inlay.pipelines.family import Cancelled, Watch
from inlay.pipelines.models import Adapter, Model
from inlay.pipelines.parts.adapters import wardrobe
from inlay.pipelines.parts.loading import Parts, parts_of
from inlay.pipelines.parts.previews import Encode, Previews
from inlay.pipelines.parts.sitting import Rgb, Sitting
from inlay.pipelines.shelf import Shelf
from inlay.pixels.latent_masks import latent_mask

T = TypeVar("T")
AUTOENCODERS = ("vae", "movq")  # what parts are called that encode pictures
Tensor = Any  # torch.Tensor
Pipeline = Any  # diffusers.DiffusionPipeline


class PipelineEasel:
    """Made for one sitting, on the device's worker. Encodings come from the shelf's memo."""

    def __init__(
        self,
        pipeline_class: str,
        model: Model,
        shelf: Shelf,
        sitting: Sitting,
        watch: Watch,
        adapters: Sequence[Adapter] = (),
    ) -> None:
        import torch

        self.watch = watch
        self.sitting = sitting
        self.settings = sitting.settings
        self.parts = parts_of(model, shelf)
        self.generator = torch.Generator("cpu").manual_seed(sitting.seed)
        self.folder = model.path
        self._model = model
        self._shelf = shelf
        self._previews = Previews(model, shelf, self.parts, adapters)
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

    @property
    def autoencoder(self) -> Any:
        """What encodes and decodes pictures."""
        return next(self.parts[name] for name in AUTOENCODERS if name in self.parts)

    # The picture and the mask, as pipelines take them

    @cached_property
    def image(self) -> Tensor:
        """The infilled picture, (1, 3, h, w) float32 in [0, 1]: a tensor is not rounded to 8 bits on its way."""
        return as_tensor(self._clipped)

    @cached_property
    def rounded_image(self) -> Any:
        """The infilled picture as a PIL image, for pipelines that take nothing else."""
        return rounded(self._clipped)

    @cached_property
    def references(self) -> list[Any]:
        """The other pictures to be looked at, as PIL images."""
        return [rounded(np.clip(each, 0, 1)) for each in self.sitting.references]

    @cached_property
    def mask(self) -> Tensor:
        """The denoise mask, (1, 1, h, w) float32, hard."""
        return as_tensor((self.sitting.mask > 0).astype(np.float32)[..., None])

    def cell_mask(self, cell_px: int, inflate: int = 1) -> Tensor:
        """The denoise mask, (1, 1, h, w), in whole cells: pipelines take one pixel of a cell for all of it."""
        cells = latent_mask(self.sitting.mask, cell_px, inflate) > 0
        return as_tensor(np.kron(cells, np.ones((cell_px, cell_px)))[..., None].astype(np.float32))

    # While it is painted

    def check_cancelled(self) -> None:
        """Raises Cancelled when it is told to stop."""
        if self.watch.is_cancelled():
            raise Cancelled

    def listener(self, encode: Encode, cell_px: int, height: int) -> Callable[..., dict[str, Any]]:
        """A `callback_on_step_end` that reports each step, shows it, and raises Cancelled when it is told to.

        height: of the picture that the pipeline works on, in pixels.
        """

        def after_step(pipeline: Pipeline, number: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            count = pipeline.num_timesteps
            self.watch.progress((number + 1) / (count + 1), f"step {number + 1} of {count}")
            latents = unpacked(tensors["latents"], height // (2 * cell_px))
            self._previews.show(latents, self.watch, encode, cell_px)
            self.check_cancelled()
            return {}

        return after_step

    # Within

    @property
    def _clipped(self) -> Rgb:
        """Pipelines refuse what is beyond 0 and 1 by a hair."""
        clipped: Rgb = np.clip(self.sitting.image, 0, 1)
        return clipped

    def _own_parts(self) -> Parts:
        """What each job has for itself."""
        own = {name: self._remembering(self.parts[name]) for name in AUTOENCODERS if name in self.parts}
        return own | {"scheduler": fresh(self.parts["scheduler"])}

    def _remembering(self, autoencoder: Any) -> Any:
        """A twin that shares every weight, and encodes no picture twice.

        Where encodings are distributions these are kept and not samples of them: each seed draws its own, as it would
        from a fresh encoding.
        """
        twin = copy.copy(autoencoder)
        twin.encode = lambda pixels: _opened(
            self.kept(lambda: _closed(autoencoder.encode(pixels)), "encoding", digest(pixels))
        )
        return twin


def _closed(encoding: Any) -> dict[str, Tensor]:
    """What a VAE's or a VQ model's output is made of."""
    is_sampled = hasattr(encoding, "latent_dist")
    return {"distribution": encoding.latent_dist.parameters} if is_sampled else {"latents": encoding.latents}


def _opened(kept: dict[str, Tensor]) -> Any:
    """The output as it was."""
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
    from diffusers.models.autoencoders.vq_model import VQEncoderOutput
    from diffusers.models.modeling_outputs import AutoencoderKLOutput

    if "latents" in kept:
        return VQEncoderOutput(**kept)
    return AutoencoderKLOutput(latent_dist=DiagonalGaussianDistribution(kept["distribution"]))


def fresh(scheduler: Any) -> Any:
    """A scheduler of the same kind, which nobody has used."""
    return type(scheduler).from_config(scheduler.config)


def rounded(picture: Rgb) -> Any:
    """(h, w, 3) float32 in [0, 1] as a PIL image."""
    from PIL import Image

    return Image.fromarray(np.rint(picture * 255).astype(np.uint8))


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
