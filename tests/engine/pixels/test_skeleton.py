"""Stick figures: where they are drawn, in which colours, and what is not sure enough to be drawn."""

import numpy as np
from inlay.pixels.skeleton import Joints, drawn


def person(*moved, confidence=0.9):
    places = np.zeros((17, 2), np.float32)
    sure = np.zeros(17, np.float32)
    for number, x, y in moved:
        places[number], sure[number] = (x, y), confidence
    return Joints(places, sure)


def test_nothing_sure_is_nothing_drawn():
    assert drawn([person()], 64, 64).max() == 0
    assert drawn([], 64, 64).shape == (64, 64, 3)
    assert drawn([person((0, 30, 30), confidence=0.2)], 64, 64).max() == 0


def test_a_joint_has_its_colour_where_it_is():
    """The nose is the first of the points: red."""
    canvas = drawn([person((0, 30, 20))], 256, 128)
    assert canvas[20, 30].tolist() == [1, 0, 0]
    assert canvas.any(axis=2).sum() <= 9
    assert canvas.any(axis=2)[18:23, 28:33].sum() == canvas.any(axis=2).sum()


def test_shoulders_are_joined_over_the_neck():
    canvas = drawn([person((5, 90, 40), (6, 10, 40))], 128, 128)
    assert canvas[40, 10:91].any(axis=1).all()
    left, right = canvas[40, 30], canvas[40, 70]
    assert (left != right).any() and np.isclose(max(left.max(), right.max()), 0.6)


def test_a_limb_that_leaves_the_picture_is_cut():
    canvas = drawn([person((5, -40, 10), (6, 200, 10))], 64, 32)
    assert canvas[10].any(axis=1).all()
