"""Models that select: known by their configuration or their tensors, listed, installed, verified and removed."""

import json
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.hub import Hub
from inlay.catalogue.installed import Catalogue, look
from inlay.catalogue.installing import install, remove
from inlay.catalogue.listing import entries, find_offer
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.catalogue.verifying import damages
from inlay.catalogue.watch import Unwatched
from inlay.pipelines.roster import Roster, all_cards
from safetensors.numpy import save_file

from tests.engine.catalogue.loopback_hub import REPOSITORY, serving
from tests.engine.pipelines import tiny_segmenters

IDS = (
    *("sam-vit-b", "sam-vit-l", "sam-vit-h"),
    *("sam2-tiny", "sam2-small", "sam2-base", "sam2-large"),
    *("grounding-dino-tiny", "grounding-dino-base", "vitmatte"),
)
SAM_SHAPES = {
    "mask_decoder.iou_token.weight": (1, 256),
    "image_encoder.pos_embed": (1, 64, 64, 768),
    "image_encoder.patch_embed.proj.weight": (768, 3, 16, 16),
    "image_encoder.blocks.0.attn.rel_pos_h": (27, 64),
}


def folder_of(path, config):
    """A folder of transformers, as far as its configuration tells."""
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file({"weight": np.zeros(2, np.float32)}, path / "model.safetensors")
    return path


def file_of(path, shapes):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.zeros(shape, np.float16) for name, shape in shapes.items()}, path)
    return path


@pytest.mark.parametrize(
    ("config", "architecture", "side"),
    [
        ({"model_type": "sam", "prompt_encoder_config": {"image_size": 1024}}, "sam", 1024),
        ({"model_type": "sam2", "prompt_encoder_config": {"image_size": 512}}, "sam2", 512),
        ({"model_type": "sam2_video"}, "sam2", None),
        ({"model_type": "sam2_video", "prompt_encoder_config": {"image_size": "large"}}, "sam2", None),
        ({"model_type": "grounding-dino"}, "grounding-dino", None),
        ({"model_type": "vitmatte"}, "vitmatte", None),
    ],
)
def test_folders_are_known_by_their_configuration(tmp_path, config, architecture, side):
    found = recognise(folder_of(tmp_path / "model", config))
    assert (found.architecture, found.native_px, found.pipeline_class) == (architecture, side, "")


def test_a_sam_in_one_file_is_known_by_its_tensors(tmp_path):
    found = recognise(file_of(tmp_path / "sam.safetensors", SAM_SHAPES))
    assert (found.architecture, found.native_px) == ("sam", 1024)


@pytest.mark.parametrize("lost", [name for name in SAM_SHAPES if name.startswith("image_encoder")])
def test_other_builds_of_sam_are_refused_with_the_reason(tmp_path, lost):
    shapes = {name: shape for name, shape in SAM_SHAPES.items() if name != lost}
    with pytest.raises(UnknownModelError, match="another build than ViT-B, L and H") as refused:
        recognise(file_of(tmp_path / "mobile_sam.safetensors", shapes))
    assert "sam_vit_b" in refused.value.fault.remedy


def test_a_folder_with_a_pickle_alone_is_refused(tmp_path):
    folder = folder_of(tmp_path / "model", {"model_type": "sam"})
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UnknownModelError, match=r"no \.safetensors"):
        recognise(folder)


def test_metas_own_file_is_refused_with_how_to_convert_it(tmp_path):
    path = tmp_path / "sam_vit_b_01ec64.pth"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UnknownModelError, match="pickle"):
        recognise(path)


def test_a_users_folder_is_looked_through_for_them(catalogue, tmp_path):
    theirs = tmp_path / "theirs"
    folder_of(theirs / "sam-vit-base", {"model_type": "sam"})
    folder_of(theirs / "hidden" / "something-else", {"model_type": "bert"})
    file_of(theirs / "sam_vit_h.safetensors", SAM_SHAPES)
    found = catalogue.add_folder(theirs)
    assert {model.id for model in found.models} == {"sam-vit-base", "sam_vit_h"}
    listed = {entry.id: entry for entry in shown(catalogue) if entry.state == "installed"}
    assert {name: entry.edits for name, entry in listed.items()} == {
        "sam-vit-base": ("select",),
        "sam_vit_h": ("select",),
    }
    assert not any(entry.is_removable for entry in listed.values())


def shown(catalogue: Catalogue):
    roster = Roster(catalogue.installed, adapters=catalogue.adapters)
    return entries(catalogue, roster.uses, roster.cards)


@pytest.mark.parametrize("name", IDS)
def test_all_of_them_are_offered(catalogue, name):
    offer = find_offer(name, all_cards())
    (entry,) = [entry for entry in shown(catalogue) if entry.id == name]
    assert entry.state == "offered"
    assert entry.edits == (("select",) if name.startswith("sam") else ())
    assert offer.licence == "Apache-2.0"
    assert 50_000_000 < offer.size_bytes < 3_000_000_000


@pytest.mark.parametrize("name", ["sam-vit-b", "sam2-tiny", "grounding-dino-tiny", "vitmatte"])
def test_one_is_installed_verified_and_removed(catalogue, door_to, name):
    offer = replace(find_offer(name, all_cards()), repository=REPOSITORY, size_bytes=1000)
    folder = install(catalogue, offer, Unwatched(), door_to(name))
    assert not list(folder.rglob("*.bin"))
    (entry,) = [entry for entry in shown(catalogue) if entry.id == name]
    assert (entry.state, entry.is_removable, entry.title) == ("installed", True, offer.title)
    assert damages(folder) == ()

    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert [damage.path for damage in damages(folder)] == ["model.safetensors"]

    remove(catalogue, name)
    assert look(catalogue.own).models == ()
    with pytest.raises(CatalogueError):
        catalogue.paths(name)


@pytest.fixture
def door_to(tmp_path):
    """A hub that has the tiny model of this kind, with what nobody needs beside it."""
    savers = {
        "sam-vit-b": tiny_segmenters.save_sam_folder,
        "sam2-tiny": tiny_segmenters.save_sam2,
        "grounding-dino-tiny": tiny_segmenters.save_grounding_dino,
        "vitmatte": tiny_segmenters.save_vitmatte,
    }
    with ExitStack() as open_hubs:

        def opened(name):
            folder = savers[name](tmp_path / "hub" / name)
            (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
            (folder / "README.md").write_text("# Tiny")
            hub = open_hubs.enter_context(serving(folder))
            return Hub(hub.endpoint, timeout_s=5.0, pause_s=0.0)

        yield opened
