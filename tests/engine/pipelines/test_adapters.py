"""LoRAs and embeddings, as real files, on tiny real models: what they change, and that they leave no trace."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import Flux2KleinPipeline, FluxPipeline, StableDiffusionPipeline, StableDiffusionXLPipeline
from inlay import wire
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.edit import EditError
from inlay.edits.instruct import InstructEdit
from inlay.edits.replace import ReplaceEdit
from inlay.jobs.records import decoded, encoded
from inlay.jobs.states import Job, Request, new_job_id
from inlay.pipelines.card import Settings
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts.adapters import adapted, pipeline_around
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from tests.engine.pipelines import tiny, tiny_transformers

RANK = 2
ATTENTION = ["to_q", "to_k", "to_v"]
PROJECTIONS = ["q_proj", "v_proj", "out_proj"]


def trained(module, layers, seed):
    """The layers of a LoRA, as if it had been trained: random, where a fresh one changes nothing."""
    torch.manual_seed(seed)
    module.add_adapter(LoraConfig(r=RANK, target_modules=layers, init_lora_weights=False))
    return {name: tensor * 4 for name, tensor in get_peft_model_state_dict(module).items()}


def save_lora(path: Path, seed, *, on_unet=True, on_text=False, is_xl=False, channels=9):
    layers = {}
    if on_unet:
        layers["unet_lora_layers"] = trained(tiny.unet(channels, is_xl), ATTENTION, seed)
    if on_text or is_xl:
        layers["text_encoder_lora_layers"] = trained(tiny.text_encoder(tiny.WIDTH), PROJECTIONS, seed)
    if is_xl:
        encoder = tiny.text_encoder(tiny.WIDTH, tiny.CLIPTextModelWithProjection)
        layers["text_encoder_2_lora_layers"] = trained(encoder, PROJECTIONS, seed)
    kind = StableDiffusionXLPipeline if is_xl else StableDiffusionPipeline
    kind.save_lora_weights(str(path.parent), **layers, weight_name=path.name)
    return path


def as_kohya(tensors):
    """Other names, and a scale of `alpha` by rank, here 2."""
    named = {}
    for name, tensor in tensors.items():
        layer, _, kind = name.removesuffix(".weight").rpartition(".")
        layer = layer.replace("text_encoder.", "te.").replace(".", "_")
        if not layer.startswith("unet") and "text_model" not in layer:
            layer = layer.replace("te_", "te_text_model_", 1)
        named[f"lora_{layer}.{'lora_down' if kind == 'lora_A' else 'lora_up'}.weight"] = tensor
        named[f"lora_{layer}.alpha"] = torch.tensor(2.0 * RANK)
    return named


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two models, and LoRAs and embeddings beside them."""
    home = tmp_path_factory.mktemp("home")
    models = home / "data" / "models"
    tiny.save(models / "tiny-sd", 9)
    tiny.save(models / "tiny-xl", 9, is_xl=True)
    save_lora(models / "paint.safetensors", 1)
    save_lora(models / "ink.safetensors", 2)
    save_lora(models / "paint-again.safetensors", 1)
    save_lora(models / "words.safetensors", 3, on_unet=False, on_text=True)
    save_lora(models / "grand.safetensors", 4, is_xl=True)
    save_lora(models / "tiny-lcm-6steps.safetensors", 5)
    torch.manual_seed(6)
    save_file({"emb_params": torch.randn(2, tiny.WIDTH)}, models / "freckle.safetensors")
    both = {name: torch.randn(1, tiny.WIDTH) for name in ("clip_l", "clip_g")}
    save_file(both, models / "marble.safetensors")
    return Folders(*(home / name for name in ("run", "data", "cache", "log")))


@pytest.fixture
def desk(studio, folders):
    """The picture with a hole in it, and a roster as `inlay serve` makes it."""
    catalogue = Catalogue(folders)
    return replace(studio, roster=Roster(catalogue.installed, Shelf(), catalogue.adapters))


def edit(prompt, model="tiny-sd", **asked):
    return ReplaceEdit(
        model=model, prompt=prompt, num_inference_steps=asked.pop("num_inference_steps", 2), guidance_scale=3.0, **asked
    )


@pytest.fixture
def painted(desk):
    """What a prompt gives, (h, w, 4)."""
    return lambda prompt, **asked: desk.perform(edit(prompt, **asked)).pixels


def refused(desk, prompt, **asked):
    with pytest.raises(EditError) as error:
        desk.plan(edit(prompt, **asked))
    fault = error.value.fault
    assert fault.remedy
    return fault.code, fault.field, f"{fault.message} {fault.remedy}"


def test_a_lora_changes_the_result_and_is_gone_afterwards(painted):
    before = painted("a boat")
    worn = painted("a boat <lora:paint:1>")
    assert (worn != before).any()
    np.testing.assert_array_equal(painted("a boat"), before)
    np.testing.assert_array_equal(painted("a boat <lora:paint>"), worn)


def test_nothing_of_a_lora_stays_in_the_model(desk, painted):
    painted("a boat")
    parts = parts_of(desk.roster.find("tiny-sd", "sd15-inpaint").model, desk.roster.shelf)
    before = {name: tensor.clone() for name, tensor in parts["unet"].state_dict().items()}
    painted("a boat <lora:paint:1> <lora:words:1>")
    after = parts["unet"].state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert not any("lora" in name for name, _ in parts["text_encoder"].named_modules())
    assert "adapters" not in parts


def test_a_weight_of_0_changes_nothing(painted):
    np.testing.assert_array_equal(painted("a boat <lora:paint:0>"), painted("a boat"))


def test_more_weight_changes_more(painted):
    plain = painted("a boat").astype(int)
    little, much = (np.abs(painted(f"a boat <lora:paint:{weight}>") - plain).mean() for weight in (0.05, 1))
    assert 0 < little < much


def test_two_add_up(painted):
    once = painted("a boat <lora:paint:0.8>").astype(int)
    halves = painted("a boat <lora:paint:0.4> <lora:paint-again:0.4>")
    assert np.abs(halves - once).max() <= 1
    both = painted("a boat <lora:paint:0.8> <lora:ink:0.8>")
    assert (both != once).any()
    assert (both != painted("a boat <lora:ink:0.8>")).any()


@pytest.mark.parametrize("name", ["paint", "words"])
def test_kohyas_files_are_read_as_diffusers_own(desk, folders, painted, name):
    """The same layers under the names that most files in circulation have, with twice the rank as the scale."""
    models = folders.data / "models"
    path = models / "kohya.safetensors"
    save_file(as_kohya(load_file(models / f"{name}.safetensors")), path)
    try:
        desk.roster.refresh()
        plain, worn = painted("a boat").astype(int), painted(f"a boat <lora:{name}:1>")
        assert (worn != plain).any()
        assert np.abs(painted("a boat <lora:kohya:0.5>") - worn.astype(int)).max() <= 1
    finally:
        path.unlink()


def test_a_lora_keeps_its_precision_beside_weights_that_rest_in_8_bits(folders):
    family = Roster(Catalogue(folders).installed, Shelf(), Catalogue(folders).adapters).find("tiny-sd", "sd15-inpaint")
    parts = parts_of(family.model, family.shelf)
    unet = parts["unet"].to(torch.bfloat16)
    unet.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16)
    inputs = {name: torch.randn(shape).bfloat16() for name, shape in (("sample", (1, 9, 8, 8)), ("words", (1, 9, 32)))}

    def predicted():
        with torch.inference_mode():
            return unet(inputs["sample"], torch.tensor(5), encoder_hidden_states=inputs["words"]).sample

    before, resting = predicted(), {name: tensor.dtype for name, tensor in unet.state_dict().items()}
    around = partial(pipeline_around, parts, family.model)
    with adapted(parts, Settings(loras=(("paint", 1.0),)), family.adapters, around):
        assert (predicted() != before).any()
        worn = {name: tensor for name, tensor in unet.state_dict().items() if "lora_" in name}
        told = load_file(folders.data / "models" / "paint.safetensors")
        for name, tensor in told.items():
            kept = worn[name.removeprefix("unet.").replace(".weight", ".inlay_0.weight")]
            np.testing.assert_allclose(kept.float(), tensor, rtol=2**-8)  # bfloat16's own rounding
    assert torch.equal(predicted(), before)
    assert {name: tensor.dtype for name, tensor in unet.state_dict().items()} == resting


def test_sdxl_takes_its_own(painted):
    before = painted("a boat", model="tiny-xl")
    assert (painted("a boat <lora:grand:1>", model="tiny-xl") != before).any()
    np.testing.assert_array_equal(painted("a boat", model="tiny-xl"), before)


def test_the_model_that_a_lora_is_made_for_is_chosen(desk):
    assert desk.plan(edit("a boat", model="")).model == "tiny-xl"
    assert desk.plan(edit("a boat <lora:paint:1>", model="")).model == "tiny-sd"
    assert desk.plan(edit("a boat <lora:grand:1>", model="")).model == "tiny-xl"


def test_words_are_read_again_only_where_the_lora_changes_how(desk, painted, count_calls):
    painted("a boat")
    calls = count_calls(desk.roster.find("tiny-sd", "sd15-inpaint"))
    painted("a boat", seed=1)
    painted("a boat <lora:paint:1>")
    assert calls["text"] == 0
    worn = painted("a boat <lora:words:1>")
    assert calls["text"] == 2  # the prompt, and the empty one
    assert (worn != painted("a boat <lora:words:0.3>")).any()
    assert calls["text"] == 4
    painted("a boat <lora:words:1>")
    painted("a boat")
    assert calls["text"] == 4


@pytest.mark.parametrize(("model", "name"), [("tiny-sd", "freckle"), ("tiny-xl", "marble")])
def test_an_embedding_is_a_word_of_the_prompt(desk, painted, model, name):
    plan = desk.plan(edit(f"a boat, {name.upper()}", model=model))
    assert plan.settings.embeddings == (name,)
    assert f"Embedding: {name}" in plan.checklist
    before = painted("a boat", model=model)
    assert (painted(f"a boat, {name}", model=model) != before).any()
    assert (painted("a boat", model=model, negative_prompt=name) != before).any()
    np.testing.assert_array_equal(painted("a boat", model=model), before)


def test_an_embedding_is_read_as_its_vectors(desk, painted):
    """Two of the tokenizer's own words, given as an embedding, are read as those words are; nothing old is kept."""
    other = painted("a boat freckle q")
    family = desk.roster.find("tiny-sd", "sd15-inpaint")
    parts = parts_of(family.model, family.shelf)
    table = parts["text_encoder"].get_input_embeddings().weight
    numbers = parts["tokenizer"]("xy", add_special_tokens=False).input_ids
    path = next(adapter.path for adapter in family.adapters if adapter.name == "freckle")
    kept = path.read_bytes()
    try:
        save_file({"emb_params": table[numbers].clone()}, path)
        same = painted("a boat freckle q")
        np.testing.assert_array_equal(same, painted("a boat xy q"))
        assert (same != other).any()
    finally:
        path.write_bytes(kept)


def test_an_embedding_counts_as_a_whole_word_alone(desk):
    assert desk.plan(edit("a freckled boat")).settings.embeddings == ()
    assert desk.plan(edit("a boat, marble")).settings.embeddings == ()  # it is for SDXL


def test_a_plan_holds_what_is_worn_and_no_tag(desk):
    plan = desk.plan(edit("a boat <lora:paint:0.8>, at sea <lora:ink:-0.5>"))
    assert plan.settings.prompt == "a boat, at sea"
    assert plan.settings.loras == (("paint", 0.8), ("ink", -0.5))
    assert {"LoRA: paint at 0.8", "LoRA: ink at -0.5"} <= set(plan.checklist)


def test_a_distilled_lora_brings_its_sampler_steps_and_guidance(desk):
    asked = ReplaceEdit(model="tiny-sd", prompt="a boat <lora:tiny-lcm-6steps:1>")
    plan = desk.plan(asked)
    settings = plan.settings
    assert (settings.scheduler, settings.num_inference_steps, settings.guidance_scale) == ("lcm", 6, 1.0)
    assert "Sampler: lcm, with 6 steps, as tiny-lcm-6steps is made for" in plan.checklist
    assert desk.perform(asked).checks["outside"] == 0
    own = desk.plan(replace(asked, scheduler="euler", num_inference_steps=9, guidance_scale=2.0)).settings
    assert (own.scheduler, own.num_inference_steps, own.guidance_scale) == ("euler", 9, 2.0)


def test_a_lora_of_another_architecture_is_refused_before_work(desk):
    code, field, words = refused(desk, "a boat <lora:grand:1>")
    assert (code, field) == ("lora_unfit", "edit.prompt")
    assert "tiny-xl" in words


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("<lora:pint:1>", "lora_unknown"),
        ("<lora:paint:much>", "lora_weight"),
        ("<lora:paint:9>", "lora_weight"),
        ("<lora:paint:nan>", "lora_weight"),
        ("<lora:paint:1", "lora_tag"),
        ("<lora::1>", "lora_tag"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_work(desk, prompt, code):
    assert refused(desk, f"a boat {prompt}")[:2] == (code, "edit.prompt")


def test_an_unknown_name_is_told_what_is_like_it(desk):
    assert "paint" in refused(desk, "a boat <lora:pint:1>")[2]


def test_a_tag_in_the_negative_prompt_is_refused(desk):
    code, field, _ = refused(desk, "a boat", negative_prompt="<lora:paint:1>")
    assert (code, field) == ("lora_tag", "edit.negative_prompt")


def test_a_lora_alone_is_no_prompt(desk):
    assert refused(desk, "<lora:paint:1>")[:2] == ("prompt_empty", "edit.prompt")


@pytest.mark.parametrize("prompt", ["a boat <lora:torn:1>", "a boat, torn"])
def test_a_file_that_is_cut_after_the_plan_is_refused_and_the_model_goes_on(desk, folders, painted, prompt):
    models = folders.data / "models"
    torn = models / "torn.safetensors"
    source = models / ("paint.safetensors" if "lora" in prompt else "freckle.safetensors")
    torn.write_bytes(source.read_bytes())
    try:
        desk.roster.refresh()
        before = painted("a boat")
        assert (painted(prompt) != before).any()
        torn.write_bytes(torn.read_bytes()[:-40])
        with pytest.raises(FamilyError) as error:
            painted(prompt)
        assert (error.value.fault.code, error.value.fault.field) == ("adapter_broken", "edit.prompt")
        assert "torn" in str(error.value)
        torn.unlink()
        with pytest.raises(FamilyError, match="not on this machine any more"):
            painted(prompt)
        np.testing.assert_array_equal(painted("a boat"), before)
    finally:
        torn.unlink(missing_ok=True)


def test_a_cut_file_is_unknown_to_plans(desk, folders):
    torn = folders.data / "models" / "short.safetensors"
    torn.write_bytes((folders.data / "models" / "paint.safetensors").read_bytes()[:-40])
    try:
        desk.roster.refresh()
        assert refused(desk, "a boat <lora:short:1>")[0] == "lora_unknown"
    finally:
        torn.unlink()


def test_a_lora_that_does_not_go_on_is_refused_and_leaves_nothing(desk, folders, painted):
    """Its names fit and its shapes do not: only the model itself can tell."""
    path = folders.data / "models" / "wide.safetensors"
    layer = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    save_file(
        {f"{layer}.lora_A.weight": torch.randn(RANK, 99), f"{layer}.lora_B.weight": torch.randn(99, RANK)}, str(path)
    )
    try:
        desk.roster.refresh()
        before = painted("a boat")
        with pytest.raises(FamilyError) as error:
            painted("a boat <lora:paint:1> <lora:wide:1>")
        assert error.value.fault.code == "adapter_broken"
        np.testing.assert_array_equal(painted("a boat"), before)
    finally:
        path.unlink()


def test_a_cancelled_job_takes_its_lora_off(desk, painted, make_listener, expect_cancelled):
    before = painted("a boat")
    with expect_cancelled():
        desk.perform(edit("a boat <lora:paint:1>", num_inference_steps=9), make_listener(cancel_after=4))
    np.testing.assert_array_equal(painted("a boat"), before)


def test_a_plan_with_adapters_survives_the_journal_and_the_wire(desk):
    asked = edit("a boat, freckle <lora:paint:0.8>")
    plan = desk.plan(asked)
    request = Request(asked, desk.canvas, plan.paste_box, "a", "b", "")
    job = Job(new_job_id(), request, plan, 0.0)
    assert decoded(encoded(job)) == job
    told = json.loads(wire.Plan.of(plan).model_dump_json())["settings"]
    assert (told["loras"], told["embeddings"]) == ([["paint", 0.8]], ["freckle"])


FLOWS = {  # tiny models around transformers: the layers that a LoRA changes, and the class that saves it
    "tiny-flux-fill": (["proj_mlp"], FluxPipeline),
    "tiny-klein": (["to_q", "to_qkv_mlp_proj"], Flux2KleinPipeline),
}


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    """FLUX.1 and FLUX.2, and a LoRA for each."""
    home = tmp_path_factory.mktemp("flows")
    models = home / "data" / "models"
    for name, (layers, kind) in FLOWS.items():
        tiny_transformers.save(models / name, name)
        transformer = tiny_transformers.MAKERS[name]().transformer
        weights = trained(transformer, layers, 7)
        kind.save_lora_weights(
            str(models), transformer_lora_layers=weights, weight_name=f"{name}-lightning-2steps.safetensors"
        )
    catalogue = Catalogue(Folders(*(home / name for name in ("run", "data", "cache", "log"))))
    small = [replace(one, description=replace(one.description, native_px=64)) for one in catalogue.installed()]
    return Roster(lambda: small, Shelf(), catalogue.adapters)


@pytest.mark.parametrize("model", FLOWS)
def test_transformers_take_theirs(studio, flows, model):
    desk = replace(studio, roster=flows)
    kind = ReplaceEdit if "fill" in model else InstructEdit
    plain = kind(model=model, prompt="a boat", num_inference_steps=2)
    before = desk.perform(plain).pixels
    worn = replace(plain, prompt=f"a boat <lora:{model}-lightning-2steps:1>")
    assert (desk.perform(worn).pixels != before).any()
    np.testing.assert_array_equal(desk.perform(plain).pixels, before)
    settings = desk.plan(replace(worn, num_inference_steps=0)).settings
    assert (settings.num_inference_steps, settings.scheduler) == (2, "")


def test_a_control_lora_is_refused_and_what_it_widened_is_narrow_again(studio, flows):
    family = flows.find("tiny-flux-fill", "flux-fill")
    transformer = tiny_transformers.MAKERS["tiny-flux-fill"]().transformer
    width, made = transformer.x_embedder.in_features, transformer.x_embedder.out_features
    layers = {"lora_A": torch.randn(RANK, 2 * width), "lora_B": torch.randn(made, RANK)}
    path = family.model.path.parent / "control.safetensors"
    save_file({f"transformer.x_embedder.{name}.weight": tensor for name, tensor in layers.items()}, path)
    try:
        flows.refresh()
        desk = replace(studio, roster=flows)
        plain = ReplaceEdit(model="tiny-flux-fill", prompt="a boat", num_inference_steps=2)
        before = desk.perform(plain).pixels
        with pytest.raises(FamilyError, match="control LoRA"):
            desk.perform(replace(plain, prompt="a boat <lora:control:1>"))
        np.testing.assert_array_equal(desk.perform(plain).pixels, before)
    finally:
        path.unlink()
        flows.refresh()


def test_flux_1_does_not_take_what_is_made_for_flux_2(studio, flows):
    desk = replace(studio, roster=flows)
    code, field, words = refused(desk, "a boat <lora:tiny-klein-lightning-2steps:1>", model="tiny-flux-fill")
    assert (code, field) == ("lora_unfit", "edit.prompt")
    assert "tiny-klein" in words
