"""Models that select and are damaged, devices that give up, and libraries that lack."""

import sys
from shutil import copy, copytree

import numpy as np
import pytest
import torch
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts import devices
from inlay.pipelines.parts.sam_network import PACKAGE
from safetensors.torch import load_file, save_file

from tests.engine.pipelines.conftest import roster_of
from tests.engine.pipelines.tiny_segmenters import CLICK, SAVED, seen


@pytest.fixture
def roster(selecting_models):
    return roster_of(selecting_models)


@pytest.fixture
def view():
    return seen()


def damaged(selecting_models, tmp_path, name):
    """A copy of one model's weights, to be spoiled: (their path, its roster)."""
    source = selecting_models / "data" / "models"
    target = tmp_path / "data" / "models"
    target.mkdir(parents=True)
    if name == "sam-file":
        path = target / "sam-file.safetensors"
        copy(source / path.name, path)
    else:
        copytree(source / name, target / name)
        path = target / name / "model.safetensors"
    return path, roster_of(tmp_path)


def work(roster, name, view):
    """Let the model of this name do what it is for."""
    if name == "finder":
        return roster.finder().sightings(view, "a car")
    if name == "matter":
        return roster.matter().alpha(view.picture, np.full(view.picture.shape[:2], 0.5, np.float32))
    return roster.segmenter(name).candidates(view, CLICK)


@pytest.mark.parametrize("name", SAVED)
def test_a_file_that_was_cut_is_refused(selecting_models, tmp_path, view, name):
    path, roster = damaged(selecting_models, tmp_path, name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FamilyError) as refused:
        work(roster, name, view)
    assert refused.value.fault.code == "model_broken"
    assert "inlay models verify" in refused.value.fault.remedy


@pytest.mark.parametrize("name", SAVED)
def test_weights_that_are_missing_are_no_random_ones(selecting_models, tmp_path, view, name):
    path, roster = damaged(selecting_models, tmp_path, name)
    weights = load_file(path)
    lost = next(each for each in sorted(weights) if "mask_decoder" in each or "layernorm" in each or "fusion" in each)
    save_file({each: tensor for each, tensor in weights.items() if each != lost}, path, {"format": "pt"})
    with pytest.raises(FamilyError, match="missing") as refused:
        work(roster, name, view)
    assert refused.value.fault.code == "model_broken"


@pytest.mark.parametrize(
    ("name", "shape", "reason"),
    [
        ("mask_decoder.iou_token.weight", (1, 48), "1 of its tensors are of another size than the rest, mask_decoder"),
        ("mask_decoder.hf_token.weight", (1, 32), "nothing that SAM has, mask_decoder.hf_token.weight first"),
    ],
)
def test_a_sam_whose_tensors_do_not_go_together_is_refused_in_words(
    selecting_models, tmp_path, view, name, shape, reason
):
    path, roster = damaged(selecting_models, tmp_path, "sam-file")
    save_file({**load_file(path), name: torch.zeros(shape)}, path)
    with pytest.raises(FamilyError, match=reason) as refused:
        work(roster, "sam-file", view)
    assert refused.value.fault.code == "model_broken"


@pytest.mark.parametrize(
    ("said", "code"),
    [("CUDA out of memory. Tried to allocate 2 GiB", "out_of_memory"), ("CUDA error: unknown", "device_lost")],
)
@pytest.mark.parametrize("name", SAVED)
def test_a_device_that_gives_up_is_no_damage(roster, view, monkeypatch, said, code, name):
    def fail(*_):
        raise RuntimeError(said)

    monkeypatch.setattr("inlay.pipelines.parts.selecting.chosen_device", lambda: devices.Device("cpu", torch.float32))
    kinds = {type(one) for role in roster._selecting.values() for one in role if one.name == name}
    monkeypatch.setattr(kinds.pop(), "load", fail)
    with pytest.raises(FamilyError) as refused:
        work(roster, name, view)
    assert refused.value.fault.code == code
    assert name in refused.value.fault.message


def test_a_library_that_is_not_installed_is_named(roster, view, monkeypatch):
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FamilyError, match="segment_anything is not installed") as refused:
        roster.segmenter("sam-file").prepare(view)
    assert 'pip install "inlay[models]"' in refused.value.fault.remedy


def test_our_own_mistakes_are_not_the_devices(roster, view, monkeypatch):
    segmenter = roster.segmenter("sam-file")
    segmenter.prepare(view)

    def fail(*_):
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(segmenter, "answered", fail)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        segmenter.candidates(view, CLICK)
