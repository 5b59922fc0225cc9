"""Krita's raw bytes, there and back."""

import numpy as np
import pytest
from inlay.pixels.formats import CHANNELS, DTYPES, Depth, Model, PixelFormat

FORMATS = [PixelFormat(model, depth) for model in CHANNELS for depth in DTYPES]


@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda one: f"{one.model}-{one.depth}")
def test_bytes_come_back_as_they_went(pixel_format):
    raw = np.random.default_rng(0).bytes(pixel_format.size_bytes(7, 5))
    pixels = pixel_format.from_bytes(raw, 7, 5)
    assert pixels.shape == (5, 7, pixel_format.channels)
    assert pixels.dtype == pixel_format.dtype
    assert pixel_format.to_bytes(pixels) == raw


@pytest.mark.parametrize(("depth", "is_swapped"), [("U8", True), ("U16", True), ("F16", False), ("F32", False)])
def test_only_integer_rgb_is_stored_blue_first(depth, is_swapped):
    pixel_format = PixelFormat(Model.RGBA, Depth(depth))
    raw = np.array([[[1, 2, 3, 4]]], pixel_format.dtype).tobytes()
    assert pixel_format.from_bytes(raw, 1, 1).tolist() == [[[3, 2, 1, 4] if is_swapped else [1, 2, 3, 4]]]


def test_slices_of_arrays_are_written_too():
    pixel_format = PixelFormat(Model.RGBA, Depth.U8)
    pixels = np.arange(400, dtype=np.uint8).reshape(10, 10, 4)[2:5, 3:7]
    assert pixel_format.from_bytes(pixel_format.to_bytes(pixels), 4, 3).tolist() == pixels.tolist()


def test_the_wrong_number_of_bytes_is_refused():
    with pytest.raises(ValueError, match="takes 16 bytes, not 15"):
        PixelFormat(Model.RGBA, Depth.U8).from_bytes(bytes(15), 2, 2)
