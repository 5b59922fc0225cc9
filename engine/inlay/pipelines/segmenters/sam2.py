"""SAM 2.1 (Ravi et al. 2024) on single pictures, in transformers' classes; resizing and normalising are our own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from inlay.pipelines.beside import APACHE, MB, beside_card
from inlay.pipelines.card import GB, Offer
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import Device
from inlay.pipelines.parts.pointing import Answer, Ask, Frame, PointedSegmenter
from inlay.pipelines.parts.pretrained import config_of, normalised, pretrained
from inlay.pipelines.segmenter import SegmenterCard, View
from inlay.pipelines.shelf import Shelf
from inlay.pixels.resampling import resized

FILES = ("config.json", "model.safetensors")


def _offer(id: str, size: str, repository: str, size_bytes: int) -> Offer:
    title = f"Segment Anything 2.1, {size}"
    return Offer(id, title, repository, "main", size_bytes, "Apache-2.0", APACHE, patterns=FILES)


CARD = SegmenterCard(
    family="sam2",
    title="Segment Anything 2.1",
    rank=30,
    working_px=1024,
    looks_close=False,
    memory_bytes=2 * GB,
    licence="Apache-2.0",
    offers=(
        _offer("sam2-tiny", "tiny", "facebook/sam2.1-hiera-tiny", 156 * MB),
        _offer("sam2-small", "small", "facebook/sam2.1-hiera-small", 184 * MB),
        _offer("sam2-base", "base plus", "facebook/sam2.1-hiera-base-plus", 323 * MB),
        _offer("sam2-large", "large", "facebook/sam2.1-hiera-large", 898 * MB),
    ),
)


class Sam2(PointedSegmenter):
    """The picture is stretched to a square of 1024 px."""

    listing = beside_card(CARD.family, CARD.title, CARD.offers, CARD.memory_bytes, ("select",), CARD.rank, "sam2")

    def __init__(self, model: Model, shelf: Shelf) -> None:
        super().__init__(model, shelf)
        self.side = model.description.native_px or CARD.working_px
        self.card = replace(CARD, working_px=self.side)

    @property
    def known_side(self) -> int:
        """See `PointedSegmenter.known_side`."""
        side: int = self.network().prompt_encoder.mask_input_size[0]
        return side

    def load(self, device: Device) -> Any:
        """See `SelectingModel.load`. The hub's folders are of SAM 2 for videos: its parts for pictures are taken."""
        import transformers

        told = config_of(self.model.path)
        names = ("vision_config", "prompt_encoder_config", "mask_decoder_config")
        config = transformers.Sam2Config(**{name: told[name] for name in names if name in told})
        network = pretrained(transformers.Sam2Model, self.model.path, config)
        network.vision_encoder.to(device.dtype)  # the rest is small, and its places need single precision
        return network.to(device.kind)

    def frame(self, view: View) -> Frame:
        """See `PointedSegmenter.frame`."""
        height, width = view.picture.shape[:2]
        return Frame(width, height, self.side, self.side, self.side)

    def embedded(self, view: View) -> Any:
        """Three maps, float32 on the device: (1, 32, 256, 256), (1, 64, 128, 128), (1, 256, 64, 64)."""
        import torch

        network = self.network()
        square = torch.from_numpy(normalised(resized(view.picture, self.side, self.side)))[None]
        seen = network.vision_encoder(square.to(network.device, network.vision_encoder.dtype))
        fine, middle, coarse = (each.float() for each in seen.fpn_hidden_states)
        decoder = network.mask_decoder  # as `Sam2Model.get_image_embeddings`, from an encoder in another precision
        no_memory = network.no_memory_embedding.reshape(1, -1, 1, 1)  # of earlier pictures: this is no video
        return [decoder.conv_s0(fine), decoder.conv_s1(middle), coarse + no_memory]

    def answered(self, embedding: Any, ask: Ask) -> Answer:
        """See `PointedSegmenter.answered`."""
        import torch

        network, prompts = self.network(), {}
        if ask.points.shape[1]:
            prompts = {"input_points": ask.points[None], "input_labels": ask.is_on[None].astype(np.int64)}
        if ask.boxes is not None:
            prompts["input_boxes"] = ask.boxes[None]
        if ask.known is not None:
            prompts["input_masks"] = ask.known[:, None]
        given = {name: torch.from_numpy(each).to(network.device) for name, each in prompts.items()}
        found = network(image_embeddings=list(embedding), multimask_output=ask.is_open, **given)
        return Answer(found.pred_masks[0].cpu().numpy(), found.iou_scores[0].cpu().numpy())


SEGMENTER = Sam2
