"""What is said where a file is damaged, and where the device gives up."""

import numpy as np
import pytest
import transformers
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.parts.captioning import caption
from inlay.pipelines.parts.estimating import estimated
from inlay.pipelines.parts.faults import reading
from inlay.pipelines.shelf import Shelf
from safetensors import SafetensorError

from tests.engine.pipelines import tiny_captioner, tiny_control

PICTURE = np.full((48, 64, 3), 0.5, np.float32)


def broken(reason):
    return FamilyError("broken", reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("header is too short\nat byte 8"), "header is too short"),
        (OSError("  no such file  "), "no such file"),
        (KeyError(), "KeyError"),
        (RuntimeError("x" * 900), "x" * 200),
        (SafetensorError("header too small"), "header too small"),
    ],
)
def test_what_fails_while_reading_speaks_against_the_file(error, reason, tmp_path):
    with pytest.raises(FamilyError) as refused, reading(tmp_path, broken):
        raise error
    assert (refused.value.fault.code, refused.value.fault.message) == ("broken", reason)
    assert refused.value.__cause__ is error


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), ZeroDivisionError("our own fault")])
def test_what_is_not_the_files_fault_is_left_alone(error, tmp_path):
    with pytest.raises(type(error)) as raised, reading(tmp_path, broken):
        raise error
    assert raised.value is error


@pytest.fixture
def captioner(tmp_path):
    folder = tiny_captioner.save(tmp_path / "captioner")
    return Adapter("captioner", folder, AdapterKind.ESTIMATOR, purpose="caption")


def test_a_cut_captioner_is_refused(captioner):
    weights = captioner.path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(FamilyError) as refused:
        caption(PICTURE, [captioner], Shelf())
    assert refused.value.fault.code == "captioner_broken"
    assert refused.value.fault.remedy == "Install it again."


def test_a_cut_estimator_is_refused(tmp_path):
    folder = tiny_control.save_depth(tmp_path / "depth")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    found = Adapter("depth", folder, AdapterKind.ESTIMATOR, purpose="depth")
    with pytest.raises(FamilyError) as refused:
        estimated("depth", PICTURE, np.ones((48, 64), np.float32), [found], Shelf())
    assert refused.value.fault.code == "estimator_broken"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("CUDA out of memory. Tried to allocate 2 GiB", "out_of_memory"),
        ("CUDA error: unknown", "device_lost"),
    ],
)
@pytest.mark.parametrize("where", ["from_pretrained", "generate"])
def test_a_device_that_gives_up_is_no_damage(captioner, monkeypatch, said, code, where):
    def give_up(*_, **__):
        raise RuntimeError(said)

    monkeypatch.setattr(transformers.BlipForConditionalGeneration, where, give_up)
    with pytest.raises(FamilyError) as refused:
        caption(PICTURE, [captioner], Shelf())
    assert refused.value.fault.code == code
    assert "write the prompt yourself" in refused.value.fault.remedy


def test_our_own_faults_are_not_told_as_the_devices(captioner, monkeypatch):
    monkeypatch.setattr(transformers.BlipForConditionalGeneration, "generate", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        caption(PICTURE, [captioner], Shelf())
