"""Tiles that overlap: what is alike stays, a shift of tone goes, and the cut runs where the two differ least."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inlay.pixels.geometry import Box
from inlay.pixels.joining import joined
from skimage import data

SIDE, BLOCK, REACH = 120, Box(60, 0, 60, 120), 16


def overlap_at_left():
    overlap = np.zeros((SIDE, SIDE), bool)
    overlap[:, BLOCK.x - REACH : BLOCK.x] = True
    return overlap


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()[100 : 100 + SIDE, 150 : 150 + SIDE]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_what_is_alike_stays(photo, dtype):
    pixels = photo.astype(dtype) if dtype != np.float32 else photo.astype(np.float32) / 255
    result = joined(pixels, pixels.copy(), overlap_at_left(), BLOCK)
    assert result.dtype == dtype
    np.testing.assert_allclose(result.astype(float), pixels.astype(float), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.integers(1, 40))
def test_nothing_outside_block_and_overlap_changes(seed, x, y, width, height):
    rng = np.random.default_rng(seed)
    done, painted = (rng.normal(0, 1e3, (60, 70, 4)).astype(np.float32) for _ in range(2))
    block = Box(x, y, width, height).intersected(Box(0, 0, 70, 60))
    overlap = rng.uniform(size=(60, 70)) < 0.5
    overlap[block.slices] = False
    inside = overlap.copy()
    inside[block.slices] = True
    done[~inside & (rng.uniform(size=(60, 70)) < 0.1)] = np.nan  # what nobody has painted yet
    result = joined(done, painted, overlap, block)
    assert result[~inside].tobytes() == done[~inside].tobytes()
    assert np.isfinite(result[inside]).all()


def test_without_an_overlap_the_block_is_taken_as_it_is(photo):
    painted = photo[::-1]
    result = joined(photo, painted, np.zeros((SIDE, SIDE), bool), BLOCK)
    np.testing.assert_array_equal(result[BLOCK.slices], painted[BLOCK.slices])


@pytest.mark.parametrize("shift", [-20, 12])
def test_a_shift_of_tone_is_no_step(photo, shift):
    photo = photo // 2 + 40  # room for the shift
    result = joined(photo, photo + np.int16(shift).astype(np.uint8), overlap_at_left(), BLOCK).astype(int)
    off = (result - photo).mean(axis=2)
    assert np.abs(off[:, BLOCK.x - REACH - 2 : BLOCK.x + 2]).max() <= 1
    assert np.abs(np.diff(off.mean(axis=0))).max() <= 1
    assert np.abs(off[:, -1]).mean() > 0.3 * abs(shift)  # it is spread into the block, not taken out of it


@pytest.mark.parametrize("turn", range(4))
def test_the_cut_goes_round_what_the_later_tile_painted_differently(turn):
    done = np.full((SIDE, SIDE, 3), 100, np.uint8)
    painted = done.copy()
    painted[40:80, 46:54] = 250  # in the overlap, away from the block
    block = BLOCK
    for _ in range(turn):
        block = Box(block.y, SIDE - block.right, block.height, block.width)
    result = joined(*(np.rot90(array, turn) for array in (done, painted, overlap_at_left())), block)
    assert (result == 100).all()


def test_the_cut_ends_in_the_corner_where_something_lies_beyond():
    done, painted = np.full((2, SIDE, SIDE, 3), [[[[50]]], [[[50]]]], np.uint8)
    painted = painted.copy()
    painted[::2] = 53  # fine stripes: the tone is alike
    block = Box(60, 30, 60, 90)
    overlap = np.zeros((SIDE, SIDE), bool)
    overlap[30:, 44:60] = True
    result = joined(done, painted, overlap, block)
    assert (result[30, 44:58] == 50).all()
