"""The seam measure: 0 where the border cannot be told, towards 0.95 where all of it shows."""

from __future__ import annotations

import numpy as np
import pytest
from inlay.pixels.seam import seam


def picture(dtype: str = "uint8") -> np.ndarray:
    """Faint waves with grain, (90, 120, 3)."""
    rows, columns = np.mgrid[0:90, 0:120]
    waves = 0.5 + 0.02 * np.sin(columns / 7) + 0.02 * np.cos(rows / 5)
    grain = np.random.default_rng(5).normal(0, 0.02, (90, 120, 3))
    values = np.clip(waves[..., None] + grain, 0, 1)
    return values.astype(dtype) if dtype == "float32" else (values * np.iinfo(dtype).max).astype(dtype)


def mask(top: int = 30, left: int = 40) -> np.ndarray:
    mask = np.zeros((90, 120), np.uint8)
    mask[top : top + 30, left : left + 40] = 255
    return mask


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_an_untouched_picture_has_none(dtype: str) -> None:
    assert seam(picture(dtype), mask()) < 0.05


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_step_in_brightness_shows(dtype: str) -> None:
    pixels = picture(dtype)
    pixels[30:60, 40:80] = pixels[30:60, 40:80] * 0.8
    assert seam(pixels, mask()) > 0.9


def test_half_the_border_is_half() -> None:
    pixels = picture()
    pixels[30:45, 40:80] = pixels[30:45, 40:80] * 0.8
    assert 0.35 < seam(pixels, mask()) < 0.65


def test_the_pictures_own_edge_is_no_border() -> None:
    pixels = picture()
    assert seam(pixels, mask(top=0, left=0)) < 0.05
    whole_side = np.zeros((90, 120), np.uint8)
    whole_side[:, :30] = 255
    assert seam(pixels, whole_side) < 0.05


def test_too_little_to_tell_is_none() -> None:
    dot = np.zeros((90, 120), np.uint8)
    dot[40:42, 40:42] = 255
    assert seam(picture(), dot) == 0.0
