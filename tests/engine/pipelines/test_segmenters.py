"""Models that select, tiny and untrained: who is here, what they are shown, and what is kept."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from inlay.pipelines.memo import Memo
from inlay.pipelines.parts.pointing import Ask, Frame
from inlay.pipelines.parts.pretrained import normalised
from inlay.pipelines.roster import Roster, RosterError
from inlay.pipelines.segmenter import View
from inlay.pipelines.segmenters import sam
from inlay.pipelines.shelf import Shelf
from inlay.pixels.selecting.prompts import Point, Prompts
from safetensors.torch import load_file, save_file

from tests.engine.pipelines import tiny_segmenters
from tests.engine.pipelines.conftest import roster_of
from tests.engine.pipelines.tiny_segmenters import CLICK, POINTED, SIDE_PX, calls_of, seen


@pytest.fixture
def roster(selecting_models):
    return roster_of(selecting_models)


@pytest.fixture
def view():
    return seen()


def test_a_machine_without_checkpoints_has_its_segmenters(roster):
    assert [one.name for one in roster.segmenters] == ["sam2", "sam-folder", "sam-file", "grabcut"]
    assert {one.card.working_px for one in roster.segmenters[:-1]} == {SIDE_PX}
    assert roster.segmenter("").name == "sam2"
    assert roster.segmenter("grabcut") is roster.segmenters[-1]
    assert (roster.finder().name, roster.matter().name) == ("finder", "matter")


def test_a_machine_without_models_has_grabcut():
    roster = Roster()
    assert roster.segmenter("").name == "grabcut"
    assert roster.finder() is None
    assert roster.matter() is None


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("sam-vit-h", "Install it with `inlay models install sam-vit-h`, or use sam2, sam-folder, sam-file, grabcut."),
        ("nobody", "Use sam2, sam-folder, sam-file, grabcut."),
        ("finder", "Use sam2, sam-folder, sam-file, grabcut."),
    ],
)
def test_a_segmenter_that_is_not_here_is_refused_with_those_that_are(roster, name, remedy):
    with pytest.raises(RosterError, match=name) as refused:
        roster.segmenter(name)
    assert (refused.value.fault.code, refused.value.fault.field) == ("no_model", "model")
    assert refused.value.fault.remedy == remedy


def test_none_of_them_paints(roster):
    assert [family.name for family in roster.families] == ["builtin"]
    assert {card.edits for _, card in roster.uses} == {("select",), ()}
    assert {model.id for model, card in roster.uses if card.edits} == set(POINTED)


def test_what_was_removed_leaves_the_shelf(selecting_models, view):
    models = list(roster_of(selecting_models)._models)
    roster = Roster(lambda: models, Shelf())
    segmenter = roster.segmenter("sam2")
    segmenter.prepare(view)
    models[:] = [replace(model, revision="new") for model in models]
    roster.refresh()
    old = roster.shelf.peek("sam2")
    roster.segmenter("sam2").prepare(view)
    assert roster.shelf.peek("sam2") is not old


def test_sam_is_shown_the_picture_at_the_top_left_and_nothing_beside_it():
    picture = np.broadcast_to(np.array([1, 0, 0.5], np.float32), (600, 900, 3))
    frame = Frame(900, 600, 1024, 683, 1024)
    square = sam.seen(picture, frame)
    # (255 - 123.675) / 58.395, (0 - 116.28) / 57.12 and (127.5 - 103.53) / 57.375, as segment_anything normalises
    assert np.allclose(square[:, :683].reshape(3, -1).T, [2.248909, -2.035714, 0.417778], atol=1e-5)
    assert not square[:, 683:].any()


@pytest.mark.parametrize(
    ("size", "inner"), [((1800, 1200), (1024, 683)), ((512, 512), (1024, 1024)), ((3, 7), (439, 1024))]
)
def test_sams_frame_is_that_of_segment_anything(roster, size, inner):
    segmenter = roster.segmenter("sam-file")
    segmenter.side = 1024
    frame = segmenter.frame(View("a", np.zeros((size[1], size[0], 3), np.float32)))
    assert (frame.inner_width, frame.inner_height) == inner


def test_sam_2_is_shown_a_stretched_picture(roster):
    segmenter = roster.segmenter("sam2")
    frame = segmenter.frame(seen(30, 90))
    assert (frame.inner_width, frame.inner_height, frame.side) == (SIDE_PX, SIDE_PX, SIDE_PX)
    # a point in the middle of the view is in the middle of the square, whose pixels have their index in their middle
    assert frame.placed(45, 15) == (SIDE_PX / 2 - 0.5, SIDE_PX / 2 - 0.5)


def test_pictures_are_normalised_as_imagenets():
    picture = np.broadcast_to(np.array([1, 0, 0.5], np.float32), (4, 5, 3))
    # (1 - 0.485) / 0.229, (0 - 0.456) / 0.224 and (0.5 - 0.406) / 0.225
    assert np.allclose(normalised(picture).reshape(3, -1).T, [2.248908, -2.035714, 0.417778], atol=1e-5)


def test_a_point_keeps_its_place_in_the_picture():
    frame = Frame(900, 600, 1024, 683, 1024)
    assert frame.placed(0.5, 0.5) == pytest.approx((0.5 * 1024 / 900 - 0.5, 0.5 * 683 / 600 - 0.5))
    assert frame.placed(900, 600) == (1023.5, 682.5)


ASKS = {
    "click": Ask(np.array([[[30, 20]]], np.float32), np.array([[True]]), is_open=True),
    "several clicks": Ask(np.array([[[30, 20], [5, 9], [44, 50]]], np.float32), np.array([[True, False, True]])),
    "box": Ask(np.zeros((1, 0, 2), np.float32), np.zeros((1, 0), bool), np.array([[10, 12, 40, 50]], np.float32)),
    "box and click": Ask(
        np.array([[[30, 20]]], np.float32), np.array([[False]]), np.array([[10, 12, 40, 50]], np.float32)
    ),
    "known mask": Ask(
        np.array([[[30, 20]]], np.float32),
        np.array([[True]]),
        np.array([[10, 12, 40, 50]], np.float32),
        np.linspace(-6, 6, 32 * 32, dtype=np.float32).reshape(1, 32, 32),
    ),
}


def answered_by_transformers(network, pixels, ask):
    """(logits, scores) of the whole model, by its own forward."""
    told = {}
    if ask.points.shape[1]:
        told["input_points"] = torch.from_numpy(ask.points)[None]
        told["input_labels"] = torch.from_numpy(ask.is_on)[None].long()
    if ask.boxes is not None:
        told["input_boxes"] = torch.from_numpy(ask.boxes)[None]
    if ask.known is not None:
        told["input_masks"] = torch.from_numpy(ask.known)[:, None]
    with torch.inference_mode():
        found = network(pixel_values=torch.from_numpy(pixels)[None], multimask_output=ask.is_open, **told)
    return found.pred_masks[0].numpy(), found.iou_scores[0].numpy()


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("name", POINTED)
def test_masks_are_those_of_transformers(roster, view, name, ask):
    segmenter = roster.segmenter(name)
    with segmenter.at_work():
        if ask.known is not None:
            known = np.linspace(-6, 6, segmenter.known_side**2, dtype=np.float32)
            ask = replace(ask, known=known.reshape(1, segmenter.known_side, segmenter.known_side))
        ours = segmenter.answered(segmenter.embedded(view), ask)
    network = tiny_segmenters.sam2() if name == "sam2" else tiny_segmenters.sam()
    pixels = normalised(view.picture) if name == "sam2" else sam.seen(view.picture, segmenter.frame(view))
    logits, scores = answered_by_transformers(network, pixels, ask)
    assert logits.std() > 1e-3
    assert np.abs(ours.logits - logits).max() < 1e-4
    assert np.abs(ours.scores - scores).max() < 1e-4
    assert logits.shape[1] == (3 if ask.is_open else 1)


def test_both_forms_of_sam_give_the_same_masks(roster, view):
    ours, theirs = (roster.segmenter(name).candidates(view, CLICK) for name in ("sam-file", "sam-folder"))
    for one, other in zip(ours, theirs, strict=True):
        assert np.abs(one.mask - other.mask).max() < 1e-4


@pytest.mark.parametrize(("name", "encoder"), [("sam-file", "image_encoder"), ("sam2", "vision_encoder")])
def test_a_second_click_looks_at_the_picture_no_more(roster, view, name, encoder):
    segmenter = roster.segmenter(name)
    with segmenter.at_work():
        network = segmenter.network()
    looks = calls_of(network[encoder] if name == "sam-file" else getattr(network, encoder))
    segmenter.prepare(view)
    assert len(looks) == 1
    first = segmenter.candidates(view, CLICK)
    other = segmenter.candidates(view, Prompts((Point(50.5, 50.5, True),)))
    assert len(looks) == 1
    assert np.abs(first[0].mask - other[0].mask).max() > 1e-6
    segmenter.candidates(seen(key="b"), CLICK)
    assert len(looks) == 2


def test_what_was_seen_longest_ago_is_forgotten_first(selecting_models):
    shelf = Shelf(memo=Memo(most_bytes=2 * 32 * 8 * 8 * 4))  # two embeddings
    segmenter = roster_of(selecting_models, shelf).segmenter("sam-file")
    with segmenter.at_work():
        looks = calls_of(segmenter.network()["image_encoder"])
    for key in ("a", "b", "a", "c", "a"):
        segmenter.prepare(seen(key=key))
    assert len(looks) == 3
    segmenter.prepare(seen(key="b"))
    assert len(looks) == 4


def test_what_was_seen_goes_with_the_network(roster, view):
    segmenter = roster.segmenter("sam-file")
    segmenter.prepare(view)
    assert roster.shelf.memo.size_bytes > 0
    roster.shelf.drop("sam-file")
    assert roster.shelf.memo.size_bytes == 0


def test_the_encoder_works_in_the_devices_precision_and_the_decoder_in_single(roster, view, monkeypatch):
    monkeypatch.setenv("INLAY_DTYPE", "bfloat16")
    for name in ("sam-file", "sam2"):
        segmenter = roster.segmenter(name)
        rough = segmenter.candidates(view, CLICK)
        with segmenter.at_work():
            network = segmenter.network()
        parts = dict(network.named_children())
        looker = parts.get("image_encoder") or parts.get("vision_encoder")
        assert {each.dtype for each in looker.parameters()} == {torch.bfloat16}
        assert {each.dtype for each in parts["mask_decoder"].parameters()} == {torch.float32}
        assert len(rough) == 3


def test_half_precision_on_the_disk_is_widened(selecting_models, tmp_path, view):
    path = tmp_path / "data" / "models" / "half.safetensors"
    path.parent.mkdir(parents=True)
    weights = load_file(selecting_models / "data" / "models" / "sam-file.safetensors")
    save_file({name: tensor.half() for name, tensor in weights.items()}, path)
    halved = roster_of(tmp_path).segmenter("half").candidates(view, CLICK)
    whole = roster_of(selecting_models).segmenter("sam-file").candidates(view, CLICK)
    assert np.abs(halved[0].mask - whole[0].mask).max() < 0.02


def test_the_hubs_sam_2_is_called_a_model_for_videos(selecting_models):
    told = json.loads((selecting_models / "data" / "models" / "sam2" / "config.json").read_text("utf-8"))
    assert told["model_type"] == "sam2_video"
