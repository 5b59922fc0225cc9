"""Extend's section: the frame in its picture, the numbers and the ratios always say the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.panel.extend_section import ExtendSection
from inlay_krita.panel.handle import GRIPS, Handle
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings, Sides, Unit
from inlay_krita.wire import Box

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

NO_KEY = QtCore.Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    QtCore.Qt.KeyboardModifier.ShiftModifier,
    QtCore.Qt.KeyboardModifier.ControlModifier,
    QtCore.Qt.KeyboardModifier.AltModifier,
)
LEFT = QtCore.Qt.MouseButton.LeftButton


@pytest.fixture
def section(session: Session, application: QtWidgets.QApplication) -> Iterator[ExtendSection]:
    made = ExtendSection(session)
    made.resize(240, 500)
    made.show()
    made.fold.setChecked(True)
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()


def sides(section: ExtendSection) -> Sides:
    """What the settings come to."""
    info = section.session.active_info()
    assert info
    return section.session.extend_settings.sides(info.width, info.height)


def told(section: ExtendSection) -> Sides:
    """What the numbers say, in pixels."""
    return Sides(**{side: box.value() for side, box in section.boxes.items()})


def send(handle: Handle, kind: QtCore.QEvent.Type, at: QtCore.QPointF, keys: QtCore.Qt.KeyboardModifier) -> None:
    where = at - QtCore.QPointF(handle.pos())
    event = QtGui.QMouseEvent(kind, where, QtCore.QPointF(handle.mapToGlobal(where.toPoint())), LEFT, LEFT, keys)
    QtWidgets.QApplication.sendEvent(handle, event)


def hold(section: ExtendSection, name: str, way_px: tuple[float, float], keys=NO_KEY) -> QtCore.QPointF:
    """Pull a handle so many pixels of the canvas, and keep it; gives where the hand is."""
    handle, scale = section.frame.handles[name], section.frame._scale
    start = QtCore.QPointF(handle.geometry().center())
    end = start + QtCore.QPointF(*way_px) * scale
    send(handle, QtCore.QEvent.Type.MouseButtonPress, start, keys)
    send(handle, QtCore.QEvent.Type.MouseMove, (start + end) / 2, keys)
    send(handle, QtCore.QEvent.Type.MouseMove, end, keys)
    return end


def drag(section: ExtendSection, name: str, way_px: tuple[float, float], keys=NO_KEY) -> None:
    end = hold(section, name, way_px, keys)
    send(section.frame.handles[name], QtCore.QEvent.Type.MouseButtonRelease, end, keys)


def press(section: ExtendSection, name: str, key: QtCore.Qt.Key, keys=NO_KEY, times: int = 1) -> None:
    for _ in range(times):
        event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, keys)
        QtWidgets.QApplication.sendEvent(section.frame.handles[name], event)


def test_the_picture_is_read_only_where_it_is_seen(
    session: Session,
    document: MemoryDocument,
    application: QtWidgets.QApplication,
    wait: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[Box] = []
    strip = session.canvas.strip
    monkeypatch.setattr(session.canvas, "strip", lambda key, box: (read.append(box), strip(key, box))[1])
    made = ExtendSection(session)
    made.show()
    application.processEvents()
    assert session.picturing.picture is None
    assert read == []
    made.fold.setChecked(True)
    wait(lambda: session.picturing.picture)
    first, count = session.picturing.picture, len(read)
    made.glance()
    for _ in range(20):
        application.processEvents()
    assert len(read) == count > 0
    document.pixels[..., :3] = 40
    made.glance()
    wait(lambda: session.picturing.picture is not first)
    assert session.picturing.picture.pixelColor(5, 5).red() == 40
    made.close()
    made.deleteLater()


def test_no_picture(application: QtWidgets.QApplication, shared_launcher: Launcher) -> None:
    session = Session(MemoryCanvas(), shared_launcher)
    made = ExtendSection(session)
    made.show()
    made.fold.setChecked(True)
    application.processEvents()
    assert not any(handle.isVisible() for handle in made.frame.handles.values())
    assert not made.to_reach.isVisible()
    made.close()
    made.deleteLater()
    assert session.close()


def test_a_side_is_dragged(section: ExtendSection) -> None:
    drag(section, "right", (60, 30), SHIFT)
    assert sides(section) == told(section) == Sides(right=60)
    assert section.session.extend_settings == ExtendSettings(Unit.PIXELS, right=60, anchor_x=0)
    assert section.unit.currentText() == "px"
    assert section.ratio.currentText() == "Free"
    assert section.outcome.text() == "New size 380 \u00d7 240 px"
    drag(section, "top_left", (-33, -44), SHIFT)
    assert sides(section) == told(section) == Sides(33, 44, 60)


def test_everything_is_live_while_a_side_is_held(section: ExtendSection) -> None:
    refreshed: list[bool] = []
    section.session.refreshed.connect(lambda: refreshed.append(True))
    end = hold(section, "left", (-70, 0), SHIFT)
    assert told(section) == Sides(left=70)
    assert section.outcome.text() == "New size 390 \u00d7 240 px"
    assert refreshed == []
    send(section.frame.handles["left"], QtCore.QEvent.Type.MouseButtonRelease, end, SHIFT)
    assert refreshed == [True]


def test_escape_gives_up(section: ExtendSection) -> None:
    drag(section, "right", (60, 0), SHIFT)
    hold(section, "right", (50, 0), SHIFT)
    assert told(section) == Sides(right=110)
    press(section, "right", QtCore.Qt.Key.Key_Escape)
    assert told(section) == Sides(right=60)
    assert not section.frame.is_held


def test_a_preset_attracts(section: ExtendSection) -> None:
    drag(section, "right", (104, 0))  # 427 x 240 would be 16:9
    assert sides(section) == told(section) == Sides(right=107)
    assert section.ratio.currentText() == "16:9"
    assert section.anchor.place == (0, 1)
    section.anchor.choose(2, 1)
    assert sides(section) == told(section) == Sides(left=107)


def test_no_side_grows_past_its_limit(section: ExtendSection) -> None:
    drag(section, "bottom", (0, 4000))
    assert sides(section) == told(section) == Sides(bottom=240)


def test_ctrl_keeps_the_shape_and_alt_takes_the_other_side_along(section: ExtendSection) -> None:
    drag(section, "right", (80, 0), CTRL)
    assert sides(section) == told(section) == Sides(0, 30, 80, 30)
    assert section.ratio.currentText() == "4:3"
    drag(section, "bottom", (0, 21), ALT | SHIFT)
    assert sides(section) == told(section) == Sides(0, 51, 80, 51)
    assert section.ratio.currentText() == "Free"


def test_a_chosen_ratio_is_drawn_and_kept_by_ctrl(section: ExtendSection) -> None:
    section.ratio.setCurrentText("1:1")
    frame = section.frame
    assert frame._sides == sides(section) == Sides(0, 40, 0, 40)
    drag(section, "bottom_right", (50, 0), CTRL)
    width, height = sides(section).size(320, 240)
    assert section.ratio.currentText() == "1:1"
    assert width == height == 370


def test_numbers_move_the_frame(section: ExtendSection) -> None:
    section.boxes["left"].setValue(50)  # per cent
    assert section.frame._sides == Sides(left=160)
    section.unit.setCurrentText("px")
    section.boxes["right"].setValue(12)
    assert section.frame._sides == Sides(left=160, right=12)


@pytest.mark.parametrize(
    ("name", "key", "keys", "after"),
    [
        ("left", QtCore.Qt.Key.Key_Left, NO_KEY, Sides(left=1)),
        ("left", QtCore.Qt.Key.Key_Left, SHIFT, Sides(left=10)),
        ("left", QtCore.Qt.Key.Key_Right, NO_KEY, Sides()),
        ("bottom", QtCore.Qt.Key.Key_Down, SHIFT | ALT, Sides(top=10, bottom=10)),
        ("top_right", QtCore.Qt.Key.Key_Up, NO_KEY, Sides(top=1)),
        ("top_right", QtCore.Qt.Key.Key_Right, SHIFT, Sides(right=10)),
        ("right", QtCore.Qt.Key.Key_Right, SHIFT | CTRL, Sides(0, 4, 10, 4)),
    ],
)
def test_keys(
    section: ExtendSection, name: str, key: QtCore.Qt.Key, keys: QtCore.Qt.KeyboardModifier, after: Sides
) -> None:
    press(section, name, key, keys)
    assert sides(section) == told(section) == after


def test_keys_that_mean_something_are_not_for_shortcuts(section: ExtendSection) -> None:
    for key, is_ours in ((QtCore.Qt.Key.Key_Left, True), (QtCore.Qt.Key.Key_Up, False), (QtCore.Qt.Key.Key_E, False)):
        event = QtGui.QKeyEvent(QtCore.QEvent.Type.ShortcutOverride, key, NO_KEY)
        event.ignore()
        QtWidgets.QApplication.sendEvent(section.frame.handles["left"], event)
        assert event.isAccepted() == is_ours


def test_a_double_click_puts_a_side_back(section: ExtendSection) -> None:
    drag(section, "top_left", (-30, -20), SHIFT)
    drag(section, "right", (45, 0), SHIFT)
    handle = section.frame.handles["top_left"]
    send(handle, QtCore.QEvent.Type.MouseButtonDblClick, QtCore.QPointF(handle.geometry().center()), NO_KEY)
    assert sides(section) == Sides(right=45)


def test_handles_can_be_reached_and_are_named(section: ExtendSection) -> None:
    assert set(section.frame.handles) == set(GRIPS)
    for handle in section.frame.handles.values():
        assert handle.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus
        assert handle.accessibleName()
        assert section.frame.rect().contains(handle.geometry())


def test_a_selection_past_the_border(section: ExtendSection, document: MemoryDocument) -> None:
    assert not section.to_reach.isVisible()
    document.reach = Box(-40, 20, 400, 100)
    section.glance()
    assert section.to_reach.isVisible()
    assert section.reach.isVisible()
    section.to_reach.click()
    assert sides(section) == told(section) == Sides(left=40, right=40)
    assert not section.to_reach.isVisible()


def test_headings_cannot_be_chosen(section: ExtendSection) -> None:
    rows = section.ratio.model()
    flags = {section.ratio.itemText(row): rows.flags(rows.index(row, 0)) for row in range(section.ratio.count())}
    heads = {text for text, flag in flags.items() if not flag & QtCore.Qt.ItemFlag.ItemIsEnabled}
    assert heads == {"Pictures", "Prints", "Screens"}


@pytest.mark.parametrize("width", [200, 240, 400])
def test_the_frame_fits(section: ExtendSection, application: QtWidgets.QApplication, width: int) -> None:
    section.ratio.setCurrentText("21:9")
    section.resize(width, 600)
    application.processEvents()
    assert section.minimumSizeHint().width() <= 200
    frame = section.frame._frame(section.frame._sides)
    assert QtCore.QRectF(section.frame.rect()).contains(frame)
    assert frame.width() > width / 2


def test_what_was_set_is_done_with_the_result(section: ExtendSection, wait: Wait) -> None:
    session = section.session
    drag(section, "right", (70, 0), SHIFT)  # no ratio of the list
    session.extend()
    wait(lambda: not session.works)
    assert session.notices == []
    assert sides(section) == told(section) == Sides()
    drag(section, "right", (50, 0), SHIFT)
    session.extend()
    drag(section, "top", (0, -30), SHIFT)  # for the next one
    wait(lambda: not session.works)
    assert sides(section) == Sides(top=30, right=50)
