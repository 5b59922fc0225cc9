"""Trains the toy models from nothing: `python -m tests.models.train [vae] [decoder] [plain] [inpaint] [instruct]`.

Each stage starts from what the ones before it have saved in `tests/models/toy`, so each can be run again alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from torch.nn import Module, functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from tests.models.words import LENGTH, tokenizer
from tests.models.world import CELL_PX, EMPTY, SIDE_PX, Coverage, Rgb, Scene, Thing, drawn_change, drawn_scene

TOY = Path(__file__).parent / "toy"
EARLY = Path(__file__).parent / "early"  # not checked in
CELLS = SIDE_PX // CELL_PX
CHANNELS = 4
WIDTH = 64  # of the words' embeddings
SCENES, CHANGES = 6_000, 3_000  # drawn and encoded once for each stage
VAE_BATCH, BATCH = 8, 16
NO_WORDS = 0.1  # of the captions are empty, for guidance (Ho and Salimans 2022)
DROPPED = 0.05  # words alone, picture alone, both (Brooks et al. 2023, section 3.2.1)
GREATEST_SNR = 5.0  # Hang et al. 2023: no level of noise counts for more than this
EMA = 0.998
SCHEDULE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}  # Stable Diffusion's


@dataclass(frozen=True)
class Course:
    """How long and how fast something learns."""

    name: str
    steps: int
    until: int  # where the rate would be 0: where that is later, the moving average is the end
    fastest: float

    def rate(self, step: int) -> float:
        """Of learning: warming up, then down a quarter wave of a cosine."""
        return self.fastest * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * cos(pi / 2 * step / self.until))


VAE = Course("vae", 500, 500, 2e-3)
DECODER = Course("decoder", 800, 800, 1e-3)
PLAIN = Course("plain", 1000, 2000, 1e-3)
INPAINT = Course("inpaint", 750, 1500, 6e-4)
INSTRUCT = Course("instruct", 600, 600, 6e-4)
EARLY_STEPS = 500  # of the plain one's; the inpainting one starts there, so that both can be trained at once


# The autoencoder


def train_vae() -> None:
    """4 x 4 pixels become 4 numbers. Three are led to the cell's mean colour, so that both halves learn at once.

    (Left to themselves they first learn lightness alone, and colour many times later.)
    """
    rng = np.random.default_rng(1)
    vae = AutoencoderKL(
        block_out_channels=(16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=1,  # more groups take an even ground's colour away
        mid_block_add_attention=False,
        sample_size=SIDE_PX,
        force_upcast=False,
    )
    with torch.no_grad():  # almost no noise in the latents, ever: what matters here is their mode
        vae.quant_conv.weight[CHANNELS:] = 0
        vae.quant_conv.bias[CHANNELS:] = -6
    optimiser = torch.optim.AdamW(vae.parameters(), weight_decay=1e-4, fused=True)
    log = Log(VAE)
    for step in range(VAE.steps):
        pixels = as_tensor([a_scene(rng).picture() for _ in range(VAE_BATCH)])
        spread = vae.encode(pixels).latent_dist
        error = functional.mse_loss(vae.decode(spread.sample()).sample, pixels)
        colours, free = spread.mean[:, :3], spread.mean[:, 3:]
        led = functional.mse_loss(colours, 2 * functional.avg_pool2d(pixels, CELL_PX)) + 1e-3 * free.square().mean()
        descend(error + led, optimiser, VAE.rate(step))
        log.say(step, -10 * np.log10(error.item() / 4), "PSNR {:.2f} dB")
    vae.eval()
    scale = float(1 / encoded(vae, [a_scene(rng).picture() for _ in range(200)]).std())
    vae.register_to_config(scaling_factor=scale)
    vae.half().save_pretrained(str(TOY / "vae"))


def train_decoder() -> None:
    """The decoder learns on while latents stay what they are: it may run beside the U-Nets' stages."""
    torch.manual_seed(1)
    rng = np.random.default_rng(5)
    vae = saved_vae()
    learned = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    optimiser = torch.optim.AdamW(learned, weight_decay=1e-4, fused=True)
    log = Log(DECODER)
    for step in range(DECODER.steps):
        pictures = [a_scene(rng).picture() for _ in range(VAE_BATCH)]
        latents = encoded(vae, pictures)
        error = functional.mse_loss(vae.decode(latents).sample, as_tensor(pictures))
        descend(error, optimiser, DECODER.rate(step))
        log.say(step, -10 * np.log10(error.item() / 4), "PSNR {:.2f} dB")
    vae.half().save_pretrained(str(TOY / "vae"))


def as_tensor(pictures: list[Rgb]) -> Tensor:
    """Pictures as (B, 3, h, w) in [-1, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) * 2 - 1


@torch.no_grad()
def encoded(vae: AutoencoderKL, pictures: list[Rgb]) -> Tensor:
    """Pictures as latents, (N, 4, h / 4, w / 4), unscaled."""
    pieces = [as_tensor(pictures[start : start + 64]) for start in range(0, len(pictures), 64)]
    return torch.cat([vae.encode(piece).latent_dist.mode() for piece in pieces])


# What the three U-Nets see


@dataclass(frozen=True)
class Lesson:
    """All that a U-Net is taught with, drawn once."""

    latents: Tensor  # (N, 4, h, w), scaled: what is noised
    beside: Tensor  # (N, C, h, w): further input channels, C = 0, 5 or 4
    tokens: Tensor  # (N, LENGTH)


def plain_lesson(vae: AutoencoderKL, words: CLIPTokenizer) -> Lesson:
    """Scenes and their captions."""
    rng = np.random.default_rng(2)
    scenes = [a_scene(rng) for _ in range(SCENES)]
    captions = [sometimes_empty(rng, scene.caption(rng)) for scene in scenes]
    latents = encoded(vae, [scene.picture() for scene in scenes]) * vae.config.scaling_factor
    return Lesson(latents, latents[:, :0], tokens(words, captions))


def inpaint_lesson(vae: AutoencoderKL, words: CLIPTokenizer) -> Lesson:
    """Scenes with a hole, and words for what belongs into it: a thing, or nothing."""
    rng = np.random.default_rng(3)
    pictures, masked, masks, captions = [], [], [], []
    for _ in range(SCENES):
        scene, mask, caption = a_hole(rng)
        picture = scene.picture()
        pictures.append(picture)
        masked.append(np.where(np.kron(mask, np.ones((CELL_PX, CELL_PX)))[..., None] > 0, np.float32(0.5), picture))
        masks.append(mask)
        captions.append(sometimes_empty(rng, caption))
    latents, unseen = (encoded(vae, each) * vae.config.scaling_factor for each in (pictures, masked))
    beside = torch.cat([torch.from_numpy(np.stack(masks))[:, None], unseen], dim=1)
    return Lesson(latents, beside, tokens(words, captions))


def instruct_lesson(vae: AutoencoderKL, words: CLIPTokenizer) -> Lesson:
    """Pictures before and after a change, and the words that ask for it."""
    rng = np.random.default_rng(4)
    changes = [drawn_change(rng) for _ in range(CHANGES)]
    fate = torch.from_numpy(rng.random(CHANGES))
    beside = encoded(vae, [change.before.picture() for change in changes])  # unscaled, as the paper's code has it
    beside[(fate > DROPPED) & (fate < 3 * DROPPED)] = 0
    told = ["" if chance < 2 * DROPPED else change.words for change, chance in zip(changes, fate, strict=True)]
    latents = encoded(vae, [change.after.picture() for change in changes]) * vae.config.scaling_factor
    return Lesson(latents, beside, tokens(words, told))


def a_scene(rng: np.random.Generator) -> Scene:
    return drawn_scene(rng, int(rng.choice([0, 1, 2], p=[0.1, 0.55, 0.35])))


def a_hole(rng: np.random.Generator) -> tuple[Scene, Coverage, str]:
    """(scene, mask in cells, what is in the hole)."""
    scene = drawn_scene(rng, int(rng.integers(1, 3)))
    hidden, words = scene.things[0], scene.things[0].words
    if rng.random() < 0.3:  # the thing is taken away: its place is empty
        scene, words = Scene(scene.ground, scene.things[1:]), EMPTY
    covered = hole_around(hidden, rng)
    return scene, covered, words


def hole_around(thing: Thing, rng: np.random.Generator) -> Coverage:
    """A box or an ellipse around a thing, in cells, widened by one as masks in latent space are: (h, w)."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX] + 0.5
    across, down = thing.radius + rng.uniform(1, 6, 2)
    aside, below = abs(columns - thing.x) / across, abs(rows - thing.y) / down
    hole = np.maximum(aside, below) < 1 if rng.random() < 0.6 else np.hypot(aside, below) < 1.15
    cells = hole.reshape(CELLS, CELL_PX, CELLS, CELL_PX).max(axis=(1, 3))
    widened = functional.max_pool2d(torch.from_numpy(cells)[None].float(), 3, stride=1, padding=1)[0]
    result: Coverage = widened.numpy()
    return result


def sometimes_empty(rng: np.random.Generator, caption: str) -> str:
    return "" if rng.random() < NO_WORDS else caption


def tokens(words: CLIPTokenizer, captions: list[str]) -> Tensor:
    """(N, LENGTH)."""
    told = words(captions, padding="max_length", max_length=LENGTH, return_tensors="pt").input_ids
    assert told.shape == (len(captions), LENGTH)
    return told


# The U-Nets


def train_plain() -> None:
    """4 channels, from nothing, together with the text encoder."""
    torch.manual_seed(2)
    words = tokenizer()
    encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(words),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )
    unet = new_unet(CHANNELS)

    def save_early() -> None:
        encoder.save_pretrained(str(EARLY / "text_encoder"))
        unet.save_pretrained(str(EARLY / "unet"))

    taught(unet, encoder, plain_lesson(saved_vae(), words), PLAIN, save_early)
    words.save_pretrained(str(TOY / "tokenizer"))
    DDIMScheduler(**SCHEDULE, clip_sample=False, set_alpha_to_one=False, steps_offset=1).save_pretrained(
        str(TOY / "scheduler")
    )
    encoder.half().save_pretrained(str(TOY / "text_encoder_plain"))
    unet.half().save_pretrained(str(TOY / "unet_plain"))


def train_inpaint() -> None:
    """9 channels, from what the plain one early was."""
    unet, encoder = saved_unet(EARLY / "unet"), saved_encoder(EARLY / "text_encoder")
    tuned(widened(unet, CHANNELS + 1 + CHANNELS), encoder, inpaint_lesson(saved_vae(), tokenizer()), INPAINT)


def train_instruct() -> None:
    """8 channels, from the plain one."""
    unet, encoder = saved_unet(TOY / "unet_plain"), saved_encoder(TOY / "text_encoder_plain")
    tuned(widened(unet, CHANNELS + CHANNELS), encoder, instruct_lesson(saved_vae(), tokenizer()), INSTRUCT)


def tuned(unet: Module, encoder: Module, lesson: Lesson, course: Course) -> None:
    """Learn on, more carefully; the words learn, too, and are kept with their U-Net."""
    taught(unet, encoder, lesson, course)
    encoder.half().save_pretrained(str(TOY / f"text_encoder_{course.name}"))
    unet.half().save_pretrained(str(TOY / f"unet_{course.name}"))


def new_unet(in_channels: int) -> UNet2DConditionModel:
    """About a million parameters; words enter at 8 x 8 cells."""
    return UNet2DConditionModel(
        sample_size=CELLS,
        in_channels=in_channels,
        out_channels=CHANNELS,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=2,  # diffusers' name for the number of heads
        norm_num_groups=8,
    )


def widened(plain: UNet2DConditionModel, in_channels: int) -> UNet2DConditionModel:
    """The same U-Net with further input channels that count for nothing yet (Brooks et al. 2023, section 3.2)."""
    wide = new_unet(in_channels)
    weights = plain.state_dict()
    first = torch.zeros_like(wide.conv_in.weight)
    first[:, :CHANNELS] = weights["conv_in.weight"]
    wide.load_state_dict({**weights, "conv_in.weight": first})
    return wide


def taught(
    unet: Module, encoder: Module, lesson: Lesson, course: Course, save_early: Callable[[], None] = lambda: None
) -> None:
    """Noise is learned to be told from pictures; the weights end as their moving average."""
    alphas = DDIMScheduler(**SCHEDULE).alphas_cumprod
    learned = [*unet.parameters(), *encoder.parameters()]
    average = [each.detach().clone() for each in learned]
    optimiser = torch.optim.AdamW(learned, weight_decay=1e-4, fused=True)
    log = Log(course)
    for step, rows in zip(range(course.steps), batches(len(lesson.tokens)), strict=False):
        clean = lesson.latents[rows]
        noise = torch.randn_like(clean)
        timesteps = torch.randint(0, len(alphas), (len(rows),))
        left = alphas[timesteps][:, None, None, None]  # (B, 1, 1, 1)
        noisy = left**0.5 * clean + (1 - left) ** 0.5 * noise
        told = encoder(lesson.tokens[rows]).last_hidden_state  # (B, LENGTH, WIDTH)
        predicted = unet(torch.cat([noisy, lesson.beside[rows]], dim=1), timesteps, told).sample
        ratio = left / (1 - left)
        error = (ratio.clamp(max=GREATEST_SNR) / ratio * (predicted - noise) ** 2).mean()
        descend(error, optimiser, course.rate(step), learned)
        with torch.no_grad():
            torch._foreach_lerp_(average, learned, 1 - min(EMA, (step + 1) / (step + 10)))
        log.say(step, error.item(), "error {:.4f}")
        if step + 1 == EARLY_STEPS:
            with averaged(learned, average):
                save_early()
    copied(learned, average)


@contextmanager
def averaged(learned: list[Tensor], average: list[Tensor]) -> Iterator[None]:
    """For a moment, the weights are their average."""
    now = [each.detach().clone() for each in learned]
    copied(learned, average)
    yield
    copied(learned, now)


def copied(weights: list[Tensor], values: list[Tensor]) -> None:
    """Set weights."""
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)


def batches(count: int) -> Iterator[Tensor]:
    """Rows of all lessons in random order, again and again."""
    while True:
        yield from torch.randperm(count).split(BATCH)


def descend(error: Tensor, optimiser: torch.optim.Optimizer, speed: float, clipped: list[Tensor] | None = None) -> None:
    optimiser.zero_grad()
    error.backward()
    if clipped:
        torch.nn.utils.clip_grad_norm_(clipped, 1.0)
    for group in optimiser.param_groups:
        group["lr"] = speed
    optimiser.step()


# What was saved


def saved_vae() -> AutoencoderKL:
    vae = AutoencoderKL.from_pretrained(str(TOY / "vae"), torch_dtype=torch.float32)
    vae.register_to_config(_name_or_path="")  # else it is saved with the name of this machine's folder
    return vae


def saved_unet(folder: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(str(folder), torch_dtype=torch.float32)


def saved_encoder(folder: Path) -> CLIPTextModel:
    return CLIPTextModel.from_pretrained(str(folder), dtype=torch.float32)


class Log:
    """A line every hundred steps: the mean over them, and the time."""

    def __init__(self, course: Course) -> None:
        self._course, self._began, self._values = course, time.monotonic(), [0.0]

    def say(self, step: int, value: float, how: str) -> None:
        """Note a step's value."""
        self._values = [*self._values[-99:], value]
        if (step + 1) % 100 == 0:
            told = how.format(np.mean(self._values))
            where = f"{self._course.name} {step + 1}/{self._course.steps}"
            print(f"{where}: {told}, {time.monotonic() - self._began:.0f} s", flush=True)


STAGES: dict[str, Callable[[], None]] = {
    "vae": train_vae,
    "decoder": train_decoder,
    "plain": train_plain,
    "inpaint": train_inpaint,
    "instruct": train_instruct,
}


def main(names: list[str]) -> None:
    """Run the named stages, or all."""
    torch.set_num_threads(1)  # the same sums on every machine, and the other cores are left alone
    for name in names or STAGES:
        torch.manual_seed(0)
        STAGES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
