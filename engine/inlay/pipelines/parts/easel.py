"""What a latent model's sitting needs while it is painted: so that a family's `denoise` reads as its paper does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from inlay.pipelines.family import Cancelled, Watch
from inlay.pipelines.models import Adapter, Model
from inlay.pipelines.parts import latents as spaces
from inlay.pipelines.parts.control import Control
from inlay.pipelines.parts.loading import Parts, parts_of
from inlay.pipelines.parts.previews import Previews
from inlay.pipelines.parts.prompting import Conditioning, conditioning, read_together
from inlay.pipelines.parts.sitting import Rgb, Sitting, digest
from inlay.pipelines.schedulers import SAMPLERS
from inlay.pipelines.shelf import Shelf
from inlay.pixels.latent_masks import is_repainted, latent_mask

T = TypeVar("T")
Latents = Any  # torch.Tensor (1, C, h, w)


@dataclass(frozen=True)
class Step:
    """One step of denoising."""

    number: int  # 0 .. count - 1
    count: int
    timestep: Any  # of the noise that is in the latents now
    following: Any | None  # of the noise that is left after it; None at the end


class Easel:
    """Made for one sitting, on the device's worker. Encodings come from the shelf's memo."""

    def __init__(self, model: Model, shelf: Shelf, sitting: Sitting, adapters: Sequence[Adapter] = ()) -> None:
        import torch

        self.sitting = sitting
        self.settings = sitting.settings
        self.parts: Parts = parts_of(model, shelf)
        self.unet = self.parts["unet"]
        self.scheduler = self._made_scheduler()
        self.scheduler.set_timesteps(self.settings.num_inference_steps, device=self.parts["device"])
        self.generator = torch.Generator("cpu").manual_seed(sitting.seed)
        self.control: Control | None = None
        self._model = model
        self._shelf = shelf
        self._previews = Previews(model, shelf, self.parts, adapters)

    # What is known of the picture

    @property
    def is_xl(self) -> bool:
        return "text_encoder_2" in self.parts

    @cached_property
    def words(self) -> Conditioning:
        """Both prompts."""
        asked = self.settings
        return conditioning(self.parts, self._model, self._shelf, asked.prompt, asked.negative_prompt)

    def read(self, *prompts: str) -> tuple[list[Any], list[Any]]:
        """Several prompts' embeddings, (1, L, D) each and equally long, and what is pooled of each, or None."""
        return read_together(self.parts, self._model, self._shelf, *prompts)

    def remembered(self, key: tuple[Hashable, ...], compute: Callable[[], T]) -> T:
        """What was computed with this model, as it is dressed, for this key; computed if it was not yet."""
        return self._shelf.memo.get((self._model.id, *key, *self.settings.loras), compute)

    @cached_property
    def picture(self) -> Latents:
        """The picture as it is when the model begins, infilled."""
        key = (self._model.id, "picture", self.sitting.image_key)
        return self._shelf.memo.get(key, lambda: spaces.encoded(self.parts, self.sitting.image))

    @cached_property
    def masked_picture(self) -> Latents:
        """The picture with mid grey under the mask, as 9-channel models were trained (Rombach et al. 2022)."""
        greyed = self._greyed()
        key = (self._model.id, "masked", digest(greyed))
        return self._shelf.memo.get(key, lambda: spaces.encoded(self.parts, greyed))

    @cached_property
    def cells(self) -> Rgb:
        """The denoise mask in latent cells, (h, w): 1 = repaint."""
        return latent_mask(self.sitting.mask, spaces.cell_px(self.parts))

    @cached_property
    def mask(self) -> Latents:
        """The denoise mask, (1, 1, h, w), hard."""
        return self.on_device(self.cells > 0)[None, None]

    def mask_at(self, step: Step) -> Latents:
        """What this step repaints, (1, 1, h, w): all of the mask, or, where it is soft, what has joined so far."""
        if not self.settings.is_soft:
            return self.mask
        return self.on_device(is_repainted(self.cells, step.number, step.count))[None, None]

    def on_device(self, array: Any) -> Latents:
        """An array as a tensor of the model's precision."""
        import torch

        return torch.from_numpy(np.asarray(array, np.float32)).to(self.parts["device"], self.unet.dtype)

    # Denoising

    def noise(self) -> Latents:
        """Noise of the latents' size: drawn on the CPU, so that a seed gives the same on every device."""
        import torch

        cell = spaces.cell_px(self.parts)
        shape = (1, self.parts["vae"].config.latent_channels, self.sitting.height // cell, self.sitting.width // cell)
        drawn = torch.randn(shape, generator=self.generator, dtype=torch.float32)
        return drawn.to(self.parts["device"], self.unet.dtype)

    def begun(self, noise: Latents) -> Latents:
        """The latents to begin with: noise alone at strength 1, else the picture noised to t / T = strength."""
        if self.settings.strength >= 1:
            return noise * self.scheduler.init_noise_sigma
        return self.scheduler.add_noise(self.picture, noise, self.timesteps[:1])

    @cached_property
    def timesteps(self) -> Any:
        """The timesteps that strength leaves, (n,), the noisiest first."""
        count = self.settings.num_inference_steps
        first = max(count - int(count * self.settings.strength), 0) * self.scheduler.order
        if first and hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(first)
        return self.scheduler.timesteps[first:]

    def steps(self, watch: Watch) -> Iterator[Step]:
        """The steps one after the other, each reported when it is done. Raises Cancelled before a step."""
        count = len(self.timesteps)
        for number, timestep in enumerate(self.timesteps):
            if watch.is_cancelled():
                raise Cancelled
            following = self.timesteps[number + 1] if number + 1 < count else None
            yield Step(number, count, timestep, following)
            watch.progress((number + 1) / (count + 1), f"step {number + 1} of {count}")

    def shown(self, latents: Latents, watch: Watch) -> None:
        """Show what the latents look like so far."""
        self._previews.show(latents, watch, partial(spaces.encoded, self.parts), spaces.cell_px(self.parts))

    def guided(self, latents: Latents, step: Step, beside: Latents | None = None) -> Latents:
        """The predicted noise with classifier-free guidance (Ho and Salimans 2022); beside: further input channels."""
        scale, words = self.settings.guidance_scale, self.words
        if scale <= 1:
            return self.predicted(latents, step.timestep, words.wanted, words.wanted_pooled, beside)
        import torch

        pooled = None if words.wanted_pooled is None else torch.cat([words.unwanted_pooled, words.wanted_pooled])
        both = torch.cat([words.unwanted, words.wanted])
        doubled = None if beside is None else torch.cat([beside] * 2)
        predicted = self.predicted(torch.cat([latents] * 2), step.timestep, both, pooled, doubled)
        unwanted, wanted = predicted.chunk(2)
        return unwanted + scale * (wanted - unwanted)

    def predicted(self, latents: Latents, timestep: Any, words: Any, pooled: Any, beside: Latents | None) -> Latents:
        """One pass through the U-Net."""
        import torch

        scaled = self.scheduler.scale_model_input(latents, timestep)
        seen = scaled if beside is None else torch.cat([scaled, beside], dim=1)
        told = {"text_embeds": pooled, "time_ids": self._time_ids(len(latents))} if self.is_xl else None
        more = self.control.added(scaled, timestep, words, told) if self.control else {}
        return self.unet(seen, timestep, words, added_cond_kwargs=told, return_dict=False, **more)[0]

    def joined(self, *latents: Latents) -> Latents:
        """Several latents as one batch."""
        import torch

        return torch.cat(latents)

    def stepped(self, noise: Latents, step: Step, latents: Latents) -> Latents:
        """The latents with one step's noise less."""
        return self.scheduler.step(noise, step.timestep, latents, **self._step_options, return_dict=False)[0]

    def noised(self, clean: Latents, noise: Latents, step: Step) -> Latents:
        """Clean latents with as much noise as is left after this step."""
        return clean if step.following is None else self.scheduler.add_noise(clean, noise, step.following[None])

    def decoded(self, latents: Latents) -> Rgb:
        """The picture, (h, w, 3) float32 in [0, 1]."""
        return spaces.decoded(self.parts, latents)

    # Within

    def _greyed(self) -> Rgb:
        """Grey wherever a cell of the mask lies: what a model may repaint it must not see."""
        cell = spaces.cell_px(self.parts)
        pixels = np.kron(self.cells > 0, np.ones((cell, cell), np.bool_))
        return np.where(pixels[..., None], np.float32(0.5), self.sitting.image)

    def _made_scheduler(self) -> Any:
        """A scheduler of this job's own: they keep state, and two jobs must not share it."""
        import diffusers

        own = self.parts["scheduler"]
        sampler = SAMPLERS.get(self.settings.scheduler)
        kind = getattr(diffusers, sampler.class_name) if sampler else type(own)
        return kind.from_config(own.config, **(sampler.options if sampler else {}))

    @cached_property
    def _step_options(self) -> dict[str, Any]:
        """Noise that a sampler adds comes from our generator, too."""
        return {"generator": self.generator} if "generator" in inspect.signature(self.scheduler.step).parameters else {}

    def _time_ids(self, count: int) -> Latents:
        """SDXL's size conditions: as if the picture had been trained at this size, and not been cropped."""
        import torch

        size = [self.sitting.height, self.sitting.width]
        return torch.tensor([[*size, 0, 0, *size]] * count, device=self.parts["device"], dtype=self.unet.dtype)
