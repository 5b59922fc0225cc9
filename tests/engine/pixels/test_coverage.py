"""A layer by itself: no black or white of what is transparent reaches its colours, and its alpha cuts masks."""

import numpy as np
import pytest
from inlay.pixels.coverage import clipped, covered, opaque
from inlay.pixels.formats import Depth, Model, PixelFormat

TOP = {Depth.U8: 255, Depth.U16: 65535, Depth.F16: 1.0, Depth.F32: 1.0}


def disc(depth=Depth.U8, colour=(200, 90, 30), surroundings=0):
    """A soft disc of one colour in the middle of 96 x 96 transparent pixels of another."""
    top, rows = TOP[depth], np.arange(96) - 47.5
    alpha = np.clip(30 - np.hypot(rows[:, None], rows), 0, 1)
    pixels = np.zeros((96, 96, 4), PixelFormat(Model.RGBA, depth).dtype)
    pixels[..., :3] = np.where(alpha[..., None] > 0, np.array(colour) / 255 * top, surroundings)
    pixels[..., 3] = alpha * top
    return pixels


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("surroundings", [0, 1])
def test_colours_flow_on_where_a_layer_is_transparent(depth, surroundings):
    pixels = disc(depth, surroundings=surroundings * TOP[depth])
    whole = opaque(pixels)
    assert whole.dtype == pixels.dtype
    assert (whole[..., 3] == TOP[depth]).all()
    expected = np.array([200, 90, 30]) / 255
    np.testing.assert_allclose(whole[..., :3].astype(float) / TOP[depth], np.tile(expected, (96, 96, 1)), atol=0.003)


def test_what_is_opaque_keeps_every_bit():
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40, 4)).astype(np.uint8)
    pixels[..., 3] = 255
    np.testing.assert_array_equal(opaque(pixels), pixels)


def test_what_is_not_finite_under_nothing_is_never_read():
    pixels = disc(Depth.F32)
    pixels[0, 0, :3] = np.nan
    assert np.isfinite(opaque(pixels)).all()


@pytest.mark.parametrize("depth", list(Depth))
def test_a_mask_is_clipped_as_softly_as_the_layer_is(depth):
    pixels = disc(depth)
    mask = clipped(np.full((96, 96), 255, np.uint8), pixels)
    np.testing.assert_allclose(mask, pixels[..., 3].astype(float) / TOP[depth] * 255, atol=1)
    np.testing.assert_array_equal(mask > 0, covered(pixels))


def test_half_a_selection_on_half_a_layer_is_a_quarter():
    pixels = np.full((4, 4, 4), 128, np.uint8)
    assert (clipped(np.full((4, 4), 128, np.uint8), pixels) == 64).all()
