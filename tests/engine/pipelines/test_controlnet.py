"""ControlNets beside tiny models: who is chosen, what they add, and what is refused."""

from shutil import copytree

import diffusers
import numpy as np
import pytest
import torch
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.edit import EditError, Source
from inlay.edits.remove import RemoveEdit
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.card import Settings
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import AdapterKind
from inlay.pipelines.parts.control import kept_timesteps
from inlay.pipelines.parts.estimating import estimated
from inlay.pipelines.parts.sitting import Sitting
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.pipelines import tiny_control
from tests.engine.pipelines.conftest import picture
from tests.engine.pipelines.test_latent_families import Hard, bare


@pytest.fixture(scope="session")
def controlled_models(tiny_models, tmp_path_factory):
    """Every tiny checkpoint, and nets and estimators beside them."""
    home = tmp_path_factory.mktemp("controlled")
    models = home / "data" / "models"
    copytree(tiny_models / "data" / "models", models)
    tiny_control.save_net(models / "controlnet-pose-tiny", models / "tiny-sd-plain")
    tiny_control.save_net(models / "controlnet-depth-tiny", models / "tiny-sd-plain")
    tiny_control.save_net(models / "controlnet-depth-tiny-xl", models / "tiny-xl-plain")
    tiny_control.save_net(models / "control_v11p_tiny_canny", models / "tiny-sd-plain")
    tiny_control.save_depth(models / "depth-reader")
    tiny_control.save_pose(models / "pose-reader")
    return home


def roster_of(home):
    catalogue = Catalogue(Folders(*(home / name for name in ("run", "data", "cache", "log"))))
    return Roster(catalogue.installed, Shelf(), catalogue.adapters)


@pytest.fixture(scope="session")
def controlled(controlled_models):
    return roster_of(controlled_models)


@pytest.fixture
def scene(studio, controlled):
    """The picture and its hole, with ControlNets installed."""
    controlled.shelf.memo.forget()
    studio.roster = controlled
    return studio


def test_nets_and_estimators_are_found(controlled):
    found = {(one.name, one.kind, one.purpose) for one in controlled.adapters}
    assert ("controlnet-pose-tiny", AdapterKind.CONTROL_NET, "pose") in found
    assert ("control_v11p_tiny_canny", AdapterKind.CONTROL_NET, "lines") in found
    assert ("depth-reader", AdapterKind.ESTIMATOR, "depth") in found
    assert ("pose-reader", AdapterKind.ESTIMATOR, "pose") in found


@pytest.mark.parametrize(
    ("model", "control"),
    [
        ("tiny-sd-inpaint", "depth"),
        ("tiny-sd-inpaint", "pose"),
        ("tiny-sd-inpaint", "lines"),
        ("tiny-sd-plain", "depth"),
        ("tiny-xl-inpaint", "depth"),
    ],
)
def test_what_is_read_off_the_picture_steers_the_hole_and_nothing_else(scene, model, control, make_listener):
    edit = ReplaceEdit(model=model, prompt="a boat", control=control, num_inference_steps=3)
    plan = scene.plan(edit)
    assert plan.family == "controlnet"
    watch = make_listener()
    result = scene.perform(edit, watch)
    laid = scene.laid(result)
    assert (laid[scene.mask == 0] == scene.pixels[scene.mask == 0]).all()
    assert watch.previews
    plain = scene.perform(ReplaceEdit(model=model, prompt="a boat", num_inference_steps=3))
    assert (plain.pixels != result.pixels).any()


def test_a_pose_that_is_sent_is_used(scene):
    """Two pictures of a pose give two results; none is read off the picture then."""
    edit = ReplaceEdit(model="tiny-sd-inpaint", prompt="a boat", control="pose", num_inference_steps=3)
    plan = scene.plan(edit)
    family = scene.roster.find(plan.model, plan.family)
    read = plan.read_box.slices

    def painted(control):
        source = Source(scene.pixels[read], scene.mask[read], scene.canvas, control=control[read])
        return edit.perform(plan, source, family, Silent()).pixels

    one, other = (picture(seed=seed) for seed in (8, 9))
    assert (painted(one) != painted(other)).any()
    assert (painted(one) == painted(one)).all()


class Silent:
    def progress(self, fraction, message): ...

    def preview(self, rgb): ...

    def is_cancelled(self):
        return False


def test_it_is_what_diffusers_own_pipeline_gives(scene, controlled_models, make_listener):
    hard, seed = Hard(), 4
    pipeline = bare(scene, "tiny-sd-inpaint", diffusers.StableDiffusionInpaintPipeline)
    net = diffusers.ControlNetModel.from_pretrained(
        str(controlled_models / "data" / "models" / "controlnet-depth-tiny"), use_safetensors=True
    )
    theirs = diffusers.StableDiffusionControlNetInpaintPipeline(
        **{**pipeline.components, "controlnet": net}, requires_safety_checker=False
    )
    theirs.set_progress_bar_config(disable=True)
    depth = np.random.default_rng(0).uniform(0, 1, (64, 64, 3)).astype(np.float32)

    def tensor(array):
        return torch.from_numpy(array.transpose(2, 0, 1))[None]

    expected = theirs(
        prompt="a boat",
        image=tensor(hard.image),
        mask_image=torch.from_numpy(hard.wide)[None, None],
        control_image=tensor(depth),
        height=64,
        width=64,
        strength=1.0,
        num_inference_steps=4,
        guidance_scale=4.0,
        controlnet_conditioning_scale=1.0,
        generator=torch.Generator("cpu").manual_seed(seed),
        output_type="np",
    ).images[0]
    settings = Settings(prompt="a boat", guidance_scale=4.0, num_inference_steps=4, control="depth")
    family = scene.roster.find("tiny-sd-inpaint", "controlnet")
    ours = family.paint(Sitting(hard.image, hard.mask, settings, seed, control=depth), make_listener())
    assert abs(ours - expected).max() < 2e-3


def asked(**control):
    """All that families would set otherwise is set."""
    given = {"num_inference_steps": 4, "guidance_scale": 7.5, "strength": 1.0}
    return ReplaceEdit(model="tiny-sd-inpaint", prompt="a boat", **given, **control)


def test_a_scale_of_nothing_keeps_nothing_and_more_keeps_more(scene):
    """Without a net's part the same family gives what the inpainting model alone gives."""
    plain = scene.perform(asked()).pixels
    none, half, full = (scene.perform(asked(control="depth", control_scale=scale)).pixels for scale in (0.0, 0.5, 1.0))
    assert (none == plain).all()
    assert (half != none).any() and (full != half).any()
    assert (scene.perform(asked(control="depth")).pixels == full).all()


def test_a_share_of_the_steps_is_kept(scene):
    first, last, none = (
        scene.perform(asked(control="depth", control_from=begin, control_until=end)).pixels
        for begin, end in ((0.0, 0.5), (0.5, 1.0), (0.9, 1.0))
    )
    assert (first != last).any()
    assert (none == scene.perform(asked()).pixels).all()  # no step of four lies within the last tenth


def test_steps_within_shares_are_those_of_diffusers():
    steps = torch.tensor([900.0, 700.0, 500.0, 300.0, 100.0])
    assert kept_timesteps(steps, 0.0, 1.0) == {900, 700, 500, 300, 100}
    assert kept_timesteps(steps, 0.2, 0.6) == {700, 500}
    assert kept_timesteps(steps, 0.3, 0.4) == set()


def test_a_span_that_ends_before_it_begins_is_refused(scene):
    with pytest.raises(EditError) as refused:
        scene.plan(asked(control="depth", control_from=0.8, control_until=0.2))
    assert (refused.value.fault.code, refused.value.fault.field) == ("control_span", "edit.control_until")


def test_an_empty_drawing_is_refused(scene):
    edit = asked(control="pose")
    plan = scene.plan(edit)
    read = plan.read_box.slices
    empty = np.zeros_like(scene.pixels[read])
    source = Source(scene.pixels[read], scene.mask[read], scene.canvas, control=empty)
    with pytest.raises(EditError) as refused:
        edit.perform(plan, source, scene.roster.find(plan.model, plan.family), Silent())
    assert (refused.value.fault.code, refused.value.fault.field) == ("control_empty", "control_image")


def test_the_lines_of_a_picture_are_its_edges(controlled):
    picture = np.zeros((60, 80, 3), np.float32)
    picture[20:40, 30:60] = (0.9, 0.4, 0.1)
    lines = estimated("lines", picture, np.ones((60, 80), np.float32), (), controlled.shelf)
    assert set(np.unique(lines)) == {0.0, 1.0}
    assert lines[18:22, 40].max() == 1
    assert not lines[30, 35:55].any() and not lines[5:15].any()


def test_a_map_is_read_once_for_all_seeds(scene, monkeypatch):
    from inlay.pipelines.families import controlnet

    calls = []
    monkeypatch.setattr(controlnet, "estimated", lambda *args: calls.append(1) or estimated(*args))
    for seed in (0, 1):
        edit = ReplaceEdit(prompt="a boat", control="depth", num_inference_steps=2, seed=seed, model="tiny-sd-inpaint")
        scene.perform(edit)
    assert len(calls) == 1


def test_depth_is_grey_and_fills_its_range(controlled):
    picture = np.random.default_rng(1).uniform(0, 1, (50, 70, 3)).astype(np.float32)
    with torch.inference_mode():
        depth = estimated("depth", picture, np.ones((50, 70), np.float32), controlled.adapters, controlled.shelf)
    assert depth.shape == (50, 70, 3) and depth.dtype == np.float32
    assert (depth[..., 0] == depth[..., 1]).all()
    assert depth.min() >= 0 and depth.max() <= 1 and np.ptp(depth) > 0.5


def test_without_a_control_no_net_is_taken(scene):
    assert scene.plan(ReplaceEdit(prompt="a boat")).family != "controlnet"
    assert scene.plan(RemoveEdit()).family == "builtin"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (ReplaceEdit(prompt="a boat", control="sketch"), "edit.control"),
        (ReplaceEdit(prompt="a boat", control="pose", model="tiny-xl-inpaint"), "edit.model"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_plan(scene, edit, field):
    with pytest.raises(EditError) as refused:
        scene.plan(edit)
    assert refused.value.fault.field == field and refused.value.fault.remedy


def test_a_model_that_no_net_fits_is_said_to_be_one(scene):
    with pytest.raises(EditError) as refused:
        scene.plan(ReplaceEdit(prompt="a boat", control="pose", model="tiny-xl-inpaint"))
    assert "no ControlNet for that fits it" in refused.value.fault.message


def test_without_any_net_the_remedy_names_one(studio):
    with pytest.raises(EditError) as refused:
        studio.plan(ReplaceEdit(prompt="a boat", control="pose"))
    assert refused.value.fault.code == "no_control" and "controlnet-pose-sd15" in refused.value.fault.remedy


def test_without_an_estimator_a_picture_is_asked_for(scene, controlled_models, tmp_path):
    models = tmp_path / "data" / "models"
    for name in ("tiny-sd-inpaint", "controlnet-pose-tiny"):
        copytree(controlled_models / "data" / "models" / name, models / name)
    scene.roster = roster_of(tmp_path)
    with pytest.raises(FamilyError) as refused:
        scene.perform(ReplaceEdit(prompt="a boat", control="pose"))
    assert (refused.value.fault.code, refused.value.fault.field) == ("no_estimator", "control_image")
