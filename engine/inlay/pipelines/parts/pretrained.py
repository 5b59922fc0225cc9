"""Networks of transformers from their folders: whole or not at all; and pictures as nearly all of them want theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from inlay.pixels.resampling import Floats

MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's pictures
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def config_of(folder: Path) -> dict[str, Any]:
    """Its config.json. Raises OSError or ValueError where it cannot be read."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    if not isinstance(told, dict):
        raise TypeError("config.json is no configuration")
    return told


def pretrained(kind: Any, folder: Path, config: Any = None) -> Any:
    """A network of this class with the folder's weights, in single precision on the CPU, ready to work.

    Raises ValueError where weights are missing: transformers would go on with random ones.
    """
    import torch

    network, told = kind.from_pretrained(
        str(folder),
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        output_loading_info=True,
    )
    lacking = sorted(told["missing_keys"]) + sorted(str(each[0]) for each in told["mismatched_keys"])
    if lacking:
        raise ValueError(f"{len(lacking)} of its tensors are missing or of another size, {lacking[0]} first")
    return network.eval()


def normalised(picture: Floats) -> Floats:
    """(3, h, w) of ImageNet's mean and deviation. picture: (h, w, 3) sRGB in [0, 1]."""
    return np.ascontiguousarray(((picture - MEAN) / DEVIATION).transpose(2, 0, 1), np.float32)
