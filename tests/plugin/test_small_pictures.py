"""Small pictures of results: what is around them, what is pasted, and what is too large to be read for it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from inlay_krita import small_pictures
from inlay_krita.client import Image
from inlay_krita.errand import Delivery
from inlay_krita.qt import QtGui
from inlay_krita.small_pictures import SIDE_PX, small_picture
from inlay_krita.thumbnails import encoded, image_of
from inlay_krita.wire import Box, Plan, Result

from tests.plugin.conftest import MemoryCanvas, MemoryDocument

GREEN, RED = (40, 160, 60), (200, 50, 40)  # the picture, and what came of the edit
NEAR = 14  # JPEG's and scaling's


@pytest.fixture
def document(application: object) -> MemoryDocument:
    made = MemoryDocument(320, 240)
    made.pixels[...] = (*reversed(GREEN), 255)
    return made


def delivery(box: Box, coverage: np.ndarray | None = None, canvas: Box | None = None) -> Delivery:
    whole = canvas or Box(0, 0, 320, 240)
    boxes = dict.fromkeys(("crop_box", "read_box", "paste_box"), box)
    kind = "extend" if canvas else "remove"
    plan = Plan(kind, "builtin", "builtin", whole, **boxes, working_width=1, working_height=1,
                grow_px=0, feather_px=0, denoise_grow_px=0, steps=1, why="", settings=None, checklist=[])  # fmt: skip
    scale = min(1.0, 96 / max(box.width, box.height))
    width, height = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    raw = bytes((*reversed(RED), 255)) * (width * height)
    mask = np.full((box.height, box.width), 255, np.uint8) if coverage is None else coverage
    result = Result("0" * 64, "1" * 64, box, 0.0, {})
    return Delivery("", plan, result, b"", mask.tobytes(), False, encoded(Image("RGBA", "U8", width, height, raw)))


def is_near(image: QtGui.QImage, x: int, y: int, colour: tuple[int, int, int]) -> bool:
    seen = image.pixelColor(x, y)
    return max(abs(a - b) for a, b in zip((seen.red(), seen.green(), seen.blue()), colour, strict=True)) <= NEAR


def test_a_strip_is_shown_among_what_is_around_it(document: MemoryDocument) -> None:
    picture = small_picture(MemoryCanvas(document), document, delivery(Box(150, 20, 20, 200)))
    assert max(picture.width(), picture.height()) == SIDE_PX
    assert picture.width() > picture.height() / 2.2  # the strip alone is ten times as high as wide
    middle = picture.height() // 2
    assert is_near(picture, picture.width() // 2, middle, RED)
    assert is_near(picture, 3, middle, GREEN)
    assert is_near(picture, picture.width() - 4, middle, GREEN)


def test_what_is_not_pasted_is_the_picture(document: MemoryDocument) -> None:
    coverage = np.zeros((80, 80), np.uint8)
    coverage[:, 40:] = 255
    picture = small_picture(MemoryCanvas(document), document, delivery(Box(100, 80, 80, 80), coverage))
    scale = SIDE_PX / 120  # a quarter of the side on each side
    left, right, row = round(35 * scale), round(85 * scale), round(60 * scale)
    assert is_near(picture, left, row, GREEN)
    assert is_near(picture, right, row, RED)


def test_beyond_the_border_there_is_only_the_result(document: MemoryDocument) -> None:
    box = Box(320, 0, 80, 240)
    picture = small_picture(MemoryCanvas(document), document, delivery(box, canvas=Box(0, 0, 400, 240)))
    row = picture.height() // 2
    assert is_near(picture, picture.width() - 4, row, RED)
    assert is_near(picture, 3, row, GREEN)


def test_a_large_result_is_shown_alone_and_one_without_a_picture_not_at_all(
    document: MemoryDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = delivery(Box(100, 80, 80, 80))
    monkeypatch.setattr(small_pictures, "LARGEST_PX", 1000)
    assert small_picture(MemoryCanvas(document), document, made) == image_of(made.thumbnail)
    assert small_picture(MemoryCanvas(document), document, dataclasses.replace(made, thumbnail=b"")).isNull()
