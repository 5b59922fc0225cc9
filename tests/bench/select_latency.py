"""How long a click takes: `python -m tests.bench.select_latency PHOTO`.

An engine in a process of its own, asked as the panel asks it. The photo is scaled to each size; with GrabCut, and with
SAM ViT-B in its real size, whose weights are random: what it costs is real, what it selects is not. Prints a Markdown
table: looking at the picture ahead (`ready`), the first click after that, the next one, and a first click on a picture
that nobody looked at before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from inlay.files.reading import read_picture
from inlay.pixels.resampling import resized

from tests.bench.engine_service import Engine, seconds, started

SIDES = (1024, 4096, 8192)
VIT_B = {"embed_dim": 768, "depth": 12, "num_heads": 12, "global_attn_indexes": (2, 5, 8, 11)}  # Kirillov et al. 2023


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--at", default="0.27,0.3", help="where to click, as shares of width and height")
    parser.add_argument("--sides", default=",".join(map(str, SIDES)))
    asked = parser.parse_args()
    place = tuple(map(float, asked.at.split(",")))
    print("| segmenter | picture | ready s | first click s | next click s | first click, not ready s |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        save_sam(Path(folder) / "sam-random.safetensors")
        with started(INLAY_MODELS=folder) as engine:
            for side in map(int, asked.sides.split(",")):
                for model in ("grabcut", "sam-random"):
                    tell(engine, model, scaled(asked.photo, side), place)


def tell(engine: Engine, model: str, pixels: np.ndarray, place: tuple[float, ...]) -> None:
    """One row; every click is on a slightly other place, and the last on a picture of its own."""
    height, width = pixels.shape[:2]
    x, y = round(place[0] * width), round(place[1] * height)
    scene = shown(engine, pixels, model)
    ready = seconds(lambda: engine.ask_json("POST", "/selections/ready", scene))
    click = partial(clicked, engine, scene)
    first, then = seconds(lambda: click(x, y)), seconds(lambda: click(x + 2, y + 1))
    pixels = pixels.copy()
    pixels[0, 0] ^= 1
    other = shown(engine, pixels, model)
    cold = seconds(lambda: clicked(engine, other, x, y))
    print(f"| {model} | {width} x {height} | {ready:.2f} | {first:.2f} | {then:.2f} | {cold:.2f} |", flush=True)


def shown(engine: Engine, pixels: np.ndarray, model: str) -> dict[str, Any]:
    height, width = pixels.shape[:2]
    canvas = {"width": width, "height": height, "model": "RGBA", "depth": "U8", "profile": ""}
    box = {"x": 0, "y": 0, "width": width, "height": height}
    return {
        "image": engine.upload("RGBA", width, height, pixels.tobytes()),
        "canvas": canvas,
        "box": box,
        "model": model,
    }


def clicked(engine: Engine, scene: dict[str, Any], x: int, y: int) -> None:
    """The selection and its first mask, as the panel fetches it."""
    points = [{"x": x, "y": y, "is_on": True}]
    answer = engine.ask_json("POST", "/selections", {"kind": "object", **scene, "points": points})
    engine.ask("GET", f"/images/{answer['selection']['mask']}")


def scaled(photo: Path, side: int) -> np.ndarray:
    """(h, w, 4) BGRA, its long side as asked."""
    pixels = read_picture(photo).document_pixels
    scale = side / max(pixels.shape[:2])
    width, height = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    larger = np.rint(resized(pixels.astype(np.float32), width, height)).astype(np.uint8)
    return np.ascontiguousarray(larger[..., [2, 1, 0, 3]])


def save_sam(path: Path) -> None:
    """SAM ViT-B's networks as segment_anything builds them, with random weights."""
    import torch
    from inlay.pipelines.parts.sam_network import modeling
    from safetensors.torch import save_file

    classes = modeling()
    torch.manual_seed(0)
    norm = partial(torch.nn.LayerNorm, eps=1e-6)
    image = classes.ImageEncoderViT(
        img_size=1024, patch_size=16, out_chans=256, norm_layer=norm, use_rel_pos=True, window_size=14, **VIT_B
    )
    prompt = classes.PromptEncoder(256, (64, 64), (1024, 1024), 16)
    transformer = classes.TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8)
    mask = classes.MaskDecoder(transformer_dim=256, transformer=transformer)
    network = torch.nn.ModuleDict({"image_encoder": image, "prompt_encoder": prompt, "mask_decoder": mask})
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, path)


if __name__ == "__main__":
    started_at = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - started_at:.0f} s in all")
