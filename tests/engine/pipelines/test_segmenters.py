"""Models that select, tiny and untrained: what they are shown and asked, what is kept, and what is refused."""

import json
import sys
from dataclasses import replace
from shutil import copy, copytree

import numpy as np
import pytest
import torch
import transformers
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.family import FamilyError
from inlay.pipelines.memo import Memo
from inlay.pipelines.parts import devices
from inlay.pipelines.parts.pointing import Answer, Ask, Frame
from inlay.pipelines.parts.pretrained import normalised
from inlay.pipelines.parts.sam_network import PACKAGE
from inlay.pipelines.roster import Roster, RosterError
from inlay.pipelines.segmenter import View
from inlay.pipelines.segmenters import sam
from inlay.pipelines.segmenters.grounding_dino import box_of, prompt_of, shown_size
from inlay.pipelines.segmenters.vitmatte import shown_to
from inlay.pipelines.shelf import Shelf
from inlay.pixels.geometry import Box
from inlay.pixels.resampling import resized
from inlay.pixels.selecting.prompts import Point, Prompts
from safetensors.torch import load_file, save_file
from transformers.image_transforms import get_size_with_aspect_ratio

from tests.engine.pipelines import tiny_segmenters

SIDE = tiny_segmenters.SIDE_PX
CLICK = Prompts((Point(30.5, 20.5, True),))
SAVED = {
    "sam-folder": tiny_segmenters.save_sam_folder,
    "sam-file": lambda path: tiny_segmenters.save_sam_file(path.with_suffix(".safetensors")),
    "sam2": tiny_segmenters.save_sam2,
    "finder": tiny_segmenters.save_grounding_dino,
    "matter": tiny_segmenters.save_vitmatte,
}
POINTED = ("sam-folder", "sam-file", "sam2")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A user's folders with all of them, and no checkpoint that paints."""
    home = tmp_path_factory.mktemp("selecting")
    for name, save in SAVED.items():
        save(home / "data" / "models" / name)
    return home


def roster_of(home, shelf=None):
    catalogue = Catalogue(Folders(*(home / name for name in ("run", "data", "cache", "log"))))
    return Roster(catalogue.installed, shelf or Shelf(), catalogue.adapters)


@pytest.fixture
def roster(home):
    return roster_of(home)


def seen(height=SIDE, width=SIDE, key="a"):
    """A picture with grain; another key, another picture."""
    rng = np.random.default_rng(sum(map(ord, key)))
    return View(key, rng.random((height, width, 3), np.float32))


@pytest.fixture
def view():
    return seen()


def calls_of(module):
    """A list that grows with every run of a module."""
    calls = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls


# Who is here


def test_a_machine_without_checkpoints_has_its_segmenters(roster):
    assert [one.name for one in roster.segmenters] == ["sam2", "sam-folder", "sam-file", "grabcut"]
    assert {one.card.working_px for one in roster.segmenters[:-1]} == {SIDE}
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


def test_what_was_removed_leaves_the_shelf(home, view):
    models = list(roster_of(home)._models)
    roster = Roster(lambda: models, Shelf())
    segmenter = roster.segmenter("sam2")
    segmenter.prepare(view)
    models[:] = [replace(model, revision="new") for model in models]
    roster.refresh()
    old = roster.shelf.peek("sam2")
    roster.segmenter("sam2").prepare(view)
    assert roster.shelf.peek("sam2") is not old


# What they are shown


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
    assert (frame.inner_width, frame.inner_height, frame.side) == (SIDE, SIDE, SIDE)
    # a point in the middle of the view is in the middle of the square, whose pixels have their index in their middle
    assert frame.placed(45, 15) == (SIDE / 2 - 0.5, SIDE / 2 - 0.5)


def test_pictures_are_normalised_as_imagenets():
    picture = np.broadcast_to(np.array([1, 0, 0.5], np.float32), (4, 5, 3))
    # (1 - 0.485) / 0.229, (0 - 0.456) / 0.224 and (0.5 - 0.406) / 0.225
    assert np.allclose(normalised(picture).reshape(3, -1).T, [2.248908, -2.035714, 0.417778], atol=1e-5)


def test_a_point_keeps_its_place_in_the_picture():
    frame = Frame(900, 600, 1024, 683, 1024)
    assert frame.placed(0.5, 0.5) == pytest.approx((0.5 * 1024 / 900 - 0.5, 0.5 * 683 / 600 - 0.5))
    assert frame.placed(900, 600) == (1023.5, 682.5)


# Their arithmetic is that of transformers' own classes


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


# What prompts become


@pytest.mark.parametrize("name", POINTED)
def test_masks_have_the_views_size_and_are_soft(roster, name):
    view = seen(40, 61)
    candidates = roster.segmenter(name).candidates(view, CLICK)
    assert len(candidates) == 3
    for one in candidates:
        assert (one.mask.shape, one.mask.dtype) == ((40, 61), np.float32)
        assert 0 <= one.mask.min() < one.mask.max() <= 1
    scores = [one.score for one in candidates]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0
    assert max(scores) <= 1


ROUGH = np.pad(np.full((20, 16), 255, np.uint8), ((12, 32), (8, 40)))
ISLANDS = ROUGH + ROUGH[::-1, ::-1]
MANY = {
    "a box": (Prompts(boxes=(Box(8, 12, 16, 20),)), [(0, True, False)]),
    "two boxes": (Prompts(boxes=(Box(8, 12, 16, 20), Box(40, 32, 9, 9))), [(0, True, False), (0, True, False)]),
    "a rough mask": (Prompts(rough=ROUGH), [(1, True, True), (1, True, True)]),
    "a rough mask and a click in it": (Prompts((Point(12.5, 20.5, False),), rough=ROUGH), 2 * [(1, True, True)]),
    "two islands": (Prompts(rough=ISLANDS), 4 * [(1, True, True)]),
    "several clicks": (Prompts((*CLICK.points, Point(3, 3, False))), [(2, False, False), (2, False, True)]),
    "a click outside the box": (Prompts(CLICK.points, (Box(40, 40, 9, 9),)), [(0, True, False), (1, False, False)]),
    "a click in the box": (Prompts(CLICK.points, (Box(20, 10, 30, 30),)), [(1, True, False)]),
}


@pytest.mark.parametrize(("prompts", "expected"), MANY.values(), ids=MANY)
def test_everything_that_points_is_asked_about(roster, view, monkeypatch, prompts, expected):
    segmenter = roster.segmenter("sam-file")
    answered, asked = segmenter.answered, []

    def listening(embedding, ask):
        asked.append((ask.points.shape[1], ask.boxes is not None, ask.known is not None))
        return answered(embedding, ask)

    monkeypatch.setattr(segmenter, "answered", listening)
    monkeypatch.setattr("inlay.pipelines.parts.pointing._obeyed", lambda _, points: len(points))
    candidates = segmenter.candidates(view, prompts)
    assert asked == expected
    assert len(candidates) == 1


def test_a_mask_that_does_not_obey_gives_way_to_one_that_does(roster, view, monkeypatch):
    segmenter = roster.segmenter("sam-file")
    everything, upper = np.ones((32, 32), np.float32), np.ones((32, 32), np.float32)
    upper[16:] = -1

    def answered(_, ask):
        masks = [everything, upper, -everything] if ask.is_open else [everything]
        return Answer(np.stack(masks)[None], np.array([[0.9, 0.2, 0.8]], np.float32)[:, : len(masks)])

    monkeypatch.setattr(segmenter, "answered", answered)
    below = Point(30.5, 50.5, False)
    (found,) = segmenter.candidates(view, Prompts((*CLICK.points, below)))
    assert found.score == pytest.approx(0.2)
    assert found.mask[20, 30] > 0.5 > found.mask[50, 30]
    (content,) = segmenter.candidates(view, Prompts((*CLICK.points, replace(below, is_on=True))))
    assert content.score == pytest.approx(0.9)
    assert content.mask.min() > 0.5


def stamped(*boxes):
    """Logits of a mask that covers these boxes, in cells of a 32 x 32 grid."""
    logits = np.full((32, 32), -4, np.float32)
    for box in boxes:
        logits[box.slices] = 4
    return logits


@pytest.mark.parametrize("beside", [(), (Point(20.5, 20.5, False),)])
def test_the_subject_is_whole_and_large_and_in_the_middle(roster, view, monkeypatch, beside):
    middle, small, corner, ground = Box(8, 8, 16, 16), Box(15, 15, 4, 4), Box(0, 0, 12, 12), Box(0, 0, 32, 31)
    segmenter, asked = roster.segmenter("sam-file"), []

    def answered(_, ask):
        asked.append(ask)
        logits = np.stack([np.stack([stamped(box) for box in (corner, middle, ground)])] * len(ask.points))
        logits[-1, 0] = stamped(small)
        return Answer(logits, np.full(logits.shape[:2], 0.8, np.float32))

    monkeypatch.setattr(segmenter, "answered", answered)
    found = segmenter.candidates(view, Prompts(beside))
    assert asked[0].points.shape == (16, 1, 2)
    assert asked[0].is_open
    shares = [float((one.mask > 0.5).mean()) for one in found]
    first = small if beside else middle  # what covers a click beside the thing comes last
    assert shares[0] == pytest.approx(first.area / 32**2, abs=0.01)
    assert len(found) == 3  # each thing once, though sixteen clicks found it; the ground is none


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ([Box(10, 10, 12, 12)], [Box(17, 17, 12, 12)]),  # nearer the middle
        ([Box(4, 4, 24, 24)], [Box(0, 0, 32, 9), Box(0, 23, 32, 9)]),  # not along the border
        ([Box(8, 8, 16, 16)], [Box(12, 12, 8, 8)]),  # larger
    ],
)
def test_a_subject_is_chosen_by(roster, view, monkeypatch, better, worse):
    segmenter = roster.segmenter("sam-file")

    def answered(_, ask):
        logits = np.stack([np.stack([stamped(*worse), stamped(*better), stamped(*worse)])] * len(ask.points))
        return Answer(logits, np.full(logits.shape[:2], 0.8, np.float32))

    monkeypatch.setattr(segmenter, "answered", answered)
    first = segmenter.candidates(view, Prompts())[0]
    assert np.abs((first.mask > 0.5).mean() - (stamped(*better) > 0).mean()) < 0.01
    assert (first.mask[::2, ::2][stamped(*better) > 0] > 0.5).mean() > 0.9


def test_the_edges_of_a_box_are_inside_the_thing(roster, view, monkeypatch):
    segmenter, asked = roster.segmenter("sam-file"), []
    answered = segmenter.answered
    monkeypatch.setattr(segmenter, "answered", lambda embedding, ask: asked.append(ask) or answered(embedding, ask))
    segmenter.candidates(view, Prompts(boxes=(Box(8, 12, 16, 20),)))
    assert asked[0].boxes.tolist() == [[8, 12, 23, 31]]  # the first and the last pixel, as SAM was trained


# What is kept


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


def test_what_was_seen_longest_ago_is_forgotten_first(home):
    shelf = Shelf(memo=Memo(most_bytes=2 * 32 * 8 * 8 * 4))  # two embeddings
    segmenter = roster_of(home, shelf).segmenter("sam-file")
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


def test_half_precision_on_the_disk_is_widened(home, tmp_path, view):
    path = tmp_path / "data" / "models" / "half.safetensors"
    path.parent.mkdir(parents=True)
    weights = load_file(home / "data" / "models" / "sam-file.safetensors")
    save_file({name: tensor.half() for name, tensor in weights.items()}, path)
    halved = roster_of(tmp_path).segmenter("half").candidates(view, CLICK)
    whole = roster_of(home).segmenter("sam-file").candidates(view, CLICK)
    assert np.abs(halved[0].mask - whole[0].mask).max() < 0.02


# What is refused


def damaged(home, tmp_path, name):
    """A copy of one model's weights, to be spoiled: (their path, its roster)."""
    source = home / "data" / "models"
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
def test_a_file_that_was_cut_is_refused(home, tmp_path, view, name):
    path, roster = damaged(home, tmp_path, name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FamilyError) as refused:
        work(roster, name, view)
    assert refused.value.fault.code == "model_broken"
    assert "inlay models verify" in refused.value.fault.remedy


@pytest.mark.parametrize("name", SAVED)
def test_weights_that_are_missing_are_no_random_ones(home, tmp_path, view, name):
    path, roster = damaged(home, tmp_path, name)
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
def test_a_sam_whose_tensors_do_not_go_together_is_refused_in_words(home, tmp_path, view, name, shape, reason):
    path, roster = damaged(home, tmp_path, "sam-file")
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


# Words


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("The red car", "the red car."),
        ("a car and a dog", "a car. a dog."),
        ("car, dog or  tree.", "car. dog. tree."),
        ("the sand, android", "the sand. android."),
        (" . ,", ""),
    ],
)
def test_words_are_said_as_the_finder_learned_to_read(words, prompt):
    assert prompt_of(words) == prompt


@pytest.mark.parametrize(
    "size", [(640, 480), (480, 640), (4000, 1000), (1333, 800), (500, 500), (1999, 1501), (31, 997)]
)
def test_the_finder_is_shown_pictures_of_detrs_sizes(size):
    height, width = get_size_with_aspect_ratio((size[1], size[0]), 800, 1333)
    assert shown_size(*size) == (width, height)


def test_boxes_come_back_in_pixels_of_the_view():
    assert box_of([0.5, 0.5, 0.5, 0.25], 200, 80) == Box(50, 30, 100, 20)
    assert box_of([0.0, 1.0, 0.5, 0.5], 200, 80) == Box(0, 60, 50, 20)
    assert box_of([1.0, 1.0, 0.0, 0.0], 200, 80) == Box(199, 79, 1, 1)


def test_the_finder_sees_what_transformers_sees(home, roster, view):
    found = roster.finder().sightings(view, "the red car, a dog")
    folder = str(home / "data" / "models" / "finder")
    network = transformers.GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)("the red car. a dog.", return_tensors="pt")
    pixels = torch.from_numpy(normalised(resized(view.picture, 800, 800)))[None]
    with torch.inference_mode():
        expected = network(pixel_values=pixels, **tokens)
    scores = expected.logits.sigmoid().max(-1).values[0].sort(descending=True)
    assert [one.score for one in found] == pytest.approx(scores.values.tolist(), abs=1e-4)
    best = expected.pred_boxes[0][scores.indices[0]].numpy()
    assert found[0].box == box_of(best, SIDE, SIDE)
    assert len(found) == 20
    assert found[0].label


def test_the_same_words_are_looked_for_once(roster, view):
    finder = roster.finder()
    with finder.at_work():
        looks = calls_of(finder.network()[0])
    first = finder.sightings(view, "a car")
    assert finder.sightings(view, "A car.") == first
    assert len(looks) == 1
    finder.sightings(view, "a dog")
    assert len(looks) == 2


def test_no_words_are_refused(roster, view):
    with pytest.raises(FamilyError) as refused:
        roster.finder().sightings(view, " , ")
    assert (refused.value.fault.code, refused.value.fault.field) == ("no_words", "words")


# Soft edges


def test_the_matter_is_shown_four_padded_channels():
    picture = np.broadcast_to(np.array([1, 0, 0.5], np.float32), (33, 20, 3))
    trimap = np.full((33, 20), 0.5, np.float32)
    shown = shown_to(picture, trimap)
    assert shown.shape == (4, 64, 32)
    assert shown[:, 32, 19].tolist() == [1, -1, 0, 0.5]  # (value - 0.5) / 0.5, and the trimap as it is
    assert not shown[:, 33:].any()
    assert not shown[:, :, 20:].any()


def test_a_matte_keeps_what_is_sure(roster):
    view = seen(40, 50)
    trimap = np.full((40, 50), 0.5, np.float32)
    trimap[:10], trimap[30:] = 0, 1
    alpha = roster.matter().alpha(view.picture, trimap)
    assert (alpha.shape, alpha.dtype) == ((40, 50), np.float32)
    assert not alpha[:10].any()
    assert (alpha[30:] == 1).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert np.ptp(alpha[10:30]) > 0


def test_a_matte_is_that_of_transformers(home, roster, view):
    trimap = np.full((SIDE, SIDE), 0.5, np.float32)
    network = transformers.VitMatteForImageMatting.from_pretrained(str(home / "data" / "models" / "matter")).eval()
    processor = transformers.VitMatteImageProcessorPil()
    levels = np.rint(view.picture * 255).astype(np.uint8)
    given = processor(images=levels, trimaps=np.full((SIDE, SIDE), 127.5), return_tensors="pt")
    with torch.inference_mode():
        expected = network(pixel_values=given["pixel_values"].float()).alphas[0, 0].numpy()
    alpha = roster.matter().alpha((levels / 255).astype(np.float32), trimap)
    assert np.abs(alpha - expected).max() < 1e-4


def test_the_hubs_sam_2_is_called_a_model_for_videos(home):
    told = json.loads((home / "data" / "models" / "sam2" / "config.json").read_text("utf-8"))
    assert told["model_type"] == "sam2_video"
