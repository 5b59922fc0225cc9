"""What is shown while a picture is made: by a tiny autoencoder where there is one, and for little of the time."""

import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.card import Description
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.parts import previews, taef2
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.previews import MOST_CELLS, SHARE, Flux2Tiny, Linear, Pace, Previews, Tiny, tiny_lens
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

CELL_PX = 8


def save_tiny(folder, latent_channels=4):
    """An AutoencoderTiny as users have it: 8 pixels a cell, random weights."""
    torch.manual_seed(0)
    coder = AutoencoderTiny(
        latent_channels=latent_channels,
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    )
    coder.save_pretrained(str(folder), safe_serialization=True)
    return folder


class Clock:
    """Time that passes when told."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Shown:
    """A watch that counts, and whose previews take time."""

    def __init__(self, clock, costs):
        self.clock = clock
        self.costs = costs
        self.pictures = []

    def preview(self, rgb):
        self.clock.now += self.costs
        self.pictures.append(rgb)


# How much of the time


@pytest.mark.parametrize("steps", [4, 50])
@pytest.mark.parametrize("step_s", [0.05, 2.0])
@pytest.mark.parametrize("preview_s", [1e-6, 0.002, 0.03, 0.3])
def test_previews_after_the_first_keep_within_their_share(steps, step_s, preview_s):
    clock = Clock()
    pace, costs = Pace(clock), []
    for _ in range(steps):
        clock.now += step_s
        if pace.is_due:
            clock.now += preview_s
            pace.spend(preview_s)
            costs.append(preview_s)
    assert costs
    assert sum(costs) <= max(preview_s, SHARE * (clock.now - pace.started))
    affordable = SHARE * steps * step_s / preview_s
    assert len(costs) >= min(steps, affordable) - 1  # and the share is used


def test_a_preview_that_got_dearer_is_waited_for():
    clock = Clock()
    pace = Pace(clock)
    clock.now += 1
    pace.spend(0.001)
    assert pace.is_due
    pace.spend(0.5)
    clock.now += 16
    assert not pace.is_due
    clock.now += 18
    assert pace.is_due


@pytest.fixture
def desk(tiny_models, tmp_path):
    """Makes rosters over the tiny models and tiny autoencoders for some of them."""

    def make(**tinies):
        copytree(tiny_models / "data" / "models", tmp_path / "data" / "models", dirs_exist_ok=True)
        for name, channels in tinies.items():
            save_tiny(tmp_path / "data" / "models" / name, channels)
        catalogue = Catalogue(Folders(*(tmp_path / name for name in ("run", "data", "cache", "log"))))
        return Roster(catalogue.installed, Shelf(), catalogue.adapters)

    return make


def parts_and_family(roster, name="tiny-sd-inpaint", family="sd15-inpaint"):
    found = roster.find(name, family)
    return parts_of(found.model, found.shelf), found


def test_a_run_shows_as_much_as_its_time_allows(desk):
    parts, family = parts_and_family(desk())
    clock = Clock()
    watch = Shown(clock, costs=0.1)
    shown = Previews(family.model, family.shelf, parts, clock=clock)
    for _ in range(20):
        clock.now += 1.0
        shown.show(torch.zeros(1, 4, 8, 8), watch, lambda picture: torch.zeros(1, 4, 8, 8), CELL_PX)
    assert 5 <= len(watch.pictures) <= 6  # 20 s, of which a hundredth and two are three previews' worth of 0.1 s each


# By what


@pytest.mark.parametrize(
    ("name", "channels", "architecture"),
    [
        ("taesd", 4, "sd1"),
        ("taesdxl", 4, "sdxl"),
        ("TAESD-XL-fp16", 4, "sdxl"),
        ("taesd3", 16, "sd3"),
        ("taef1", 16, "flux"),
        ("taeother", 8, ""),
    ],
)
def test_a_tiny_autoencoder_is_listed_with_what_it_shows(tmp_path, name, channels, architecture):
    save_tiny(tmp_path / "data" / "models" / name, channels)
    catalogue = Catalogue(Folders(*(tmp_path / each for each in ("run", "data", "cache", "log"))))
    assert catalogue.installed() == ()
    (adapter,) = catalogue.adapters()
    assert (adapter.name, adapter.kind, adapter.architecture) == (name, AdapterKind.PREVIEW, architecture)


@pytest.mark.parametrize(
    ("architecture", "pipeline", "width", "fits"),
    [
        ("sd1", "StableDiffusionInpaintPipeline", 768, True),
        ("sd1", "StableDiffusionPipeline", 1024, True),  # Stable Diffusion 2 has the VAE of 1
        ("sd1", "StableDiffusionXLPipeline", 2048, False),
        ("sdxl", "StableDiffusionXLInpaintPipeline", 2048, True),
        ("flux", "FluxFillPipeline", None, True),
        ("flux", "ZImagePipeline", None, True),
        ("flux", "Flux2KleinPipeline", None, False),
        ("flux2", "Flux2KleinPipeline", None, True),
        ("sd3", "StableDiffusion3Pipeline", None, True),
        ("", "KandinskyV22InpaintCombinedPipeline", None, False),
    ],
)
def test_it_goes_with_models_of_its_own_latents(architecture, pipeline, width, fits):
    adapter = Adapter("tiny", Path("tiny"), AdapterKind.PREVIEW, architecture)
    assert adapter.fits(Description(pipeline, cross_attention_dim=width)) is fits


def test_a_run_is_shown_by_the_tiny_autoencoder_that_is_installed(desk, studio, make_listener, count_calls):
    studio.roster = desk(taesd=4, taesdxl=4)
    for model, kind in (("tiny-sd-inpaint", "sd15-inpaint"), ("tiny-xl-inpaint", "sdxl-inpaint")):
        calls = count_calls(studio.roster.find(model, kind))
        watch = make_listener()
        studio.perform(ReplaceEdit(model=model, prompt="a red boat", num_inference_steps=2), watch)
        assert watch.previews[0].shape[0] % CELL_PX == 0
        assert watch.previews[0].shape[1] > 2 * MOST_CELLS  # a linear map gives a pixel a cell
        assert calls["encode"] < previews.PATCHES  # and the linear map was not fitted


def test_a_tiny_autoencoder_sees_what_its_own_decoder_gives(desk):
    parts, family = parts_and_family(desk(taesd=4))
    adapter = next(one for one in family.adapters if one.kind is AdapterKind.PREVIEW)
    latents = torch.randn(1, 4, 6, 8, generator=torch.Generator().manual_seed(1))
    lens = tiny_lens(adapter, parts)
    assert isinstance(lens, Tiny)
    with torch.inference_mode():
        seen = lens.seen(latents)
        decoded = AutoencoderTiny.from_pretrained(str(adapter.path)).decode(latents).sample[0]
    np.testing.assert_allclose(seen, (decoded / 2 + 0.5).permute(1, 2, 0).numpy(), atol=1e-6)
    assert lens.nbytes == sum(weight.nbytes for weight in lens.coder.parameters()) > 0


def test_large_latents_are_shown_small(desk):
    parts, family = parts_and_family(desk(taesd=4))
    lens = tiny_lens(family.adapters[0], parts)
    with torch.inference_mode():
        assert lens.seen(torch.zeros(1, 4, 64, 128)).shape == (MOST_CELLS // 2 * CELL_PX, MOST_CELLS * CELL_PX, 3)


def test_a_damaged_one_leaves_the_linear_map(desk, studio, make_listener):
    studio.roster = desk(taesd=4)
    path = studio.roster.find("tiny-sd-inpaint", "sd15-inpaint").adapters[0].path
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | {"decoder_block_out_channels": [16, 16, 16, 16]}))
    watch = make_listener()
    studio.perform(ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat", num_inference_steps=2), watch)
    cells = watch.previews[0].shape[0]
    assert cells == studio.plan(ReplaceEdit(model="tiny-sd-inpaint", prompt="a")).working_height // CELL_PX


# FLUX.2's own


def taef2_weights():
    """Random weights of the published names and shapes."""
    generator = torch.Generator().manual_seed(0)

    def half(layers, channels):
        weights = {}
        for number, layer in enumerate(layers):
            into, out = channels(number, layer)
            shapes = {"conv": (out, into, 3, 3), "down": (out, out, 3, 3)}
            for part in taef2.OWN.get(layer, ()):
                if part.startswith("pool"):
                    shape = {"pool.0.weight": (4 * out, out, 1, 1), "pool.3.weight": (out, 4 * out, 1, 1)}
                    found = shape.get(part, (4 * out,))
                elif part.endswith("bias"):
                    found = (out,)
                else:
                    found = shapes.get(layer, (out, out, 3, 3))
                weights[f"{number}.{part}"] = torch.randn(found, generator=generator) * 0.1
        return weights

    last = len(taef2.ENCODER) - 1
    encoder = half(taef2.ENCODER, lambda number, _: (3 if number == 0 else 8, 32 if number == last else 8))
    last = len(taef2.DECODER) - 1
    decoder = half(taef2.DECODER, lambda number, _: (32 if number == 1 else 8, 3 if number == last else 8))
    return encoder, decoder


class Statistics:
    """What FLUX.2's VAE knows of its latents: 32 channels in patches of 2 x 2."""

    def __init__(self):
        generator = torch.Generator().manual_seed(3)
        self.running_mean = torch.randn(128, generator=generator)
        self.running_var = torch.rand(128, generator=generator) + 0.5


class Flux2Vae:
    dtype = torch.float32
    config = type("Config", (), {"batch_norm_eps": 1e-4})

    def __init__(self):
        self.bn = Statistics()


@pytest.fixture
def taef2_file(tmp_path):
    from safetensors.torch import save_file

    names = ("encoder", "decoder")
    whole = {
        f"{name}.{key}": one for name, half in zip(names, taef2_weights(), strict=True) for key, one in half.items()
    }
    save_file(whole, tmp_path / "taef2.safetensors")
    return tmp_path / "taef2.safetensors"


def test_flux_2s_file_is_recognised_and_sees_the_latents_as_they_were_before_packing(taef2_file):
    from inlay.catalogue.adapters import recognise_adapter

    adapter = recognise_adapter(taef2_file)
    assert (adapter.kind, adapter.architecture) == (AdapterKind.PREVIEW, "flux2")
    vae = Flux2Vae()
    lens = tiny_lens(adapter, {"vae": vae, "device": "cpu"})
    assert isinstance(lens, Flux2Tiny) and lens.nbytes > 0
    raw = torch.randn(1, 32, 6, 4, generator=torch.Generator().manual_seed(2))
    patches = torch.nn.functional.pixel_unshuffle(raw, 2)  # (1, 128, 3, 2), as the pipeline packs them
    normal = (patches - vae.bn.running_mean.view(1, -1, 1, 1)) / (vae.bn.running_var + 1e-4).sqrt().view(1, -1, 1, 1)
    seen = lens.seen(torch.nn.functional.pixel_shuffle(normal, 2))
    np.testing.assert_allclose(seen, taef2.loaded(taef2_file).decoded(raw), atol=1e-4)


# The linear map


def test_the_linear_map_finds_the_colours_of_a_linear_space():
    """Latents that are mean colours in disguise come out as these colours."""
    mixing = np.array([[1, 0.5, 0, 0.2], [0, 1, -0.5, 0.1], [0.3, 0, 1, -0.4]], np.float32)

    def encode(picture):
        height, width = picture.shape[0] // CELL_PX, picture.shape[1] // CELL_PX
        means = picture.reshape(height, CELL_PX, width, CELL_PX, 3).mean(axis=(1, 3))
        return torch.from_numpy((means @ mixing).transpose(2, 0, 1))[None]

    lens = Linear(previews._fitted(encode, CELL_PX))
    colours = np.random.default_rng(4).uniform(0.1, 0.9, (5, 7, 3)).astype(np.float32)
    latents = torch.from_numpy((colours @ mixing).transpose(2, 0, 1))[None]
    assert np.abs(lens.seen(latents) - colours).mean() < 0.08  # a guess of mid grey: 0.2
    assert lens.nbytes == 5 * 3 * 4


def test_another_model_has_a_map_of_its_own(desk):
    parts, family = parts_and_family(desk())
    asked = []
    for model in (family.model, replace(family.model, id="other"), family.model):
        shown = Previews(model, family.shelf, parts)
        encode = lambda picture, model=model: asked.append(model.id) or torch.zeros(1, 4, 8, 8)  # noqa: E731
        shown.show(torch.zeros(1, 4, 8, 8), Shown(Clock(), 0), encode, CELL_PX)
    assert asked == [family.model.id] * previews.PATCHES + ["other"] * previews.PATCHES
