"""What the built-in fill promises about pixels, for the kernel and for numpy alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from inlay.pixels.fill import FillError, context_px, fill
from inlay.pixels.fill import backend as current_backend
from inlay.pixels.formats import CHANNELS, Model
from numpy.typing import NDArray

MODELS = [m for m in Model if m is not Model.MASK]


def disc(
    height: int, width: int, radius: float, row: float | None = None, column: float | None = None
) -> NDArray[np.bool_]:
    """(H, W) bool, True within `radius` of the middle, or of the given point."""
    y, x = np.mgrid[:height, :width]
    middle_y, middle_x = height / 2 if row is None else row, width / 2 if column is None else column
    return (y - middle_y) ** 2 + (x - middle_x) ** 2 < radius**2


def grainy(height: int, width: int, channels: int = 4, seed: int = 3) -> NDArray[np.uint8]:
    """A picture with slopes, an edge and grain; alpha, the last of 4 channels, is opaque."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    slope = 60 + 100 * x / width + 40 * (y > height * 0.6)
    colours = slope[..., None] + np.arange(channels) * 12 + generator.normal(0, 6, (height, width, channels))
    picture = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
    if channels == 4:
        picture[..., 3] = 255
    return picture


def assert_same_outside(result: NDArray[Any], picture: NDArray[Any], hole: NDArray[np.bool_]) -> None:
    assert result.dtype == picture.dtype
    assert result.shape == picture.shape
    assert result[~hole].tobytes() == picture[~hole].tobytes()


def test_backend_says_which_code_runs(backend: str) -> None:
    assert current_backend() == backend


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("is_linear", [False, True])
def test_every_depth(backend: str, dtype: type[np.generic], is_linear: bool) -> None:
    scale = {np.uint8: 1.0, np.uint16: 257.0}.get(dtype, 1 / 255)  # type: ignore[call-overload]
    picture = (grainy(72, 90) * scale).astype(dtype)
    hole = disc(72, 90, 13)
    given = picture.copy()
    given[hole] = 0
    result = fill(given, hole, is_linear=is_linear)
    assert_same_outside(result, given, hole)
    difference = result[hole].astype(np.float64).mean(0) - picture[hole].astype(np.float64).mean(0)
    assert np.abs(difference).max() < 25 * scale


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("with_alpha", [True, False])
def test_every_model(backend: str, model: Model, with_alpha: bool) -> None:
    channels = CHANNELS[model] - (not with_alpha)
    picture = grainy(60, 60, channels)
    hole = disc(60, 60, 10)
    result = fill(picture, hole, model=model)
    assert_same_outside(result, picture, hole)
    for channel in range(channels):
        known = picture[~hole][:, channel]
        assert known.min() <= np.median(result[hole][:, channel]) <= known.max()


def test_channels_that_fit_no_model_are_refused() -> None:
    with pytest.raises(FillError, match="channels"):
        fill(np.zeros((9, 9, 7), np.uint8), disc(9, 9, 2))


def test_light_above_white_and_below_black_lives_on(backend: str) -> None:
    picture = (grainy(64, 64).astype(np.float32) / 255 - 0.4) * 20
    hole = disc(64, 64, 12)
    result = fill(picture, hole, is_linear=True)
    assert result[hole][:, :3].max() > 2
    assert result[hole][:, :3].min() < 0
    assert np.isfinite(result).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_what_is_hidden_never_shows(backend: str, dtype: type[np.generic]) -> None:
    """The hole's own pixels and the unknown ones may be anything: the result is the same."""
    picture = grainy(80, 96).astype(dtype)
    hole, unknown = disc(80, 96, 14), np.zeros((80, 96), bool)
    unknown[:, :9] = True
    hole &= ~unknown
    results = []
    for poison in ((0, 0, 0, 0), (255, 0, 255, 255), (7, 250, 3, 90)):
        given = picture.copy()
        given[hole | unknown] = poison
        results.append(fill(given, hole, unknown=unknown)[hole])
    assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()


def test_unknown_pixels_stay_as_they_are(backend: str) -> None:
    picture = grainy(60, 60)
    unknown = np.zeros((60, 60), bool)
    unknown[50:] = True
    hole = disc(60, 60, 10)
    assert_same_outside(fill(picture, hole, unknown=unknown), picture, hole)


def test_the_seed_decides_and_the_threads_do_not() -> None:
    picture, hole = grainy(200, 240), disc(200, 240, 45)
    first = fill(picture, hole, seed=5, threads=1)
    assert (fill(picture, hole, seed=5, threads=1) == first).all()
    assert (fill(picture, hole, seed=5, threads=3) == first).all()
    assert (fill(picture, hole, seed=6, threads=1) != first).any()


def test_numpy_is_deterministic_too(backend: str) -> None:
    picture, hole = grainy(70, 70), disc(70, 70, 12)
    assert (fill(picture, hole, seed=1) == fill(picture, hole, seed=1)).all()


def test_stripes_go_on(backend: str) -> None:
    x = np.arange(120) // 6 % 2 * 200 + 20
    picture = np.broadcast_to(x[None, :, None], (100, 120, 3)).astype(np.uint8).copy()
    hole = disc(100, 120, 17)
    given = picture.copy()
    given[hole] = 0
    wrong = (np.abs(fill(given, hole).astype(int) - picture) > 20).any(2)
    assert wrong.sum() <= (0 if backend == "native" else 0.1 * hole.sum())


def test_a_chequerboard_goes_on() -> None:
    y, x = np.mgrid[:110, :110]
    picture = ((y // 5 + x // 5) % 2 * 180 + 30).astype(np.uint8)[..., None].repeat(3, 2)
    hole = disc(110, 110, 18)
    given = picture.copy()
    given[hole] = 0
    wrong = (np.abs(fill(given, hole).astype(int) - picture) > 20).any(2)
    assert wrong.sum() <= 0.02 * hole.sum()


def test_a_slope_goes_on_without_a_step(backend: str) -> None:
    y, x = np.mgrid[:120, :160]
    picture = (40 + x + 0.3 * y)[..., None].repeat(3, 2).astype(np.uint8)
    hole = disc(120, 160, 22)
    given = picture.copy()
    given[hole] = 255
    result = fill(given, hole).astype(int)
    across = np.abs(np.diff(result, axis=1))[..., 0]
    touched = hole[:, 1:] | hole[:, :-1]
    assert np.quantile(across[touched], 0.98) <= (4 if backend == "native" else 8)
    assert np.abs(result - picture)[hole].mean() < (6 if backend == "native" else 12)


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (3, 3), (5, 4), (8, 8), (7, 40)])
@pytest.mark.parametrize("share", [0.2, 0.9])
def test_tiny_pictures(backend: str, shape: tuple[int, int], share: float) -> None:
    hole = np.random.default_rng(1).random(shape) < share
    hole[0, 0], hole[-1, -1] = False, True
    picture = grainy(*shape)
    result = fill(picture, hole)
    assert_same_outside(result, picture, hole)
    known = picture[~hole].astype(int)
    assert (result[hole] >= known.min(0) - 60).all()
    assert (result[hole] <= known.max(0) + 60).all()


def test_one_lost_pixel(backend: str) -> None:
    picture = np.full((40, 40, 4), 90, np.uint8)
    hole = np.zeros((40, 40), bool)
    hole[20, 20] = True
    picture[20, 20] = 255
    assert (fill(picture, hole)[20, 20] == 90).all()


@pytest.mark.parametrize("side_px", [1, 2, 3])
def test_a_hole_that_is_gone_in_the_coarser_levels(backend: str, side_px: int) -> None:
    picture = grainy(130, 160)
    hole = np.zeros((130, 160), bool)
    hole[33 : 33 + side_px, 77 : 77 + side_px] = True
    given = picture.copy()
    given[hole] = (255, 0, 255, 255)
    result = fill(given, hole)
    assert_same_outside(result, given, hole)
    assert (result[hole][:, 1].astype(int) - result[hole][:, 0]).min() > -60  # no magenta


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom", "all"])
def test_a_hole_at_the_pictures_edge(backend: str, side: str) -> None:
    picture = grainy(90, 100)
    hole = np.zeros((90, 100), bool)
    hole[{"top": slice(0, 40), "bottom": slice(50, 90)}.get(side, slice(0, 0))] = True
    hole[:, {"left": slice(0, 45), "right": slice(55, 100)}.get(side, slice(0, 0))] = True
    if side == "all":
        hole[:] = True
        hole[25:65, 25:75] = False
    given = picture.copy()
    given[hole] = (255, 0, 255, 255)
    result = fill(given, hole)
    assert_same_outside(result, given, hole)
    # No magenta: green is never far below red and blue in this picture.
    assert (result[hole][:, 1].astype(int) - result[hole][:, 0]).min() > -60


def test_nothing_known_is_an_error(backend: str) -> None:
    with pytest.raises(FillError, match="no known pixel"):
        fill(grainy(20, 20), np.ones((20, 20), bool))
    half = np.zeros((20, 20), bool)
    half[:10] = True
    with pytest.raises(FillError, match="no known pixel"):
        fill(grainy(20, 20), half, unknown=~half)


def test_shapes_that_disagree_are_an_error() -> None:
    with pytest.raises(FillError, match="same size"):
        fill(grainy(20, 20), np.zeros((20, 21), bool))


def test_an_empty_hole_changes_nothing(backend: str) -> None:
    picture = grainy(20, 20)
    result = fill(picture, np.zeros((20, 20), bool))
    assert (result == picture).all()
    assert result is not picture


def test_far_away_pixels_do_not_matter() -> None:
    """Big pictures stay quick: what lies beyond the context is not looked at."""
    picture, hole = grainy(60, 900), disc(60, 900, 12, column=60)
    reach = 72 + context_px(24, 24)
    changed = picture.copy()
    changed[:, reach + 2 :] = 0
    assert (fill(picture, hole)[hole] == fill(changed, hole)[hole]).all()


def test_see_through_parts_are_filled_as_such(backend: str) -> None:
    picture = grainy(64, 64)
    picture[..., 3] = 0
    picture[:, :12, 3] = 255
    hole = disc(64, 64, 9, column=40)
    assert np.median(fill(picture, hole)[hole][:, 3]) == 0


def test_far_apart_holes_of_a_big_picture_are_filled_one_by_one(backend: str) -> None:
    """As each would be alone: neither time nor memory goes to what lies between them."""
    picture = np.broadcast_to(np.arange(2400, dtype=np.uint8)[:, None, None], (2400, 2400, 3)).copy()
    first, second = disc(2400, 2400, 15, row=60, column=50), disc(2400, 2400, 15, row=2300, column=2330)
    fractions: list[float] = []
    together = fill(picture, first | second, on_progress=lambda fraction, _: fractions.append(fraction))
    assert (together[first] == fill(picture, first)[first]).all()
    assert (together[second] == fill(picture, second)[second]).all()
    assert fractions == sorted(fractions)
