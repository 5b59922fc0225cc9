"""The built-in fill as a family: it fills, listens, and says no in words."""

import numpy as np
import pytest
from inlay.pipelines.builtin import BuiltinFill
from inlay.pipelines.family import Cancelled, FamilyError, Task
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box


class Listener:
    def __init__(self, stops_at=2.0):
        self.stops_at = stops_at
        self.said = []
        self.previews = []

    def progress(self, fraction, message):
        self.said.append((fraction, message))

    def preview(self, rgb):
        self.previews.append(rgb)

    def is_cancelled(self):
        return bool(self.said) and self.said[-1][0] >= self.stops_at


RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)


def task(height=96, width=128, pixel_format=RGBA_U8, hole=None, seed=0):
    """Vertical stripes with a hole in the middle."""
    top = 1.0 if pixel_format.dtype.kind == "f" else np.iinfo(pixel_format.dtype).max
    stripes = np.where(np.arange(width) // 8 % 2, 0.75, 0.25)
    pixels = np.empty((height, width, pixel_format.channels), pixel_format.dtype)
    pixels[:] = (stripes * top).astype(pixel_format.dtype)[None, :, None]
    pixels[..., -1] = top
    if hole is None:
        hole = np.zeros((height, width), bool)
        hole[40:56, 50:70] = True
    pixels[hole] = 0
    return Task(pixels, hole, pixel_format.model, False, seed)


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("model", [Model.RGBA, Model.GRAYA, Model.CMYKA, Model.LABA])
def test_it_fills_every_model_and_depth(model, depth):
    asked = task(pixel_format=PixelFormat(model, depth))
    before = asked.pixels.copy()
    filled = BuiltinFill().repaint(asked, Listener())
    assert filled.dtype == before.dtype
    assert filled.shape == before.shape
    np.testing.assert_array_equal(filled[~asked.hole], before[~asked.hole])
    np.testing.assert_array_equal(asked.pixels, before)
    assert (filled[asked.hole][:, -1] == before[0, 0, -1]).mean() > 0.9


def test_it_tells_how_far_it_is():
    listener = Listener()
    BuiltinFill().repaint(task(), listener)
    fractions = [fraction for fraction, _ in listener.said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(message for _, message in listener.said)


def test_previews_show_the_whole_window():
    listener = Listener()
    BuiltinFill().repaint(task(300, 900), listener)
    for preview in listener.previews:
        assert preview.dtype == np.uint8
        assert preview.shape[2] == 3
        assert preview.shape[1] / preview.shape[0] == pytest.approx(3, rel=0.1)


def test_the_same_seed_gives_the_same_pixels():
    first, second = (BuiltinFill().repaint(task(seed=5), Listener()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_it_stops_when_it_is_told_to():
    listener = Listener(stops_at=0.0)
    with pytest.raises(Cancelled):
        BuiltinFill().repaint(task(600, 600), listener)


def test_it_says_in_words_that_nothing_is_known():
    everything = np.ones((20, 20), bool)
    with pytest.raises(FamilyError) as refusal:
        BuiltinFill().repaint(task(20, 20, hole=everything), Listener())
    assert refusal.value.fault.field == "mask"
    assert refusal.value.fault.remedy


@pytest.mark.parametrize(("width", "height", "steps"), [(1, 1, 1), (512, 512, 6), (3000, 200, 8)])
def test_steps_follow_the_windows_size(width, height, steps):
    assert BuiltinFill().steps(Box(0, 0, width, height)) == steps


def test_its_version_is_its_backend():
    assert BuiltinFill().version() in ("native", "portable")
