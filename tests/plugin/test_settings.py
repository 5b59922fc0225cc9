"""Sides in pixels from what the painter sets."""

from __future__ import annotations

import pytest
from inlay_krita.settings import RATIOS, ExtendSettings, RemoveSettings, Sides, Unit
from inlay_krita.wire import ExtendEdit, RemoveEdit

PIXELS, PERCENT = Unit.PIXELS, Unit.PERCENT


@pytest.mark.parametrize(
    ("settings", "size", "sides"),
    [
        (ExtendSettings(PIXELS, 10, 20, 30, 40), (640, 480), Sides(10, 20, 30, 40)),
        (ExtendSettings(PIXELS, 700, 0, 0, 500), (640, 480), Sides(640, 0, 0, 480)),
        (ExtendSettings(PERCENT, 50, 25, 100, 1), (640, 480), Sides(320, 120, 640, 5)),
        (ExtendSettings(PERCENT, 50, 50, 50, 50), (1, 1), Sides(0, 0, 0, 0)),
        (ExtendSettings(ratio="16:9"), (1080, 1080), Sides(420, 0, 420, 0)),
        (ExtendSettings(ratio="16:9", anchor_x=0), (1080, 1080), Sides(0, 0, 840, 0)),
        (ExtendSettings(ratio="16:9", anchor_x=2), (1080, 1080), Sides(840, 0, 0, 0)),
        (ExtendSettings(ratio="1:1", anchor_y=2), (640, 480), Sides(0, 160, 0, 0)),
        (ExtendSettings(ratio="4:3"), (640, 480), Sides()),
        (ExtendSettings(ratio="9:16"), (1920, 1080), Sides(0, 1080, 0, 1080)),
    ],
)
def test_sides(settings: ExtendSettings, size: tuple[int, int], sides: Sides) -> None:
    assert settings.sides(*size) == sides


@pytest.mark.parametrize("ratio", [name for name, told in RATIOS.items() if told])
@pytest.mark.parametrize("size", [(1000, 1000), (999, 1001), (1920, 1080), (37, 41)])
def test_a_ratio_is_reached_or_told_to_be_too_far(ratio: str, size: tuple[int, int]) -> None:
    settings = ExtendSettings(ratio=ratio)
    width, height = settings.sides(*size).size(*size)
    across, down = RATIOS[ratio] or (0, 0)
    is_near = abs(width / height - across / down) <= max(1 / height, across / down / height)
    assert settings.reaches_ratio(*size) == is_near


def test_edits() -> None:
    assert RemoveSettings(3, 4, "sdxl").edit(5) == RemoveEdit(5, 3, 4, model="sdxl")
    assert ExtendSettings(PIXELS, 1, 2, 3, 4, model="b").edit(5, 100, 100) == ExtendEdit(5, 1, 2, 3, 4, model="b")
