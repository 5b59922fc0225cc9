"""Laying a repainted window back."""

import numpy as np
from inlay.pixels.composite import composited, first_not_finite


def test_outside_the_support_the_originals_bits_stay():
    original = np.full((4, 5, 4), np.nan, np.float32)
    support = np.zeros((4, 5), bool)
    support[1, 2] = True
    result = composited(original, np.ones_like(original), support)
    assert result[1, 2].tolist() == [1, 1, 1, 1]
    assert result[~support].tobytes() == original[~support].tobytes()
    assert result.dtype == original.dtype


def test_first_not_finite_looks_at_known_pixels_only():
    pixels = np.zeros((4, 5, 4), np.float16)
    known = np.ones((4, 5), bool)
    assert first_not_finite(pixels, known) is None
    pixels[2, 3, 1] = np.inf
    assert first_not_finite(pixels, known) == (3, 2)
    known[2, 3] = False
    assert first_not_finite(pixels, known) is None


def test_integers_are_always_finite():
    assert first_not_finite(np.zeros((2, 2, 4), np.uint8), np.ones((2, 2), bool)) is None
