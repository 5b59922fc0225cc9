"""Infill, latent masks, and what mends a model's window: with faults planted on real pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inlay.pixels import infill, judging
from inlay.pixels.blending import blended
from inlay.pixels.colour_field import colour_matched
from inlay.pixels.fill import fill
from inlay.pixels.grain import grained
from inlay.pixels.latent_masks import is_repainted, latent_mask
from inlay.pixels.masks import grown
from inlay.pixels.mending import mended
from inlay.pixels.registration import Motion, _moved, registered
from inlay.pixels.resampling import resized
from inlay.pixels.smooth import box_mean, spread
from skimage import data

SIDE = 256


@pytest.fixture(scope="module")
def photo():
    """A real photograph, (256, 256, 3) in [0, 1]."""
    return resized(data.astronaut().astype(np.float32) / 255, SIDE, SIDE)


@pytest.fixture(scope="module")
def hole():
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    return (rows - 120) ** 2 + (columns - 130) ** 2 < 60**2


def soft_shift(side=SIDE, size=0.06):
    rows, columns = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(3 * rows + 1), np.cos(4 * columns), rows * columns]
    return (size * np.stack(waves, axis=2)).astype(np.float32)


INFILLS = [
    infill.blurred_surroundings,
    infill.edge_continued,
    infill.neutral,
    lambda rgb, hole: infill.noised(rgb, hole, 1),
]


@pytest.mark.parametrize("way", INFILLS)
def test_infill_reads_no_masked_pixel_and_changes_no_other(photo, hole, way):
    poisoned = photo.copy()
    poisoned[hole] = np.nan
    begun = way(poisoned, hole)
    assert np.isfinite(begun).all()
    np.testing.assert_array_equal(begun[~hole], photo[~hole])
    np.testing.assert_array_equal(begun, way(photo, hole))


@pytest.mark.parametrize("way", INFILLS[:2])
def test_infill_of_one_colour_is_that_colour(hole, way):
    np.testing.assert_allclose(way(np.full((SIDE, SIDE, 3), 0.3, np.float32), hole), 0.3, atol=1e-5)


@pytest.mark.parametrize("way", INFILLS[:2])
@pytest.mark.parametrize("side", [np.s_[:, 40:], np.s_[:, :40], np.s_[30:], np.s_[:9], np.s_[20:, 30:]])
def test_one_sided_holes_of_one_colour_are_that_colour(way, side):
    hole = np.zeros((60, 90), bool)
    hole[side] = True
    rgb = np.full((60, 90, 3), 0.7, np.float32)
    rgb[hole] = 1e6
    np.testing.assert_allclose(way(rgb, hole), 0.7, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40))
def test_edges_are_continued_within_the_range_of_what_is_known(seed, height, width):
    rng = np.random.default_rng(seed)
    rgb = rng.uniform(0, 1, (height, width, 3)).astype(np.float32)
    holes = rng.uniform(size=(height, width)) < 0.6
    holes[0, 0] = False
    for way in INFILLS[:2]:
        begun = way(rgb, holes)
        known = rgb[~holes]
        assert begun.min() >= known.min() - 1e-4
        assert begun.max() <= known.max() + 1e-4


def test_an_extended_sky_goes_on():
    sky = np.linspace(0.2, 0.8, 60, dtype=np.float32)[:, None, None] * np.ones((60, 90, 3), np.float32)
    hole = np.zeros((60, 90), bool)
    hole[:, 60:] = True
    begun = infill.edge_continued(sky, hole)
    assert np.abs(begun[:, 61:66] - sky[:, 61:66]).max() < 0.12
    assert begun[50:, 80].mean() > begun[:10, 80].mean() + 0.2


def test_spread_keeps_what_is_known_and_is_between():
    values = np.zeros((33, 47, 1), np.float32)
    weight = np.zeros((33, 47), np.float32)
    values[5, 5], weight[5, 5] = 2.0, 1
    values[20, 40], weight[20, 40] = 4.0, 1
    field = spread(values, weight)
    assert field[5, 5, 0] == pytest.approx(2)
    assert field.min() >= 2 - 1e-5
    assert field.max() <= 4 + 1e-5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([4, 8]), st.integers(1, 6), st.integers(1, 6))
def test_a_latent_mask_covers_every_masked_pixel_and_its_neighbours(seed, cell, rows, columns):
    mask = (np.random.default_rng(seed).uniform(size=(rows * cell, columns * cell)) < 0.02).astype(np.float32)
    cells = latent_mask(mask, cell)
    assert cells.shape == (rows, columns)
    for row, column in np.argwhere(mask > 0):
        part = cells[max(0, row // cell - 1) : row // cell + 2, max(0, column // cell - 1) : column // cell + 2]
        assert (part == 1).all()
    assert (latent_mask(mask * 0, cell) == 0).all()


def test_soft_values_join_later():
    mask = np.array([0.0, 0.1, 0.5, 1.0], np.float32)
    joined = np.array([is_repainted(mask, step, 10) for step in range(10)]).sum(axis=0)
    assert list(joined) == [0, 1, 5, 10]


def test_a_smooth_shift_of_colour_is_taken_out(photo, hole):
    painted = photo + soft_shift()
    known = ~hole
    left = np.abs(colour_matched(painted, photo, known) - photo)
    assert left[known].mean() < 0.1 * np.abs(soft_shift())[known].mean()
    assert left[hole].mean() < 0.3 * np.abs(soft_shift())[hole].mean()


def test_no_shift_no_change(photo, hole):
    np.testing.assert_allclose(colour_matched(photo, photo, ~hole), photo, atol=1e-6)


def test_what_the_model_drew_anew_is_no_shift(photo, hole):
    painted = photo.copy()
    painted[180:210, 30:60] = [1, 0, 0]
    elsewhere = hole.copy()
    field = colour_matched(painted, photo, ~hole) - painted
    assert np.abs(field[elsewhere]).mean() < 0.01


MOTIONS = [(0.0, 0.0, 1.0), (2.0, 0.0, 1.0), (-7.4, 11.8, 1.0), (0.5, -0.25, 1.02), (3.0, 2.0, 0.975)]


@pytest.mark.parametrize("motion", MOTIONS)
def test_a_moved_picture_is_moved_back(photo, motion):
    shift_x, shift_y, scale = motion
    away = Motion(-shift_x / scale, -shift_y / scale, 1 / scale)
    painted = _moved(photo, away)
    repainted = np.zeros((SIDE, SIDE), bool)
    repainted[70:230, 60:225] = True  # 40 %
    painted[repainted] = np.random.default_rng(0).uniform(0, 1, (int(repainted.sum()), 3))
    back, found = registered(painted + 0.02, photo, ~repainted)
    assert abs(found.shift_x_px - shift_x) < 0.1
    assert abs(found.shift_y_px - shift_y) < 0.1
    assert abs(found.scale - scale) < 0.001
    inner = ~grown(repainted.astype(np.uint8), 18).astype(bool)
    inner[:20] = inner[-20:] = inner[:, :20] = inner[:, -20:] = False
    assert np.abs(back - photo)[inner].mean() < 0.03


def test_another_picture_is_not_moved(photo):
    other = resized(data.coffee()[:400, :400].astype(np.float32) / 255, SIDE, SIDE)
    same, motion = registered(other, photo, np.ones((SIDE, SIDE), bool))
    assert motion.is_none
    np.testing.assert_array_equal(same, other)


def test_grain_is_matched_and_never_invented(hole):
    rng = np.random.default_rng(0)
    smooth = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    grainy = smooth + rng.normal(0, 0.03, smooth.shape).astype(np.float32)
    rough, added = grained(smooth, grainy, ~hole, hole, 1)
    assert 0.02 < added < 0.04
    assert rough[hole].std() == pytest.approx(0.03, rel=0.35)
    np.testing.assert_array_equal(rough[~hole], smooth[~hole])
    again, _ = grained(smooth, grainy, ~hole, hole, 1)
    np.testing.assert_array_equal(rough, again)
    assert grained(smooth, smooth, ~hole, hole, 1)[1] == 0
    same, added = grained(grainy, smooth, ~hole, hole, 1)
    assert added == 0
    assert same is grainy


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 50), st.integers(3, 50))
def test_blending_keeps_every_bit_outside_and_the_softness_inside(seed, height, width):
    rng = np.random.default_rng(seed)
    original, painted = (rng.uniform(0, 1, (height, width, 3)).astype(np.float32) for _ in range(2))
    paste = np.where(rng.uniform(size=(height, width)) < 0.5, 0, rng.uniform(size=(height, width))).astype(np.float32)
    result = blended(painted, original, paste)
    np.testing.assert_array_equal(result[paste == 0], original[paste == 0])
    np.testing.assert_allclose(blended(original, original, paste), original, atol=1e-6)


def test_a_step_at_the_border_goes(photo, hole):
    paste = hole.astype(np.float32)
    painted = np.where(grown(hole.astype(np.uint8), 6)[..., None] > 0, photo + 0.04, photo)
    result = blended(painted, photo, paste)
    rim = hole & (box_mean(hole[..., None].astype(np.float32), 2)[..., 0] < 1)
    assert np.abs(result - photo)[rim].mean() < 0.012


def test_the_whole_chain(photo, hole):
    degraded = _moved(box_mean(photo, 1) + soft_shift(), Motion(2.0, -1.0))
    paste = hole.astype(np.float32)
    result = mended(degraded, photo, paste, may_move=True, seed=0)
    np.testing.assert_array_equal(result.picture[~hole], photo[~hole])
    before = np.abs(degraded - photo)[hole].mean()
    after = np.abs(result.picture - photo)[hole].mean()
    assert after < 0.75 * before
    assert abs(result.motion.shift_x_px + 2.0) < 0.3
    assert result.colour_shift > 0.01


def test_everything_selected_leaves_nothing_to_match_and_does_no_harm(photo):
    result = mended(photo * 0.5, photo, np.ones((SIDE, SIDE), np.float32), may_move=True, seed=0)
    np.testing.assert_allclose(result.picture, photo * 0.5, atol=1e-6)


def test_an_invented_object_loses(photo):
    meadow = resized(data.grass().astype(np.float32)[..., None].repeat(3, 2) / 255, SIDE, SIDE)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    hole = (rows - 128) ** 2 + (columns - 128) ** 2 < 50**2
    filled = fill((meadow * 255).astype(np.uint8), hole, seed=1).astype(np.float32) / 255
    invented = meadow.copy()
    invented[hole] = photo[hole]
    assert judging.removal_score(filled, meadow, hole) < 0.5 * judging.removal_score(invented, meadow, hole)


def random_hole(seed, height=64, width=72):
    """A round hole somewhere, not everywhere."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    middle = rng.uniform(10, 54, 2)
    return (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2 < rng.uniform(3, 20) ** 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_mending_changes_no_bit_outside_the_mask(seed, is_soft):
    """Whatever was painted, and whatever numbers lie outside: below 0, above 1."""
    rng = np.random.default_rng(seed)
    hole = random_hole(seed)
    original = rng.normal(0.5, 2.0, (*hole.shape, 3)).astype(np.float32)
    painted = rng.uniform(-0.5, 1.5, original.shape).astype(np.float32)
    paste = (hole * (rng.uniform(0.01, 1, hole.shape) if is_soft else 1.0)).astype(np.float32)
    result = mended(painted, original, paste, may_move=True, seed=seed).picture
    assert result[paste == 0].tobytes() == original[paste == 0].tobytes()
    assert result[paste > 0].min() >= 0 and result[paste > 0].max() <= 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_needs_no_mending_is_left_alone(seed):
    hole = random_hole(seed)
    soft = resized(np.random.default_rng(seed).uniform(0, 1, (9, 10, 3)).astype(np.float32), 72, 64)
    result = mended(soft, soft, hole.astype(np.float32), may_move=True, seed=seed)
    np.testing.assert_allclose(result.picture, soft, atol=1e-5)
    assert result.motion.is_none
    assert result.gain == 1
    assert result.grain == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(-0.1, 0.1), min_size=3, max_size=3))
def test_a_constant_shift_is_removed_wholly(seed, shift):
    hole = random_hole(seed)
    soft = resized(np.random.default_rng(seed).uniform(0.2, 0.8, (9, 10, 3)).astype(np.float32), 72, 64)
    painted = soft + np.array(shift, np.float32)
    known = grown(hole.astype(np.uint8), 4) == 0
    np.testing.assert_allclose(colour_matched(painted, soft, known), soft, atol=2e-3)
    result = mended(painted, soft, hole.astype(np.float32), may_move=False, seed=0)
    np.testing.assert_allclose(result.picture, soft, atol=3e-3)


def test_a_larger_shift_is_measured_as_larger(photo, hole):
    paste = hole.astype(np.float32)
    sizes = [mended(photo + shift, photo, paste, may_move=False, seed=0).colour_shift for shift in (0, 0.02, 0.05)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0 and sizes[2] == pytest.approx(0.05, rel=0.1)


def test_a_soft_mask_is_not_applied_here(photo, hole):
    """It goes with the result, as its transparency: applied in both places, a half would be a quarter."""
    painted = np.clip(photo * 0.5 + 0.3, 0, 1)
    hard = mended(painted, photo, hole.astype(np.float32), may_move=False, seed=0).picture
    soft = mended(painted, photo, hole * np.float32(0.5), may_move=False, seed=0).picture
    np.testing.assert_array_equal(hard, soft)


def test_a_fringe_that_a_tight_mask_left_is_not_carried_inwards(photo, hole):
    """A dark rim of what was removed lies right outside; the model painted it away in its wider mask."""
    rim = (grown(hole.astype(np.uint8), 3) > 0) & ~hole
    fringed = np.where(rim[..., None], photo * 0.4, photo).astype(np.float32)
    result = blended(photo, fringed, hole.astype(np.float32))
    assert np.abs(result - photo)[hole].mean() < 0.002


def test_nothing_is_moved_that_stood_still(photo, hole):
    faults = (photo, box_mean(photo, 1), photo + soft_shift(), np.clip(photo * 1.1, 0, 1))
    for painted in faults:
        same, motion = registered(painted, photo, ~hole)
        assert motion.is_none
        assert same is painted


def test_more_missing_grain_is_more_added(photo, hole):
    noise = np.random.default_rng(0).normal(0, 1, photo.shape).astype(np.float32)
    added = [grained(photo, photo + size * noise, ~hole, hole, 1)[1] for size in (0.0, 0.01, 0.02, 0.04)]
    assert added == sorted(added)
    assert added[0] == 0 and added[2] == pytest.approx(0.02, rel=0.3)


def test_a_hole_that_is_merely_smoother_gets_no_grain(photo, hole):
    """The model kept all detail in the known part: what it painted is as it should be."""
    painted = np.where(hole[..., None], np.float32(0.5), photo)
    assert grained(painted, photo, ~hole, hole, 1)[1] == 0


@pytest.mark.parametrize("is_grey", [True, False])
def test_grain_is_as_grey_as_the_photos(hole, is_grey):
    noise = np.random.default_rng(0).normal(0, 0.03, (SIDE, SIDE, 1 if is_grey else 3)).astype(np.float32)
    smooth = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    rough, _ = grained(smooth, smooth + noise, ~hole, hole, 1)
    likeness = np.corrcoef(rough[hole].T)[0, 1]
    assert likeness > 0.95 if is_grey else abs(likeness) < 0.1
