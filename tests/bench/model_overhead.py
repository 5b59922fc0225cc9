"""Our whole edit against the bare diffusers pipeline: the same model, size, steps and seed, by turns in one process.

    OMP_NUM_THREADS=2 python -m tests.bench.model_overhead            # a tiny model; the large picture takes minutes
    OMP_NUM_THREADS=2 python -m tests.bench.model_overhead --real     # Stable Diffusion 1.5's size, random weights

A ratio is our time over the bare pipeline's; of several rounds the median, for machines are never quite idle. *Cold* is
from the folder on disk to the result. *Warm* has everything loaded, and nothing remembered of this picture and prompt;
*again* is the same edit with another seed. *Small mask* repaints 5 % of a large picture: bare at the picture's size.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from inlay.catalogue.recognise import recognise
from inlay.config import Limits
from inlay.edits.edit import Canvas, Scope, Source
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf
from inlay.pixels import formats
from inlay.pixels.formats import Depth, PixelFormat
from inlay.pixels.geometry import Box
from PIL import Image

from tests.engine.pipelines import tiny

NAME = "measured"
PROMPT = "a red boat"
NATIVE_PX = 512  # Stable Diffusion 1.5's; the tiny model knows no other way to work at the same size on both sides
Run = Callable[[], object]


class Silent:
    """A watch that nobody looks at, but that is told everything."""

    def progress(self, fraction: float, message: str) -> None: ...

    def preview(self, rgb: np.ndarray) -> None: ...

    def note(self, text: str) -> None: ...

    def is_cancelled(self) -> bool:
        return False


@dataclass(frozen=True)
class Scene:
    """A picture with a hole in its middle."""

    pixels: np.ndarray  # (H, W, 4) uint8, BGRA
    hole: Box

    @property
    def mask(self) -> np.ndarray:
        """(H, W) uint8."""
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        mask[self.hole.slices] = 255
        return mask

    @property
    def canvas(self) -> Canvas:
        height, width = self.pixels.shape[:2]
        return Canvas(width, height, PixelFormat(formats.Model.RGBA, Depth.U8))


def scene(side: int, share: float, seed: int) -> Scene:
    """Waves and grain; the hole is a square of this share of the area."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side].astype(np.float32) / 60
    waves = [np.sin(rows * one + seed) * np.cos(columns * (2 - one)) for one in (0.4, 0.9, 1.5)]
    rgb = 128 + 80 * np.stack(waves, axis=2) + rng.normal(0, 2, (side, side, 3)).astype(np.float32)
    pixels = np.concatenate([np.clip(rgb, 0, 255), np.full((side, side, 1), 255)], axis=2).astype(np.uint8)
    long = round(side * share**0.5)
    return Scene(pixels, Box((side - long) // 2, (side - long) // 2, long, long))


@dataclass
class Contest:
    """One checkpoint, run both ways."""

    folder: Path
    steps: int

    def model(self) -> Model:
        return Model(NAME, self.folder, replace(recognise(self.folder), native_px=NATIVE_PX), 0)

    def roster(self) -> Roster:
        model = self.model()
        return Roster(lambda: [model], Shelf())

    def ours(self, roster: Roster, shown: Scene, seed: int, prompt: str = PROMPT) -> object:
        """Plan and perform, as the engine does."""
        edit = ReplaceEdit(model=NAME, prompt=prompt, num_inference_steps=self.steps, strength=1.0, seed=seed)
        plan = edit.plan(Scope(shown.canvas, shown.hole, roster, Limits()))
        source = Source(shown.pixels[plan.read_box.slices], shown.mask[plan.read_box.slices], shown.canvas)
        return edit.perform(plan, source, roster.find(plan.model, plan.family), Silent())

    def pipeline(self) -> StableDiffusionInpaintPipeline:
        device = chosen_device()
        made = diffusers.DiffusionPipeline.from_pretrained(
            str(self.folder), dtype=device.dtype, use_safetensors=True, local_files_only=True
        )
        made.set_progress_bar_config(disable=True)
        return made.to(device.kind)

    def bare(self, pipeline: StableDiffusionInpaintPipeline, shown: Scene, seed: int, prompt: str = PROMPT) -> object:
        """As its model card writes it."""
        height, width = shown.pixels.shape[:2]
        return pipeline(
            prompt=prompt,
            image=Image.fromarray(shown.pixels[..., 2::-1]),
            mask_image=Image.fromarray(shown.mask),
            height=height,
            width=width,
            num_inference_steps=self.steps,
            strength=1.0,
            guidance_scale=7.5,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]


@dataclass(frozen=True)
class Taken:
    """What a run took, in seconds: by the clock, and of all processors together, which other work disturbs less."""

    wall: float
    cpu: float


def taken(run: Run) -> Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu)


def compared(name: str, rounds: int, bare: Callable[[int], Run], ours: Callable[[int], Run]) -> str:
    """A markdown row. bare, ours: for a round's number, what to run."""
    pairs: list[tuple[Taken, Taken]] = []
    for number in range(rounds):
        if number % 2:
            one, other = taken(bare(number)), taken(ours(number))
        else:
            other, one = taken(ours(number)), taken(bare(number))
        pairs.append((one, other))
    return f"| {name} | {_measured(pairs, 'wall')} | {_measured(pairs, 'cpu')} | {rounds} |"


def _measured(pairs: list[tuple[Taken, Taken]], clock: str) -> str:
    """Three cells: both medians, and the median of the ratios, with the least and the largest."""
    times = [(getattr(one, clock), getattr(other, clock)) for one, other in pairs]
    theirs, mine = (statistics.median(each) for each in zip(*times, strict=True))
    ratios = sorted(other / one for one, other in times)
    spread = f" ({ratios[0]:.3f} .. {ratios[-1]:.3f})" if ratios[1:] else ""
    return f"{theirs:.2f} | {mine:.2f} | **{statistics.median(ratios):.3f}**{spread}"


def rows(contest: Contest, rounds: int, large_side: int, large_rounds: int) -> list[Callable[[], str]]:
    """The table's rows, each measured when it is called."""
    scenes = [scene(NATIVE_PX, 0.2, seed) for seed in range(rounds + 1)]
    pipeline, roster = contest.pipeline(), contest.roster()
    contest.bare(pipeline, scenes[-1], 0)
    contest.ours(roster, scenes[-1], 0)

    def cold_bare(number: int) -> Run:
        return lambda: contest.bare(contest.pipeline(), scenes[number], number)

    def cold_ours(number: int) -> Run:
        return lambda: contest.ours(contest.roster(), scenes[number], number)

    def warm(number: int) -> str:
        return f"{PROMPT} {number}"

    found = [
        lambda: compared("cold", max(rounds // 2, 1), cold_bare, cold_ours),
        lambda: compared(
            "warm",
            rounds,
            lambda number: lambda: contest.bare(pipeline, scenes[number], number, warm(number)),
            lambda number: lambda: contest.ours(roster, scenes[number], number, warm(number)),
        ),
        lambda: compared(
            "again, another seed",
            rounds,
            lambda number: lambda: contest.bare(pipeline, scenes[-1], number + 1),
            lambda number: lambda: contest.ours(roster, scenes[-1], number + 1),
        ),
    ]
    if large_side:
        large = scene(large_side, 0.05, 0)
        found.append(
            lambda: compared(
                f"5 % of {large_side}²",
                large_rounds,
                lambda number: lambda: contest.bare(pipeline, large, number),
                lambda number: lambda: contest.ours(roster, large, number, warm(number)),
            )
        )
    return found


def save_real(folder: Path) -> Path:
    """Stable Diffusion 1.5 inpainting's U-Net and VAE at their real size; the text encoder is tiny, 768 wide."""
    torch.manual_seed(0)
    dtype = chosen_device().dtype
    torch.set_default_dtype(dtype)
    unet = UNet2DConditionModel(in_channels=9, sample_size=64, cross_attention_dim=768)
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    )
    text_encoder = tiny.text_encoder(768)
    torch.set_default_dtype(torch.float32)
    scheduler = DDIMScheduler.from_config(
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1}
    )
    pipeline = StableDiffusionInpaintPipeline(
        vae,
        text_encoder,
        tiny.tokenizer(),
        unet,
        scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="Stable Diffusion 1.5's size, random weights")
    parser.add_argument("--steps", type=int, help="of denoising; 20 for the tiny model, 2 for the real one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large-side", type=int, default=4096, help="of the large picture; 0 leaves it out")
    parser.add_argument("--large-rounds", type=int, default=1)
    args = parser.parse_args()
    diffusers.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as home:
        folder = save_real(Path(home) / "model") if args.real else tiny.save(Path(home) / "model", 9)
        contest = Contest(folder, args.steps or (2 if args.real else 20))
        device = chosen_device()
        print(
            f"{NATIVE_PX}², {contest.steps} steps, {device.kind} {device.dtype}, {torch.get_num_threads()} threads, "
            f"load {os.getloadavg()[0]:.1f}\n\n| | bare s | ours s | ratio | bare CPU s | ours CPU s | ratio | rounds |"
        )
        print("|---|---|---|---|---|---|---|---|")
        large_side = 0 if args.real else args.large_side
        for row in rows(contest, args.rounds, large_side, args.large_rounds):
            print(row(), flush=True)
        print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
