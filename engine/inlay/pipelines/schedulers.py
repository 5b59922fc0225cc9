"""Samplers by the names that users know, and the diffusers classes behind them. No torch: plans check names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sampler:
    """A scheduler class of diffusers and how it is set up on top of a checkpoint's own configuration."""

    class_name: str
    options: dict[str, Any] = field(default_factory=dict)
    few_steps: int = 0  # what it is made for, where that is few: 4 for LCM
    guidance_scale: float | None = None  # what such a distilled model wants


# Names as in diffusers' table of A1111 and k-diffusion samplers (its documentation, "Schedulers").
# LCM: Luo et al. 2023. Lightning: SDXL-Lightning's model card (Euler, trailing, no guidance). Hyper: Hyper-SD's (TCD).
# Latents are not bound to -1 .. 1, so nothing is clipped.
SAMPLERS: dict[str, Sampler] = {
    "ddim": Sampler("DDIMScheduler", {"clip_sample": False}),
    "ddpm": Sampler("DDPMScheduler", {"clip_sample": False}),
    "euler": Sampler("EulerDiscreteScheduler"),
    "euler-a": Sampler("EulerAncestralDiscreteScheduler"),
    "dpm++": Sampler("DPMSolverMultistepScheduler"),
    "dpm++-karras": Sampler("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": Sampler("UniPCMultistepScheduler"),
    "lcm": Sampler("LCMScheduler", few_steps=4, guidance_scale=1.0),
    "lightning": Sampler("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}, few_steps=4, guidance_scale=1.0),
    "hyper": Sampler("TCDScheduler", few_steps=8, guidance_scale=1.0),
}
