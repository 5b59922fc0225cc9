"""A ControlNet (Zhang et al. 2023) beside a U-Net: reads a pose, a depth or lines, and adds to what the U-Net sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Adapter
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.parts.faults import reading
from inlay.pipelines.parts.loading import variant_of


@dataclass(frozen=True)
class Control:
    """A net, and the picture that it reads."""

    net: Any
    picture: Any  # (1, 3, H, W) in [0, 1], model pixels
    scale: float
    timesteps: frozenset[float]  # at which it adds anything

    def added(self, latents: Any, timestep: Any, words: Any, conditions: Any) -> dict[str, Any]:
        """What it adds to the U-Net's own residuals. latents: (n, 4, h, w), scaled; the rest as for the U-Net."""
        if float(timestep) not in self.timesteps:
            return {}
        down, middle = self.net(
            latents,
            timestep,
            encoder_hidden_states=words,
            controlnet_cond=self.picture.expand(len(latents), -1, -1, -1),
            conditioning_scale=self.scale,
            added_cond_kwargs=conditions,
            return_dict=False,
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def kept_timesteps(timesteps: Any, begin: float, end: float) -> frozenset[float]:
    """Those that lie wholly within two shares of the steps. timesteps: (n,), in the order of work."""
    count = len(timesteps)
    shares = ((number / count, (number + 1) / count, step) for number, step in enumerate(timesteps))
    return frozenset(float(step) for before, after, step in shares if begin <= before and after <= end)


def loaded_net(found: Adapter) -> Any:
    """A ControlNet on the device, in its precision. Raises FamilyError where it does not load."""
    import diffusers

    device = chosen_device()
    with reading(found.path, partial(_broken, found)):
        net = diffusers.ControlNetModel.from_pretrained(
            str(found.path),
            torch_dtype=device.dtype,
            use_safetensors=True,
            local_files_only=True,
            variant=variant_of(found.path),
        )
    return net.to(device.kind).eval()


def _broken(found: Adapter, reason: str) -> FamilyError:
    return FamilyError(
        "control_broken",
        f"The ControlNet {found.name} does not load: {reason}",
        field="edit.control",
        remedy="Install it again, or leave `control` empty.",
    )
