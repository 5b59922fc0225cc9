"""Families whose U-Net works on latents: Stable Diffusion 1.x, 2.x and XL. A family adds `denoise`."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial

from inlay.pipelines.family import Watch
from inlay.pipelines.parts.adapters import adapted, pipeline_around
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.model_family import ModelFamily
from inlay.pipelines.parts.sitting import Rgb, Sitting


class LatentFamily(ModelFamily):
    """See `ModelFamily`."""

    @abstractmethod
    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """From noise, or a noised picture, to the latents of the result, (1, C, h, w)."""

    def paint(self, sitting: Sitting, watch: Watch) -> Rgb:
        """See `ModelFamily.paint`."""
        import torch

        with torch.inference_mode():
            watch.progress(0.0, f"loading {self.name}")
            easel = Easel(self.model, self.shelf, sitting, self.adapters)
            around = partial(pipeline_around, easel.parts, self.model)
            with adapted(easel.parts, sitting.settings, self.adapters, around):
                return easel.decoded(self.denoise(easel, watch))
