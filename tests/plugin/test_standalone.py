"""The panel without Krita, end to end: open, select, remove, extend, undo, save."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from inlay.files.picture import Picture
from inlay.files.reading import read_picture
from inlay.files.writing import write_picture
from inlay.panel.selection import Selection, Tool
from inlay.panel.window import Window
from inlay.pixels.formats import Model
from inlay_krita.contract import Mode
from inlay_krita.launcher import Launcher
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.settings import ExtendSettings, RemoveSettings
from inlay_krita.wire import Box

from tests.plugin.conftest import MemoryDocument, Wait


@pytest.fixture
def window(shared_launcher: Launcher, application: QtWidgets.QApplication) -> Iterator[Window]:
    made = Window(shared_launcher)
    made.show()
    application.processEvents()
    yield made
    if made.canvas.opened:
        made.canvas.opened.is_saved = True
    made.close()
    made.deleteLater()
    (shared_launcher.folders.data / "panel.json").unlink()  # the next test begins with nothing set


def photo(path: Path, dtype: str = "uint8", model: Model = Model.RGBA) -> Path:
    pixels = MemoryDocument(160, 120).pixels[..., : 3 if model is Model.RGBA else 1]
    scaled = pixels.astype(np.uint16) * 257 if dtype == "uint16" else pixels
    write_picture(path, Picture(np.ascontiguousarray(scaled.astype(dtype)), model))
    return path


def point(window: Window, x: float, y: float) -> QtCore.QPointF:
    """Where a canvas pixel is on the widget."""
    return window.view._transform().map(QtCore.QPointF(x, y))


def mouse(window: Window, kind: QtCore.QEvent.Type, x: float, y: float) -> None:
    left, at = QtCore.Qt.MouseButton.LeftButton, point(window, x, y)
    event = QtGui.QMouseEvent(kind, at, at, left, left, QtCore.Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(window.view, event)


def stroke(window: Window, start: tuple[float, float], end: tuple[float, float]) -> None:
    mouse(window, QtCore.QEvent.Type.MouseButtonPress, *start)
    mouse(window, QtCore.QEvent.Type.MouseMove, *end)
    mouse(window, QtCore.QEvent.Type.MouseButtonRelease, *end)


@pytest.mark.parametrize(
    ("name", "dtype", "model"),
    [("photo.png", "uint8", Model.RGBA), ("photo.png", "uint16", Model.RGBA), ("grey.tif", "uint8", Model.GRAYA)],
)
def test_remove_and_save(window: Window, tmp_path: Path, wait: Wait, name: str, dtype: str, model: Model) -> None:
    path = photo(tmp_path / name, dtype, model)
    window.open(path)
    window.view.size_px = 20
    stroke(window, (60, 50), (90, 60))
    mask = window.view.selection.mask.copy()
    assert 0 < (mask > 0).mean() < 0.2
    window.session.remove_settings = RemoveSettings(feather_px=3)
    window.session.remove()
    wait(lambda: not window.session.works)
    assert window.session.notices == []
    assert not window.view.selection.mask.any()
    assert window.save(tmp_path / f"out{path.suffix}")
    before, after = read_picture(path).pixels, read_picture(tmp_path / f"out{path.suffix}").pixels
    assert before.dtype == after.dtype == np.dtype(dtype)
    assert (before == after)[mask == 0].all()
    assert (before != after)[mask == 255].any()
    assert window.windowTitle() == f"{name} - Inlay"


def test_the_one_button_by_its_key(window: Window, tmp_path: Path, wait: Wait) -> None:
    button = window.panel.prompt.run.button
    window.open(photo(tmp_path / "photo.png"))
    assert (button.text(), button.isEnabled()) == ("Remove", False)
    window.view.size_px = 20
    stroke(window, (60, 50), (90, 60))
    window.panel._glance()
    assert button.isEnabled()
    control = QtCore.Qt.KeyboardModifier.ControlModifier
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, QtCore.Qt.Key.Key_Return, control)
    QtWidgets.QApplication.sendEvent(window.panel.prompt.prompt, event)
    wait(lambda: window.canvas.opened and window.canvas.opened.can_undo)
    assert window.session.notices == []


def test_extend_undo_and_layers(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.open(photo(tmp_path / "photo.png"))
    before = read_picture(tmp_path / "photo.png").pixels
    window.session.extend_settings = ExtendSettings(left=25, right=25)
    window.session.extend()
    wait(lambda: not window.session.works)
    assert window.session.notices == []
    document = window.canvas.opened
    assert document
    assert (document.picture.width, document.picture.height) == (240, 120)
    assert (document.picture.pixels[:, 40:200] == before).all()
    assert window.view.selection.mask.shape == (120, 240)
    assert window.windowTitle() == "photo.png * - Inlay"
    assert window.save(tmp_path / "out.ora")
    with zipfile.ZipFile(tmp_path / "out.ora") as archive:
        stack = archive.read("stack.xml").decode()
    assert 'name="Inlay: extend to 240 x 120 px"' in stack
    assert 'name="photo.png" src="data/layer1.png" x="40" y="0"' in stack
    window.undo_action.trigger()
    assert (document.picture.pixels == before).all()
    assert not window.undo_action.isEnabled()
    assert window.view.selection.mask.shape == (120, 160)


def test_extend_by_its_frame(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.open(photo(tmp_path / "photo.png"))
    section = window.panel.extend
    section.fold.setChecked(True)
    wait(lambda: window.session.picturing.picture)
    for _ in range(3):
        press = QtGui.QKeyEvent(
            QtCore.QEvent.Type.KeyPress, QtCore.Qt.Key.Key_Up, QtCore.Qt.KeyboardModifier.ShiftModifier
        )
        QtWidgets.QApplication.sendEvent(section.frame.handles["top"], press)
    assert section.outcome.text() == "New size 160 \u00d7 150 px"
    section.button.click()
    wait(lambda: not window.session.works)
    assert window.session.notices == []
    document = window.canvas.opened
    assert document
    assert (document.picture.width, document.picture.height) == (160, 150)
    assert section.outcome.text() == "Size stays 160 \u00d7 150 px"


def test_undo_brings_the_selection_back(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.open(photo(tmp_path / "photo.png"))
    stroke(window, (60, 50), (90, 60))
    mask = window.view.selection.mask.copy()
    window.session.remove()
    wait(lambda: not window.session.works)
    window.undo_action.trigger()
    assert (window.view.selection.mask == mask).all()
    window.session.remove()
    wait(lambda: not window.session.works)
    assert window.session.notices == []


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_background_becomes_transparent(window: Window, tmp_path: Path, wait: Wait, dtype: str) -> None:
    path = photo(tmp_path / "photo.png", dtype)
    assert not read_picture(path).has_alpha
    window.open(path)
    window.view.selection.rectangle(QtCore.QRect(30, 20, 50, 40))
    soft = window.view.selection.mask.copy()
    soft[20:60, 30] = 100
    window.view.selection.load(soft)
    window.session.backgrounds.remove()
    assert window.session.notices == []
    assert window.save(tmp_path / "cut.png")
    cut, whole = read_picture(tmp_path / "cut.png"), read_picture(path)
    top = int(whole.opaque)
    assert np.array_equal(cut.pixels[..., 3], np.rint(soft * (top / 255)))
    assert np.array_equal(cut.pixels[..., :3], whole.pixels), "no colour is lost"
    assert window.save(tmp_path / "cut.ora")
    with zipfile.ZipFile(tmp_path / "cut.ora") as archive:
        stack = archive.read("stack.xml").decode()
    assert stack.index("Inlay: background removed") < stack.index("photo.png")
    assert stack.count('visibility="hidden"') == 1
    window.undo_action.trigger()
    assert window.save(tmp_path / "undone.png")
    assert np.array_equal(read_picture(tmp_path / "undone.png").pixels, whole.pixels)
    assert np.array_equal(window.view.selection.mask, soft)


def test_settings_stay_for_the_next_window(window: Window, shared_launcher: Launcher) -> None:
    window.session.remove_settings = RemoveSettings(grow_px=11)
    window.close()
    after = Window(shared_launcher)
    assert after.panel.edge.grow.value() == 11
    after.close()
    after.deleteLater()


def test_more_is_selected(window: Window, tmp_path: Path) -> None:
    window.open(photo(tmp_path / "photo.png"))
    stroke(window, (60, 50), (90, 60))
    before = window.view.selection.mask.copy()
    document = window.canvas.opened
    assert document
    window.canvas.select(document, Box(70, 40, 40, 30), bytes([9]) * 1200, Mode.ADD)
    after = window.view.selection.mask
    assert (after[40:70, 70:110] == np.minimum(before[40:70, 70:110].astype(int) + 9, 255)).all()
    after = after.copy()
    after[40:70, 70:110] = before[40:70, 70:110]
    assert (after == before).all()


def test_a_mask_file(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.open(photo(tmp_path / "photo.png"))
    levels = np.zeros((120, 160, 1), np.uint8)
    levels[40:60, 50:80] = 255
    levels[40:60, 80:90] = 97
    write_picture(tmp_path / "mask.png", Picture(levels, Model.GRAYA))
    window.load_mask(tmp_path / "mask.png")
    assert (window.view.selection.mask == levels[..., 0]).all()
    window.session.remove()
    wait(lambda: not window.session.works)
    assert window.session.notices == []


def test_wrong_files_are_told(window: Window, tmp_path: Path) -> None:
    window.open(tmp_path / "none.png")
    assert "does not exist" in window.session.notices[0].message
    window.open(photo(tmp_path / "photo.png"))
    write_picture(tmp_path / "mask.png", Picture(np.full((9, 9, 1), 255, np.uint8), Model.GRAYA))
    window.load_mask(tmp_path / "mask.png")
    assert "9 x 9" in window.session.notices[1].message
    assert window.save(tmp_path / "out.gif") is False or "gif" in window.session.notices[2].message
    assert window.canvas.opened


def test_tools(window: Window, tmp_path: Path) -> None:
    window.open(photo(tmp_path / "photo.png"))
    window.view.tool = Tool.RECTANGLE
    stroke(window, (20.2, 30.2), (59.8, 49.8))
    mask = window.view.selection.mask
    assert (mask[30:50, 20:60] == 255).all()
    assert mask.astype(bool).sum() == 20 * 40
    window.view.tool, window.view.size_px = Tool.ERASER, 10
    stroke(window, (40, 40), (40, 40))
    assert mask[40, 40] == 0
    assert mask[32, 22] == 255
    window.view.tool = Tool.BRUSH
    stroke(window, (100, 100), (100, 100))
    assert mask[100, 100] == 255


def test_zoom_keeps_the_place_under_the_mouse(window: Window, tmp_path: Path) -> None:
    window.open(photo(tmp_path / "photo.png"))
    at = point(window, 33, 44)
    no_button, no_key = QtCore.Qt.MouseButton.NoButton, QtCore.Qt.KeyboardModifier.NoModifier
    phase = QtCore.Qt.ScrollPhase.NoScrollPhase
    up = QtGui.QWheelEvent(at, at, QtCore.QPoint(), QtCore.QPoint(0, 360), no_button, no_key, phase, False)
    before = window.view._transform().m11()
    QtWidgets.QApplication.sendEvent(window.view, up)
    assert window.view._transform().m11() == pytest.approx(before * 1.2**3)
    there = window.view.to_canvas(at)
    assert (there.x(), there.y()) == pytest.approx((33, 44), abs=0.1)
    window.view.fit()
    assert window.view._transform().m11() == pytest.approx(before)


def test_a_loaded_selection_is_the_mask() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    selection = Selection(16, 16)
    selection.load(levels)
    assert (selection.mask == levels).all()


def test_the_command_opens_a_window(tmp_path: Path) -> None:
    picture = photo(tmp_path / "photo.png")
    levels = np.zeros((120, 160, 1), np.uint8)
    levels[40:60, 50:80] = 255
    write_picture(tmp_path / "mask.png", Picture(levels, Model.GRAYA))
    script = (
        "import sys; from pathlib import Path; from PySide6 import QtCore, QtWidgets\n"
        "application = QtWidgets.QApplication([])\n"
        "def look():\n"
        "    (window,) = (each for each in application.topLevelWidgets() if each.windowTitle())\n"
        "    print(window.windowTitle(), int(window.view.selection.mask.max()))\n"
        "    window.close()\n"
        "QtCore.QTimer.singleShot(1000, look)\n"
        "from inlay.panel import run; sys.exit(run(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(picture), str(tmp_path / "mask.png")],
        env={**os.environ, "INLAY_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "photo.png - Inlay 255\n"), done.stderr
