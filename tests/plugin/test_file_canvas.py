"""The canvas over a file: selections meet as in Krita, and the picture is read in parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from inlay.files.picture import Picture
from inlay.files.writing import write_picture
from inlay.panel.document import Document
from inlay.panel.window import Window
from inlay.pixels import geometry
from inlay.pixels.formats import Model
from inlay_krita.contract import CanvasError, Mode
from inlay_krita.launcher import Launcher
from inlay_krita.qt import QtWidgets
from inlay_krita.wire import Box

from tests.plugin.conftest import Wait

DISC = (80, 60, 35)  # the middle and the radius


def scene() -> np.ndarray:
    """A red disc on green; (120, 160, 3) uint8."""
    y, x = np.mgrid[:120, :160]
    pixels = np.empty((120, 160, 3), np.uint8)
    pixels[...] = (40, 120, 60)
    pixels[(x - DISC[0]) ** 2 + (y - DISC[1]) ** 2 <= DISC[2] ** 2] = (220, 60, 40)
    return pixels + np.random.default_rng(1).integers(0, 9, pixels.shape, np.uint8)


@pytest.fixture
def window(shared_launcher: Launcher, application: QtWidgets.QApplication, tmp_path: Path) -> Iterator[Window]:
    write_picture(tmp_path / "photo.png", Picture(scene(), Model.RGBA))
    made = Window(shared_launcher)
    made.open(tmp_path / "photo.png")
    made.show()
    application.processEvents()
    yield made
    if made.canvas.opened:
        made.canvas.opened.is_saved = True
    made.close()
    made.deleteLater()
    (shared_launcher.folders.data / "panel.json").unlink()  # the next test begins with nothing set


def opened(window: Window) -> Document:
    assert window.canvas.opened
    return window.canvas.opened


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.NEW, [0, 60, 60, 255]),
        (Mode.ADD, [100, 160, 255, 255]),
        (Mode.SUBTRACT, [100, 40, 140, 0]),
        (Mode.INTERSECT, [0, 60, 60, 200]),
    ],
)
def test_soft_selections_meet(window: Window, mode: Mode, expected: list[int]) -> None:
    old = np.zeros((120, 160), np.uint8)
    old[50, 20:24] = (100, 100, 200, 200)
    window.view.selection.load(old)
    assert window.canvas.select(opened(window), Box(21, 50, 3, 1), bytes([60, 60, 255]), mode)
    assert window.view.selection.mask[50, 20:24].tolist() == expected


@pytest.mark.parametrize("mode", [Mode.SUBTRACT, Mode.INTERSECT])
def test_there_must_be_something_to_take_from(window: Window, mode: Mode) -> None:
    with pytest.raises(CanvasError, match="Nothing is selected yet"):
        window.canvas.select(opened(window), Box(5, 5, 1, 1), b"\xff", mode)
    window.view.selection.load(np.full((120, 160), 255, np.uint8))
    box, everything = Box(0, 0, 160, 120), bytes([255]) * 160 * 120
    assert window.canvas.select(opened(window), box, everything, mode) is (mode is Mode.INTERSECT)


def test_parts_of_the_picture(window: Window) -> None:
    canvas, document = window.canvas, opened(window)
    canvas.settle(document)
    whole = np.frombuffer(canvas.capture(document, Box(0, 0, 160, 120), False).pixels, np.uint8).reshape(120, 160, 4)
    part = np.frombuffer(canvas.pixels(document, Box(10, 20, 30, 5)), np.uint8).reshape(5, 30, 4)
    assert (part == whole[20:25, 10:40]).all()
    strip = canvas.strip(document, Box(10, 20, 30, 5))
    assert (strip.width(), strip.height()) == (30, 5)
    assert strip.pixelColor(2, 3).getRgb()[:3] == tuple(whole[23, 12, [2, 1, 0]].tolist())


def test_a_glimpse_changes_with_the_picture(window: Window) -> None:
    canvas, document = window.canvas, opened(window)
    before = canvas.glimpse(document)
    assert canvas.glimpse(document) == before
    box = geometry.Box(3, 4, 5, 6)
    pixels, mask = np.zeros((6, 5, 4), np.uint8), np.full((6, 5), 255, np.uint8)
    document.lay("Inlay: remove", geometry.Box(0, 0, 160, 120), box, pixels, mask)
    after = canvas.glimpse(document)
    assert after != before
    document.undo()
    assert canvas.glimpse(document) not in (before, after)


def test_a_thing_is_selected_in_a_file(window: Window, wait: Wait) -> None:
    selecting = window.session.selecting
    window.panel.select.button.click()
    wait(lambda: window.session.picturing.picture)
    selecting.frame(Box(40, 20, 80, 80))
    wait(lambda: not selecting.stage)
    assert selecting.problem is None
    window.panel.select.pointing.apply.click()
    selected = window.view.selection.mask > 127
    y, x = np.mgrid[:120, :160]
    inside = (x - DISC[0]) ** 2 + (y - DISC[1]) ** 2 <= DISC[2] ** 2
    assert (selected & inside).sum() / (selected | inside).sum() > 0.9


def test_variants_over_a_file(window: Window, tmp_path: Path, wait: Wait) -> None:
    """Looked at in the window; the second that is kept takes the first one's place, hidden below it in the file."""
    document, variants = opened(window), window.session.variants
    original = document.picture.pixels.copy()
    mask = np.zeros((120, 160), np.uint8)
    mask[40:80, 60:100] = 255
    mask[39, 60:100] = 128  # a soft edge: a variant over another one would show both there
    window.view.selection.load(mask)
    variants.choose_count(2)
    window.session.remove()
    wait(lambda: variants.of_active() and len(variants.of_active()[0].ready) == 2)
    (made,) = variants.of_active()
    plain = window.view.grab().toImage()
    variants.point_at(made, made.variants[0])
    wait(lambda: variants.showing.shown and variants.showing._making is None)
    assert window.view.grab().toImage() != plain
    variants.point_at()
    assert window.view.grab().toImage() == plain
    assert (document.picture.pixels == original).all()
    looks = []
    for variant in made.variants:
        variants.keep(made, variant)
        looks.append(document.picture.pixels.copy())
    assert (looks[0][mask == 0] == original[mask == 0]).all()
    assert (looks[1][mask == 0] == original[mask == 0]).all()
    assert [layer.is_visible for layer in document.version.layers] == [True, False, True]
    document.undo()
    assert (document.picture.pixels == looks[0]).all()
    assert [layer.is_visible for layer in document.version.layers] == [True, True]
    document.undo()
    variants.keep(made, variants.of_active()[0].variants[0])  # its layer is gone: it is laid in anew
    alone = document.picture.pixels.copy()
    assert (alone == looks[0]).all()
    document.undo()
    made.variants[1].layer = ""
    variants.keep(made, made.variants[1])
    assert (document.picture.pixels == looks[1]).all()  # nothing of the first one shines through the soft edge
