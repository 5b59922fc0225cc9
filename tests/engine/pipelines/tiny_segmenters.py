"""Tiny models that select, with random weights, as users have theirs: SAM in both forms, SAM 2, finder and matter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from inlay.pipelines.parts.sam_network import official
from inlay.pipelines.segmenter import View
from inlay.pixels.selecting.prompts import Point, Prompts
from safetensors.torch import save_file

SIDE_PX = 64
SEED = 3
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", "a", "the", "red", "car", "dog", "tree", "?", "*"]
IN_VIDEOS = {"memory_temporal_positional_encoding": (7, 1, 1, 32), "no_object_pointer": (1, 32)}


def sam() -> transformers.SamModel:
    """Windowed and global attention, as in ViT-B; 8 pixels a patch."""
    torch.manual_seed(SEED)
    vision = transformers.SamVisionConfig(
        hidden_size=32,
        output_channels=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SIDE_PX,
        patch_size=8,
        window_size=3,
        global_attn_indexes=[1],
        mlp_dim=64,
        num_pos_feats=16,
        initializer_range=0.3,
    )
    prompts = transformers.SamPromptEncoderConfig(
        hidden_size=32, image_size=SIDE_PX, patch_size=8, mask_input_channels=8
    )
    decoder = transformers.SamMaskDecoderConfig(hidden_size=32, mlp_dim=48, iou_head_hidden_dim=24)
    config = transformers.SamConfig(
        vision_config=vision.to_dict(), prompt_encoder_config=prompts.to_dict(), mask_decoder_config=decoder.to_dict()
    )
    return _stirred(transformers.SamModel(config))


def save_sam_folder(folder: Path) -> Path:
    """As `facebook/sam-vit-base` is."""
    sam().save_pretrained(str(folder), safe_serialization=True)
    return folder


def save_sam_file(path: Path) -> Path:
    """The same weights in one file, under segment_anything's names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.clone() for name, tensor in official(sam().state_dict()).items()}, path)
    return path


def sam2() -> transformers.Sam2Model:
    torch.manual_seed(SEED)
    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=8,
        image_size=[SIDE_PX, SIDE_PX],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64],
        num_attention_heads_per_stage=[1, 1, 2, 2],
        window_size_per_stage=[4, 2, 2, 2],
        window_positional_embedding_background_size=[4, 4],
        global_attention_blocks=[3],
    )
    sides = [SIDE_PX // each for each in (4, 8, 16)]
    vision = transformers.Sam2VisionConfig(
        backbone_config=backbone.to_dict(),
        backbone_channel_list=[64, 32, 16, 8],
        backbone_feature_sizes=[[side, side] for side in sides],
        fpn_hidden_size=32,
    )
    prompts = transformers.Sam2PromptEncoderConfig(
        hidden_size=32, image_size=SIDE_PX, patch_size=16, mask_input_channels=8
    )
    decoder = transformers.Sam2MaskDecoderConfig(hidden_size=32, mlp_dim=48, iou_head_hidden_dim=24)
    config = transformers.Sam2Config(
        vision_config=vision.to_dict(), prompt_encoder_config=prompts.to_dict(), mask_decoder_config=decoder.to_dict()
    )
    return _stirred(transformers.Sam2Model(config))


def save_sam2(folder: Path) -> Path:
    """As the hub has it: called a model for videos, with that one's memory beside what pictures need."""
    network = sam2()
    network.save_pretrained(str(folder), safe_serialization=True)
    path = folder / "config.json"
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {"model_type": "sam2_video"}), encoding="utf-8")
    memory = {name: torch.zeros(shape) for name, shape in IN_VIDEOS.items()}
    save_file({**network.state_dict(), **memory}, folder / "model.safetensors", {"format": "pt"})
    return folder


def save_grounding_dino(folder: Path) -> Path:
    torch.manual_seed(SEED)
    text = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    backbone = transformers.SwinConfig(
        image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4, out_indices=[2, 3, 4]
    )
    config = transformers.GroundingDinoConfig(
        backbone_config=backbone.to_dict(),
        text_config=text.to_dict(),
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=20,
        max_text_len=32,
    )
    network = transformers.GroundingDinoForObjectDetection(config).eval()
    network.save_pretrained(str(folder), safe_serialization=True)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    transformers.BertTokenizer(vocab=vocabulary).save_pretrained(str(folder))
    return folder


def save_vitmatte(folder: Path) -> Path:
    torch.manual_seed(SEED)
    backbone = transformers.VitDetConfig(
        hidden_size=16,
        num_channels=4,
        image_size=64,
        pretrain_image_size=32,
        patch_size=16,
        num_attention_heads=2,
        num_hidden_layers=2,
        window_size=2,
        use_relative_position_embeddings=True,
        out_features=["stage2"],
    )
    config = transformers.VitMatteConfig(
        backbone_config=backbone.to_dict(),
        hidden_size=16,
        convstream_hidden_sizes=[8, 12, 16],
        fusion_hidden_sizes=[32, 16, 8, 8],
    )
    transformers.VitMatteForImageMatting(config).eval().save_pretrained(str(folder), safe_serialization=True)
    return folder


def _stirred(network: torch.nn.Module) -> torch.nn.Module:
    """Weights that transformers leaves at 0 or 1 made random, so that each of them matters."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval()


CLICK = Prompts((Point(30.5, 20.5, True),))
SAVED = {
    "sam-folder": save_sam_folder,
    "sam-file": lambda path: save_sam_file(path.with_suffix(".safetensors")),
    "sam2": save_sam2,
    "finder": save_grounding_dino,
    "matter": save_vitmatte,
}
POINTED = ("sam-folder", "sam-file", "sam2")


def seen(height: int = SIDE_PX, width: int = SIDE_PX, key: str = "a") -> View:
    """A picture with grain; another key, another picture."""
    rng = np.random.default_rng(sum(map(ord, key)))
    return View(key, rng.random((height, width, 3), np.float32))


def calls_of(module: torch.nn.Module) -> list[int]:
    """A list that grows with every run of a module."""
    calls: list[int] = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls
