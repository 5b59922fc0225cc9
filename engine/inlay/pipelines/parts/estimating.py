"""A depth, a pose or lines, read off a picture, as the picture that a ControlNet wants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from inlay.pipelines.family import FamilyError, Task
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.parts.faults import is_device_lost, is_of_device, reading, reason_of
from inlay.pipelines.parts.sitting import Coverage, Rgb
from inlay.pipelines.shelf import Shelf
from inlay.pixels import colours
from inlay.pixels.formats import Pixels
from inlay.pixels.resampling import resized, resized_coverage
from inlay.pixels.skeleton import Joints, drawn

MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, as all of these models were trained
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
DEPTH_SIDE_PX = 518  # Depth Anything V2's model card; a multiple of its patches of 14
# Weak and strong edges (Canny 1986), of 8-bit grey: those of ControlNet's own Canny example (Zhang et al. 2023).
WEAK, STRONG = 100, 200
BODY_MARGIN = 1.25  # a body's box is shown to ViTPose this much larger (Xu et al. 2022, as in COCO's top-down training)


def estimated(control: str, picture: Rgb, mask: Coverage, adapters: Sequence[Adapter], shelf: Shelf) -> Rgb:
    """The picture's "pose", "depth" or "lines", (h, w, 3) float32 in [0, 1].

    picture: (h, w, 3) sRGB. mask: (h, w), where the person stands whose pose is wanted.
    Raises FamilyError where nothing on this machine can read it; lines need no model.
    """
    if control == "lines":
        return _lines(picture)
    found = next((one for one in adapters if one.kind is AdapterKind.ESTIMATOR and one.purpose == control), None)
    if found is None:
        raise FamilyError(
            "no_estimator",
            f"Nothing on this machine reads a {control} off a picture.",
            field="control_image",
            remedy=f"Install {control}-estimator with `inlay models install`, or give the {control} as a picture.",
        )
    network = shelf.take(str(found.path), lambda: _loaded(found))
    return _depth(network, picture) if control == "depth" else _pose(network, picture, mask)


def control_map(task: Task, control: str, size: tuple[int, int], adapters: Sequence[Adapter], shelf: Shelf) -> Pixels:
    """What would be read off a window, as a picture of the window's size in the document's own colours, opaque.

    size: at most so many pixels, width and height, are looked at, as the model will see them. Raises FamilyError.
    """
    original = colours.to_srgb(task.pixels, task.model, task.is_linear, task.profile)
    tall, wide = original.shape[:2]
    scale = min(size[0] / wide, size[1] / tall)
    width, height = max(1, round(wide * scale)), max(1, round(tall * scale))
    mask = resized_coverage(task.paste_mask.astype(np.float32) / np.float32(255), width, height)
    found = _looked(control, resized(original, width, height), mask, adapters, shelf)
    return colours.from_srgb(resized(found, wide, tall), task.pixels, task.model, task.is_linear, task.profile)


def _looked(control: str, picture: Rgb, mask: Coverage, adapters: Sequence[Adapter], shelf: Shelf) -> Rgb:
    """See `estimated`; outside of any edit."""
    if control == "lines":
        return _lines(picture)
    import torch

    try:
        with torch.inference_mode():
            return estimated(control, picture, mask, adapters, shelf)
    except (MemoryError, RuntimeError) as error:
        if not is_of_device(error):
            raise
        raise FamilyError(
            "device_lost" if is_device_lost(error) else "out_of_memory",
            f"The device gave up while the {control} was read: {reason_of(error)}",
            remedy="Close other programs that use the GPU, or draw it yourself.",
        ) from error


def _lines(picture: Rgb) -> Rgb:
    """White edges on black (Canny 1986)."""
    import cv2

    grey = cv2.cvtColor(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(grey, WEAK, STRONG).astype(np.float32) / np.float32(255)
    return np.repeat(edges[..., None], 3, axis=2)


def _loaded(estimator: Adapter) -> Any:
    """On the device, in single precision: these networks are small."""
    import transformers

    kind = {"depth": "AutoModelForDepthEstimation", "pose": "VitPoseForPoseEstimation"}[estimator.purpose]
    with reading(estimator.path, partial(_broken, estimator)):
        network = getattr(transformers, kind).from_pretrained(
            str(estimator.path), use_safetensors=True, local_files_only=True
        )
    return network.to(chosen_device().kind).eval()


def _broken(estimator: Adapter, reason: str) -> FamilyError:
    return FamilyError("estimator_broken", f"{estimator.name} does not load: {reason}", remedy="Install it again.")


def _depth(network: Any, picture: Rgb) -> Rgb:
    """Near is bright, as MiDaS and Depth Anything give it and ControlNets were taught."""
    height, width = picture.shape[:2]
    patch = int(getattr(getattr(network.config, "backbone_config", network.config), "patch_size", 0) or 32)
    scale = DEPTH_SIDE_PX / min(height, width)
    sides = [max(patch, round(side * scale / patch) * patch) for side in (width, height)]
    depth = network(pixel_values=_normalised(resized(picture, *sides), network)).predicted_depth[0]
    grey = resized(depth.float().cpu().numpy()[..., None], width, height).reshape(height, width, 1)
    near: Rgb = (grey - grey.min()) / (float(np.ptp(grey)) or 1.0)
    return np.repeat(near, 3, axis=2)


def _pose(network: Any, picture: Rgb, mask: Coverage) -> Rgb:
    """Of the one person whom the mask covers."""
    height, width = picture.shape[:2]
    tall, wide = network.config.backbone_config.image_size
    left, top, scale = _body(mask, wide, tall)
    columns = np.clip(np.rint(left + (np.arange(wide) + 0.5) * scale - 0.5).astype(int), 0, width - 1)
    rows = np.clip(np.rint(top + (np.arange(tall) + 0.5) * scale - 0.5).astype(int), 0, height - 1)
    heat = network(pixel_values=_normalised(picture[rows][:, columns], network)).heatmaps[0].float().cpu().numpy()
    cell = scale * wide / heat.shape[2]  # picture pixels that a cell of the heat maps stands for
    peaks = heat.reshape(len(heat), -1).argmax(axis=1)
    cells = np.stack([peaks % heat.shape[2], peaks // heat.shape[2]], axis=1)
    places = (cells + 0.5) * cell + (left, top) - 0.5
    return drawn([Joints(places.astype(np.float32), heat.reshape(len(heat), -1).max(axis=1))], width, height)


def _body(mask: Coverage, wide: int, tall: int) -> tuple[float, float, float]:
    """(left, top, picture pixels a model pixel) of the window that shows the masked body in the model's proportions."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    width, height = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    scale = BODY_MARGIN * max(width / wide, height / tall)
    middle_x, middle_y = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
    return middle_x - wide * scale / 2, middle_y - tall * scale / 2, scale


def _normalised(picture: Rgb, network: Any) -> Any:
    """(1, 3, h, w) on the network's device."""
    import torch

    pixels = ((picture - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(pixels))[None].to(network.device, network.dtype)
