"""ControlNet (Zhang et al. 2023): what is painted keeps the pose, depth or lines of what was there, or others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inlay.pipelines.card import GB, Card, Offer, Range, Signature
from inlay.pipelines.families.blended import PLAIN, blended
from inlay.pipelines.families.sd15_inpaint import denoised
from inlay.pipelines.family import FamilyError, Watch
from inlay.pipelines.models import Adapter, AdapterKind, Model
from inlay.pipelines.parts.control import Control, kept_timesteps, loaded_net
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.estimating import estimated
from inlay.pipelines.parts.latent_family import LatentFamily
from inlay.pipelines.parts.sitting import digest
from inlay.pipelines.shelf import Shelf

INPAINTING_CHANNELS = 9
SCALE = {False: 1.0, True: 0.5}  # of what a net adds, by is_xl; a half is what the model card of depth-sdxl recommends
OPENRAIL = "https://huggingface.co/spaces/CompVis/stable-diffusion-license"
OPENRAIL_XL = "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md"
FP16 = ("*.json", "*.fp16.safetensors")


class ControlNet(LatentFamily):
    """Beside an inpainting model, or a plain one that is blended: for a hand, a face, a furnished room."""

    card = Card(
        family="controlnet",
        title="ControlNet",
        edits=("replace",),
        rank=50,
        multiple=8,
        native_px=512,
        largest_px=768,
        memory_bytes=6 * GB,
        licence="the checkpoint's own",
        num_inference_steps=Range(30, 1, 150),
        guidance_scale=Range(7.5, 1, 30),
        strength=Range(0.99, 0.0, 1.0),
        source="Zhang et al. 2023 and the nets' model cards: guidance 7.5 to 9, 20 to 50 steps",
        controls=("pose", "depth", "lines"),
        signatures=(
            Signature("StableDiffusionInpaintPipeline", in_channels=9),
            Signature("StableDiffusionXLInpaintPipeline", in_channels=9),
            *PLAIN,
        ),
        offers=(
            Offer(
                "controlnet-pose-sd15",
                "Pose for Stable Diffusion 1.5",
                "lllyasviel/control_v11p_sd15_openpose",
                "main",
                round(0.72 * GB),
                "CreativeML OpenRAIL-M",
                OPENRAIL,
                patterns=FP16,
            ),
            Offer(
                "controlnet-depth-sd15",
                "Depth for Stable Diffusion 1.5",
                "lllyasviel/control_v11f1p_sd15_depth",
                "main",
                round(0.72 * GB),
                "CreativeML OpenRAIL-M",
                OPENRAIL,
                patterns=FP16,
            ),
            Offer(
                "controlnet-lines-sd15",
                "Lines for Stable Diffusion 1.5",
                "lllyasviel/control_v11p_sd15_canny",
                "main",
                round(0.72 * GB),
                "CreativeML OpenRAIL-M",
                OPENRAIL,
                patterns=FP16,
            ),
            Offer(
                "controlnet-pose-sdxl",
                "Pose for Stable Diffusion XL",
                "thibaud/controlnet-openpose-sdxl-1.0",
                "main",
                round(5.0 * GB),
                "its own, see its page",
                "https://huggingface.co/thibaud/controlnet-openpose-sdxl-1.0",
                patterns=("*.json", "diffusion_pytorch_model.safetensors"),
            ),
            Offer(
                "controlnet-depth-sdxl",
                "Depth for Stable Diffusion XL",
                "diffusers/controlnet-depth-sdxl-1.0",
                "main",
                round(2.5 * GB),
                "CreativeML OpenRAIL++-M",
                OPENRAIL_XL,
                patterns=FP16,
            ),
            Offer(
                "controlnet-lines-sdxl",
                "Lines for Stable Diffusion XL",
                "diffusers/controlnet-canny-sdxl-1.0",
                "main",
                round(2.5 * GB),
                "CreativeML OpenRAIL++-M",
                OPENRAIL_XL,
                patterns=FP16,
            ),
        ),
    )

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        """See `LatentFamily.denoise`."""
        easel.control = _control(easel, self.adapters, self.shelf, self.model)
        is_inpainting = easel.unet.config.in_channels == INPAINTING_CHANNELS
        return denoised(easel, watch) if is_inpainting else blended(easel, watch)


def _control(easel: Easel, adapters: Sequence[Adapter], shelf: Shelf, model: Model) -> Control:
    """What the sitting's settings ask for. Raises FamilyError where the net or the picture cannot be had."""
    import torch

    wanted, sitting = easel.settings.control, easel.sitting
    picture = sitting.control
    if picture is None:
        assert sitting.original is not None
        original = sitting.original
        key = ("control", wanted, digest(original), digest(sitting.mask))
        picture = easel.remembered(key, lambda: estimated(wanted, original, sitting.mask, adapters, shelf))
    found = next((one for one in adapters if (one.kind, one.purpose) == (AdapterKind.CONTROL_NET, wanted)), None)
    if found is None:
        raise FamilyError(
            "no_control",
            f"The ControlNet for {wanted} is not installed any more.",
            field="edit.control",
            remedy="Install it again, or leave `control` empty.",
        )
    net = shelf.take(str(found.path), lambda: loaded_net(found), beside=model.id)
    pixels = torch.from_numpy(np.ascontiguousarray(np.clip(picture, 0, 1).transpose(2, 0, 1)))[None]
    asked = easel.settings
    scale = SCALE[easel.is_xl] if asked.control_scale is None else asked.control_scale
    steps = kept_timesteps(easel.timesteps, asked.control_from, asked.control_until)
    return Control(net, pixels.to(net.device, net.dtype), scale, steps)


FAMILY = ControlNet
