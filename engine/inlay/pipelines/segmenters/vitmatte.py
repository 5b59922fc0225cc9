"""ViTMatte (Yao et al. 2023): how much of each pixel at a soft edge belongs to the thing."""

from __future__ import annotations

from typing import Any

import numpy as np

from inlay.pipelines.beside import APACHE, MB, beside_card
from inlay.pipelines.card import GB, Offer
from inlay.pipelines.parts.devices import Device
from inlay.pipelines.parts.pretrained import pretrained
from inlay.pipelines.parts.selecting import SelectingModel
from inlay.pixels.resampling import Floats

MULTIPLE = 32  # of its sides: its preprocessor_config.json's size_divisor
TITLE = "ViTMatte: soft edges of selections, hair and glass"
OFFERS = (
    Offer(
        "vitmatte",
        "ViTMatte, small: soft edges of selections, hair and glass",
        "hustvl/vitmatte-small-composition-1k",
        "main",
        103 * MB,
        "Apache-2.0",
        APACHE,
        patterns=("config.json", "model.safetensors"),
    ),
)


class VitMatte(SelectingModel):
    """Looks at the picture and a trimap as one picture of four channels."""

    listing = beside_card("vitmatte", TITLE, OFFERS, 2 * GB, architecture="vitmatte")

    def load(self, device: Device) -> Any:
        """See `SelectingModel.load`."""
        import transformers

        return pretrained(transformers.VitMatteForImageMatting, self.model.path).to(device.kind, device.dtype)

    def alpha(self, picture: Floats, trimap: Floats) -> Floats:
        """See `Matter.alpha`. What the trimap is sure of stays as it says."""
        import torch

        height, width = trimap.shape
        with self.at_work():
            network = self.network()
            shown = torch.from_numpy(shown_to(picture, trimap))[None].to(network.device, network.dtype)
            found = network(pixel_values=shown).alphas[0, 0].float().cpu().numpy()[:height, :width]
        unsure = (trimap > 0) & (trimap < 1)
        return np.where(unsure, np.clip(found, 0, 1), trimap).astype(np.float32)


def shown_to(picture: Floats, trimap: Floats) -> Floats:
    """(4, h, w), both sides padded with zeros to multiples of 32: the picture from -1 to 1, and the trimap."""
    height, width = trimap.shape
    channels = np.concatenate([(picture.transpose(2, 0, 1) - 0.5) / 0.5, trimap[None]]).astype(np.float32)
    return np.pad(channels, ((0, 0), (0, -height % MULTIPLE), (0, -width % MULTIPLE)))


MATTER = VitMatte
