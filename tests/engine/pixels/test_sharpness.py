"""Sharpness from the known part: what a blur took comes back as far as it can, and nothing else changes."""

import numpy as np
import pytest
from inlay.pixels.resampling import resized
from inlay.pixels.sharpness import MOST, octaves, sharpened
from inlay.pixels.smooth import box_mean
from skimage import data

SIDE = 192


@pytest.fixture(scope="module")
def photo():
    return resized(data.astronaut().astype(np.float32) / 255, SIDE, SIDE)


@pytest.fixture(scope="module")
def known():
    known = np.ones((SIDE, SIDE), bool)
    known[60:130, 50:140] = False
    return known


def blurred(rgb, share):
    """Partly averaged over 3 x 3."""
    return ((1 - share) * rgb + share * box_mean(rgb, 1)).astype(np.float32)


def test_what_is_sharp_stays_as_it_is(photo, known):
    same, gain = sharpened(photo, photo, known)
    assert same is photo
    assert gain == 1


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_a_blur_is_mended_where_nothing_is_known(photo, known, share):
    soft = blurred(photo, share)
    sharp, gain = sharpened(soft, photo, known)
    assert 1 < gain <= MOST
    assert np.abs(sharp - photo)[~known].mean() < 0.7 * np.abs(soft - photo)[~known].mean()


def test_more_blur_takes_more_gain(photo, known):
    gains = [sharpened(blurred(photo, share), photo, known)[1] for share in (0.0, 0.2, 0.4, 0.6)]
    assert gains == sorted(gains)
    assert gains[0] < gains[-1]


def test_masked_pixels_are_not_read(photo, known):
    poisoned = photo.copy()
    poisoned[~known] = 7.0
    far = known.copy()
    far[56:134, 46:144] = False  # a blur of the original reaches 3 px
    one, other = (sharpened(blurred(photo, 0.5), original, far) for original in (photo, poisoned))
    np.testing.assert_array_equal(one[0], other[0])


def test_something_sharper_is_never_blurred(photo, known):
    crisp = photo + octaves(photo)[0]
    same, gain = sharpened(crisp, photo, known)
    assert gain == 1
    assert same is crisp


def test_another_picture_and_noise_lift_nothing(photo, known):
    noise = np.random.default_rng(0).normal(0.5, 0.05, photo.shape).astype(np.float32)
    for other in (noise, np.ascontiguousarray(photo[::-1])):
        assert sharpened(other, photo, known)[1] == 1


def test_octaves_add_up(photo):
    fine, middle = octaves(photo)
    np.testing.assert_allclose(fine + middle + box_mean(photo, 3), photo, atol=1e-5)
