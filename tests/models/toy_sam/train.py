"""Trains the toy SAM: `python -m tests.models.toy_sam.train MINUTES [further]`, from nothing or from what is there.

One thread, no GPU.

As SAM was (Kirillov et al. 2023, appendix A), only smaller: a click or a box first, then clicks where the mask is still
wrong, with that mask as one that is known. Of the three masks of a lone click the best one learns.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from inlay.pipelines.parts.sam_network import modeling
from numpy.random import Generator
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from tests.models.toy_sam.scenes import SIDE_PX, Scene, Support, drawn_scene

WEIGHTS = Path(__file__).with_name("toy_sam.safetensors")
PATCH_PX, WIDTH, DEPTH, HEADS, GLOBAL, WINDOW = 8, 128, 4, 4, (1, 3), 8
MASK_WIDTH, MASK_HEADS = 64, 8
BATCH, PROMPTS = 8, 6  # pictures a step, and questions about each
RATE, FURTHER_RATE, WARM_UP = 1e-3, 6e-4, 100
EMA = 0.998
ROUNDS = (1, 1, 2, 2)  # how often it is asked about the same thing
BOXES = 0.4  # of the first prompts; the others are clicks
BOX_NOISE_PX = 2.0
MEAN = torch.tensor([123.675, 116.28, 103.53])[:, None, None] / 255  # SAM's own
DEVIATION = torch.tensor([58.395, 57.12, 57.375])[:, None, None] / 255


def untrained() -> torch.nn.ModuleDict:
    """The network with random weights."""
    classes, grid = modeling(), SIDE_PX // PATCH_PX
    return torch.nn.ModuleDict(
        {
            "image_encoder": classes.ImageEncoderViT(
                img_size=SIDE_PX,
                patch_size=PATCH_PX,
                embed_dim=WIDTH,
                depth=DEPTH,
                num_heads=HEADS,
                mlp_ratio=2,
                out_chans=MASK_WIDTH,
                norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
                use_rel_pos=True,
                window_size=WINDOW,
                global_attn_indexes=GLOBAL,
            ),
            "prompt_encoder": classes.PromptEncoder(MASK_WIDTH, (grid, grid), (SIDE_PX, SIDE_PX), 16),
            "mask_decoder": classes.MaskDecoder(
                transformer_dim=MASK_WIDTH,
                transformer=classes.TwoWayTransformer(2, MASK_WIDTH, MASK_HEADS, 2 * MASK_WIDTH),
                iou_head_hidden_dim=MASK_WIDTH,
            ),
        }
    )


@dataclass(frozen=True)
class Questions:
    """n prompts of one kind, n = pictures * PROMPTS; places are pixel indices."""

    points: Tensor | None  # (n, p, 2)
    labels: Tensor | None  # (n, p), 1 on and 0 beside
    boxes: Tensor | None  # (n, 4)
    known: Tensor | None = None  # (n, 1, 64, 64), logits


def train(minutes: float, is_further: bool) -> None:
    """Save the moving average of the weights after so many minutes, in half precision."""
    seed, rate = int(is_further), FURTHER_RATE if is_further else RATE
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = untrained()
    if is_further:
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(WEIGHTS).items()})
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA)
    )
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.01)
    started, step, seen = time.monotonic(), 0, []
    while (share := (time.monotonic() - started) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * (0.51 + 0.49 * cos(pi * share))
        loss, ious = _step(network, rng)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(network)
        step += 1
        seen.append(ious)
        if step % 50 == 0:
            first, last = np.mean(seen[-50:], axis=0)
            print(f"{step}: {60 * minutes * share:.0f} s, IoU {first:.3f} first, {last:.3f} at last", flush=True)
    weights = {name: tensor.half().contiguous() for name, tensor in averaged.module.state_dict().items()}
    save_file(weights, WEIGHTS)


def _step(network: torch.nn.ModuleDict, rng: Generator) -> tuple[Tensor, tuple[float, float]]:
    """The loss over a batch; and the mean IoU after the first prompt, and after the last."""
    scenes = [drawn_scene(rng) for _ in range(BATCH)]
    truth = np.stack([scene.things[int(rng.integers(len(scene.things)))] for scene in scenes for _ in range(PROMPTS)])
    pictures = torch.stack([_normalised(scene) for scene in scenes])
    with torch.autocast("cpu", torch.bfloat16):
        embeddings = network["image_encoder"](pictures)
    embeddings = embeddings.float().repeat_interleave(PROMPTS, 0)
    wanted = functional.interpolate(torch.from_numpy(truth).float()[:, None], size=(64, 64), mode="area")

    questions, ious, total = _first(truth, rng), [], torch.zeros(())
    for round_ in range(int(rng.choice(ROUNDS))):
        is_open = questions.boxes is None and round_ == 0
        logits, scores = _answered(network, embeddings, questions, is_open)
        losses, found = _losses(logits, scores, wanted)
        total = total + losses
        best = found.argmax(1)
        ious.append(float(found.max(1).values.mean()))
        chosen = logits[torch.arange(len(logits)), best][:, None].detach()
        questions = _corrected(questions, chosen, truth, rng)
    return total / len(ious), (ious[0], ious[-1])


def _losses(logits: Tensor, scores: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """(the loss, of the best mask of each question; the IoU of each mask)."""
    likely, wanted = logits.sigmoid(), wanted.expand_as(logits)
    crossed = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((2, 3))
    dice = 1 - (2 * (likely * wanted).sum((2, 3)) + 1) / (likely.sum((2, 3)) + wanted.sum((2, 3)) + 1)
    with torch.no_grad():
        inside, truly = logits > 0, wanted > 0.5
        ious = (inside & truly).sum((2, 3)) / ((inside | truly).sum((2, 3)) + 1e-6)
    best = (4 * crossed + dice).min(1).values.mean()
    return best + 0.3 * functional.mse_loss(scores, ious), ious


def _answered(
    network: torch.nn.ModuleDict, embeddings: Tensor, asked: Questions, is_open: bool
) -> tuple[Tensor, Tensor]:
    """`MaskDecoder.predict_masks` for many pictures at once: (n, k, 64, 64) logits and (n, k) scores."""
    prompts, decoder = network["prompt_encoder"], network["mask_decoder"]
    points = None if asked.points is None else (asked.points, asked.labels)
    sparse, dense = prompts(points=points, boxes=asked.boxes, masks=asked.known)
    tokens = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])[None].expand(len(sparse), -1, -1)
    places = prompts.get_dense_pe().expand(len(sparse), -1, -1, -1)
    kept = slice(1, None) if is_open else slice(0, 1)
    with torch.autocast("cpu", torch.bfloat16):
        hidden, image = decoder.transformer(embeddings + dense, places, torch.cat([tokens, sparse], 1))
        enlarged = decoder.output_upscaling(image.mT.reshape(embeddings.shape))  # (n, 8, 64, 64)
        weights = [mlp(hidden[:, 1 + at]) for at, mlp in enumerate(decoder.output_hypernetworks_mlps)]
        logits = torch.einsum("nkc,nchw->nkhw", torch.stack(weights, 1)[:, kept], enlarged)
        scores = decoder.iou_prediction_head(hidden[:, 0])[:, kept]
    return logits.float(), scores.float()


def _first(truth: Support, rng: Generator) -> Questions:
    """A click on each thing, or a box around it, drawn by a hand that shakes."""
    if rng.random() >= BOXES:
        places = torch.tensor(np.array([clicked(one, rng) for one in truth]), dtype=torch.float32)[:, None]
        return Questions(places, torch.ones(len(truth), 1, dtype=torch.int), None)
    boxes = np.array([box_of(one) for one in truth]) + rng.normal(0, BOX_NOISE_PX, (len(truth), 4))
    return Questions(None, None, torch.tensor(boxes, dtype=torch.float32))


def _corrected(asked: Questions, logits: Tensor, truth: Support, rng: Generator) -> Questions:
    """One more click each, where the mask is wrong (anywhere on the thing where it is not), and the mask."""
    inside = functional.interpolate(logits, size=truth.shape[1:], mode="bilinear")[:, 0].numpy() > 0
    places, labels = [], []
    for mask, one in zip(inside, truth, strict=True):
        wrong = mask != one
        place = clicked(wrong if wrong.any() else one, rng)
        places.append(place)
        labels.append(int(one[int(place[1]), int(place[0])]))
    points, on = (
        torch.tensor(np.array(places), dtype=torch.float32)[:, None],
        torch.tensor(labels, dtype=torch.int)[:, None],
    )
    if asked.points is not None:
        points, on = torch.cat([asked.points, points], 1), torch.cat([asked.labels, on], 1)
    return Questions(points, on, asked.boxes, logits)


def clicked(inside: Support, rng: Generator) -> tuple[float, float]:
    """Any pixel of a mask: (x, y), its index."""
    rows, columns = np.nonzero(inside)
    at = int(rng.integers(len(rows)))
    return float(columns[at]), float(rows[at])


def box_of(inside: Support) -> tuple[int, int, int, int]:
    """The first and the last pixel: (left, top, right, bottom)."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def _normalised(scene: Scene) -> Tensor:
    """(3, 128, 128)."""
    return (torch.from_numpy(scene.picture).permute(2, 0, 1) - MEAN) / DEVIATION


if __name__ == "__main__":
    train(float(sys.argv[1]), "further" in sys.argv)
