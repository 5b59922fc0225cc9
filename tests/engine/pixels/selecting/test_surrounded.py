"""What something was drawn around, or painted over: which of the two it was, and what fills a box."""

import cv2
import numpy as np
import pytest
from inlay.pixels.geometry import Box
from inlay.pixels.selecting.cutting import cuts
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.selecting.surrounded import is_scribble, surrounded

SHAPE = (200, 260)
WHEEL = (130, 100, 60)  # x, y, radius


def drawn(draw, *geometry, thick=-1):
    canvas = np.zeros(SHAPE, np.uint8)
    draw(canvas, *geometry, 255, thick)
    return canvas > 0


def noisy(scene):
    grain = np.random.default_rng(3).normal(0, 0.15, scene.shape).astype(np.float32)
    return np.clip(scene + cv2.GaussianBlur(grain, (0, 0), 1.2), 0, 1)


def coded(picture):
    return np.rint(picture * 255).astype(np.uint8)


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


@pytest.fixture(scope="module")
def wheel():
    """A bright rim in a dark tyre, over asphalt and under a shadow as dark as the tyre."""
    scene = np.full((*SHAPE, 3), 0.45, np.float32)
    scene[:70] = 0.09
    scene[drawn(cv2.circle, WHEEL[:2], WHEEL[2])] = 0.1
    scene[drawn(cv2.circle, WHEEL[:2], WHEEL[2] // 2)] = 0.85
    return noisy(scene)


@pytest.mark.parametrize(
    "rough",
    [
        drawn(cv2.rectangle, (60, 40), (200, 160)),
        drawn(cv2.ellipse, (130, 100), (110, 30), 20, 0, 360),
        drawn(cv2.rectangle, (10, 90), (250, 115)),
        drawn(cv2.circle, (60, 100), 30) | drawn(cv2.circle, (200, 100), 30),
    ],
    ids=["rectangle", "ellipse", "bar", "two"],
)
def test_compact_selections_are_drawn_around_things(rough):
    assert not is_scribble(rough)


@pytest.mark.parametrize(
    "rough",
    [
        drawn(cv2.line, (20, 100), (240, 110), thick=7),
        drawn(cv2.ellipse, (130, 100), (90, 70), 0, 0, 300, thick=9),
        drawn(cv2.line, (20, 20), (240, 180), thick=15) | drawn(cv2.line, (20, 180), (240, 20), thick=15),
    ],
    ids=["line", "arc", "cross"],
)
def test_strokes_are_painted_over_things(rough):
    assert is_scribble(rough)


def test_nothing_is_no_scribble():
    assert not is_scribble(np.zeros(SHAPE, bool))


def test_a_box_around_a_wheel_is_filled_by_its_tyre(wheel):
    x, y, radius = WHEEL
    found = cuts(wheel, Prompts(boxes=(Box(x - radius, y - radius, 2 * radius, 2 * radius),)))[0].mask > 0.5
    assert iou(found, drawn(cv2.circle, (x, y), radius)) > 0.85


def test_an_ellipse_around_a_disc_is_plausible_and_one_inside_it_is_not():
    scene = np.full((*SHAPE, 3), (0.3, 0.5, 0.3), np.float32)
    disc = drawn(cv2.circle, (130, 100), 60)
    scene[disc] = (0.7, 0.3, 0.2)
    picture = coded(noisy(scene))
    outside = surrounded(picture, Prompts(rough=drawn(cv2.ellipse, (130, 100), (80, 70), 0, 0, 360) * np.uint8(255)))
    inside = surrounded(picture, Prompts(rough=drawn(cv2.ellipse, (130, 100), (40, 30), 0, 0, 360) * np.uint8(255)))
    assert outside.is_plausible
    assert iou(outside.cuts[0], disc) > 0.95
    assert not inside.is_plausible


def test_a_stroke_over_a_disc_takes_all_of_it():
    scene = np.full((*SHAPE, 3), (0.3, 0.5, 0.3), np.float32)
    disc = drawn(cv2.circle, (130, 100), 60)
    scene[disc] = (0.7, 0.3, 0.2)
    stroke = drawn(cv2.line, (90, 80), (170, 120), thick=7) * np.uint8(255)
    found = cuts(noisy(scene), Prompts(rough=stroke))
    assert iou(found[0].mask > 0.5, disc) > 0.95
