"""Tiny models that find what words describe, and that look at soft edges."""

import numpy as np
import pytest
import torch
import transformers
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts.pretrained import normalised
from inlay.pipelines.segmenters.grounding_dino import box_of, prompt_of, shown_size
from inlay.pipelines.segmenters.vitmatte import shown_to
from inlay.pixels.geometry import Box
from inlay.pixels.resampling import resized
from transformers.image_transforms import get_size_with_aspect_ratio

from tests.engine.pipelines.conftest import roster_of
from tests.engine.pipelines.tiny_segmenters import SIDE_PX, calls_of, seen


@pytest.fixture
def roster(selecting_models):
    return roster_of(selecting_models)


@pytest.fixture
def view():
    return seen()


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


def test_the_finder_sees_what_transformers_sees(selecting_models, roster, view):
    found = roster.finder().sightings(view, "the red car, a dog")
    folder = str(selecting_models / "data" / "models" / "finder")
    network = transformers.GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)("the red car. a dog.", return_tensors="pt")
    pixels = torch.from_numpy(normalised(resized(view.picture, 800, 800)))[None]
    with torch.inference_mode():
        expected = network(pixel_values=pixels, **tokens)
    scores = expected.logits.sigmoid().max(-1).values[0].sort(descending=True)
    assert [one.score for one in found] == pytest.approx(scores.values.tolist(), abs=1e-4)
    best = expected.pred_boxes[0][scores.indices[0]].numpy()
    assert found[0].box == box_of(best, SIDE_PX, SIDE_PX)
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


def test_a_matte_is_that_of_transformers(selecting_models, roster, view):
    trimap = np.full((SIDE_PX, SIDE_PX), 0.5, np.float32)
    network = transformers.VitMatteForImageMatting.from_pretrained(
        str(selecting_models / "data" / "models" / "matter")
    ).eval()
    processor = transformers.VitMatteImageProcessorPil()
    levels = np.rint(view.picture * 255).astype(np.uint8)
    given = processor(images=levels, trimaps=np.full((SIDE_PX, SIDE_PX), 127.5), return_tensors="pt")
    with torch.inference_mode():
        expected = network(pixel_values=given["pixel_values"].float()).alphas[0, 0].numpy()
    alpha = roster.matter().alpha((levels / 255).astype(np.float32), trimap)
    assert np.abs(alpha - expected).max() < 1e-4
