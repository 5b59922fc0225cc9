"""Tiny ControlNets and estimators with random weights, saved as users have them."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
)


def save_net(folder: Path, checkpoint: Path) -> Path:
    """A ControlNet for a plain checkpoint: its U-Net's first half, with layers behind it that add something."""
    torch.manual_seed(1)
    unet = UNet2DConditionModel.from_pretrained(str(checkpoint / "unet"), use_safetensors=True)
    net = ControlNetModel.from_unet(unet, conditioning_channels=3)
    for each in [*net.controlnet_down_blocks, net.controlnet_mid_block]:
        torch.nn.init.normal_(each.weight, std=0.3)  # ControlNets begin at zero, and are trained from there
    torch.nn.init.normal_(net.controlnet_cond_embedding.conv_out.weight, std=10.0)
    net.save_pretrained(str(folder), safe_serialization=True)
    return folder


def save_depth(folder: Path) -> Path:
    torch.manual_seed(2)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
        patch_size=14,
    )
    DepthAnythingForDepthEstimation(config).eval().save_pretrained(str(folder), safe_serialization=True)
    return folder


def save_pose(folder: Path) -> Path:
    torch.manual_seed(3)
    backbone = VitPoseBackboneConfig(
        image_size=[64, 48], patch_size=[16, 16], hidden_size=16, num_hidden_layers=2, num_attention_heads=2
    )
    config = VitPoseConfig(backbone_config=backbone, use_simple_decoder=True, num_labels=17)
    VitPoseForPoseEstimation(config).eval().save_pretrained(str(folder), safe_serialization=True)
    return folder
