"""Progress, previews and cancel."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from inlay.pixels.fill import Cancelled, fill
from inlay.pixels.formats import Model
from numpy.typing import NDArray


def disc(height: int, width: int, radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[:height, :width]
    return (y - height / 2) ** 2 + (x - width / 2) ** 2 < radius**2


def grainy(height: int, width: int) -> NDArray[np.uint8]:
    picture = np.random.default_rng(3).integers(60, 200, (height, width, 4), np.uint8)
    picture[..., 3] = 255
    return picture


def test_progress_rises_to_one(backend: str) -> None:
    seen: list[tuple[float, str]] = []
    fill(grainy(160, 160), disc(160, 160, 30), on_progress=lambda fraction, stage: seen.append((fraction, stage)))
    fractions = [fraction for fraction, _ in seen]
    assert len(fractions) > 2
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 0.6
    assert fractions[-1] == 1
    assert all(stage for _, stage in seen)


def test_callbacks_come_on_the_callers_thread(backend: str) -> None:
    threads: set[threading.Thread] = set()

    def is_cancelled() -> bool:
        threads.add(threading.current_thread())
        return False

    fill(
        grainy(100, 100), disc(100, 100, 20), is_cancelled=is_cancelled,
        on_progress=lambda *_: threads.add(threading.current_thread()),
        on_preview=lambda _: threads.add(threading.current_thread()),
    )  # fmt: skip
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("model", [Model.RGBA, Model.LABA, Model.YCBCRA])
def test_previews_show_the_whole_picture_small(backend: str, model: Model) -> None:
    previews = []
    picture, hole = grainy(300, 1300), disc(300, 1300, 60)
    fill(picture, hole, model=model, on_preview=previews.append)
    assert previews
    for preview in previews:
        assert preview.dtype == np.uint8
        assert preview.shape == (100, 434, 3)


def test_previews_show_no_hidden_pixel(backend: str) -> None:
    picture, hole = grainy(120, 120), disc(120, 120, 25)
    shown = []
    for poison in (0, 255):
        previews: list[np.ndarray] = []
        picture[hole] = poison
        fill(picture, hole, on_preview=previews.append)
        shown.append(previews)
    assert all((a == b).all() for a, b in zip(*shown, strict=True))


@pytest.mark.parametrize("after_s", [0.0, 0.3])
def test_cancel_is_answered_at_once(backend: str, after_s: float) -> None:
    picture, hole = grainy(1100, 1100), disc(1100, 1100, 350)
    started = time.perf_counter()
    asked: list[float] = []

    def is_cancelled() -> bool:
        if time.perf_counter() - started >= after_s:
            asked.append(time.perf_counter())
        return bool(asked)

    with pytest.raises(Cancelled):
        fill(picture, hole, is_cancelled=is_cancelled)
    assert time.perf_counter() - asked[0] < 0.1


def test_the_kernel_stops_within_a_moment_of_a_cancel() -> None:
    """Not only the caller gets away: the work behind it ends, too."""
    before = threading.active_count()
    calls = iter([False] * 10 + [True] * 9)
    with pytest.raises(Cancelled):
        fill(grainy(1500, 1500), disc(1500, 1500, 500), is_cancelled=lambda: next(calls))
    deadline = time.perf_counter() + 2
    while threading.active_count() > before and time.perf_counter() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_callback_that_raises_ends_the_fill(backend: str) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the panel is gone")

    with pytest.raises(RuntimeError, match="gone"):
        fill(grainy(60, 60), disc(60, 60, 10), on_progress=fail)
