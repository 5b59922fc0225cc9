"""How a model lies in memory: chosen from its size and the budget alone, then applied to its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inlay.pipelines.parts.devices import Device
from inlay.pipelines.shelf import loaded_bytes

DENOISERS = ("unet", "transformer")
VAES = ("vae", "movq")


class Place(StrEnum):
    """Where a model's networks are."""

    WHOLE = "whole"  # all on the device
    PARTS = "parts"  # the one that works is on the device, the others in the machine's memory
    LAYERS = "layers"  # the layer that works is on the device: the slowest


@dataclass(frozen=True)
class Residency:
    """One way."""

    place: Place = Place.WHOLE
    is_reduced: bool = False  # the denoiser's weights rest in 8 bit, and are widened layer by layer as they work

    @property
    def note(self) -> str:
        """What to tell people, and a result's recipe; "" where there is nothing to tell."""
        told = []
        if self.place is Place.PARTS:
            told.append("one network on the device at a time")
        if self.place is Place.LAYERS:
            told.append("one layer on the device at a time")
        if self.is_reduced:
            told.append("weights in 8 bit")
        return ", ".join(told)

    def footprint_bytes(self, sizes_bytes: Mapping[str, int], itemsize: int) -> int:
        """How much of the device a model takes. sizes_bytes: of its networks, by name; itemsize: bytes for a weight."""
        sizes = {
            name: size // itemsize if self.is_reduced and name in DENOISERS else size
            for name, size in sizes_bytes.items()
        }
        if self.place is Place.WHOLE:
            return sum(sizes.values())
        return max(sizes.values(), default=0) if self.place is Place.PARTS else 0


def residencies(device: Device) -> tuple[Residency, ...]:
    """What can be done on a device, the quickest first. The first two of a GPU give the same picture."""
    if device.has_own_memory:
        return (
            Residency(),
            Residency(Place.PARTS),
            Residency(Place.PARTS, is_reduced=True),
            Residency(Place.LAYERS),
        )
    return (Residency(),) if device.kind == "mps" else (Residency(), Residency(is_reduced=True))


def fitting(sizes_bytes: Mapping[str, int], budget_bytes: int, device: Device) -> tuple[Residency, ...]:
    """The ways that fit into the budget, the quickest first; what takes least where none does."""
    ways = residencies(device)
    itemsize = device.dtype.itemsize
    fit = tuple(way for way in ways if way.footprint_bytes(sizes_bytes, itemsize) <= budget_bytes)
    return fit or ways[-1:]


def sizes_of(parts: Mapping[str, Any]) -> dict[str, int]:
    """The bytes of a model's networks, by name."""
    return {name: size for name, part in parts.items() if (size := loaded_bytes(part))}


def settle(parts: Mapping[str, Any], way: Residency, device: Device) -> None:
    """Let a model's networks, which are in the machine's memory, lie that way. May run out of memory."""
    networks = {name: parts[name] for name in sizes_of(parts)}
    if way.is_reduced:
        _reduce(networks, device)
    if way.place is Place.WHOLE:
        for network in networks.values():
            network.to(device.kind)
    elif way.place is Place.PARTS:
        _take_turns(list(networks.values()), device)
    else:
        _stream(networks, device)
    if way != Residency():
        cut_into_tiles(parts)


def cut_into_tiles(parts: Mapping[str, Any]) -> bool:
    """Let the VAE work in tiles, one picture at a time; whether that is new. Small pictures are one tile."""
    autoencoder: Any = next((parts[name] for name in VAES if parts.get(name) is not None), None)
    if getattr(autoencoder, "use_tiling", True):
        return False
    autoencoder.enable_tiling()
    if hasattr(autoencoder, "use_slicing"):
        autoencoder.enable_slicing()
    return True


def is_in_tiles(parts: Mapping[str, Any]) -> bool:
    """Whether the VAE works in tiles."""
    return any(getattr(parts.get(name), "use_tiling", False) for name in VAES)


def _reduce(networks: Mapping[str, Any], device: Device) -> None:
    """Weights rest in 8 bit (float8 e4m3); norms stay as they are."""
    import torch

    for name in DENOISERS:
        if name in networks:
            networks[name].enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=device.dtype)


def _take_turns(networks: list[Any], device: Device) -> None:
    """Each network comes to the device when it is called, and sends the others away.

    accelerate's own offload hook sends away the one before it in a fixed order alone; ours are called in any.
    """
    from accelerate.hooks import ModelHook, add_hook_to_module, send_to_device

    class Turn(ModelHook):  # type: ignore[misc]  # accelerate has no types
        def __init__(self, network: Any, others: list[Any]) -> None:
            self.execution_device = device.kind  # pipelines look for it, to know where to make their latents
            self.network = network
            self.others = others

        def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> Any:
            for other in self.others:
                other.to("cpu")
            self.network.to(device.kind)
            return send_to_device(args, device.kind), send_to_device(kwargs, device.kind)

    for network in networks:
        network.to("cpu")
        add_hook_to_module(network, Turn(network, [other for other in networks if other is not network]))


def _stream(networks: Mapping[str, Any], device: Device) -> None:
    """Layers come one by one, on CUDA while the one before still works.

    Not so in VAEs: what comes next is learned from the first run, and tiles run the same layers several times.
    """
    from diffusers.hooks import apply_group_offloading

    for name, network in networks.items():
        network.to("cpu")
        is_ahead = device.kind == "cuda" and name not in VAES
        apply_group_offloading(
            network, device.kind, "cpu", "leaf_level", use_stream=is_ahead, low_cpu_mem_usage=is_ahead
        )
