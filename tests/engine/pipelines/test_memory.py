"""How models lie in memory, and what is done where it runs out: less and less, said aloud, and the next job works."""

from dataclasses import replace

import pytest
import torch
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts import devices, loading, memory
from inlay.pipelines.parts.devices import Device, attention_backend, chosen_device
from inlay.pipelines.parts.faults import is_device_lost, is_out_of_memory, tried_bytes
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.residency import Place, Residency, fitting, is_in_tiles, residencies, settle
from inlay.pipelines.shelf import loaded_bytes

from tests.engine.pipelines.conftest import roster_of
from tests.engine.pipelines.test_latent_families import WAYS, edit_of

GPU = Device("cuda", torch.bfloat16)
CPU = Device("cpu", torch.float32)
MPS = Device("mps", torch.float16)
FLUX = {"transformer": 24, "text_encoder": 1, "text_encoder_2": 10, "vae": 1}  # GB in 16 bit
WHOLE, PARTS, LAYERS = (Residency(place) for place in Place)
REDUCED = Residency(is_reduced=True)
PARTS_REDUCED = Residency(Place.PARTS, is_reduced=True)
FULL = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 7.9 GiB."


# How a model lies


@pytest.mark.parametrize(
    ("sizes", "budget", "device", "expected"),
    [
        (FLUX, 40, GPU, WHOLE),
        (FLUX, 36, GPU, WHOLE),
        (FLUX, 35, GPU, PARTS),
        (FLUX, 24, GPU, PARTS),
        (FLUX, 23, GPU, PARTS_REDUCED),
        (FLUX, 12, GPU, PARTS_REDUCED),
        (FLUX, 11, GPU, LAYERS),
        (FLUX, 0, GPU, LAYERS),
        (FLUX | {"text_encoder_2": 20}, 19, GPU, LAYERS),  # 8 bit is for the denoiser alone
        ({"unet": 40, "vae": 4}, 44, CPU, WHOLE),
        ({"unet": 40, "vae": 4}, 43, CPU, REDUCED),  # a quarter of float32
        ({"unet": 40, "vae": 4}, 1, CPU, REDUCED),
        ({"unet": 40, "vae": 4}, 1, MPS, WHOLE),  # nothing helps where device and machine share one memory
        ({}, 0, GPU, WHOLE),
    ],
)
def test_the_quickest_way_that_fits_is_taken(sizes, budget, device, expected):
    assert fitting(sizes, budget, device)[0] == expected


@pytest.mark.parametrize("device", [GPU, CPU, MPS], ids=lambda device: device.kind)
def test_every_way_takes_less_than_the_one_before(device):
    footprints = [way.footprint_bytes(FLUX, device.dtype.itemsize) for way in residencies(device)]
    assert footprints == sorted(footprints, reverse=True)
    assert len(set(footprints)) == len(footprints)


def painted(studio, model="tiny-sd-inpaint", **more):
    return studio.perform(ReplaceEdit(model=model, prompt="a red boat", num_inference_steps=2, **more))


@pytest.mark.parametrize("way", [PARTS, LAYERS], ids=lambda way: way.place)
@pytest.mark.parametrize("model", ["tiny-sd-inpaint", "tiny-xl-inpaint"])
def test_where_the_networks_lie_changes_no_pixel(studio, tiny_models, monkeypatch, model, way):
    expected = painted(studio, model)
    studio.roster = roster_of(tiny_models)
    monkeypatch.setattr(loading.residency, "fitting", lambda *_: (way,))
    monkeypatch.setattr(loading.residency, "cut_into_tiles", lambda parts: False)
    assert (painted(studio, model).pixels == expected.pixels).all()
    assert studio.roster.shelf.peek(model)["residency"] == way


def test_one_network_at_a_time_is_on_the_device(studio, tiny_models, monkeypatch):
    monkeypatch.setattr(loading.residency, "fitting", lambda *_: (PARTS,))
    studio.roster = roster_of(tiny_models)
    family = studio.roster.find("tiny-sd-inpaint", "sd15-inpaint")
    parts = parts_of(family.model, family.shelf)
    moves = []
    for name in ("unet", "vae", "text_encoder"):
        network = parts[name]
        network.to = lambda place, name=name, to=network.to: moves.append((name, place)) or to(place)
    hooks = parts["unet"]._hf_hook.others
    assert {id(other) for other in hooks} == {id(parts[name]) for name in ("vae", "text_encoder")}
    with torch.inference_mode():
        parts["vae"].decode(torch.zeros(1, 4, 2, 2))
    assert {name for name, _ in moves[:2]} == {"unet", "text_encoder"}
    assert moves[-1][0] == "vae"


@pytest.mark.parametrize("way", [WAYS[0], WAYS[3], WAYS[8]], ids=lambda way: way[1])
def test_a_small_budget_keeps_weights_in_8_bit_and_says_so(studio, tiny_models, monkeypatch, way, make_listener):
    monkeypatch.setenv("INLAY_MEMORY_BYTES", "1000")
    studio.roster = roster_of(tiny_models)
    watch = make_listener()
    result = studio.perform(edit_of(way), watch)
    laid = studio.laid(result)
    unet = studio.roster.shelf.peek(way[0])["unet"]
    assert torch.float8_e4m3fn in {weight.dtype for weight in unet.parameters()}
    count = sum(weight.numel() for weight in unet.parameters())
    assert loaded_bytes(unet) < 1.5 * count  # of 4 bytes each, but for the norms
    assert "low memory: weights in 8 bit" in watch.notes
    assert (laid[studio.mask > 0] != studio.pixels[studio.mask > 0]).any()


def test_a_way_that_does_not_fit_after_all_is_followed_by_the_next(studio, tiny_models, monkeypatch):
    def settled(parts, way, device):
        if way == WHOLE:
            raise torch.OutOfMemoryError(FULL)
        settle(parts, way, device)

    monkeypatch.setattr(loading.residency, "settle", settled)
    studio.roster = roster_of(tiny_models)
    painted(studio)
    assert studio.roster.shelf.peek("tiny-sd-inpaint")["residency"] == REDUCED


# What there is to run on


def test_precision_and_device_are_those_that_were_named(monkeypatch):
    monkeypatch.setenv("INLAY_DEVICE", "cpu")
    monkeypatch.setenv("INLAY_DTYPE", "bfloat16")
    assert chosen_device() == Device("cpu", torch.bfloat16)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx2": True}, torch.float32), ({"avx512_bf16": True}, torch.bfloat16), ({"amx_bf16": True}, torch.bfloat16)],
)
def test_a_cpu_works_in_half_precision_where_it_has_the_instructions(monkeypatch, capabilities, expected):
    monkeypatch.setenv("INLAY_DEVICE", "cpu")
    monkeypatch.delenv("INLAY_DTYPE")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert chosen_device().dtype == expected


@pytest.mark.parametrize(
    ("variable", "value"),
    [("INLAY_DEVICE", "abacus"), ("INLAY_DEVICE", "cuda:9"), ("INLAY_DEVICE", "cpu:1"), ("INLAY_DTYPE", "int3")],
)
def test_what_is_not_there_is_refused_by_its_name(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(FamilyError, match=value):
        chosen_device()


@pytest.mark.parametrize(("wanted", "number"), [("cuda:1", 1), ("cuda", 0), ("", 0)])
def test_of_several_devices_the_wanted_one_is_taken(monkeypatch, wanted, number):
    """Also after another one was: a thread's device stays until it is told a new one."""
    chosen = []
    monkeypatch.setenv("INLAY_DEVICE", wanted)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    assert chosen_device() == Device("cuda", torch.float32)  # as INLAY_DTYPE says in tests
    assert chosen == [number]


@pytest.mark.parametrize(
    ("kind", "wanted", "importable", "expected"),
    [
        ("cuda", "", {"torch"}, "native"),
        ("cuda", "", {"torch", "xformers", "flash_attn"}, "xformers"),
        ("cuda", "flash", {"torch", "xformers", "flash_attn"}, "flash"),
        ("cuda", "native", {"torch", "xformers"}, "native"),
        ("cpu", "", {"torch", "xformers"}, "native"),
    ],
)
def test_attention_is_computed_by_what_is_there(monkeypatch, kind, wanted, importable, expected):
    monkeypatch.setenv("INLAY_ATTENTION", wanted)
    monkeypatch.setattr(devices, "find_spec", lambda name: name in importable or None)
    assert attention_backend(kind) == expected


def test_attention_that_cannot_be_imported_is_refused(monkeypatch):
    monkeypatch.setenv("INLAY_ATTENTION", "flash")
    monkeypatch.setattr(devices, "find_spec", lambda name: name == "torch" or None)
    with pytest.raises(FamilyError, match="native"):
        attention_backend("cuda")


# Out of memory


@pytest.mark.parametrize(
    ("error", "is_memory", "is_lost"),
    [
        (torch.OutOfMemoryError(FULL), True, False),
        (MemoryError(), True, False),
        (RuntimeError("MPS backend out of memory (MPS allocated: 5.0 GB)"), True, False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes."), True, False),
        (RuntimeError("CUDA error: out of memory"), True, False),
        (torch.AcceleratorError("CUDA error: an illegal memory access was encountered"), False, True),
        (RuntimeError("CUDA error: device-side assert triggered"), False, True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False, False),
        (ValueError("out of memory"), False, False),
    ],
)
def test_what_a_device_says_is_understood(error, is_memory, is_lost):
    assert (is_out_of_memory(error), is_device_lost(error)) == (is_memory, is_lost)


def test_how_much_was_asked_for_is_read_where_it_is_told():
    assert tried_bytes(RuntimeError(FULL)) == round(2.5 * (1 << 30))
    assert tried_bytes(RuntimeError("you tried to allocate 17179869184 bytes.")) == 1 << 34
    assert tried_bytes(MemoryError()) is None


@pytest.fixture
def cramped(studio, tiny_models, monkeypatch):
    """A roster whose models run out of memory wherever `is_too_much(parts, latents)`; what was run is counted."""
    studio.roster = roster_of(tiny_models)
    runs = []

    def cramp(is_too_much, error=None):
        def load(model, shelf):
            parts = loaded(model, shelf)

            def before(_, inputs):
                area = inputs[0].shape[-1] * inputs[0].shape[-2]
                runs.append(area)
                if is_too_much(parts, area):
                    raise error or torch.OutOfMemoryError(FULL)

            parts["unet"].register_forward_pre_hook(before)
            parts["vae"].decoder.register_forward_pre_hook(before)
            return parts

        loaded = loading._loaded
        monkeypatch.setattr(loading, "_loaded", load)
        return runs

    return cramp


def planned_cells(studio):
    plan = studio.plan(ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat"))
    return plan.working_width * plan.working_height // 64


def test_room_is_made_first_and_leaves_no_trace_in_the_result(studio, cramped, make_listener):
    shelf = studio.roster.shelf
    expected = painted(studio).pixels
    shelf.drop()
    shelf.take("another", lambda: torch.nn.Linear(10, 10))
    cramped(lambda *_: shelf.peek("another") is not None)
    watch = make_listener()
    edit = ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat", num_inference_steps=2)
    result = studio.perform(edit, watch)
    assert (result.pixels == expected).all()
    assert "out of memory: again, with room made for it" in watch.messages
    assert watch.notes == []


def test_tiles_are_next_and_the_result_tells(studio, cramped, make_listener):
    whole = planned_cells(studio)
    cramped(lambda parts, area: area >= whole and not is_in_tiles(parts))
    watch = make_listener()
    studio.perform(ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat", num_inference_steps=2), watch)
    assert watch.notes == ["low memory: decoded in tiles"]


def test_then_less_of_the_model_is_on_the_device_and_stays_so(studio, cramped, make_listener):
    cramped(lambda parts, _: parts["residency"] == WHOLE)
    first, second = make_listener(), make_listener()
    edit = ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat", num_inference_steps=2)
    studio.perform(edit, first)
    studio.perform(edit, second)
    assert "out of memory: again, with less of the model on the device" in first.messages
    assert not [message for message in second.messages if "out of memory" in message]
    assert first.notes == second.notes == ["low memory: weights in 8 bit", "low memory: decoded in tiles"]


@pytest.mark.parametrize(("share", "size"), [(0.75, "75%"), (0.5, "50%")])
def test_at_last_the_picture_is_worked_on_at_a_smaller_size(studio, cramped, make_listener, share, size):
    whole = planned_cells(studio)
    runs = cramped(lambda _, area: area > whole * share**2 * 1.2)
    watch = make_listener()
    result = studio.perform(ReplaceEdit(model="tiny-sd-inpaint", prompt="a boat", num_inference_steps=2), watch)
    assert f"low memory: worked on at {size} of the planned size" in watch.notes
    assert runs[-1] <= whole * share**2 * 1.2
    laid = studio.laid(result)
    assert (laid[studio.mask == 0] == studio.pixels[studio.mask == 0]).all()
    assert (laid[studio.mask > 0] != studio.pixels[studio.mask > 0]).any()


def test_where_nothing_helps_the_refusal_names_the_bytes_and_the_next_job_works(studio, cramped, monkeypatch):
    full = [True]
    cramped(lambda *_: full[0])
    monkeypatch.setattr(memory, "free_bytes", lambda: 1_200_000_000)
    with pytest.raises(FamilyError) as refused:
        painted(studio)
    fault = refused.value.fault
    assert (fault.code, fault.field) == ("out_of_memory", "edit.model")
    assert "2.7 GB" in fault.message and "1.2 GB" in fault.message and "smaller model" in fault.remedy
    full[0] = False
    painted(studio)


def test_a_lost_device_is_told_and_everything_on_it_let_go(studio, cramped):
    lost = [True]
    runs = cramped(lambda *_: lost[0], torch.AcceleratorError("CUDA error: unspecified launch failure"))
    with pytest.raises(FamilyError) as refused:
        painted(studio)
    assert refused.value.fault.code == "device_lost" and "engine again" in refused.value.fault.remedy
    assert len(runs) == 1
    assert studio.roster.shelf.size_bytes == studio.roster.shelf.memo.size_bytes == 0
    lost[0] = False
    painted(studio)


def test_the_engine_tells_goes_on_and_keeps_the_notes(studio, cramped, start_engine):
    too_much = [lambda _: True]
    cramped(lambda parts, _: too_much[0](parts))
    client = start_engine(family=studio.roster.find("tiny-sd-inpaint", "sd15-inpaint")).client

    def edited():
        edit = {"kind": "replace", "prompt": "a red boat", "num_inference_steps": 1}
        return client.finished(client.ask("POST", "/edits", client.removal(edit=edit))[1]["id"])

    job = edited()
    assert (job["state"], job["error"]["code"]) == ("failed", "out_of_memory")
    too_much[0] = lambda parts: not is_in_tiles(parts)
    job = edited()
    assert (job["state"], job["error"]) == ("done", None)
    assert "low memory: decoded in tiles" in job["result"]["recipe"]["notes"]


def test_an_error_of_our_own_is_not_taken_for_lack_of_memory(studio, cramped):
    runs = cramped(lambda *_: True, RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="multiplied"):
        painted(studio)
    assert len(runs) == 1


def test_a_models_memory_is_given_back_where_another_comes(studio, tiny_models):
    """Real tiny models in a budget for two: the third sends away the one that was not used for longest."""
    studio.roster = roster_of(tiny_models)
    shelf = studio.roster.shelf
    shelf._clock = iter(range(1000)).__next__
    names = ["tiny-sd-inpaint", "tiny-sd-plain", "tiny-sd-instruct"]
    sizes = [loaded_size(studio, name) for name in names]
    shelf.drop()
    shelf._budget_bytes = sum(sorted(sizes)[1:])
    for name in names:
        loaded_size(studio, name)
        assert shelf.size_bytes <= shelf.budget_bytes
    assert shelf.peek(names[0]) is None
    assert shelf.peek(names[1]) and shelf.peek(names[2])


def loaded_size(studio, name):
    family = next(family for family in studio.roster.families if family.name == name)
    return loading.footprint_bytes(parts_of(family.model, family.shelf))


def test_what_is_remembered_of_real_models_stays_within_its_bound(studio, tiny_models):
    studio.roster = roster_of(tiny_models)
    memo = studio.roster.shelf.memo
    memo.most_bytes = 40_000
    edit = ReplaceEdit(model="tiny-sd-inpaint", prompt="a red boat", num_inference_steps=1)
    first = studio.perform(edit).pixels
    sizes = []
    for number in range(20):
        studio.perform(replace(edit, prompt=f"boat {number}"))
        sizes.append(memo.size_bytes)
    assert max(sizes) <= 40_000
    assert sizes[-1] > 20_000
    assert (studio.perform(edit).pixels == first).all()
