"""Holes and crumbs go by the stated rule, and nothing else does."""

import numpy as np
from inlay.pixels.selecting.prompts import Point
from inlay.pixels.selecting.tidying import tidied


def square(side=100, size=200):
    mask = np.zeros((size, size), np.float32)
    mask[20 : 20 + side, 20 : 20 + side] = 1
    return mask


def test_what_is_tidy_stays_as_it_is():
    soft = np.clip(np.linspace(-1, 2, 64 * 64, dtype=np.float32), 0, 1).reshape(64, 64)
    assert np.array_equal(tidied(soft), soft)


def test_crumbs_go_and_islands_stay():
    mask = square()
    mask[150:159, 150:159] = 1  # 81 px: less than 1 % of 10000
    mask[150:161, 20:31] = 1  # 121 px
    tidy = tidied(mask)
    assert not tidy[150:159, 150:159].any()
    assert tidy[150:161, 20:31].all()


def test_a_crumb_that_was_clicked_stays():
    mask = square()
    mask[150:159, 150:159] = 1
    assert tidied(mask, [Point(152.5, 152.5, is_on=True)])[150:159, 150:159].all()


def test_pinholes_are_filled_and_gaps_stay_open():
    mask = square()
    mask[40:46, 40:46] = 0  # 36 px: less than 0.5 % of 10000
    mask[60:70, 60:70] = 0  # 100 px
    tidy = tidied(mask)
    assert tidy[40:46, 40:46].all()
    assert not tidy[60:70, 60:70].any()


def test_a_pinhole_that_was_clicked_away_stays_open():
    mask = square()
    mask[40:46, 40:46] = 0
    assert not tidied(mask, [Point(42.5, 42.5, is_on=False)])[40:46, 40:46].any()


def test_a_notch_at_the_border_of_the_picture_is_no_hole():
    mask = np.ones((100, 100), np.float32)
    mask[0:3, 50:53] = 0
    assert np.array_equal(tidied(mask), mask)


def test_one_pixel_alone_is_a_thing():
    mask = np.zeros((8, 8), np.float32)
    mask[3, 4] = 1
    assert np.array_equal(tidied(mask), mask)


def test_nothing_stays_nothing():
    assert not tidied(np.zeros((8, 8), np.float32)).any()
