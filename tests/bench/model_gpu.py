"""What models of real size cost on a GPU, with random weights that are made on it: time, memory, and what it loses.

    python -m tests.bench.model_gpu                      # on a GPU; FLUX.1 needs 40 GB of it
    python -m tests.bench.model_gpu --only sdxl
    python -m tests.bench.model_gpu --tiny               # on the CPU: that it runs, and nothing more

*First* is the first run, compilation and all; *warm* the next one with another seed; *bare* the pipeline of diffusers
on the same parts, at the same size, steps and seed, the second time. PSNR is that of the picture to the first row's:
random weights make noise of every difference, so it is a lower bound. Text encoders are as wide as the real ones, and
have few layers: words are read once for a prompt.
"""

from __future__ import annotations

import argparse
import gc
import inspect
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel, UNet2DConditionModel
from inlay.pipelines.card import Description, Settings
from inlay.pipelines.families.flux_fill import FluxFill
from inlay.pipelines.families.flux_kontext import FluxKontext
from inlay.pipelines.families.sdxl_inpaint import SdxlInpaint
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import Device, chosen_device
from inlay.pipelines.parts.loading import parts_from
from inlay.pipelines.parts.model_family import ModelFamily
from inlay.pipelines.parts.residency import Place, Residency, settle
from inlay.pipelines.parts.sitting import Sitting
from inlay.pipelines.shelf import Shelf
from transformers import CLIPTextModelWithProjection

from tests.bench.model_overhead import Silent
from tests.engine.pipelines import tiny, tiny_transformers

PROMPT = "a red boat"
TINY_PX, TINY_STEPS = 64, 2
WHOLE = Residency()
VAE = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "sample_size": 1024,
}


@dataclass(frozen=True)
class Subject:
    """A family, and how its model is built."""

    family: type[ModelFamily]
    pipeline_class: str
    steps: int
    built: Callable[[], Any]  # a pipeline of real size, on torch's default device and in its default dtype
    tiny: Callable[[], Any]
    asked: dict[str, Any] = field(default_factory=dict)  # fields of Settings
    bare: dict[str, Any] = field(default_factory=dict)  # what the pipeline is called with besides
    has_mask: bool = True


@dataclass(frozen=True)
class Variant:
    """One way to run it."""

    name: str
    way: Residency = WHOLE
    is_compiled: bool = False
    is_cached: bool = False


REDUCED = Residency(is_reduced=True)
VARIANTS = (
    Variant("16 bit"),
    Variant("compiled", is_compiled=True),
    Variant("8 bit weights", REDUCED),
    Variant("8 bit weights, compiled", REDUCED, is_compiled=True),
    Variant("cached", is_cached=True),
    Variant("cached, compiled", is_cached=True, is_compiled=True),
    Variant("a network at a time", Residency(Place.PARTS)),
    Variant("a layer at a time", Residency(Place.LAYERS)),
)


# Models


def sdxl() -> Any:
    unet = UNet2DConditionModel(
        in_channels=9,
        sample_size=128,
        block_out_channels=(320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )
    return diffusers.StableDiffusionXLInpaintPipeline(
        vae=AutoencoderKL(**VAE, scaling_factor=0.13025),
        text_encoder=tiny.text_encoder(768),
        text_encoder_2=tiny.text_encoder(1280, CLIPTextModelWithProjection),
        tokenizer=tiny.tokenizer(),
        tokenizer_2=tiny.tokenizer(),
        unet=unet,
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1
        ),
    )


def flux(kind: str, in_channels: int) -> Any:
    """FLUX.1: the transformer's defaults are its real size."""
    vae = AutoencoderKL(
        **VAE, latent_channels=16, shift_factor=0.1159, scaling_factor=0.3611, use_quant_conv=False,
        use_post_quant_conv=False,
    )  # fmt: skip
    return getattr(diffusers, kind)(
        scheduler=tiny_transformers.scheduler(),
        vae=vae,
        text_encoder=tiny.text_encoder(768),
        tokenizer=tiny.tokenizer(),
        text_encoder_2=tiny_transformers.t5(4096),
        tokenizer_2=tiny_transformers.t5_tokenizer(),
        transformer=FluxTransformer2DModel(in_channels=in_channels, out_channels=64, guidance_embeds=True),
    )


def tiny_sdxl() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = tiny.save(Path(folder) / "xl", 9, is_xl=True)
        return diffusers.DiffusionPipeline.from_pretrained(str(path), dtype=torch.get_default_dtype())


SUBJECTS = {
    "sdxl": Subject(
        SdxlInpaint,
        "StableDiffusionXLInpaintPipeline",
        20,
        sdxl,
        tiny_sdxl,
        {"guidance_scale": 7.5, "strength": 0.99},
        {"strength": 0.99, "guidance_scale": 7.5},
    ),
    "flux-fill": Subject(
        FluxFill,
        "FluxFillPipeline",
        28,
        lambda: flux("FluxFillPipeline", 384),
        tiny_transformers.flux_fill,
        {"guidance_scale": 30.0},
        {"guidance_scale": 30.0},
    ),
    "flux-kontext": Subject(
        FluxKontext,
        "FluxKontextPipeline",
        28,
        lambda: flux("FluxKontextPipeline", 64),
        tiny_transformers.flux_kontext,
        {"guidance_scale": 2.5},
        {"guidance_scale": 2.5, "_auto_resize": False},
        has_mask=False,
    ),
}


# Runs


@dataclass
class Bench:
    """One subject at one size."""

    subject: Subject
    device: Device
    side: int
    steps: int
    is_tiny: bool

    def prepared(self, variant: Variant) -> ModelFamily:
        """The family on a shelf with its model, from the same random numbers each time."""
        torch.manual_seed(0)
        device, dtype = torch.get_default_device(), torch.get_default_dtype()
        torch.set_default_device("cpu" if self.is_tiny else self.device.kind)
        torch.set_default_dtype(self.device.dtype)
        try:
            pipeline = self.subject.tiny() if self.is_tiny else self.subject.built()
        finally:
            torch.set_default_device(device)
            torch.set_default_dtype(dtype)
        parts = parts_from(pipeline, self.device)
        settle(parts, variant.way, self.device)
        parts["residency"] = variant.way
        self._tune(parts.get("transformer") or parts["unet"], variant)
        model = Model("measured", Path(), Description(self.subject.pipeline_class, native_px=self.side), 0)
        shelf = Shelf(1 << 50)
        shelf.take(model.id, lambda: parts)
        return self.subject.family(model, shelf)

    def _tune(self, denoiser: Any, variant: Variant) -> None:
        if variant.is_cached:
            from diffusers.hooks.mag_cache import FLUX_MAG_RATIOS, MagCacheConfig

            denoiser.enable_cache(MagCacheConfig(mag_ratios=FLUX_MAG_RATIOS, num_inference_steps=self.steps))
        if variant.is_compiled:
            # On the CPU compilation is tried without code being made, which needs a compiler.
            denoiser.compile_repeated_blocks(**({"backend": "eager"} if self.is_tiny else {"fullgraph": True}))

    def can(self, variant: Variant) -> bool:
        """Caches skip blocks of transformers; U-Nets have none that diffusers knows."""
        return not variant.is_cached or self.subject.pipeline_class.startswith("Flux")

    def sitting(self, seed: int) -> Sitting:
        """Noise around a hole; another seed is another run of the same edit."""
        image = np.random.default_rng(0).uniform(0, 1, (self.side, self.side, 3)).astype(np.float32)
        mask = np.zeros((self.side, self.side), np.float32)
        mask[self.side // 4 : self.side // 2, self.side // 4 : self.side // 2] = 1
        return Sitting(image, mask, Settings(PROMPT, num_inference_steps=self.steps, **self.subject.asked), seed)

    def timed(self, run: Callable[[], Any]) -> tuple[float, Any]:
        """(seconds, what it gives), the device's work included."""
        self._finish()
        started = time.perf_counter()
        found = run()
        self._finish()
        return time.perf_counter() - started, found

    def bare(self, family: ModelFamily, seed: int) -> Any:
        """The pipeline's own call around the same parts."""
        kind = getattr(diffusers, self.subject.pipeline_class)
        parts = family.shelf.peek("measured")
        wanted = inspect.signature(kind.__init__).parameters
        given = parts["settings"] | parts
        pipeline = kind(**{name: part for name, part in given.items() if name in wanted})
        pipeline.set_progress_bar_config(disable=True)
        sitting = self.sitting(seed)
        masked = {"mask_image": torch.from_numpy(sitting.mask)[None, None]} if self.subject.has_mask else {}
        area = {"max_area": self.side**2} if "_auto_resize" in self.subject.bare else {}
        return pipeline(
            prompt=PROMPT,
            image=torch.from_numpy(sitting.image.transpose(2, 0, 1))[None],
            width=self.side,
            height=self.side,
            num_inference_steps=self.steps,
            generator=torch.Generator("cpu").manual_seed(seed),
            **masked,
            **area,
            **self.subject.bare,
        )

    def peak_gib(self) -> str:
        if self.device.kind != "cuda":
            return "-"
        return f"{torch.cuda.max_memory_allocated() / (1 << 30):.1f}"

    def start(self) -> None:
        """Nothing of the last variant is left."""
        torch.compiler.reset()
        self.forget_peak()

    def forget_peak(self) -> None:
        """What was needed to make the model does not count."""
        gc.collect()
        if self.device.kind == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def _finish(self) -> None:
        if self.device.kind != "cpu":
            torch.accelerator.synchronize()


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(max(float(np.square(one - other).mean()), 1e-10)))


def table(bench: Bench, variants: Iterable[Variant]) -> Iterator[str]:
    """The rows of a subject, as they are measured."""
    reference = None
    for variant in filter(bench.can, variants):
        bench.start()
        family = bench.prepared(variant)
        bench.forget_peak()
        first, picture = bench.timed(lambda family=family: family.paint(bench.sitting(0), Silent()))
        warm, _ = bench.timed(lambda family=family: family.paint(bench.sitting(1), Silent()))
        peak = bench.peak_gib()
        bench.bare(family, 0)
        bare, _ = bench.timed(lambda family=family: bench.bare(family, 1))
        reference = picture if reference is None else reference
        like = "" if picture is reference else f"{psnr(picture, reference):.1f}"
        yield f"| {variant.name} | {first:.2f} | {warm:.2f} | {bare:.2f} | {warm / bare:.3f} | {peak} | {like} |"
        del family


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="tiny models: that the bench runs")
    parser.add_argument("--only", choices=SUBJECTS, action="append", help="of the models; all unless told")
    parser.add_argument("--side", type=int, default=1024)
    args = parser.parse_args()
    device = chosen_device()
    print(f"{device.kind} {device.dtype}, torch {torch.__version__}, diffusers {diffusers.__version__}")
    for name in args.only or SUBJECTS:
        subject = SUBJECTS[name]
        side, steps = (TINY_PX, TINY_STEPS) if args.tiny else (args.side, subject.steps)
        print(f"\n{name}, {side}², {steps} steps\n")
        print("| | first s | warm s | bare s | ratio | peak GiB | PSNR dB |\n|---|---|---|---|---|---|---|")
        for row in table(Bench(subject, device, side, steps, args.tiny), VARIANTS):
            print(row, flush=True)


if __name__ == "__main__":
    main()
