"""Other sizes: nothing moves, nothing aliases, nothing is squashed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inlay.pixels.resampling import fit, resized, resized_coverage

SIZES = st.integers(1, 90)


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, SIZES, SIZES, st.floats(0, 1, width=32))
def test_constants_stay_at_every_size(width, height, new_width, new_height, value):
    picture = np.full((height, width, 3), value, np.float32)
    result = resized(picture, new_width, new_height)
    assert result.shape == (new_height, new_width, 3)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, value, atol=1e-5)


@pytest.mark.parametrize("size", [40, 97, 250, 1024])
def test_nothing_moves(size):
    """A soft blob's centre of mass lies at the same share of the width."""
    x = (np.arange(200) + 0.5) / 200
    blob = np.exp(-(((x - 0.37) / 0.08) ** 2))
    picture = np.outer(np.ones(4), blob).astype(np.float32)
    result = resized(picture, size, 4)[0]
    centre = (result * (np.arange(size) + 0.5) / size).sum() / result.sum()
    assert abs(centre - (blob * x).sum() / blob.sum()) * 200 < 0.05


def test_fine_stripes_become_grey_and_not_other_stripes():
    stripes = np.tile([0.0, 1.0], 400).astype(np.float32)[None].repeat(8, axis=0)
    assert np.ptp(resized(stripes, 170, 8)[:, 10:-10]) < 0.06


def test_there_and_back_keeps_what_is_soft():
    rng = np.random.default_rng(0)
    soft = resized(rng.uniform(0, 1, (12, 12, 3)).astype(np.float32), 96, 96)
    back = resized(resized(soft, 200, 180), 96, 96)
    assert np.abs(back - soft).max() < 0.02


FITS = [
    # crop, native, multiple, largest -> inner, whole
    ((512, 512), 512, 8, 768, (512, 512), (512, 512)),
    ((512, 512), 1024, 8, 1536, (1024, 1024), (1024, 1024)),
    ((1000, 500), 512, 8, 768, (724, 362), (728, 368)),
    ((4096, 4096), 1024, 16, 1536, (1024, 1024), (1024, 1024)),
    ((3000, 300), 512, 64, 768, (768, 77), (768, 128)),
    ((513, 511), 512, 8, 768, (513, 511), (520, 512)),
    ((100, 100), 1024, 16, 1536, (400, 400), (400, 400)),
    ((1, 1), 512, 8, 768, (4, 4), (8, 8)),
    ((1, 5000), 512, 8, 768, (1, 768), (8, 768)),
]


@pytest.mark.parametrize(("crop", "native", "multiple", "largest", "inner", "whole"), FITS)
def test_fit(crop, native, multiple, largest, inner, whole):
    made = fit(*crop, native, multiple, largest)
    assert (made.inner_width, made.inner_height) == inner
    assert (made.width, made.height) == whole


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.sampled_from([8, 16, 64]))
def test_what_is_fitted_comes_back_at_its_size(width, height, multiple):
    made = fit(width, height, 96, multiple, 128)
    assert made.width % multiple == made.height % multiple == 0
    picture = np.full((height, width, 3), 0.25, np.float32)
    shown = made.apply(picture)
    assert shown.shape == (made.height, made.width, 3)
    np.testing.assert_allclose(made.undo(shown), picture, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(30, 400), st.integers(30, 400), st.integers(0, 10_000))
def test_no_masked_pixel_is_lost(width, height, place):
    made = fit(width, height, 64, 8, 96)
    mask = np.zeros((height, width), np.float32)
    row, column = place % height, place * 7 % width
    mask[row, column] = 1
    shown = made.apply_mask(mask)
    assert shown.shape == (made.height, made.width)
    scale_x, scale_y = made.inner_width / width, made.inner_height / height
    assert shown[int((row + 0.5) * scale_y), int((column + 0.5) * scale_x)] > 0.2
    assert made.apply_mask(np.zeros_like(mask)).max() == 0
    assert made.apply_mask(np.ones_like(mask)).min() > 0.999


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 90), st.integers(20, 300), st.integers(5, 15))
def test_a_mask_has_no_ripples(size, new_size, edge):
    """Beside the border's own pixel, what is off stays exactly off, and what is on stays on."""
    mask = np.zeros((size, size), np.float32)
    mask[:edge] = 1
    result = resized_coverage(mask, new_size, new_size)
    border, reach = edge * new_size / size, max(new_size / size, 1)
    places = np.arange(new_size) + 0.5
    assert (result[places > border + reach] == 0).all()
    np.testing.assert_allclose(result[places < border - reach], 1, atol=1e-6)
    assert (np.diff(result, axis=0) <= 1e-6).all()
