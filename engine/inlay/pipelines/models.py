"""A model: a checkpoint on this machine's disk, and what it was recognised as; and what goes on top of one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inlay.pipelines.card import Description


@dataclass(frozen=True)
class Model:
    """One checkpoint. Several families may run the same one: a plain checkpoint serves blending, RePaint and SDEdit."""

    id: str  # as users name it: an offer's id, or the folder's or file's own name
    path: Path  # a diffusers folder, or a single .safetensors file
    description: Description
    size_bytes: int
    licence: str = ""
    revision: str = ""  # the hub's commit, or the file's SHA-256: what exactly it is


# Beginnings of pipelines' names, the longer ones first, and what adapters call what they run.
ARCHITECTURES = {
    "StableDiffusionXL": "sdxl",
    "StableDiffusion3": "sd3",
    "StableDiffusion": "sd1",
    "Flux2": "flux2",
    "Flux": "flux",
    "QwenImage": "qwen",
    "ZImage": "z-image",
}
LATENTS_OF = {"sd2": "sd1", "z-image": "flux"}  # who has another's VAE
SD2_WIDTH = 1024  # of the text that a U-Net of Stable Diffusion 2 attends to; its pipelines are those of 1


def architecture_of(description: Description) -> str:
    """What adapters must be made for; "" where none are known for this kind of checkpoint."""
    name = description.pipeline_class
    found = next((known for beginning, known in ARCHITECTURES.items() if name.startswith(beginning)), "")
    return "sd2" if found == "sd1" and description.cross_attention_dim == SD2_WIDTH else found


def pipeline_index(folder: Path) -> dict[str, Any]:
    """What a diffusers folder's model_index.json says; nothing where there is none that can be read."""
    try:
        told = json.loads((folder / "model_index.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


class AdapterKind(StrEnum):
    """What goes on top of a checkpoint, or beside it."""

    LORA = "lora"  # changes to its layers
    EMBEDDING = "embedding"  # a word for its prompts: textual inversion
    CONTROL_NET = "controlnet"  # a network beside its U-Net that keeps a pose or a depth
    ESTIMATOR = "estimator"  # a network that reads a pose, a depth or a caption off a picture
    PREVIEW = "preview"  # a tiny autoencoder: what latents look like


@dataclass(frozen=True)
class Adapter:
    """A LoRA or an embedding, each one .safetensors file; a ControlNet or an estimator, each a folder."""

    name: str  # as users name it: the file's or folder's own
    path: Path
    kind: AdapterKind
    architecture: str = ""  # sd1, sd2, sdxl, sd3, flux, flux2, qwen, z-image; "" where the shapes do not tell
    cross_attention_dim: int | None = None  # the text's width that it was made for; None where it does not matter
    purpose: str = ""  # of a ControlNet or an estimator: "pose", "depth", "lines"; "" where its name does not tell

    def fits(self, description: Description) -> bool:
        """Whether it goes with such a checkpoint, as far as its shapes tell; an estimator goes with all."""
        if self.kind is AdapterKind.ESTIMATOR:
            return True
        made_for = architecture_of(description)
        if self.kind is AdapterKind.PREVIEW:
            return self.architecture != "" and self.architecture == LATENTS_OF.get(made_for, made_for)
        widths = {self.cross_attention_dim, description.cross_attention_dim} - {None}
        return bool(made_for) and self.architecture in ("", made_for) and len(widths) <= 1
