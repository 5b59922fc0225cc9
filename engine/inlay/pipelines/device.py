"""What there is to compute on. Asked without torch, for plans; and with it, when a model is loaded."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path


@cache
def has_accelerator() -> bool:
    """Whether a GPU that torch knows is likely here: an NVIDIA or AMD device node, or Apple's own chip."""
    if os.environ.get("INLAY_DEVICE"):
        return os.environ["INLAY_DEVICE"] != "cpu"
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").exists()
    return Path("/dev/nvidia0").exists() or Path("/dev/kfd").exists()
