"""SAM's network (Kirillov et al. 2023) in segment_anything's own classes, of the size that its tensors say."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

PACKAGE = "segment_anything.modeling"
DECODER_HEADS = 8  # of the mask decoder in every SAM; shapes do not tell
CHANNELS = 3
_IOU_LAYERS = re.compile(r"mask_decoder\.iou_prediction_head\.layers\.\d+\.weight")
# transformers' names, and segment_anything's: the inverse of transformers' own conversion, in this order.
RENAMED = tuple(
    (re.compile(theirs), ours)
    for theirs, ours in (
        (
            r"^(shared_image_embedding|prompt_encoder\.shared_embedding)\.positional_embedding$",
            "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        ),
        (r"^vision_encoder\.layers\.", "image_encoder.blocks."),
        (r"^vision_encoder\.", "image_encoder."),
        (r"patch_embed\.projection\.", "patch_embed.proj."),
        (r"neck\.conv1\.", "neck.0."),
        (r"neck\.layer_norm1\.", "neck.1."),
        (r"neck\.conv2\.", "neck.2."),
        (r"neck\.layer_norm2\.", "neck.3."),
        (r"mask_embed\.conv1\.", "mask_downscaling.0."),
        (r"mask_embed\.layer_norm1\.", "mask_downscaling.1."),
        (r"mask_embed\.conv2\.", "mask_downscaling.3."),
        (r"mask_embed\.layer_norm2\.", "mask_downscaling.4."),
        (r"mask_embed\.conv3\.", "mask_downscaling.6."),
        (r"\.point_embed\.", ".point_embeddings."),
        (r"upscale_conv1\.", "output_upscaling.0."),
        (r"upscale_layer_norm\.", "output_upscaling.1."),
        (r"upscale_conv2\.", "output_upscaling.3."),
        (r"(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.proj_out\.", r"\1.layers.2."),
        (r"(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.layers\.0\.", r"\1.layers.1."),
        (r"(iou_prediction_head|output_hypernetworks_mlps\.\d+)\.proj_in\.", r"\1.layers.0."),
        (r"layer_norm", "norm"),
    )
)


def sam_network(tensors: Mapping[str, Any]) -> Any:
    """A module of `image_encoder`, `prompt_encoder` and `mask_decoder` with these weights, on the CPU.

    tensors: the checkpoint's, under segment_anything's names or transformers'.
    Raises ValueError where some are missing, left over, or of a shape that does not fit the others.
    """
    import torch

    named = official(tensors)
    classes = modeling()
    with torch.device("meta"):  # no time is lost on random weights
        network = torch.nn.ModuleDict(
            {
                "image_encoder": _image_encoder(classes, named),
                "prompt_encoder": _prompt_encoder(classes, named),
                "mask_decoder": _mask_decoder(classes, named),
            }
        )
    _check(network.state_dict(), named)
    network.load_state_dict(named, assign=True)
    return network.eval()


def _check(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """In words: torch's own refusal fills a page."""
    faults = {
        "missing": [name for name in wanted if name not in found],
        "of another size than the rest": [
            name for name in wanted if name in found and wanted[name].shape != found[name].shape
        ],
        "nothing that SAM has": [name for name in found if name not in wanted],
    }
    for fault, names in faults.items():
        if names:
            raise ValueError(f"{len(names)} of its tensors are {fault}, {names[0]} first")


def official(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors under segment_anything's names, whether they have those or transformers'."""
    if not any(name.startswith("vision_encoder.") for name in tensors):
        return dict(tensors)
    return {_renamed(name): tensor for name, tensor in tensors.items()}


def _renamed(name: str) -> str:
    for theirs, ours in RENAMED:
        name = theirs.sub(ours, name)
    return name


def _image_encoder(classes: Any, tensors: Mapping[str, Any]) -> Any:
    import torch

    width, _, patch, _ = _shape(tensors, "image_encoder.patch_embed.proj.weight")
    grid = _shape(tensors, "image_encoder.pos_embed")[1]
    depth = _count(tensors, "image_encoder.blocks.{}.norm1.weight")
    reaches = [_reach(tensors, block) for block in range(depth)]
    windows = [reach for reach in reaches if reach != grid]
    return classes.ImageEncoderViT(
        img_size=grid * patch,
        patch_size=patch,
        in_chans=CHANNELS,
        embed_dim=width,
        depth=depth,
        num_heads=width // _shape(tensors, "image_encoder.blocks.0.attn.rel_pos_h")[1],
        mlp_ratio=_shape(tensors, "image_encoder.blocks.0.mlp.lin1.weight")[0] / width,
        out_chans=_shape(tensors, "image_encoder.neck.0.weight")[0],
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=windows[0] if windows else 0,
        global_attn_indexes=tuple(block for block, reach in enumerate(reaches) if reach == grid),
    )


def _reach(tensors: Mapping[str, Any], block: int) -> int:
    """How many patches a block's attention sees along a side: there is a relative place for each way to differ."""
    return (_shape(tensors, f"image_encoder.blocks.{block}.attn.rel_pos_h")[0] + 1) // 2


def _prompt_encoder(classes: Any, tensors: Mapping[str, Any]) -> Any:
    grid, patch = (
        _shape(tensors, "image_encoder.pos_embed")[1],
        _shape(tensors, "image_encoder.patch_embed.proj.weight")[2],
    )
    return classes.PromptEncoder(
        embed_dim=_shape(tensors, "prompt_encoder.no_mask_embed.weight")[1],
        image_embedding_size=(grid, grid),
        input_image_size=(grid * patch, grid * patch),
        mask_in_chans=_shape(tensors, "prompt_encoder.mask_downscaling.3.weight")[0],
    )


def _mask_decoder(classes: Any, tensors: Mapping[str, Any]) -> Any:
    masks, width = _shape(tensors, "mask_decoder.mask_tokens.weight")
    transformer = classes.TwoWayTransformer(
        depth=_count(tensors, "mask_decoder.transformer.layers.{}.norm1.weight"),
        embedding_dim=width,
        num_heads=DECODER_HEADS,
        mlp_dim=_shape(tensors, "mask_decoder.transformer.layers.0.mlp.lin1.weight")[0],
    )
    return classes.MaskDecoder(
        transformer_dim=width,
        transformer=transformer,
        num_multimask_outputs=masks - 1,
        iou_head_depth=sum(_IOU_LAYERS.fullmatch(name) is not None for name in tensors),
        iou_head_hidden_dim=_shape(tensors, "mask_decoder.iou_prediction_head.layers.0.weight")[0],
    )


def _shape(tensors: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """Raises ValueError where it is not there."""
    if name not in tensors:
        raise ValueError(f"its tensor {name} is missing")
    return tuple(tensors[name].shape)


def _count(tensors: Mapping[str, Any], name: str) -> int:
    """How many layers there are: numbers for {} from 0 on."""
    found = 0
    while name.format(found) in tensors:
        found += 1
    return found


def modeling() -> Any:
    """segment_anything's networks, without the rest of the package.

    WORKAROUND https://github.com/facebookresearch/segment-anything: its `__init__` imports torchvision for resizing
    pictures, which we do ourselves, and torchvision's wheels do not go with every torch. The networks need torch alone.
    """
    if PACKAGE in sys.modules:
        return sys.modules[PACKAGE]
    found = importlib.util.find_spec("segment_anything")
    if found is None or found.origin is None:
        raise ImportError("segment_anything is not installed")
    folder = Path(found.origin).with_name("modeling")
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)
    return module
