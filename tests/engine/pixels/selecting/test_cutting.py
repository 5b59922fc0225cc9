"""Cutting without a model: what was clicked is kept, the rest by what the picture shows."""

import cv2
import numpy as np
import pytest
from inlay.pixels.geometry import Box
from inlay.pixels.selecting.cutting import cuts
from inlay.pixels.selecting.errors import SelectingError
from inlay.pixels.selecting.prompts import Point, Prompts

WIDTH, HEIGHT = 240, 180
DISC = (80, 90, 45)  # x, y, radius
BAR = (180, 40, 30, 110)  # x, y, width, height


def on(x, y):
    return Point(x + 0.5, y + 0.5, is_on=True)


def off(x, y):
    return Point(x + 0.5, y + 0.5, is_on=False)


@pytest.fixture(scope="module")
def inside():
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    disc = np.hypot(rows - DISC[1], columns - DISC[0]) <= DISC[2]
    bar = np.zeros((HEIGHT, WIDTH), bool)
    bar[Box(*BAR).slices] = True
    return {"disc": disc, "bar": bar}


@pytest.fixture(scope="module")
def picture(inside):
    """A red disc and a blue bar over grey, all of them a little uneven."""
    rng = np.random.default_rng(5)
    scene = np.full((HEIGHT, WIDTH, 3), (0.55, 0.55, 0.5), np.float32)
    scene[inside["disc"]], scene[inside["bar"]] = (0.7, 0.2, 0.15), (0.15, 0.25, 0.6)
    grain = cv2.GaussianBlur(rng.normal(0, 0.15, scene.shape).astype(np.float32), (0, 0), 1.5)
    return np.clip(scene + grain, 0, 1)


def iou(cut, truth):
    return (cut & truth).sum() / (cut | truth).sum()


def best(picture, prompts):
    return cuts(picture, prompts)[0].mask > 0.5


def drawn_around(truth, margin_px):
    size = 2 * margin_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.dilate(truth.astype(np.uint8), kernel) * np.uint8(255)


@pytest.mark.parametrize("name", ["disc", "bar"])
class TestOneThing:
    def test_a_click_takes_it(self, picture, inside, name):
        x, y = DISC[:2] if name == "disc" else (195, 95)
        assert iou(best(picture, Prompts((on(x, y),))), inside[name]) > 0.95

    def test_a_box_takes_it(self, picture, inside, name):
        box = Box(30, 40, 100, 100) if name == "disc" else Box(173, 33, 44, 124)
        assert iou(best(picture, Prompts(boxes=(box,))), inside[name]) > 0.95

    @pytest.mark.parametrize("margin_px", [4, 12])
    def test_a_loose_lasso_becomes_tight(self, picture, inside, name, margin_px):
        rough = drawn_around(inside[name], margin_px)
        assert iou(best(picture, Prompts(rough=rough)), inside[name]) > 0.95

    def test_what_is_painted_over_its_middle_grows_to_its_edge(self, picture, inside, name):
        depth = cv2.distanceTransform(inside[name].astype(np.uint8), cv2.DIST_L2, 5)
        rough = np.where(depth > 0.5 * depth.max(), 255, 0).astype(np.uint8)
        assert iou(best(picture, Prompts(rough=rough)), inside[name]) > 0.95


def test_two_clicks_take_two_things(picture, inside):
    found = best(picture, Prompts((on(*DISC[:2]), on(195, 95))))
    assert iou(found, inside["disc"] | inside["bar"]) > 0.9


def test_two_boxes_take_two_things(picture, inside):
    found = best(picture, Prompts(boxes=(Box(30, 40, 100, 100), Box(173, 33, 44, 124))))
    assert iou(found, inside["disc"] | inside["bar"]) > 0.9


def test_a_click_away_takes_a_thing_out_of_a_box(picture, inside):
    found = best(picture, Prompts((off(195, 95),), boxes=(Box(25, 25, 200, 140),)))
    assert iou(found, inside["disc"]) > 0.9


@pytest.mark.parametrize(
    "prompts",
    [
        Prompts((on(80, 90), off(120, 90))),
        Prompts((on(80, 90), off(84, 90), on(5, 5))),
        Prompts((on(2, 2), off(20, 20)), boxes=(Box(0, 0, 100, 100),)),
        Prompts((on(239, 179), off(0, 0))),
        Prompts((on(10, 10), off(80, 90)), rough=np.full((HEIGHT, WIDTH), 255, np.uint8)),
    ],
)
def test_clicks_are_obeyed_in_every_candidate(picture, prompts):
    for cut in cuts(picture, prompts):
        for point in prompts.points:
            assert (cut.mask[int(point.y), int(point.x)] > 0.5) == point.is_on


def test_candidates_differ_and_are_in_order(picture):
    found = cuts(picture, Prompts((on(80, 90),)))
    assert 1 <= len(found) <= 3
    assert [cut.score for cut in found] == sorted((cut.score for cut in found), reverse=True)
    assert all(0 <= cut.score <= 1 for cut in found)
    for number, cut in enumerate(found):
        for other in found[:number]:
            assert not np.array_equal(cut.mask, other.mask)


def test_the_same_prompts_give_the_same_bits_whatever_ran_before(picture):
    prompts = Prompts((on(80, 90),))
    first = cuts(picture, prompts)
    cv2.setRNGSeed(99)
    cv2.randu(np.zeros(7, np.float32), 0, 1)
    second = cuts(picture, prompts)
    assert [cut.score for cut in first] == [cut.score for cut in second]
    assert all(np.array_equal(one.mask, other.mask) for one, other in zip(first, second, strict=True))


def test_the_subject_is_what_is_in_the_middle(picture, inside):
    middle = picture[40:140, 20:150]
    assert iou(best(middle, Prompts()), inside["disc"][40:140, 20:150]) > 0.9


def test_a_picture_of_one_colour_is_refused():
    with pytest.raises(SelectingError, match="one colour") as caught:
        cuts(np.full((32, 32, 3), 0.5, np.float32), Prompts((on(3, 3),)))
    assert caught.value.code == "one_colour"


@pytest.mark.parametrize("side", [1, 2, 8])
def test_tiny_pictures_are_cut_or_refused(side):
    picture = np.zeros((side, side, 3), np.float32)
    picture[: (side + 1) // 2] = 1
    try:
        found = cuts(picture, Prompts((on(0, 0),)))
    except SelectingError:
        assert side == 1
    else:
        assert all(cut.mask.shape == (side, side) and cut.mask[0, 0] == 1 for cut in found)


def test_a_thing_of_one_pixel_is_found_by_its_click():
    picture = np.full((9, 9, 3), 0.2, np.float32)
    picture[4, 4] = (0.9, 0.1, 0.1)
    assert best(picture, Prompts((on(4, 4),)))[4, 4]
