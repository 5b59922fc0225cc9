"""Segment Anything (Kirillov et al. 2023), ViT-B, L and H, in segment_anything's own classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inlay.pipelines.beside import APACHE, MB, beside_card
from inlay.pipelines.card import GB, Offer
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import Device
from inlay.pipelines.parts.pointing import Answer, Ask, Frame, PointedSegmenter
from inlay.pipelines.parts.sam_network import sam_network
from inlay.pipelines.segmenter import SegmenterCard, View
from inlay.pipelines.shelf import Shelf
from inlay.pixels.resampling import Floats, resized

MEAN = np.array([123.675, 116.28, 103.53], np.float32) / 255  # as SAM was trained: segment_anything's build_sam.py
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32) / 255
FILES = ("config.json", "model.safetensors")
CARD = SegmenterCard(
    family="sam",
    title="Segment Anything",
    rank=20,
    working_px=1024,
    looks_close=False,
    memory_bytes=3 * GB,
    licence="Apache-2.0",
    offers=(
        Offer(
            "sam-vit-b",
            "Segment Anything, ViT-B",
            "facebook/sam-vit-base",
            "main",
            375 * MB,
            "Apache-2.0",
            APACHE,
            patterns=FILES,
        ),
        Offer(
            "sam-vit-l",
            "Segment Anything, ViT-L",
            "facebook/sam-vit-large",
            "main",
            1250 * MB,
            "Apache-2.0",
            APACHE,
            patterns=FILES,
        ),
        Offer(
            "sam-vit-h",
            "Segment Anything, ViT-H",
            "facebook/sam-vit-huge",
            "main",
            2560 * MB,
            "Apache-2.0",
            APACHE,
            patterns=FILES,
        ),
    ),
)


class Sam(PointedSegmenter):
    """The picture's long side fills a square of 1024 px; the rest is padding."""

    listing = beside_card(CARD.family, CARD.title, CARD.offers, CARD.memory_bytes, ("select",), CARD.rank, "sam")

    def __init__(self, model: Model, shelf: Shelf) -> None:
        super().__init__(model, shelf)
        self.side = model.description.native_px or CARD.working_px
        self.card = replace(CARD, working_px=self.side)

    @property
    def known_side(self) -> int:
        """See `PointedSegmenter.known_side`."""
        side: int = self.network()["prompt_encoder"].mask_input_size[0]
        return side

    def load(self, device: Device) -> Any:
        """See `SelectingModel.load`."""
        network = sam_network(tensors_of(self.model.path)).float()
        network["image_encoder"].to(device.dtype)  # the rest is small, and its places need single precision
        return network.to(device.kind)

    def frame(self, view: View) -> Frame:
        """See `PointedSegmenter.frame`."""
        height, width = view.picture.shape[:2]
        scale = self.side / max(height, width)  # rounded as segment_anything's ResizeLongestSide does
        return Frame(width, height, int(width * scale + 0.5), int(height * scale + 0.5), self.side)

    def embedded(self, view: View) -> Any:
        """(1, 256, 64, 64) float32, on the device."""
        import torch

        encoder = self.network()["image_encoder"]
        weight = encoder.patch_embed.proj.weight
        square = torch.from_numpy(seen(view.picture, self.frame(view)))[None]
        return encoder(square.to(weight.device, weight.dtype)).float()

    def answered(self, embedding: Any, ask: Ask) -> Answer:
        """See `PointedSegmenter.answered`."""
        import torch

        network, device = self.network(), embedding.device
        points = None
        if ask.points.shape[1]:
            points = (torch.from_numpy(ask.points).to(device), torch.from_numpy(ask.is_on).to(device, torch.int))
        boxes = None if ask.boxes is None else torch.from_numpy(ask.boxes).to(device)
        known = None if ask.known is None else torch.from_numpy(ask.known)[:, None].to(device)
        sparse, dense = network["prompt_encoder"](points=points, boxes=boxes, masks=known)
        logits, scores = network["mask_decoder"](
            image_embeddings=embedding,
            image_pe=network["prompt_encoder"].get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=ask.is_open,
        )
        return Answer(logits.cpu().numpy(), scores.cpu().numpy())


def seen(picture: Floats, frame: Frame) -> Floats:
    """(3, side, side): scaled and normalised; the padding is 0 after it, as in segment_anything's `Sam.preprocess`."""
    scaled = resized(picture, frame.inner_width, frame.inner_height)
    square = np.zeros((3, frame.side, frame.side), np.float32)
    square[:, : frame.inner_height, : frame.inner_width] = ((scaled - MEAN) / DEVIATION).transpose(2, 0, 1)
    return square


def tensors_of(path: Path) -> dict[str, Any]:
    """Every tensor of a .safetensors file, or of those in a folder."""
    from safetensors.torch import load_file

    files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


SEGMENTER = Sam
