"""The edge at full size: where the picture's edge is, as soft as it is, the same in every tile."""

import cv2
import numpy as np
import pytest
from inlay.pixels.geometry import Box
from inlay.pixels.selecting import refining
from inlay.pixels.selecting.refining import refined

SIDE = 320
WHOLE = Box(0, 0, SIDE, SIDE)
SCALE = 4  # full pixels for a coarse one


def textures(side=SIDE):
    """Two uneven colours that can be told apart everywhere."""
    rng = np.random.default_rng(3)
    grain = [cv2.GaussianBlur(rng.normal(0, 0.1, (side, side, 3)).astype(np.float32), (0, 0), 1.5) for _ in range(2)]
    return np.float32((0.75, 0.35, 0.25)) + grain[0], np.float32((0.25, 0.45, 0.6)) + grain[1]


def over(alpha):
    front, back = textures(alpha.shape[0])
    return np.clip(back + alpha[..., None] * (front - back), 0, 1).astype(np.float32)


def coarse(alpha, scale=SCALE):
    size = alpha.shape[1] // scale, alpha.shape[0] // scale
    return (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.float32)


def drawn(shape, fine=8):
    """A shape on a grid `fine` times as fine, reduced: exact coverage."""
    return cv2.resize(shape, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def disc(radius=90.3):
    canvas = np.zeros((SIDE * 8, SIDE * 8), np.uint8)
    cv2.circle(canvas, (SIDE * 4 + 13, SIDE * 4 - 7), round(radius * 8), 255, -1)
    return drawn(canvas)


def full(picture, mask, window=WHOLE, matte=None):
    """The refined selection laid out on the picture, 0 to 1."""
    height, width = picture.shape[:2]
    refined_mask, box = refined(lambda part: picture[part.slices], (width, height), mask, window, matte)
    assert refined_mask.shape == (box.height, box.width)
    result = np.zeros((height, width), np.uint8)
    result[box.slices] = refined_mask
    return result


def sad(found, alpha):
    """Sum of absolute differences, in pixels."""
    return float(np.abs(found / 255 - alpha).sum())


def distance_to_edge(alpha):
    edge = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    return cv2.distanceTransform(1 - edge, cv2.DIST_L2, 5)


class TestHardEdge:
    def test_it_snaps_to_the_pictures_own(self):
        alpha = disc()
        found = full(over(alpha), coarse(alpha))
        perimeter_px = 2 * np.pi * 90.3
        enlarged = cv2.resize(coarse(alpha), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        assert sad(found, alpha) < 0.25 * perimeter_px
        assert sad(found, alpha) < 0.25 * sad(enlarged * 255, alpha)

    def test_a_coarse_mask_that_is_off_by_a_pixel_of_its_own_is_put_right(self):
        alpha = disc()
        shifted = np.roll(coarse(alpha), 1, axis=1)
        found = full(over(alpha), shifted)
        assert sad(found, alpha) < 0.3 * 2 * np.pi * 90.3

    def test_it_is_one_to_two_pixels_wide(self):
        alpha = disc()
        found = full(over(alpha), coarse(alpha))
        assert ((found > 0) & (found < 255)).sum() < 3.5 * 2 * np.pi * 90.3

    def test_far_from_the_edge_it_is_exactly_nothing_or_all(self):
        alpha = disc()
        found, far = full(over(alpha), coarse(alpha)), distance_to_edge(alpha) > 4 * SCALE
        assert (found[far & (alpha > 0.5)] == 255).all()
        assert (found[far & (alpha < 0.5)] == 0).all()


class TestSoftEdge:
    def test_a_blur_is_found_again(self):
        alpha = cv2.GaussianBlur(disc(), (0, 0), 5)
        found = full(over(alpha), coarse(alpha))
        hard = np.where(alpha > 0.5, 255, 0)
        assert sad(found, alpha) < 0.4 * sad(hard, alpha)

    def test_hairs_beyond_the_coarse_mask_are_found(self):
        canvas = np.zeros((SIDE * 8, SIDE * 8), np.uint8)
        cv2.circle(canvas, (SIDE * 4, SIDE * 4), 70 * 8, 255, -1)
        for angle in np.linspace(0, 2 * np.pi, 80, endpoint=False):
            tip = SIDE * 4 + 88 * 8 * np.array([np.cos(angle), np.sin(angle)])
            cv2.line(canvas, (SIDE * 4, SIDE * 4), tuple(int(at) for at in tip), 255, 12)
        alpha = drawn(canvas)
        found = full(over(alpha), coarse(alpha))
        hard = cv2.resize(coarse(alpha), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) * 255
        assert sad(found, alpha) < 0.5 * sad(hard, alpha)

    def test_another_matter_is_asked_only_about_what_is_soft(self):
        asked = []

        def matte(picture, trimap):
            asked.append(trimap)
            assert set(np.unique(trimap)) <= {0, 0.5, 1}
            assert picture.shape == (*trimap.shape, 3)
            return np.full(trimap.shape, 0.5, np.float32)

        hard = disc()
        full(over(hard), coarse(hard), matte=matte)
        assert asked == []
        soft = cv2.GaussianBlur(hard, (0, 0), 5)
        found = full(over(soft), coarse(soft), matte=matte)
        assert asked
        assert ((found > 100) & (found < 155)).sum() > 500


class TestTiles:
    @pytest.mark.parametrize("sigma", [0.01, 5])
    def test_their_size_makes_no_difference(self, monkeypatch, sigma):
        alpha = cv2.GaussianBlur(disc(), (0, 0), sigma)
        picture, mask = over(alpha), coarse(alpha)
        whole = full(picture, mask).astype(int)
        monkeypatch.setattr(refining, "TILE_PX", 96)
        difference = np.abs(full(picture, mask) - whole)
        assert difference.max() <= 12
        assert (difference > 2).sum() <= 0.001 * difference.size

    def test_only_tiles_along_the_edge_are_read(self, monkeypatch):
        monkeypatch.setattr(refining, "TILE_PX", 64)
        mask = np.zeros((160, 160), np.float32)
        mask[8:152, 8:152] = 1
        picture, read = over(np.kron(mask, np.ones((2, 2), np.float32))), []

        def reading(part):
            read.append(part)
            return picture[part.slices]

        refined(reading, (SIDE, SIDE), mask, WHOLE)
        assert read
        assert all(part.intersected(Box(110, 110, 100, 100)).is_empty for part in read)


def test_a_speckled_mask_is_stretched_without_a_look_at_the_picture():
    mask = (np.random.default_rng(5).random((160, 160)) > 0.5).astype(np.float32)
    found, box = refined(lambda part: pytest.fail(f"{part} was read"), (SIDE, SIDE), mask, WHOLE)
    assert box.area > 0.9 * WHOLE.area
    stretched = cv2.resize(mask, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)[box.slices]
    assert found[stretched > 0].mean() > found[stretched == 0].mean() + 30


def test_a_very_coarse_mask_is_refined_in_steps():
    alpha = disc()
    found = full(over(alpha), coarse(alpha, 16))
    assert sad(found, alpha) < 0.3 * 2 * np.pi * 90.3


def test_it_is_deterministic():
    alpha = cv2.GaussianBlur(disc(), (0, 0), 4)
    assert np.array_equal(full(over(alpha), coarse(alpha)), full(over(alpha), coarse(alpha)))


def test_a_window_of_the_picture_lies_where_it_is():
    alpha = disc()
    window = Box(40, 20, 264, 280)
    found = full(over(alpha), coarse(alpha[window.slices]), window)
    assert sad(found, alpha) < 0.3 * 2 * np.pi * 90.3


def test_a_thing_that_the_border_cuts_goes_on_to_the_border():
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[100:, :150] = 1
    found = full(over(alpha), coarse(alpha))
    assert (found[120:, :130] == 255).all()
    assert not found[:80].any()
    assert not found[:, 170:].any()


def test_a_wire_stays_whole():
    canvas = np.zeros((SIDE * 8, SIDE * 8), np.uint8)
    cv2.line(canvas, (0, 700), (SIDE * 8, 1900), 255, 5 * 8)
    alpha = drawn(canvas)
    found = full(over(alpha), coarse(alpha, 2))
    assert (found.max(axis=0) > 128).all()
    assert sad(found, alpha) < 0.35 * alpha.sum()


def test_islands_stay_apart():
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[40:140, 40:140], alpha[200:290, 180:300] = 1, 1
    found = full(over(alpha), coarse(alpha))
    assert cv2.connectedComponents((found > 0).astype(np.uint8))[0] == 3


def test_a_picture_of_one_colour_keeps_the_coarse_mask():
    alpha = disc()
    found = full(np.full((SIDE, SIDE, 3), 0.5, np.float32), coarse(alpha))
    assert sad(found, alpha) < 2 * 2 * np.pi * 90.3
    assert cv2.connectedComponents((found > 128).astype(np.uint8))[0] == 2


@pytest.mark.parametrize("side", [1, 2, 8])
def test_tiny_pictures(side):
    mask = np.zeros((side, side), np.float32)
    mask[: (side + 1) // 2] = 1
    picture = np.repeat(mask[..., None], 3, axis=2)
    found = full(picture, mask, Box(0, 0, side, side))
    assert np.array_equal(found > 127, mask > 0.5)


def test_one_pixel_is_found():
    picture = np.full((32, 32, 3), 0.2, np.float32)
    picture[15, 16] = (0.9, 0.8, 0.1)
    mask = np.zeros((32, 32), np.float32)
    mask[15, 16] = 1
    found = full(picture, mask, Box(0, 0, 32, 32))
    assert found[15, 16] > 127
    assert (found > 127).sum() <= 4


def test_everything_and_nothing():
    picture = over(disc())
    assert (full(picture, np.ones((80, 80), np.float32)) == 255).all()
    mask, box = refined(lambda part: picture[part.slices], (SIDE, SIDE), np.zeros((80, 80), np.float32), WHOLE)
    assert box.is_empty
    assert mask.size == 0
