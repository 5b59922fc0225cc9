"""What models run on, with torch at hand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from inlay.pipelines.family import FamilyError


@dataclass(frozen=True)
class Device:
    """A torch device, and the precision that models have on it."""

    kind: str  # "cuda", "mps", "xpu", "cpu"
    dtype: Any  # torch.dtype


def chosen_device() -> Device:
    """The best that torch sees here, or what `INLAY_DEVICE` names.

    bfloat16 where the device computes in it (float16 overflows in SDXL's decoder); float16 on older cards and on
    Apple's; float32 on the CPU, where half precision is slower unless it has the instructions for it.
    Raises FamilyError where the named device is not here.
    """
    import torch

    wanted = os.environ.get("INLAY_DEVICE", "")
    kinds = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": hasattr(torch, "xpu") and torch.xpu.is_available(),
        "cpu": True,
    }
    if wanted and not kinds.get(wanted):
        here = ", ".join(kind for kind, is_here in kinds.items() if is_here)
        raise FamilyError(
            "device",
            f"INLAY_DEVICE names {wanted!r}, which torch does not see here.",
            remedy=f"Set it to one of {here}, or leave it out.",
        )
    kind = wanted or next(kind for kind, is_here in kinds.items() if is_here)
    if kind == "cuda":
        return Device(kind, torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16)
    return Device(kind, {"mps": torch.float16, "xpu": torch.bfloat16}.get(kind, torch.float32))
