"""FLUX.2's tiny autoencoder (TAEF2): pictures to latents and back for previews, in a hundredth of the VAE's work.

The layers are those of the published files (madebyollin/taesd, MIT). diffusers' `AutoencoderTiny` has no place for the
branch in its middle blocks. Latents are the VAE's raw ones: before FLUX.2 packs 2 x 2 cells and normalises them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts.sitting import Rgb

Weights = dict[str, Any]  # torch tensors by the published names: "11.conv.0.weight"
CELL_PX = 8  # pixels that a side of a latent cell stands for
LATENT_CHANNELS = 32
BLOCKS, MIDDLES = ["block"] * 3, ["middle"] * 3
DOWN, UP = ["down", *BLOCKS], ["up", "conv", *BLOCKS]
ENCODER = ["conv", "block", *DOWN, *DOWN, "down", *MIDDLES, "conv"]
DECODER = ["clamp", "conv", "relu", *MIDDLES, *UP, *UP, "up", "conv", "block", "conv"]
NORM_GROUPS = 4  # of the middle blocks' group normalisation
CLAMP = 3.0  # latents are bent softly into -3 .. 3 before they are decoded
OWN = {  # the layers that hold weights, and which
    "conv": ("weight",),
    "down": ("weight",),
    "block": tuple(f"conv.{number}.{part}" for number in (0, 2, 4) for part in ("weight", "bias")),
}
OWN["middle"] = (*OWN["block"], "pool.0.weight", "pool.1.weight", "pool.1.bias", "pool.3.weight")


@dataclass(frozen=True)
class TinyAutoencoder:
    """The two halves on one device, in one precision. Made by `loaded` or `of_weights`."""

    encoder: Weights
    decoder: Weights

    def encoded(self, picture: Rgb) -> Any:
        """A picture (h, w, 3) in [0, 1], both sides multiples of 8, as latents (1, 32, h / 8, w / 8)."""
        import torch

        assert picture.shape[0] % CELL_PX == picture.shape[1] % CELL_PX == 0
        pixels = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32))[None]  # (1, 3, h, w)
        return _through(ENCODER, self.encoder, pixels)

    def decoded(self, latents: Any) -> Rgb:
        """Latents (1, 32, h, w) as a picture (8 h, 8 w, 3) float32 in [0, 1]."""
        pixels = _through(DECODER, self.decoder, latents)
        picture: Rgb = pixels[0].float().clamp(0, 1).permute(1, 2, 0).cpu().numpy()
        return picture


def loaded(path: Path, device: str = "cpu", dtype: Any = None) -> TinyAutoencoder:
    """Both halves from one safetensors file, its names beginning with "encoder." and "decoder.".

    dtype: a torch.dtype; None keeps the CPU's float32. Raises FamilyError where the file is none of TAEF2.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(str(path))
    except (OSError, SafetensorError) as error:
        raise _broken(path.name, str(error)) from error
    halves = [
        {name.removeprefix(half): tensor for name, tensor in weights.items() if name.startswith(half)}
        for half in ("encoder.", "decoder.")
    ]
    return of_weights(*halves, device=device, dtype=dtype, name=path.name)


def of_weights(
    encoder: Mapping[str, Any],
    decoder: Mapping[str, Any],
    *,
    device: str = "cpu",
    dtype: Any = None,
    name: str = "TAEF2",
) -> TinyAutoencoder:
    """Both halves from the published state dicts. Raises FamilyError where a layer is missing or there is one more."""
    import torch

    halves = []
    for layers, weights in ((ENCODER, encoder), (DECODER, decoder)):
        if wrong := _expected(layers) ^ _named(weights):
            raise _broken(name, f"{sorted(wrong)[0]} is missing or not known")
        halves.append({key: tensor.to(device, dtype or torch.float32) for key, tensor in weights.items()})
    return TinyAutoencoder(*halves)


def _expected(layers: list[str]) -> set[str]:
    """The names of all weights but the plain convolutions' biases, which some of them have."""
    return {f"{number}.{part}" for number, layer in enumerate(layers) for part in OWN.get(layer, ())}


def _named(weights: Mapping[str, Any]) -> set[str]:
    return {name for name in weights if not (name.count(".") == 1 and name.endswith(".bias"))}


def _broken(name: str, why: str) -> FamilyError:
    return FamilyError(
        "model_broken",
        f"{name} is no TAEF2 autoencoder: {why[:200]}.",
        remedy="Install it again; previews work without it.",
    )


def _through(layers: list[str], weights: Weights, values: Any) -> Any:
    """The layers one after the other. values: (1, C, h, w)."""
    import torch
    from torch.nn import functional

    first = next(iter(weights.values()))
    values = values.to(first.device, first.dtype)
    with torch.inference_mode():
        for number, layer in enumerate(layers):
            if layer == "clamp":
                values = torch.tanh(values / CLAMP) * CLAMP
            elif layer == "relu":
                values = functional.relu(values)
            elif layer == "up":
                values = functional.interpolate(values, scale_factor=2.0)
            elif layer in ("conv", "down"):
                values = _convolved(weights, str(number), values, stride=2 if layer == "down" else 1)
            else:
                values = _block(weights, str(number), values, is_middle=layer == "middle")
    return values


def _convolved(weights: Weights, name: str, values: Any, stride: int = 1) -> Any:
    """A 3 x 3 convolution that keeps the size, or halves it."""
    from torch.nn import functional

    return functional.conv2d(
        values, weights[f"{name}.weight"], weights.get(f"{name}.bias"), stride=stride, padding=1
    )  # (1, C, h / stride, w / stride)


def _block(weights: Weights, name: str, values: Any, *, is_middle: bool) -> Any:
    """Three convolutions beside a skip; middle blocks first add what a wide normalised layer sees of everything."""
    from torch.nn import functional

    if is_middle:
        wide = functional.conv2d(values, weights[f"{name}.pool.0.weight"])  # (1, 4 C, h, w)
        norm = functional.group_norm(
            wide, NORM_GROUPS, weights[f"{name}.pool.1.weight"], weights[f"{name}.pool.1.bias"]
        )
        values = values + functional.conv2d(functional.relu(norm), weights[f"{name}.pool.3.weight"])
    inner = functional.relu(_convolved(weights, f"{name}.conv.0", values))
    inner = functional.relu(_convolved(weights, f"{name}.conv.2", inner))
    return functional.relu(_convolved(weights, f"{name}.conv.4", inner) + values)
