"""Growing, feathering and parting masks, against slow and obvious versions of the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inlay.pixels.geometry import Box
from inlay.pixels.masks import feathered, grown, islands, support_box

shapes = st.tuples(st.integers(1, 24), st.integers(1, 24))
masks = arrays(np.uint8, shapes, elements=st.sampled_from([0, 0, 0, 0, 1, 100, 255]))


def slowly_grown(mask, radius):
    rows, columns = np.indices(mask.shape)
    largest = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        near = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
        largest[near] = np.maximum(largest[near], mask[row, column])
    return largest


def slow_depth(mask):
    """Distance of each pixel to the nearest one outside; infinite where there is none."""
    rows, columns = np.indices(mask.shape)
    depth = np.full(mask.shape, np.inf)
    for row, column in np.argwhere(mask == 0):
        depth = np.minimum(depth, np.hypot(rows - row, columns - column))
    return depth


@settings(deadline=None)
@given(masks, st.integers(0, 30))
def test_grown_takes_the_largest_value_within_reach(mask, radius):
    before = mask.copy()
    np.testing.assert_array_equal(grown(mask, radius), slowly_grown(mask, radius))
    np.testing.assert_array_equal(mask, before)


@settings(deadline=None)
@given(masks, st.integers(0, 12))
def test_feathered_is_a_smooth_ramp_over_the_depth(mask, radius):
    before = mask.copy()
    ramp = np.minimum(slow_depth(mask) / (radius + 1), 1)
    expected = mask * (ramp * ramp * (3 - 2 * ramp))
    result = feathered(mask, radius)
    assert np.abs(result - expected).max() <= 0.51
    assert not result[mask == 0].any()
    np.testing.assert_array_equal(mask, before)


def test_without_a_feather_softness_stays_exactly():
    mask = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(feathered(mask, 0), mask)
    np.testing.assert_array_equal(grown(mask, 0), mask)


def test_a_feather_leaves_the_core_whole_and_never_reaches_outside():
    mask = np.zeros((101, 101), np.uint8)
    mask[20:81, 20:81] = 255
    result = feathered(mask, 10)
    assert (result[30:71, 30:71] == 255).all()
    assert not result[mask == 0].any()
    ramp = result[50, 20:31].astype(int)
    assert (np.diff(ramp) > 0).all()


def test_the_pictures_border_is_no_edge():
    mask = np.zeros((40, 40), np.uint8)
    mask[:, :20] = 255
    assert (feathered(mask, 8)[:, :12] == 255).all()
    assert (feathered(np.full((9, 9), 255, np.uint8), 4) == 255).all()


def test_the_largest_radius_on_a_large_mask():
    """Exact discs at 256 px: shifted maxima, not a loop over pixels."""
    mask = np.zeros((1024, 1024), np.uint8)
    mask[300:700, 300:700] = 255
    wide = grown(mask, 256)
    assert support_box(wide) == Box(44, 44, 912, 912)
    assert not wide[60, 60]
    assert feathered(wide, 256)[512, 512] == 255


@given(masks)
def test_support_box_is_the_smallest(mask):
    box = support_box(mask)
    assert mask.astype(bool).sum() == mask[box.slices].astype(bool).sum()
    if not box.is_empty:
        part = mask[box.slices]
        assert part[0].any()
        assert part[-1].any()
        assert part[:, 0].any()
        assert part[:, -1].any()


@settings(deadline=None)
@given(arrays(np.uint8, shapes, elements=st.sampled_from([0, 0, 0, 7])), st.integers(1, 9))
def test_islands_hold_every_pixel(mask, tile_px):
    covered = np.zeros(mask.shape, bool)
    for box in islands(mask, tile_px):
        assert mask[box.slices].any()
        covered[box.slices] = True
    assert not mask[~covered].any()


@pytest.mark.parametrize("gap_px", [200, 1000])
def test_parts_far_from_each_other_are_separate_islands(gap_px):
    mask = np.zeros((300, 1500), np.uint8)
    mask[10:20, 10:20] = mask[250, 10 + gap_px] = 255
    assert islands(mask) == [Box(10, 10, 10, 10), Box(10 + gap_px, 250, 1, 1)]


def test_an_empty_mask_has_no_islands():
    assert islands(np.zeros((5, 5), np.uint8)) == []
    assert support_box(np.zeros((5, 5), np.uint8)).is_empty
