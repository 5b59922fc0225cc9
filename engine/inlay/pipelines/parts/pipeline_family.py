"""Families whose loop stays in a pipeline of diffusers. A family says which, and what it is called with."""

from __future__ import annotations

from abc import abstractmethod
from math import ceil
from typing import Any, ClassVar

from inlay.pipelines.card import Settings
from inlay.pipelines.family import FamilyError, Watch
from inlay.pipelines.parts.adapters import adapted
from inlay.pipelines.parts.model_family import ModelFamily
from inlay.pipelines.parts.pipeline_easel import PipelineEasel, Tensor, as_tensor
from inlay.pipelines.parts.sitting import Rgb, Sitting
from inlay.pixels.geometry import Box
from inlay.pixels.resampling import resized

Arguments = dict[str, Any]


class PipelineFamily(ModelFamily):
    """See `ModelFamily`. One checkpoint may serve several classes of diffusers: the parts are the same.

    The steps, the seed and the size are the same for all of them and are not a family's to give.
    """

    pipeline_class: ClassVar[str]  # of diffusers
    cell_px: ClassVar[int] = 8  # pixels that a side of a latent cell stands for

    @abstractmethod
    def arguments(self, easel: PipelineEasel) -> Arguments:
        """What the pipeline is called with: words, picture, mask, guidance, strength."""

    def latents_of(self, easel: PipelineEasel, pixels: Tensor) -> Tensor:
        """Pixels (1, 3, h, w) in [-1, 1] as the latents (1, C, h / cell, w / cell) that the pipeline works on."""
        vae = easel.autoencoder
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        return (vae.encode(pixels).latent_dist.mode() - shift) * vae.config.scaling_factor

    def painted(self, easel: PipelineEasel, arguments: Arguments) -> Rgb:
        """The pipeline's picture, (h, w, 3) in [0, 1], of the size that it works at."""
        picture: Rgb = easel.pipeline(**arguments).images[0]
        return picture

    def paint(self, sitting: Sitting, watch: Watch) -> Rgb:
        """See `ModelFamily.paint`."""
        import torch

        self._check(sitting.settings)
        with torch.inference_mode():
            watch.progress(0.0, f"loading {self.name}")
            easel = PipelineEasel(self.pipeline_class, self.model, self.shelf, sitting, watch, self.adapters)
            easel.check_cancelled()
            with adapted(easel.parts, sitting.settings, self.adapters, lambda: easel.pipeline):
                arguments = self._all_arguments(easel)
                easel.check_cancelled()
                picture = self.painted(easel, arguments)
            return resized(picture, sitting.width, sitting.height)

    def steps(self, crop_box: Box, settings: Settings | None) -> int:
        """See `Family.steps`: pipelines round a part of a step up."""
        assert settings is not None
        return settings.tries * ceil(round(settings.num_inference_steps * settings.strength, 6))

    def _all_arguments(self, easel: PipelineEasel) -> Arguments:
        """Those that are the same for every pipeline, then the family's."""
        sitting, settings = easel.sitting, easel.settings
        arguments = {
            "width": sitting.width,
            "height": sitting.height,
            "num_inference_steps": settings.num_inference_steps,
            "generator": easel.generator,
            "output_type": "np",
            **self.arguments(easel),
        }

        def encode(picture: Rgb) -> Tensor:
            pixels = as_tensor(picture) * 2 - 1
            return self.latents_of(easel, pixels.to(easel.parts["device"], easel.autoencoder.dtype))

        listener = easel.listener(encode, self.cell_px, arguments["height"])
        return arguments | {"callback_on_step_end": listener}

    def _check(self, settings: Settings) -> None:
        """These models are trained with one sampler, and do not work with those of Stable Diffusion."""
        if settings.scheduler:
            raise FamilyError(
                "scheduler_unfit",
                f"{self.card.title} has its own sampler and does not take {settings.scheduler!r}.",
                field="edit.scheduler",
                remedy="Leave it empty.",
            )
