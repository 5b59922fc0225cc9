"""Which model does an edit, and how it is asked."""

from dataclasses import replace
from pathlib import Path

import pytest
from inlay.edits import choosing
from inlay.edits.edit import EditError, kinds
from inlay.edits.plan import Plan
from inlay.pipelines.builtin import BuiltinFill
from inlay.pipelines.card import Card, Infill, Offer, Range, Signature
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.roster import Roster

OFFER = Offer("sd-inpaint", "SD", "owner/name", "main", 4_300_000_000, "openrail", "https://example.org")
CARD = Card(
    family="inpaint",
    title="Inpainter",
    edits=("replace", "remove", "extend"),
    rank=50,
    multiple=8,
    native_px=512,
    largest_px=768,
    memory_bytes=1,
    licence="",
    num_inference_steps=Range(20, 1, 100),
    guidance_scale=Range(8, 1, 20),
    strength=Range(1.0, 0.0, 0.99),
    source="",
    removal_prompt="empty",
    removal_tries=3,
    signatures=(Signature("P"),),
    offers=(OFFER,),
)


class Painter(BuiltinFill):
    """A family that is only planned with."""

    def __init__(self, name, **changes):
        self.name = name
        self.card = replace(CARD, **changes)

    def steps(self, crop_box, settings=None):
        return settings.num_inference_steps


@pytest.fixture
def plan(scope, monkeypatch):
    """Plans an edit of a 40 x 40 selection on 2000 x 2000, among the given families."""
    monkeypatch.setattr(choosing, "has_accelerator", lambda: False)

    def make(kind, *families, **asked) -> Plan:
        selection = None if kind == "extend" else (900, 900, 40, 40)
        where = replace(scope(2000, 2000, selection), roster=Roster.of(*families))
        return kinds()[kind](**asked).plan(where)

    return make


def refused(plan, kind, *families, **asked):
    with pytest.raises(EditError) as error:
        plan(kind, *families, **asked)
    fault = error.value.fault
    assert fault.remedy
    return fault.code, fault.field, f"{fault.message} {fault.remedy}"


def test_the_highest_rank_is_taken(plan):
    best = plan("replace", Painter("a", rank=1), Painter("b", rank=9), Painter("c", rank=5), prompt="a dog")
    assert (best.model, best.family) == ("b", "inpaint")


def test_the_users_choice_overrules_the_rank(plan):
    painters = (Painter("a", rank=1), Painter("b", rank=9), Painter("a", rank=2, family="repaint"))
    assert plan("replace", *painters, prompt="x", model="a").family == "repaint"
    assert plan("replace", *painters, prompt="x", model="a", family="inpaint").family == "inpaint"


@pytest.mark.parametrize("kind", ["remove", "extend"])
def test_without_a_gpu_the_builtin_fill_does_what_it_can(plan, kind, monkeypatch):
    asked = {"left_px": 5} if kind == "extend" else {}
    both = (BuiltinFill(), Painter("a"))
    assert plan(kind, *both, **asked).model == "builtin"
    assert plan(kind, *both, prompt="a meadow", **asked).model == "a"
    assert plan(kind, *both, model="a", **asked).model == "a"
    monkeypatch.setattr(choosing, "has_accelerator", lambda: True)
    assert plan(kind, *both, **asked).model == "a"
    assert plan(kind, *both, model="builtin", **asked).settings is None


def test_nobody_can(plan):
    code, field, words = refused(plan, "instruct", BuiltinFill(), Painter("a"), prompt="x")
    assert (code, field) == ("no_model", "edit.model")
    assert "inlay models install" in words


def test_a_model_that_is_not_here_or_cannot(plan):
    painters = (Painter("a"), Painter("b", edits=("instruct",)))
    assert refused(plan, "replace", *painters, prompt="x", model="z")[:2] == ("model_unknown", "edit.model")
    assert refused(plan, "replace", *painters, prompt="x", model="b")[:2] == ("model_unfit", "edit.model")
    assert refused(plan, "replace", *painters, prompt="x", family="z")[:2] == ("model_unknown", "edit.family")


def test_a_plan_leaves_nothing_open(plan):
    settings = plan("replace", Painter("a"), prompt="a dog", negative_prompt="blur").settings
    assert (settings.prompt, settings.negative_prompt) == ("a dog", "blur")
    assert (settings.strength, settings.num_inference_steps, settings.infill) == (1.0, 20, Infill.BLUR)
    assert settings.guidance_scale == pytest.approx(5.6)  # lowered: the mask is a small part of its window


def test_guidance_is_lowered_for_small_masks_alone(scope, plan):
    where = replace(scope(600, 600, (0, 0, 500, 500)), roster=Roster.of(Painter("a")))
    assert kinds()["replace"](prompt="x").plan(where).settings.guidance_scale == 8
    assert plan("replace", Painter("a"), prompt="x", guidance_scale=8).settings.guidance_scale == 8


def test_each_kind_has_its_recipe(plan):
    removal = plan("remove", Painter("a"), model="a").settings
    assert (removal.prompt, removal.tries, removal.infill) == ("empty", 3, Infill.FILL)
    assert plan("remove", Painter("a"), prompt="sand", tries=1).settings.prompt == "sand"
    able = Painter("a", edits=("restyle", "instruct"), image_guidance_scale=Range(1.5, 1, 5))
    restyled = plan("restyle", able, prompt="oil").settings
    assert (restyled.strength, restyled.infill) == (able.card.strength.default, Infill.KEEP)
    told = plan("instruct", able, prompt="sunset", image_guidance_scale=2.0).settings
    assert (told.image_guidance_scale, told.infill) == (2.0, Infill.KEEP)
    assert plan("extend", Painter("a"), right_px=9, model="a").settings.infill is Infill.EDGE


def test_the_background_is_what_replaces_can_do_and_all_but_the_selection(plan):
    planned = plan("background", Painter("a"), prompt="a beach")
    assert planned.model == "a"
    assert (planned.paste_box.width, planned.crop_box.width) == (2000, 2000)


def test_few_step_samplers_bring_their_steps_and_guidance(plan):
    settings = plan("replace", Painter("a"), prompt="x", scheduler="lcm").settings
    assert (settings.num_inference_steps, settings.guidance_scale) == (4, 1.0)
    assert plan("replace", Painter("a"), prompt="x", scheduler="lcm", num_inference_steps=9).steps == 9


@pytest.mark.parametrize(
    ("name", "architecture", "wanted"),
    [
        ("lcm-lora-sdxl", "sdxl", ("lcm", 4, 1.0)),
        ("sdxl_lightning_8step_lora", "sdxl", ("lightning", 8, 1.0)),
        ("Hyper-SDXL-12steps-lora", "sdxl", ("hyper", 12, 1.0)),
        ("Qwen-Image-Lightning-8steps", "qwen", ("", 8, 1.0)),
        ("hyperreal", "sdxl", ("", 20, 5.6)),
    ],
)
def test_a_lora_says_by_its_name_how_it_wants_to_be_sampled(plan, name, architecture, wanted):
    painter = Painter("a")
    painter.architecture = architecture
    painter.adapters = (Adapter(name, Path("x.safetensors"), AdapterKind.LORA, architecture),)
    settings = plan("replace", painter, prompt=f"a dog <lora:{name}:1>").settings
    assert (settings.scheduler, settings.num_inference_steps, settings.guidance_scale) == pytest.approx(wanted)
    off = plan("replace", painter, prompt=f"a dog <lora:{name}:0>").settings
    assert (off.scheduler, off.num_inference_steps) == ("", 20)


@pytest.mark.parametrize(
    ("architecture", "card", "guidance_scale"),
    [
        ("qwen", {"guidance_scale": Range(4.0, 1, 20)}, 1.0),
        ("z-image", {"guidance_scale": Range(3.0, 0, 20)}, 0.0),
        ("flux", {"guidance_scale": Range(2.5, 1, 30), "is_guidance_distilled": True}, 2.5),
        (
            "flux",
            {"guidance_scale": Range(30, 1, 100), "is_guidance_distilled": True, "has_negative_prompt": False},
            30,
        ),
        ("flux2", {"guidance_scale": Range(4.0, 1, 20)}, 1.0),
    ],
)
def test_a_few_step_lora_takes_away_classifier_free_guidance_alone(plan, architecture, card, guidance_scale):
    painter = Painter("a", **card, edits=("instruct",))
    painter.architecture = architecture
    painter.adapters = (Adapter("hyper-8steps", Path("x.safetensors"), AdapterKind.LORA, architecture),)
    settings = plan("instruct", painter, prompt="make it dusk <lora:hyper-8steps:1>").settings
    assert (settings.num_inference_steps, settings.guidance_scale) == (8, guidance_scale)
    own = plan("instruct", painter, prompt="make it dusk <lora:hyper-8steps:1>", guidance_scale=1.5).settings
    assert own.guidance_scale == 1.5


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"prompt": " "}, "prompt_empty", "edit.prompt"),
        ({"prompt": "x", "strength": 1.0}, "strength_range", "edit.strength"),
        ({"prompt": "x", "strength": 0.02}, "no_step", "edit.strength"),
        ({"prompt": "x", "guidance_scale": 50.0}, "guidance_scale_range", "edit.guidance_scale"),
        ({"prompt": "x", "variations": ((1, 0.5), (2, 1.5))}, "variations_range", "edit.variations.1"),
        ({"prompt": "x", "variations": ((-1, 0.5),)}, "variations_range", "edit.variations.0"),
        ({"prompt": "x", "num_inference_steps": 101}, "num_inference_steps_range", "edit.num_inference_steps"),
        ({"prompt": "x", "scheduler": "magic"}, "scheduler", "edit.scheduler"),
    ],
)
def test_what_a_model_cannot_do_is_refused_before_work(plan, asked, code, field):
    assert refused(plan, "replace", Painter("a"), **asked)[:2] == (code, field)


def test_flow_matching_keeps_its_own_sampler(plan):
    painter = Painter("a")
    painter.architecture = "flux"
    code, field, _ = refused(plan, "replace", painter, prompt="x", scheduler="euler")
    assert (code, field) == ("scheduler", "edit.scheduler")


def test_a_family_may_need_to_know_what_the_picture_shows(plan):
    able = Painter("a", edits=("restyle",), needs_source_prompt=True)
    assert refused(plan, "restyle", able, prompt="a cat")[:2] == ("source_prompt_empty", "edit.source_prompt")
    assert plan("restyle", able, prompt="a cat", source_prompt="a dog").settings.source_prompt == "a dog"


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": "x"},
        {"strength": 0.5},
        {"scheduler": "lcm"},
        {"guidance_scale": 3.0},
        {"variations": ((1, 0.5),)},
    ],
)
def test_the_builtin_fill_refuses_what_it_would_not_heed(plan, asked):
    code, field, _ = refused(plan, "remove", BuiltinFill(), **asked)
    assert (code, field) == ("setting_unused", f"edit.{next(iter(asked))}")
