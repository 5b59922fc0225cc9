"""Colours to sRGB and back: nothing shifts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inlay.pixels.colours import from_srgb, to_srgb
from inlay.pixels.formats import CHANNELS, DTYPES, Depth, Model

RGB_PROFILES = [
    "",
    "sRGB-elle-V2-srgbtrc.icc",
    "Rec2020-elle-V4-g10.icc",
    "Adobe RGB (1998)",
    "Display P3",
    "ACEScg-elle",
]
STEPS = {Depth.U8: 1 / 255, Depth.U16: 1 / 65535, Depth.F16: 2e-3, Depth.F32: 2e-5}


def greys(depth, model, value):
    """A neutral document of one lightness, in the model's own numbers."""
    lightness = np.full((4, 5, 1), value, np.float32)
    one = np.ones_like(lightness)
    channels = {
        Model.GRAYA: [lightness, one],
        Model.RGBA: [lightness] * 3 + [one],
        Model.CMYKA: [0 * one, 0 * one, 0 * one, 1 - lightness, one],
        Model.LABA: [lightness, one * 128 / 255, one * 128 / 255, one],
        Model.YCBCRA: [lightness, one / 2, one / 2, one],
        Model.XYZA: [lightness * 0.9642 / 2, lightness / 2, lightness * 0.8251 / 2, one],
    }[model]
    values = np.concatenate(channels, axis=2)
    return np.rint(values * np.iinfo(DTYPES[depth].name).max).astype(DTYPES[depth])


@pytest.mark.parametrize("model", [model for model in Model if model is not Model.MASK])
@pytest.mark.parametrize("value", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_neutral_stays_neutral(model, value):
    rgb = to_srgb(greys(Depth.U16, model, value), model, False)
    assert rgb.dtype == np.float32
    assert np.ptp(rgb) < 5e-3


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([Model.RGBA, Model.GRAYA, Model.LABA, Model.XYZA, Model.YCBCRA]),
    st.sampled_from(list(Depth)),
    st.booleans(),
    st.sampled_from(RGB_PROFILES),
    st.integers(0, 2**32 - 1),
)
def test_there_and_back_is_where_it_was(model, depth, is_linear, profile, seed):
    """From sRGB into the document and back: what a model paints is what the document shows."""
    rgb = np.random.default_rng(seed).uniform(0.02, 0.98, (6, 7, 3)).astype(np.float32)
    if model is Model.GRAYA:
        rgb[:] = rgb[..., :1]
    like = np.zeros((6, 7, CHANNELS[model]), DTYPES[depth])
    document = from_srgb(rgb, like, model, is_linear, profile)
    assert document.dtype == like.dtype
    back = to_srgb(document, model, is_linear, profile)
    # Single steps are wider near black in linear light and in wide spaces; on the mean they must not be seen.
    assert np.abs(back - rgb).mean() <= (4 if is_linear or model is Model.XYZA else 1.5) * STEPS[depth] + 1e-4


@pytest.mark.parametrize("depth", list(Depth))
def test_plain_srgb_is_kept_bit_for_bit(depth):
    rng = np.random.default_rng(1)
    dtype = DTYPES[depth]
    values = rng.uniform(0, 1, (16, 16, 4))
    pixels = values.astype(dtype) if dtype.kind == "f" else (values * np.iinfo(dtype.name).max).astype(dtype)
    pixels[..., 3] = 1 if dtype.kind == "f" else np.iinfo(dtype.name).max
    np.testing.assert_array_equal(from_srgb(to_srgb(pixels, Model.RGBA, False), pixels, Model.RGBA, False), pixels)


@pytest.mark.parametrize("profile", ["", "Rec2020-elle-V4-g10.icc"])
@pytest.mark.parametrize("is_linear", [True, False])
def test_hdr_comes_back(is_linear, profile):
    pixels = np.ones((8, 8, 4), np.float32)
    pixels[..., :3] = np.linspace(0, 30, 64, dtype=np.float32).reshape(8, 8, 1)
    rgb = to_srgb(pixels, Model.RGBA, is_linear, profile)
    assert rgb.max() <= 1
    assert (np.diff(rgb[..., 0].ravel()) > 0).all()
    back = from_srgb(rgb, pixels, Model.RGBA, is_linear, profile)
    np.testing.assert_allclose(back, pixels, rtol=6e-3, atol=1e-3)


@pytest.mark.parametrize("depth", [Depth.F16, Depth.F32])
@pytest.mark.parametrize("is_linear", [True, False])
def test_colours_outside_srgb_come_back(depth, is_linear):
    """scRGB's negative values: they are in range for a model, in order, and what it leaves alone is what it was."""
    pixels = np.ones((8, 8, 4), DTYPES[depth])
    pixels[..., :3] = np.linspace(-0.4, 1.8, 64).reshape(8, 8, 1)
    rgb = to_srgb(pixels, Model.RGBA, is_linear)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    assert (np.diff(rgb[..., 0].ravel()) > 0).all()
    back = from_srgb(rgb, pixels, Model.RGBA, is_linear)
    np.testing.assert_allclose(back, pixels, rtol=6e-3, atol=2e-3)


def test_each_wide_space_has_its_own_curve():
    """Half of ProPhoto's scale is 0.287 of light (gamma 1.8), 0.57 in sRGB; half of Adobe's (563/256) is 0.504."""
    grey = np.full((1, 1, 4), 0.5, np.float32)
    grey[..., 3] = 1
    assert to_srgb(grey, Model.RGBA, False, "ProPhoto RGB")[0, 0, 0] == pytest.approx(0.573, abs=0.003)
    assert to_srgb(grey, Model.RGBA, False, "Adobe RGB (1998)")[0, 0, 0] == pytest.approx(0.5039, abs=0.001)


def test_without_hdr_white_is_white():
    pixels = np.ones((2, 2, 4), np.float32)
    np.testing.assert_allclose(to_srgb(pixels, Model.RGBA, True), 1, atol=1e-6)


def test_known_colours():
    """Published values: sRGB's green in L*a*b* (D50) is 87.82, -79.29, 80.99; Rec. 2020's green lies outside sRGB."""
    lab = from_srgb(np.array([[[0, 1, 0]]], np.float32), np.zeros((1, 1, 4), np.float32), Model.LABA, False)
    np.testing.assert_allclose(lab[0, 0, :3], [87.82, -79.29, 80.99], atol=0.15)
    green = np.array([[[0, 255, 0, 255]]], np.uint8)
    assert to_srgb(green, Model.RGBA, False, "Rec2020-elle-V4-srgbtrc.icc")[0, 0, 0] == 0


def test_transparent_is_over_white_and_results_are_opaque():
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0, 1, 3] = 255
    rgb = to_srgb(pixels, Model.RGBA, False)
    np.testing.assert_array_equal(rgb[0, :, 0], [1, 0])
    assert (from_srgb(rgb, pixels, Model.RGBA, False)[..., 3] == 255).all()


def test_cmyk_keeps_its_way_with_black():
    rgb = np.random.default_rng(0).uniform(0.1, 0.9, (8, 8, 3)).astype(np.float32)
    for black in (0, 1):
        like = np.zeros((8, 8, 5), np.uint8)
        like[..., -1] = 255
        like[..., :3], like[..., 3] = (0, 128) if black else (128, 0)
        inks = from_srgb(rgb, like, Model.CMYKA, False)
        assert (inks[..., 3] > 0).any() == bool(black)
        np.testing.assert_allclose(to_srgb(inks, Model.CMYKA, False), rgb, atol=0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -5])
def test_poison_does_no_harm(value):
    pixels = np.full((3, 3, 4), 0.5, np.float32)
    pixels[1, 1] = value
    assert np.isfinite(to_srgb(pixels, Model.RGBA, True)).all()
