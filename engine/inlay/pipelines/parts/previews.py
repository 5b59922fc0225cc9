"""What a picture looks like while it is made: by a tiny autoencoder, or else a linear map; for little of the time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.family import FamilyError, Watch
from inlay.pipelines.models import Adapter, AdapterKind, Model
from inlay.pipelines.parts import taef2
from inlay.pipelines.parts.faults import is_of_device
from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.parts.sitting import Rgb
from inlay.pipelines.shelf import Shelf

SHARE = 0.03  # of a run's time that previews may take
MOST_CELLS = 32  # of a side that is shown: 256 pixels, for a look
CELLS = 8  # side of the patches that the linear map is fitted on
PATCHES = 8
RIDGE = 0.01  # of a latent's variance: directions that smooth pictures do not show must not be amplified
_log = logging.getLogger(__name__)

Latents = Any  # torch.Tensor (1, C, h, w)
Encode = Callable[[Rgb], Latents]  # a picture (h, w, 3) in [0, 1] to latents (1, C, h / cell, w / cell)


class Lens(Protocol):
    """Shows latents."""

    @property
    def nbytes(self) -> int:
        """What it takes: the memo counts it."""

    def seen(self, latents: Latents) -> Rgb:
        """Latents (1, C, h, w) as a picture of any size, (H, W, 3) float32 in [0, 1]."""


@dataclass
class Pace:
    """When the next preview is due: the first at once, and each further one when it fits into its share of the time."""

    clock: Callable[[], float] = time.perf_counter  # seconds
    started: float = field(init=False)
    spent_s: float = 0.0
    last_s: float = 0.0

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def is_due(self) -> bool:
        """Whether one more, at the cost of the last one, stays within the share of the time that has passed."""
        return not self.spent_s or self.spent_s + self.last_s <= SHARE * (self.clock() - self.started)

    def spend(self, seconds: float) -> None:
        """A preview was made."""
        self.last_s = seconds
        self.spent_s += seconds


class Previews:
    """Those of one run. Lenses are kept in the shelf's memo, by model."""

    def __init__(
        self,
        model: Model,
        shelf: Shelf,
        parts: Parts,
        adapters: Iterable[Adapter] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """adapters: those that fit the model; a tiny autoencoder among them is preferred to the linear map."""
        self._model = model
        self._shelf = shelf
        self._parts = parts
        self._tiny = next((adapter for adapter in adapters if adapter.kind is AdapterKind.PREVIEW), None)
        self._clock = clock
        self._pace = Pace(clock)

    def show(self, latents: Latents, watch: Watch, encode: Encode, cell_px: int) -> None:
        """Show latents (1, C, h, w), unless a preview would take too much of the run's time now.

        encode, cell_px: of the VAE: what the linear map is fitted to.
        """
        if not self._pace.is_due:
            return
        finish_steps(self._parts["device"])
        started = self._clock()
        picture = self._lens(encode, cell_px).seen(latents)
        watch.preview(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
        self._pace.spend(self._clock() - started)

    def _lens(self, encode: Encode, cell_px: int) -> Lens:
        key = (self._model.id, "preview", self._tiny.path if self._tiny else None)
        return self._shelf.memo.get(key, lambda: self._ground(encode, cell_px))

    def _ground(self, encode: Encode, cell_px: int) -> Lens:
        if self._tiny:
            try:
                return tiny_lens(self._tiny, self._parts)
            except (FamilyError, OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
                if is_of_device(error):
                    raise
                _log.warning("%s gives no previews: %s", self._tiny.path, error)
        return Linear(_fitted(encode, cell_px))


def finish_steps(device: str) -> None:
    """Wait for what a GPU was told to do before: it is no preview's cost."""
    import torch

    if device != "cpu":
        torch.accelerator.synchronize()


# By a tiny autoencoder


def tiny_lens(adapter: Adapter, parts: Parts) -> Lens:
    """A tiny autoencoder on the model's device. Raises what its loader does where the file is damaged."""
    import torch

    dtype = next(parts[name].dtype for name in ("vae", "unet", "transformer") if parts.get(name) is not None)
    if adapter.path.is_file():
        coder = taef2.loaded(adapter.path, parts["device"], dtype)
        return Flux2Tiny(coder, parts["vae"], sum(int(one.nbytes) for one in coder.decoder.values()))
    from diffusers import AutoencoderTiny

    with torch.inference_mode():
        coder = AutoencoderTiny.from_pretrained(
            str(adapter.path), torch_dtype=dtype, use_safetensors=True, local_files_only=True
        ).to(parts["device"])
        return Tiny(coder, sum(int(weight.nbytes) for weight in coder.parameters()))


@dataclass(frozen=True)
class Tiny:
    """diffusers' AutoencoderTiny (TAESD and its kin). It takes latents as denoisers have them."""

    coder: Any
    nbytes: int

    def seen(self, latents: Latents) -> Rgb:
        """See `Lens`."""
        pixels = self.coder.decode(_reduced(latents).to(self.coder.dtype)).sample[0]  # (3, H, W) in [-1, 1]
        picture: Rgb = (pixels.float() / 2 + 0.5).permute(1, 2, 0).cpu().numpy()
        return picture


@dataclass(frozen=True)
class Flux2Tiny:
    """TAEF2. It takes the VAE's own latents, and those of denoisers are normalised, in patches of 2 x 2 cells."""

    coder: taef2.TinyAutoencoder
    vae: Any  # AutoencoderKLFlux2
    nbytes: int

    def seen(self, latents: Latents) -> Rgb:
        """See `Lens`."""
        return self.coder.decoded(_reduced(self._raw(latents)))

    def _raw(self, latents: Latents) -> Latents:
        channels, height, width = latents.shape[1:]
        mean, deviation = (
            statistic.to(latents).view(channels, 2, 2).repeat(1, height // 2, width // 2)  # (C, h, w)
            for statistic in (self.vae.bn.running_mean, self._deviation())
        )
        return latents * deviation + mean

    def _deviation(self) -> Any:
        return (self.vae.bn.running_var + self.vae.config.batch_norm_eps) ** 0.5


def _reduced(latents: Latents) -> Latents:
    """At most MOST_CELLS long and wide, for a tiny autoencoder's time goes with the area."""
    import torch

    height, width = latents.shape[-2:]
    scale = MOST_CELLS / max(height, width)
    if scale >= 1:
        return latents
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return torch.nn.functional.interpolate(latents.float(), size, mode="area").to(latents.dtype)


# By a linear map


@dataclass(frozen=True)
class Linear:
    """The least squares map from latents to colours: a pixel a cell."""

    weights: NDArray[np.float32]  # (C + 1, 3)

    @property
    def nbytes(self) -> int:
        return int(self.weights.nbytes)

    def seen(self, latents: Latents) -> Rgb:
        """See `Lens`."""
        flat = latents[0].float().cpu().numpy().transpose(1, 2, 0)  # (h, w, C)
        picture: Rgb = flat @ self.weights[:-1] + self.weights[-1]
        return picture


def _fitted(encode: Encode, cell: int) -> NDArray[np.float32]:
    """(C + 1, 3): from a cell's latents, and 1, to its mean colour, over smooth pictures that the VAE has encoded."""
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
