"""Whether a model is whole: to the last byte where Inlay installed it, by its headers where it is the user's own."""

import json
import shutil

import pytest
from inlay.catalogue.installing import install
from inlay.catalogue.verifying import Damage, damages
from inlay.catalogue.watch import StoppedError, Unwatched

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def here(catalogue, offer, door):
    return install(catalogue, offer, Unwatched(), door)


def test_an_installed_model_is_whole(here):
    assert damages(here) == ()


def changed(path):
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (changed, "has changed"),
        (cut, "has 1039167 bytes, and should have 1039168"),
        (lambda path: path.unlink(), "is missing"),
    ],
)
def test_damage_to_an_installed_model_is_told_by_file(here, damage, message):
    damage(here / UNET)
    (found,) = damages(here)
    assert found.path == UNET
    assert message in found.message


def test_progress_is_told_to_the_end(here):
    told = []

    class Listener(Unwatched):
        def progress(self, done_bytes, total_bytes):
            told.append((done_bytes, total_bytes))

    damages(here, Listener())
    assert told[-1][0] == told[-1][1] > 1_000_000


def test_it_stops_when_told(here):
    class Hasty(Unwatched):
        def is_cancelled(self):
            return True

    with pytest.raises(StoppedError):
        damages(here, Hasty())


@pytest.fixture
def theirs(here, tmp_path):
    """The same model as a user's own: without a manifest."""
    folder = shutil.copytree(here, tmp_path / "theirs" / "painter")
    (folder / "inlay.json").unlink()
    return folder


def test_a_users_own_model_is_whole(theirs):
    assert damages(theirs) == ()


def test_a_cut_file_of_a_users_model_is_found(theirs):
    cut(theirs / UNET)
    (found,) = damages(theirs)
    assert found.path == UNET
    assert "cut short" in found.message


def test_a_link_to_nothing_is_found(theirs):
    (theirs / UNET).unlink()
    (theirs / UNET).symlink_to(theirs / "blobs" / "gone")
    (found,) = damages(theirs)
    assert found.path == UNET
    assert "cannot be read" in found.message


def test_missing_shards_are_found(theirs):
    index = {"weight_map": {"a": "diffusion_pytorch_model.safetensors", "b": "second.safetensors"}}
    (theirs / "unet" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    assert damages(theirs) == (Damage("unet/second.safetensors", "is missing"),)


def test_pickles_and_programs_are_found(theirs):
    (theirs / "vae" / "diffusion_pytorch_model.safetensors").rename(theirs / "vae" / "diffusion_pytorch_model.bin")
    assert [damage.path for damage in damages(theirs)] == [""]
    assert "pickle" in damages(theirs)[0].message
    (theirs / "hook.py").write_text("")
    assert "program code" in damages(theirs)[0].message


def test_a_single_file_is_looked_at(tmp_path):
    (tmp_path / "odd.safetensors").write_bytes(b"\xff" * 100)
    (found,) = damages(tmp_path / "odd.safetensors")
    assert "odd.safetensors is cut short" in found.message


@pytest.mark.parametrize("entry", ["../outside.json", "/etc/passwd", "a\\..\\b.json"])
def test_a_manifest_that_points_outside_is_none(here, entry):
    manifest = json.loads((here / "inlay.json").read_text())
    manifest["files"][0]["path"] = entry
    (here / "inlay.json").write_text(json.dumps(manifest))
    assert damages(here) == ()  # looked at as a user's own: nothing outside is read
