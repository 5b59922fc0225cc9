"""Stable Diffusion's families on tiny real models: what a painter may count on, whatever the weights are."""

import json
from dataclasses import replace
from itertools import pairwise
from shutil import copytree

import diffusers
import numpy as np
import pytest
import torch
from inlay.edits.background import BackgroundEdit
from inlay.edits.extend import ExtendEdit
from inlay.edits.instruct import InstructEdit
from inlay.edits.remove import RemoveEdit
from inlay.edits.replace import ReplaceEdit
from inlay.edits.restyle import RestyleEdit
from inlay.pipelines.card import Settings
from inlay.pipelines.families.repaint import _walk
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts import latents as spaces
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.previews import PATCHES
from inlay.pipelines.parts.sitting import Sitting
from inlay.pipelines.parts.studio import NEXT_TRY
from inlay.pixels.latent_masks import latent_mask

from tests.engine.pipelines.conftest import roster_of

# model, family, edit: every way that a Stable Diffusion checkpoint is used
WAYS = [
    ("tiny-sd-inpaint", "sd15-inpaint", ReplaceEdit),
    ("tiny-sd-inpaint", "sd15-inpaint", RemoveEdit),
    ("tiny-sd-inpaint", "sd15-inpaint", BackgroundEdit),
    ("tiny-xl-inpaint", "sdxl-inpaint", ReplaceEdit),
    ("tiny-sd-plain", "blended", ReplaceEdit),
    ("tiny-xl-plain", "blended", ReplaceEdit),
    ("tiny-sd-plain", "sdedit", RestyleEdit),
    ("tiny-xl-plain", "sdedit", RestyleEdit),
    ("tiny-sd-plain", "repaint", ReplaceEdit),
    ("tiny-sd-plain", "repaint", RemoveEdit),
    ("tiny-xl-plain", "repaint", ReplaceEdit),
    ("tiny-sd-plain", "prompt-to-prompt", RestyleEdit),
    ("tiny-xl-plain", "prompt-to-prompt", InstructEdit),
    ("tiny-sd-instruct", "instruct-pix2pix", InstructEdit),
    ("tiny-xl-instruct", "instruct-pix2pix-xl", InstructEdit),
]
IDS = [f"{family}-{edit.kind}-{model}" for model, family, edit in WAYS]


def edit_of(way, **more):
    model, family, kind = way
    settings = {"num_inference_steps": 6 if family == "repaint" else 4}
    if family == "prompt-to-prompt":
        settings["source_prompt"] = "a boat"
    return kind(model=model, family=family, prompt="a red boat", **settings | more)


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_every_way_repaints_the_hole_and_nothing_else(studio, way, make_listener):
    watch = make_listener()
    result = studio.perform(edit_of(way), watch)
    laid = studio.laid(result)
    inside = studio.mask > 0 if way[2] is not BackgroundEdit else studio.mask == 0
    assert (laid[~inside] == studio.pixels[~inside]).all()
    assert (laid[inside] != studio.pixels[inside]).any()
    assert result.checks["outside"] == 0
    assert watch.fractions == sorted(watch.fractions)
    assert watch.previews


def test_the_background_of_a_subject_smaller_than_the_models_cells(studio):
    studio.mask[:] = 0
    studio.mask[30:33, 41:43] = 255
    result = studio.perform(edit_of(("tiny-sd-inpaint", "sd15-inpaint", BackgroundEdit)))
    subject = studio.mask == 255
    laid = studio.laid(result)
    assert (laid[subject] == studio.pixels[subject]).all()
    assert (laid[~subject] != studio.pixels[~subject]).any(axis=1).mean() > 0.9


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_a_seed_gives_the_same_picture_and_another_seed_another(studio, way):
    first, again, other = (studio.perform(edit_of(way, seed=seed)).pixels for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_a_variation_is_nearer_than_another_seed(studio, way):
    edit = replace(edit_of(way, seed=3), tries=1) if way[2] is RemoveEdit else edit_of(way, seed=3)
    ours, other, near, same, whole = (
        studio.perform(one).pixels.astype(int)
        for one in (
            edit,
            replace(edit, seed=4),
            replace(edit, variations=((4, 0.1),)),
            replace(edit, variations=((4, 0.0),)),
            replace(edit, variations=((9, 0.4), (4, 1.0))),
        )
    )
    assert (same == ours).all()
    assert 0 < abs(near - ours).mean() < 0.5 * abs(other - ours).mean()
    assert abs(whole - other).mean() < 0.2 * abs(ours - other).mean()  # the grain alone is the first seed's


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_another_seed_encodes_neither_words_nor_pictures(studio, way, count_calls):
    edit = replace(edit_of(way), tries=1) if way[2] is RemoveEdit else edit_of(way)
    plan = studio.plan(edit)
    calls = count_calls(studio.roster.find(plan.model, plan.family))
    studio.perform(edit)
    assert calls["text"] > 0 and calls["encode"] > 0
    calls.reset()
    studio.perform(replace(edit, seed=7))
    assert calls["text"] == calls["encode"] == 0
    assert calls["decode"] == 1
    assert calls["unet"] == plan.steps // (2 if way[1] == "prompt-to-prompt" else 1)  # the way there is remembered


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_cancel_stops_within_a_step(studio, way, make_listener, expect_cancelled, count_calls):
    edit = edit_of(way)
    plan = studio.plan(edit)
    studio.perform(edit)
    calls = count_calls(studio.roster.find(plan.model, plan.family))
    watch = make_listener(cancel_after=2)  # "loading", and one step
    with expect_cancelled():
        studio.perform(edit, watch)
    assert calls["unet"] == 1 and calls["decode"] == 0


def test_extend_by_a_model_keeps_every_old_pixel(studio):
    edit = ExtendEdit(right_px=24, top_px=9, model="tiny-sd-inpaint", num_inference_steps=3)
    result = studio.perform(edit)
    assert (result.box.x, result.box.y, result.box.width, result.box.height) == (0, -9, 112, 81)
    assert (result.mask[9:, :88] == 0).all() and (result.mask[:9] == 255).all() and (result.mask[9:, 88:] == 255).all()


def test_of_several_tries_one_is_kept(studio, count_calls):
    edit = RemoveEdit(model="tiny-sd-inpaint", num_inference_steps=2, tries=3)
    calls = count_calls(studio.roster.find("tiny-sd-inpaint", "sd15-inpaint"))
    best = studio.perform(edit).pixels
    assert calls["unet"] == 6 and calls["encode"] == 1 + PATCHES  # the picture, and what previews are fitted to
    singles = [studio.perform(replace(edit, seed=number * NEXT_TRY, tries=1)).pixels for number in range(3)]
    assert sum((best == single).all() for single in singles) == 1


@pytest.mark.parametrize("strength", [0.25, 0.5, 1.0])
def test_strength_says_how_many_of_the_steps_are_done(studio, strength, count_calls):
    edit = RestyleEdit(model="tiny-sd-plain", prompt="a boat", strength=strength, num_inference_steps=8)
    calls = count_calls(studio.roster.find("tiny-sd-plain", "sdedit"))
    studio.perform(edit)
    assert calls["unet"] == studio.plan(edit).steps == 8 * strength


def test_several_models_take_turns_on_the_shelf(studio, tiny_models):
    """A budget for one model only: each edit loads its own, and none is lost."""
    studio.roster = roster_of(tiny_models)
    studio.roster.shelf._budget_bytes = 1
    for way in WAYS[:1] + WAYS[4:5] + WAYS[:1]:
        studio.perform(edit_of(way))
        assert len(studio.roster.shelf._loaded) == 1


# Parity with diffusers' own pipelines


class Hard:
    """A picture whose hole is the one that our latent mask covers: inflated by one cell, to its edges."""

    def __init__(self, size=64, cell=8):
        rng = np.random.default_rng(5)
        self.image = rng.uniform(0, 1, (size, size, 3)).astype(np.float32)
        self.mask = np.zeros((size, size), np.float32)
        self.mask[24:40, 16:48] = 1
        self.cells = latent_mask(self.mask, cell)
        self.wide = np.kron(self.cells, np.ones((cell, cell), np.float32))


def bare(studio, model, kind):
    """diffusers' own pipeline over the same weights, with the encoder's mode in place of a sample of it."""
    path = studio.roster.find(model, FAMILY_OF[model]).model.path
    pipeline = kind.from_pretrained(str(path), local_files_only=True, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    encode = pipeline.vae.encode

    def mode(pixels):
        encoded = encode(pixels)
        encoded.latent_dist.sample = lambda generator=None: encoded.latent_dist.mode()
        return encoded

    pipeline.vae.encode = mode
    return pipeline


FAMILY_OF = {
    "tiny-sd-inpaint": "sd15-inpaint",
    "tiny-xl-inpaint": "sdxl-inpaint",
    "tiny-sd-instruct": "instruct-pix2pix",
}


@pytest.mark.parametrize(
    ("model", "kind", "strength"),
    [
        ("tiny-sd-inpaint", diffusers.StableDiffusionInpaintPipeline, 1.0),
        ("tiny-sd-inpaint", diffusers.StableDiffusionInpaintPipeline, 0.6),
        ("tiny-xl-inpaint", diffusers.StableDiffusionXLInpaintPipeline, 0.9),
    ],
)
def test_inpainting_is_what_diffusers_own_pipeline_gives(studio, model, kind, strength, make_listener):
    scene, seed = Hard(), 11
    pipeline = bare(studio, model, kind)
    theirs = pipeline(
        prompt="a red boat",
        negative_prompt="fog",
        image=torch.from_numpy(scene.image.transpose(2, 0, 1))[None],
        mask_image=torch.from_numpy(scene.wide)[None, None],
        height=64,
        width=64,
        strength=strength,
        num_inference_steps=5,
        guidance_scale=4.0,
        generator=torch.Generator("cpu").manual_seed(seed),
        output_type="np",
    ).images[0]
    settings = Settings(
        prompt="a red boat", negative_prompt="fog", strength=strength, guidance_scale=4.0, num_inference_steps=5
    )
    family = studio.roster.find(model, FAMILY_OF[model])
    ours = family.paint(Sitting(scene.image, scene.mask, settings, seed), make_listener())
    assert abs(ours - theirs).max() < 2e-3


def test_instructing_is_what_diffusers_own_pipeline_gives(studio, make_listener):
    scene, seed = Hard(), 2
    pipeline = bare(studio, "tiny-sd-instruct", diffusers.StableDiffusionInstructPix2PixPipeline)
    theirs = pipeline(
        prompt="make it green",
        image=torch.from_numpy(scene.image.transpose(2, 0, 1))[None],
        num_inference_steps=5,
        guidance_scale=6.0,
        image_guidance_scale=1.7,
        generator=torch.Generator("cpu").manual_seed(seed),
        output_type="np",
    ).images[0]
    settings = Settings(prompt="make it green", guidance_scale=6.0, image_guidance_scale=1.7, num_inference_steps=5)
    family = studio.roster.find("tiny-sd-instruct", "instruct-pix2pix")
    ours = family.paint(Sitting(scene.image, scene.mask, settings, seed), make_listener())
    assert abs(ours - theirs).max() < 2e-3


def test_blending_keeps_the_latents_outside_the_mask(studio, make_listener):
    scene = Hard()
    settings = Settings(prompt="a boat", strength=0.9, guidance_scale=4.0, num_inference_steps=5)
    family = studio.roster.find("tiny-sd-plain", "blended")
    seen = []
    family.denoise, denoise = (
        lambda easel, watch: seen.append((easel, denoise(easel, watch))) or seen[-1][1],
        family.denoise,
    )
    family.paint(Sitting(scene.image, scene.mask, settings, 1), make_listener())
    easel, latents = seen[0]
    outside = torch.from_numpy(scene.cells == 0)[None, None].expand_as(latents)
    assert torch.equal(latents[outside], easel.picture[outside])
    assert not torch.isclose(latents[~outside], easel.picture[~outside]).any()


def test_repaints_walk_is_the_papers():
    """Every stretch of the schedule is denoised as often as was asked, and every step ends where the next begins."""
    walk = list(_walk(20, 5, 3))
    assert walk[0] == (0, 1) and walk[-1] == (19, 20)
    assert all(one[1] == other[0] for one, other in pairwise(walk))
    jumps = [step for step in walk if step[1] < step[0]]
    assert {start - end for start, end in jumps} == {5}
    assert {start for start, _ in jumps} == {5, 10, 15}


def test_a_long_prompt_is_read_to_its_end(studio):
    """More words than the encoder takes at once: the last one still counts."""
    words = " ".join(["boat"] * 12)
    first, other = (
        studio.perform(ReplaceEdit(model="tiny-sd-inpaint", prompt=f"{words} {last}", num_inference_steps=3)).pixels
        for last in ("red", "sky")
    )
    assert (first != other).any()


def test_a_cut_checkpoint_is_refused_and_the_next_edit_works(studio, tiny_models, tmp_path):
    copytree(tiny_models, tmp_path, dirs_exist_ok=True)
    weights = next((tmp_path / "data" / "models" / "tiny-sd-inpaint" / "unet").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1000])
    studio.roster = roster_of(tmp_path)
    with pytest.raises(FamilyError) as refused:
        studio.perform(ReplaceEdit(model="tiny-sd-inpaint", prompt="a boat"))
    assert (refused.value.fault.code, refused.value.fault.field) == ("model_broken", "edit.model")
    studio.perform(ReplaceEdit(model="tiny-xl-inpaint", prompt="a boat", num_inference_steps=2))


def test_a_model_of_v_prediction_is_resampled_too(studio, tiny_models, tmp_path, make_listener):
    copytree(tiny_models / "data" / "models" / "tiny-sd-plain", tmp_path / "data" / "models" / "v")
    path = tmp_path / "data" / "models" / "v" / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"prediction_type": "v_prediction"}))
    scene = Hard()
    settings = Settings(prompt="a boat", guidance_scale=2.0, num_inference_steps=6)
    pictures = [
        roster.find(model, "repaint").paint(Sitting(scene.image, scene.mask, settings, 1), make_listener())
        for roster, model in ((studio.roster, "tiny-sd-plain"), (roster_of(tmp_path), "v"))
    ]
    assert np.isfinite(pictures[1]).all()
    assert abs(pictures[0] - pictures[1]).mean() > 1e-3


def test_decoding_gives_back_what_was_encoded_in_shape_and_range(studio):
    family = studio.roster.find("tiny-sd-plain", "blended")
    parts = parts_of(family.model, family.shelf)
    with torch.inference_mode():
        latents = spaces.encoded(parts, Hard().image)
        picture = spaces.decoded(parts, latents)
    assert tuple(latents.shape) == (1, 4, 8, 8)
    assert picture.shape == (64, 64, 3) and picture.min() >= 0 and picture.max() <= 1
