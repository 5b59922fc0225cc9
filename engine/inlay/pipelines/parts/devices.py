"""What models run on, with torch at hand: device, precision, and who computes attention."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from inlay.pipelines.family import FamilyError

PRECISIONS = ("float32", "bfloat16", "float16")
NATIVE = "native"  # torch's scaled dot product attention, which brings flash kernels of its own
ATTENTION = {NATIVE: "torch", "xformers": "xformers", "flash": "flash_attn"}  # backends, and what must be importable


@dataclass(frozen=True)
class Device:
    """A torch device, and the precision that models have on it."""

    kind: str  # "cuda", "mps", "xpu", "cpu"
    dtype: Any  # torch.dtype

    @property
    def has_own_memory(self) -> bool:
        """Whether a network that is moved to the machine's memory leaves room on the device."""
        return self.kind in ("cuda", "xpu")


def chosen_device() -> Device:
    """The best that torch sees here, or what `INLAY_DEVICE` names; in the precision that `INLAY_DTYPE` names.

    `cuda:1` is the second of them, and what this thread loads goes there from now on.
    Raises FamilyError where the named device is not here, or there is no such precision.
    """
    import torch

    kind = _chosen_kind(os.environ.get("INLAY_DEVICE", ""))
    precision = os.environ.get("INLAY_DTYPE", "") or _precision(kind)
    if precision not in PRECISIONS:
        raise _unknown("INLAY_DTYPE", precision, "which is no precision", PRECISIONS)
    return Device(kind, getattr(torch, precision))


def _chosen_kind(wanted: str) -> str:
    """The kind of the wanted device, "" for the best; of several of a kind the wanted one becomes this thread's."""
    import torch

    kinds = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": hasattr(torch, "xpu") and torch.xpu.is_available(),
        "cpu": True,
    }
    here = [kind for kind, is_here in kinds.items() if is_here]
    numbered = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if wanted and wanted not in (*here, *numbered):
        raise FamilyError(
            "device",
            f"The device {wanted}, on which models shall run, is not here.",
            remedy=f"Choose another one in the panel's settings, by `inlay settings` or by INLAY_DEVICE: "
            f"{', '.join([*here, *numbered])}.",
        )
    kind, _, number = (wanted or here[0]).partition(":")
    if kind == "cuda":
        torch.cuda.set_device(int(number or 0))
    return kind


def _precision(kind: str) -> str:
    """bfloat16 where the device computes in it (float16 overflows in SDXL's decoder); else float16 on GPUs.

    On CPUs that have the instructions a step takes half the time in bfloat16 (docs/benchmarks.md); on others more.
    """
    import torch

    if kind == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if kind == "cpu":
        can = torch.cpu.get_capabilities()
        return "bfloat16" if can.get("avx512_bf16") or can.get("amx_bf16") else "float32"
    return {"mps": "float16", "xpu": "bfloat16"}[kind]


def attention_backend(kind: str) -> str:
    """Who computes attention in transformers on this kind of device: a name of `ATTENTION`.

    What `INLAY_ATTENTION` names; else xformers on NVIDIA's, where somebody has installed it; else torch itself.
    flash is taken by name only: it refuses the attention masks that some families need.
    Raises FamilyError where the named one cannot be imported.
    """
    here = [name for name, module in ATTENTION.items() if find_spec(module)]
    wanted = os.environ.get("INLAY_ATTENTION", "")
    if wanted and wanted not in here:
        raise _unknown("INLAY_ATTENTION", wanted, "which cannot be imported here", here)
    return wanted or ("xformers" if kind == "cuda" and "xformers" in here else NATIVE)


def _unknown(variable: str, wanted: str, why: str, here: list[str] | tuple[str, ...]) -> FamilyError:
    return FamilyError(
        "device",
        f"{variable} names {wanted!r}, {why}.",
        remedy=f"Set it to one of {', '.join(here)}, or leave it out.",
    )
