"""A frame that is pulled: sides within their limits, shapes that are kept, places that attract."""

from __future__ import annotations

import pytest
from inlay_krita.framing import Grip, pulled, pulled_in_shape
from inlay_krita.panel.handle import GRIPS
from inlay_krita.settings import ExtendSettings, Sides, Unit, sides_to
from inlay_krita.shapes import FREE, GROUPS, RATIOS, has_shape, shape_name
from inlay_krita.wire import Box

SIZE = (640, 480)
NOTHING = Sides()


@pytest.mark.parametrize(
    ("grip", "way", "is_both", "sides"),
    [
        ("left", (-100, 50), False, Sides(left=100)),
        ("left", (30, 0), False, NOTHING),
        ("right", (100.4, 0), False, Sides(right=100)),
        ("right", (5000, 0), False, Sides(right=640)),
        ("top", (7, -60), False, Sides(top=60)),
        ("bottom", (0, 999), False, Sides(bottom=480)),
        ("top_left", (-10, -20), False, Sides(10, 20)),
        ("bottom_right", (10, 20), False, Sides(right=10, bottom=20)),
        ("left", (-100, 0), True, Sides(left=100, right=100)),
        ("top_right", (30, -40), True, Sides(30, 40, 30, 40)),
    ],
)
def test_pulled(grip: str, way: tuple[float, float], is_both: bool, sides: Sides) -> None:
    assert pulled(NOTHING, SIZE, GRIPS[grip], way, is_both) == sides


def test_what_is_not_held_stays() -> None:
    before = Sides(1, 2, 3, 4)
    assert pulled(before, SIZE, GRIPS["right"], (10, 10)) == Sides(1, 2, 13, 4)
    assert pulled(before, SIZE, GRIPS["right"], (10, 10), is_both=True) == Sides(11, 2, 13, 4)


@pytest.mark.parametrize("grip", GRIPS)
@pytest.mark.parametrize("is_both", [False, True])
@pytest.mark.parametrize("way", [(37, 51), (-37, -51), (900, -2), (-900, 900), (4000, 4000)])
@pytest.mark.parametrize("before", [NOTHING, Sides(214, 0, 0, 0), Sides(100, 30, 0, 45)])
def test_a_kept_shape_is_kept_within_the_limits(
    grip: str, is_both: bool, way: tuple[float, float], before: Sides
) -> None:
    shape = before.size(*SIZE)
    after = pulled_in_shape(before, SIZE, GRIPS[grip], way, shape, is_both)
    assert after == after.clamped(*SIZE)
    assert min(after.left, after.top, after.right, after.bottom) >= 0
    width, height = after.size(*SIZE)
    assert abs(width / shape[0] - height / shape[1]) <= 2 / min(SIZE)


def test_a_kept_shape_grows_on_both_sides_of_the_direction_that_nobody_pulls() -> None:
    assert pulled_in_shape(NOTHING, SIZE, GRIPS["right"], (160, 0), (4, 3)) == Sides(0, 60, 160, 60)
    assert pulled_in_shape(NOTHING, SIZE, GRIPS["bottom_right"], (160, 0), (4, 3)) == Sides(0, 0, 160, 120)
    assert pulled_in_shape(NOTHING, SIZE, GRIPS["top"], (0, -120), (4, 3), is_both=True) == Sides(160, 120, 160, 120)


@pytest.mark.parametrize(
    ("grip", "before", "way", "sides"),
    [
        ("left", NOTHING, (-4, 0), NOTHING),  # the old border
        ("left", NOTHING, (-635, 0), Sides(left=640)),  # the most
        ("left", Sides(right=77), (-80, 0), Sides(77, 0, 77, 0)),  # the other side
        ("right", NOTHING, (210, 0), Sides(right=213)),  # 16:9
        ("bottom", NOTHING, (0, 157), Sides(bottom=160)),  # 1:1
        ("right", NOTHING, (222, 0), Sides(right=222)),  # nothing is near
        ("bottom_right", NOTHING, (3, 157), Sides(bottom=160)),  # the border and 1:1
    ],
)
def test_remarkable_places_attract(grip: str, before: Sides, way: tuple[float, float], sides: Sides) -> None:
    assert pulled(before, SIZE, GRIPS[grip], way, reach=6) == sides
    assert pulled(before, SIZE, GRIPS[grip], way) != sides or way == (222, 0)


def test_both_sides_are_attracted_by_a_shape() -> None:
    sides = pulled(NOTHING, SIZE, GRIPS["right"], (104, 0), is_both=True, reach=6)
    assert shape_name(*sides.size(*SIZE)) == "16:9"
    assert abs(sides.left - sides.right) <= 1


def test_a_grip_holds_what_its_name_says() -> None:
    assert {name: grip for name, grip in GRIPS.items() if "left" in name} == {
        "left": Grip(-1, 0),
        "top_left": Grip(-1, -1),
        "bottom_left": Grip(-1, 1),
    }


@pytest.mark.parametrize("name", [name for name, shape in RATIOS.items() if shape])
@pytest.mark.parametrize("height", [299, 1000, 4321])
def test_a_shape_is_known_again(name: str, height: int) -> None:
    across, down = RATIOS[name] or (1, 1)
    width = round(height * across / down)
    assert shape_name(width, height, preferred=name) == name
    assert has_shape(*(RATIOS[shape_name(width, height)] or ()), (across, down))
    assert shape_name(width + height // 3, height) != name


def test_an_unheard_of_shape_has_no_name() -> None:
    assert shape_name(1000, 317) == FREE
    assert shape_name(1000, 317, preferred="16:9") == FREE


def test_no_two_ratios_have_one_name() -> None:
    assert len(RATIOS) == 1 + sum(len(group) for group in GROUPS.values())


@pytest.mark.parametrize(
    ("reach", "sides"),
    [
        (Box(-50, 20, 500, 100), Sides(left=50)),
        (Box(-60, -70, 800, 700), Sides(60, 70, 100, 150)),
        (Box(10, 10, 20, 20), NOTHING),
        (Box(-5000, 0, 6000, 480), Sides(left=640, right=360)),
    ],
)
def test_sides_to_a_selection(reach: Box, sides: Sides) -> None:
    assert sides_to(reach, *SIZE) == sides


def test_settings_follow_a_frame() -> None:
    wide = ExtendSettings().framed(Sides(0, 0, 213, 0), *SIZE)
    assert wide == ExtendSettings(Unit.PIXELS, right=213, ratio="16:9", anchor_x=0)
    assert wide.sides(*SIZE) == Sides(right=213)
    assert wide.sides(1080, 1080) == Sides(right=840)  # another picture: the smallest of that ratio
    taller = wide.framed(Sides(0, 90, 373, 0), *SIZE)
    assert (taller.ratio, taller.sides(*SIZE)) == ("16:9", Sides(0, 90, 373, 0))
    assert wide.framed(Sides(0, 0, 100, 0), *SIZE).ratio == FREE
    assert wide.framed(NOTHING, *SIZE).ratio == FREE


def test_a_preferred_name_stays_where_two_ratios_are_one() -> None:
    printed = ExtendSettings(ratio="5 \u00d7 7 in").framed(Sides(0, 0, 32, 461), *SIZE)
    assert printed.ratio == "5 \u00d7 7 in"
    pictures = ExtendSettings(ratio="4:5").framed(Sides(0, 0, 0, 320), *SIZE)
    prints = ExtendSettings(ratio="8 \u00d7 10 in").framed(Sides(0, 0, 0, 320), *SIZE)
    assert (pictures.ratio, prints.ratio) == ("4:5", "8 \u00d7 10 in")
