"""What there is to compute on. Asked without torch, for plans; and with it, where somebody chooses or loads a model."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Something that models can run on."""

    id: str  # as torch names it: "cuda:0", "mps", "cpu"
    title: str
    memory_bytes: int  # that it has; 0 where the system does not tell


def has_accelerator() -> bool:
    """Whether plans may count on a GPU: as `INLAY_DEVICE` says, or where one is likely here."""
    wanted = os.environ.get("INLAY_DEVICE", "")
    return wanted != "cpu" if wanted else is_gpu_likely()


@cache
def is_gpu_likely() -> bool:
    """Whether a GPU that torch knows is likely here: an NVIDIA or AMD device node, or Apple's own chip."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").exists()
    return Path("/dev/nvidia0").exists() or Path("/dev/kfd").exists()


def places() -> tuple[Place, ...]:
    """All that models can run on here, the best first, the processor last.

    torch is asked where it is loaded, or where a GPU is likely: importing it takes a second or two.
    """
    asks_torch = "torch" in sys.modules or (is_gpu_likely() and find_spec("torch") is not None)
    return (*(_gpus() if asks_torch else ()), Place("cpu", _processor(), _machine_bytes()))


def _gpus() -> tuple[Place, ...]:
    import torch

    found = [
        Place(f"cuda:{index}", torch.cuda.get_device_name(index), torch.cuda.get_device_properties(index).total_memory)
        for index in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        found.append(Place("mps", f"{platform.processor() or 'Apple'} GPU", int(torch.mps.recommended_max_memory())))
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        found.append(Place("xpu", torch.xpu.get_device_name(), torch.xpu.get_device_properties().total_memory))
    return tuple(found)


def _processor() -> str:
    """Its name, where the system tells one."""
    try:
        told = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        told = None
    return told[1].strip() if told else platform.processor() or platform.machine()


def _machine_bytes() -> int:
    """The machine's memory; 0 where the system does not tell, as Windows does not in this way."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
