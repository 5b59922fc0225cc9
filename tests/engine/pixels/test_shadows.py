"""Shadows and reflections on drawn scenes, where they are known, and on a photo of the evaluation set."""

import os
from pathlib import Path

import numpy as np
import pytest
from inlay.pixels.shadows import Trace, shadow_of
from inlay.pixels.smooth import box_mean

HEIGHT, WIDTH = 300, 400
EVAL = Path(os.environ.get("INLAY_EVAL", Path(__file__).parents[4] / "shared" / "eval"))


def ground(seed=0):
    """Sand with a slow gradient and grain, (300, 400, 3)."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0.9, 1.1, HEIGHT, dtype=np.float32)[:, None, None]
    sand = np.array([0.62, 0.55, 0.42], np.float32) * rows * np.ones((1, WIDTH, 1), np.float32)
    return sand + box_mean(rng.normal(0, 0.06, (HEIGHT, WIDTH, 3)).astype(np.float32), 1)


def thing():
    """A pillar that stands in the middle: (picture of it, where it is)."""
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[90:200, 180:230] = True
    stripes = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    stripes[:, 180:205], stripes[:, 205:230] = (0.75, 0.15, 0.1), (0.1, 0.2, 0.6)
    stripes[120:140] += 0.2
    return stripes, inside


def cast(slant=0.9):
    """A shadow along the ground to the right of the pillar's foot."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    length = columns - 230
    return (length >= 0) & (length < 110) & (np.abs(rows - 190 - slant * 0.2 * length) < 11)


def with_thing(picture):
    painted, inside = thing()
    return np.clip(np.where(inside[..., None], painted, picture), 0, 1).astype(np.float32), inside * np.uint8(255)


def overlap(found, wanted):
    return (found & wanted).sum() / (found | wanted).sum()


@pytest.mark.parametrize("depth", [0.35, 0.5, 0.65])
def test_a_drawn_shadow_is_offered(depth):
    shaded = ground()
    light = np.array([depth, depth, depth * 1.12], np.float32)  # skylight is blue
    shaded[cast()] *= light
    rgb, mask = with_thing(shaded)
    offer = shadow_of(rgb, mask)
    assert offer is not None
    assert offer.trace is Trace.SHADOW
    assert overlap(offer.mask > 0, cast()) > 0.6
    assert (offer.mask[mask > 0] == 0).all()
    assert 0.25 <= offer.confidence <= 1


def test_a_drawn_reflection_is_offered():
    water = np.full((HEIGHT, WIDTH, 3), (0.2, 0.45, 0.5), np.float32)
    water += box_mean(np.random.default_rng(1).normal(0, 0.03, water.shape).astype(np.float32), 1)
    painted, _ = thing()
    mirrored = np.zeros((HEIGHT, WIDTH), bool)
    mirrored[200:290, 180:230] = True
    upside_down = painted[199 - (np.arange(200, 290) - 200)]
    water[200:290] = np.where(mirrored[200:290, :, None], 0.6 * water[200:290] + 0.4 * upside_down, water[200:290])
    offer = shadow_of(*with_thing(box_mean(water, 1)))
    assert offer is not None
    assert offer.trace is Trace.REFLECTION
    assert overlap(offer.mask > 0, mirrored) > 0.6


def test_even_ground_has_neither():
    for seed in range(3):
        assert shadow_of(*with_thing(ground(seed))) is None


def test_a_dark_patch_that_touches_nothing_is_nobodys_shadow():
    picture = ground()
    picture[230:260, 300:380] *= 0.5
    assert shadow_of(*with_thing(picture)) is None


def test_another_colour_is_no_shadow():
    picture = ground()
    picture[cast()] = (0.2, 0.5, 0.15)  # a strip of grass: as dark, and green
    assert shadow_of(*with_thing(picture)) is None


def test_a_scene_in_the_shade_is_no_shadow():
    picture = ground()
    picture[150:] *= 0.5
    assert shadow_of(*with_thing(picture)) is None


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (40, 40)])
def test_nothing_and_everything_selected(shape):
    rgb = np.full((*shape, 3), 0.5, np.float32)
    assert shadow_of(rgb, np.zeros(shape, np.uint8)) is None
    assert shadow_of(rgb, np.full(shape, 255, np.uint8)) is None


def test_a_photo_with_the_players_shadow_left_out_of_the_mask():
    cv2 = pytest.importorskip("cv2")
    if not (EVAL / "manifest.json").exists():
        pytest.skip("the evaluation set is not here")
    rgb = cv2.imread(str(EVAL / "images" / "rm-scene09.png"))[..., ::-1].astype(np.float32) / 255
    rows, columns = np.mgrid[0:512, 0:512]
    player = (np.abs(columns - 126) < 46) & (rows > 262) & (rows < 466)
    offer = shadow_of(rgb, player * np.uint8(255))
    assert offer is not None
    assert offer.trace is Trace.SHADOW
    left, right = offer.mask[440:470, 20:75] > 0, offer.mask[425:455, 180:280] > 0  # it falls to both sides of him
    assert left.mean() > 0.25
    assert right.mean() > 0.25
    assert (offer.mask[480:] > 0).mean() < 0.02  # the lit sand below
