"""Models of the user's own, used where they lie; what is there and what could be."""

import shutil

import numpy as np
import pytest
from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.installed import Catalogue, look
from inlay.catalogue.installing import install
from inlay.catalogue.listing import entries, find_offer
from inlay.catalogue.recognise import FIRST, recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.catalogue.watch import Unwatched
from inlay.pipelines.roster import all_cards
from safetensors.numpy import save_file

CROSS_4 = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
CROSS_1 = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


@pytest.fixture
def theirs(catalogue, offer, door, tmp_path):
    """A user's folder with a diffusers model in it, which Inlay did not install."""
    here = install(catalogue, offer, Unwatched(), door)
    here.rename(tmp_path / "painter")
    (tmp_path / "painter" / "inlay.json").unlink()
    (tmp_path / "theirs" / "checkpoints").mkdir(parents=True)
    shutil.move(tmp_path / "painter", tmp_path / "theirs" / "checkpoints")
    return tmp_path / "theirs"


def checkpoint(path, channels=4, is_xl=False):
    """A single-file checkpoint, as far as its header tells."""
    tensors = {FIRST: np.zeros((2, channels, 3, 3), np.float16)}
    tensors[CROSS_4 if is_xl else CROSS_1] = np.zeros((2, 2048 if is_xl else 768), np.float16)
    if is_xl:
        tensors["conditioner.embedders.1.model.ln_final.bias"] = np.zeros(2, np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    return path


@pytest.mark.parametrize(
    ("channels", "is_xl", "pipeline", "width"),
    [
        (4, False, "StableDiffusionPipeline", 768),
        (8, False, "StableDiffusionInstructPix2PixPipeline", 768),
        (9, False, "StableDiffusionInpaintPipeline", 768),
        (4, True, "StableDiffusionXLPipeline", 2048),
        (8, True, "StableDiffusionXLInstructPix2PixPipeline", 2048),
        (9, True, "StableDiffusionXLInpaintPipeline", 2048),
    ],
)
def test_single_files_are_known_by_their_tensors(tmp_path, channels, is_xl, pipeline, width):
    found = recognise(checkpoint(tmp_path / "model.safetensors", channels, is_xl))
    assert (found.pipeline_class, found.in_channels, found.cross_attention_dim) == (pipeline, channels, width)


REFUSED = [
    ({FIRST: (2, 5, 3, 3)}, "5 input channels"),
    ({FIRST: (2, 4, 3, 3)}, "of a refiner"),
    ({FIRST: (2, 4, 3, 3), CROSS_1: (2, 1024)}, "SD 2.x"),
    ({FIRST: (2,)}, "no known model"),
    ({"first_stage_model.encoder.conv_in.weight": (1,)}, "autoencoder alone"),
    ({"double_blocks.0.img_attn.qkv.weight": (1,)}, "without its text encoder"),
    ({"control_model.input_blocks.0.0.weight": (1,)}, "ControlNet in one file"),
    ({"anything": (1,)}, "no known model"),
]


@pytest.mark.parametrize(("shapes", "reason"), REFUSED)
def test_other_single_files_are_refused_with_the_reason(tmp_path, shapes, reason):
    path = tmp_path / "model.safetensors"
    save_file({name: np.zeros(shape, np.float16) for name, shape in shapes.items()}, path)
    with pytest.raises(UnknownModelError, match=reason):
        recognise(path)


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model.bin"])
def test_pickles_are_refused_with_how_to_convert_them(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(UnknownModelError, match=r"(?s)pickle.*save_pretrained"):
        recognise(tmp_path / name)


def test_a_folder_is_added_and_dropped_and_never_written(catalogue, theirs):
    before = sorted(path.stat().st_mtime_ns for path in theirs.rglob("*"))
    found = catalogue.add_folder(theirs)
    assert [model.id for model in found.models] == ["painter"]
    assert [model.id for model in catalogue.installed()] == ["painter"]
    again = Catalogue(catalogue.folders)
    assert again.user_folders() == (theirs,)
    again.drop_folder(theirs)
    assert catalogue.installed() == ()
    assert sorted(path.stat().st_mtime_ns for path in theirs.rglob("*")) == before


def test_a_single_file_is_added_too(catalogue, tmp_path):
    path = checkpoint(tmp_path / "Deliberate v2.safetensors")
    catalogue.add_folder(path)
    (model,) = catalogue.installed()
    assert (model.id, model.path) == ("Deliberate v2", path)


def test_a_folder_that_was_deleted_meanwhile_is_no_harm(catalogue, theirs):
    catalogue.add_folder(theirs)
    shutil.rmtree(theirs)
    assert catalogue.installed() == ()
    catalogue.drop_folder(theirs)
    assert catalogue.user_folders() == ()


@pytest.mark.parametrize(
    ("names", "code"), [([], "no_models"), (["old.ckpt"], "unknown_model"), (["notes.txt"], "no_models")]
)
def test_a_folder_with_nothing_of_use_is_refused_with_the_reason(catalogue, tmp_path, names, code):
    for name in names:
        (tmp_path / "theirs").mkdir(exist_ok=True)
        (tmp_path / "theirs" / name).write_bytes(b"\x80\x04.")
    (tmp_path / "theirs").mkdir(exist_ok=True)
    with pytest.raises(CatalogueError) as caught:
        catalogue.add_folder(tmp_path / "theirs")
    assert (caught.value.fault.code, caught.value.fault.field) == (code, "path")
    assert catalogue.user_folders() == ()


def test_a_folder_that_is_none(catalogue, tmp_path):
    for attempt in (catalogue.add_folder, catalogue.drop_folder):
        with pytest.raises(CatalogueError) as caught:
            attempt(tmp_path / "nowhere")
        assert caught.value.fault.code == "no_folder"


def test_what_is_left_out_is_told(theirs):
    (theirs / "old.ckpt").write_bytes(b"")
    (theirs / "cut.safetensors").write_bytes(b"\xff" * 20)
    found = look(theirs)
    assert len(found.models) == 1
    assert {str(error).split()[0] for error in found.refused} == {"old.ckpt", "cut.safetensors"}


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_part_without_weights_is_named(theirs, part):
    (weights,) = (theirs / "checkpoints" / "painter" / part).glob("*.safetensors")
    weights.unlink()
    found = look(theirs)
    assert found.models == ()
    assert f"no weights of its {part}" in str(found.refused[0])


def test_half_a_model_is_never_listed(catalogue, theirs):
    theirs.joinpath("checkpoints", "painter").rename(theirs / "checkpoints" / "painter.partial")
    assert look(theirs).models == ()


def test_the_list_has_what_is_here_and_then_what_can_be(catalogue, offer, door, theirs):
    catalogue.add_folder(theirs)
    install(catalogue, offer, Unwatched(), door)
    cards = [card for card in all_cards() if card.family in ("sd15-inpaint", "sdxl-inpaint", "repaint")]
    models = catalogue.installed()
    listed = entries(catalogue, [(model, cards[-1]) for model in models] + [(models[0], cards[0])], cards)
    own, user, *offered = listed
    assert (own.id, own.state, own.title, own.is_removable) == ("tiny-inpaint", "installed", "Tiny inpainting", True)
    assert [use.family for use in own.uses] == [cards[-1].family, cards[0].family]
    assert set(own.edits) == {*cards[-1].edits, *cards[0].edits}
    assert own.size_bytes == sum(path.stat().st_size for path in (catalogue.own / own.id).rglob("*") if path.is_file())
    assert (user.id, user.is_removable, user.path) == ("painter", False, str(theirs / "checkpoints" / "painter"))
    assert {entry.id for entry in offered} >= {"sd15-inpaint", "sdxl-inpaint"}
    assert all(entry.state == "offered" and entry.begun_bytes == 0 for entry in offered)


def test_what_was_begun_is_told(catalogue):
    partial = catalogue.own / "sdxl-inpaint.partial" / "unet"
    partial.mkdir(parents=True)
    (partial / "weights.part").write_bytes(bytes(1234))
    (begun,) = [entry for entry in entries(catalogue, [], all_cards()) if entry.begun_bytes]
    assert (begun.id, begun.begun_bytes) == ("sdxl-inpaint", 1234)


def test_an_offer_is_found_by_its_name():
    assert find_offer("sdxl-inpaint", all_cards()).repository == "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
    with pytest.raises(CatalogueError, match="No model painter can be installed"):
        find_offer("painter", all_cards())
