"""By meaning: the toy SAM selects what is pointed at in scenes that it never saw, and an untrained one does not."""

import numpy as np
import pytest
import torch
from inlay.pixels.selecting.prompts import Point, Prompts

from tests.models.toy_sam import evaluate
from tests.models.toy_sam.train import WEIGHTS

SCENES = 20
SPILLED_PX = 100  # of a mask beside its thing: more than an uncertain edge


@pytest.fixture(scope="module", autouse=True)
def the_same_everywhere():
    """One thread, and one precision, whatever this machine's best is."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INLAY_DTYPE", "float32")
        yield


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return evaluate.segmenter_of(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    return evaluate.segmenter_of(tmp_path_factory.mktemp("untrained"), is_trained=False)


def test_it_is_small():
    assert WEIGHTS.stat().st_size < 5_000_000


def test_its_windows_and_sizes_are_read_off_its_tensors(toy):
    with toy.at_work():
        blocks = toy.network()["image_encoder"].blocks
    assert [block.window_size for block in blocks] == [8, 0, 8, 0]
    assert toy.card.working_px == 128


def test_one_click_finds_the_thing(toy, untrained):
    first, best = evaluate.clicks(toy, SCENES)
    assert np.mean(first) > 0.6
    assert np.mean(best) > np.mean(first) + 0.02  # the others mean something else: the spot, or what carries it
    assert np.mean(evaluate.clicks(untrained, SCENES)[1]) < 0.3


def test_a_box_finds_the_thing(toy, untrained):
    assert np.mean(evaluate.boxes(toy, SCENES)) > 0.7
    assert np.mean(evaluate.boxes(untrained, SCENES)) < 0.3


def test_further_clicks_mend_the_mask(toy, untrained):
    before, after, obeyed = evaluate.corrections(toy, SCENES)
    assert np.mean(after) > np.mean(before) + 0.02
    assert np.mean(obeyed) > 0.8
    assert np.mean(evaluate.corrections(untrained, SCENES)[1]) < 0.3


def test_a_rough_selection_becomes_tight(toy, untrained):
    drawn, made = evaluate.roughs(toy, SCENES)
    assert np.mean(made) > np.mean(drawn) + 0.1
    assert np.mean(evaluate.roughs(untrained, SCENES)[1]) < 0.3


def test_two_things_are_selected_together(toy, untrained):
    by_boxes, by_rough = evaluate.pairs(toy, SCENES)
    assert np.mean(by_boxes) > 0.7
    assert np.mean(by_rough) > 0.65
    assert np.mean(evaluate.pairs(untrained, SCENES)) < 0.4


def test_the_subject_is_found_without_a_prompt(toy, untrained):
    assert np.mean(evaluate.subjects(toy, 10)) > 0.8
    assert np.mean(evaluate.subjects(untrained, 10)) < 0.5


def test_a_click_beside_the_thing_is_left_out(toy):
    left_out = []
    for scene, view, rng in evaluate.scenes(SCENES):
        for thing in scene.things:
            on = evaluate.on(thing, rng)
            too_much = (toy.candidates(view, Prompts((on,)))[0].mask > 0.5) & ~thing
            if too_much.sum() >= SPILLED_PX:
                place = evaluate.on(too_much, rng)
                mended = toy.candidates(view, Prompts((on, Point(place.x, place.y, False))))[0].mask
                left_out.append(mended[int(place.y), int(place.x)] < 0.5)
    assert len(left_out) >= 10
    assert np.mean(left_out) > 0.9
