"""The widgets: what they say and do, that they fit, and that both themes can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from inlay_krita.client import Image
from inlay_krita.panel import Panel
from inlay_krita.panel.part import breakable, is_light, themed_icon
from inlay_krita.panel.why import Why
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings, PromptSettings, RemoveSettings, Unit
from inlay_krita.state import EngineState, Notice, Work
from inlay_krita.wire import Box, InstalledModel, Plan, Use

from tests.plugin.conftest import MemoryDocument, Wait

LONG = "/home/somebody/.local/share/inlay/log/engine-start.log"


@pytest.fixture
def panel(session: Session, application: QtWidgets.QApplication) -> Iterator[Panel]:
    made = Panel(session)
    made.resize(260, 800)
    made.show()
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()


def find(panel: Panel, name: str) -> QtWidgets.QWidget:
    found = panel.findChild(QtWidgets.QWidget, name)
    assert found is not None
    return found


def words(panel: Panel) -> list[str]:
    """All that can be read."""
    labels = [label.text() for label in panel.findChildren(QtWidgets.QLabel) if label.isVisible()]
    buttons = [button.text() for button in panel.findChildren(QtWidgets.QPushButton) if button.isVisible()]
    return [text.replace("\u200b", "") for text in labels + buttons if text]


def palette(window: str, text: str) -> QtGui.QPalette:
    made = QtGui.QPalette(QtGui.QColor(window))
    for role in (QtGui.QPalette.ColorRole.WindowText, QtGui.QPalette.ColorRole.Text):
        made.setColor(role, QtGui.QColor(text))
    return made


PLAN = Plan(
    edit="replace",
    model="sdxl",
    family="sdxl-inpaint",
    canvas_box=Box(0, 0, 320, 240),
    crop_box=Box(0, 0, 320, 240),
    read_box=Box(0, 0, 320, 240),
    paste_box=Box(100, 80, 60, 40),
    working_width=1024,
    working_height=768,
    grow_px=0,
    feather_px=0,
    denoise_grow_px=8,
    steps=20,
    why="The selection and what surrounds it, by sdxl (Stable Diffusion XL inpainting) at 1024 x 768.",
    settings={},
    checklist=["Mask: the selection", "Guidance: 5.6"],
)


def fill(session: Session) -> None:
    """Everything that can be shown at once."""
    session.engine.models = [
        InstalledModel("sdxl", "Stable Diffusion XL inpainting, fine-tuned", ("remove", "replace"))
    ]
    work = Work("Remove 60 \u00d7 40 px", "photo.kra", stage="Level 3 of 7", fraction=0.4)
    work.plan = PLAN
    work.preview = Image("RGBA", "U8", 64, 48, bytes(64 * 48 * 4))
    session.works.append(work)
    session.notices.append(
        Notice("The engine ended at once.", f"{LONG} says why.", action="Run again", act=lambda: None)
    )
    session.engine.state = EngineState.TROUBLE
    session.changed.emit()


def test_wording(panel: Panel, wait: Wait) -> None:
    wait(lambda: panel.session.engine.state is EngineState.READY)
    assert words(panel) == [
        "Select",
        "Prompt",
        "Model",
        "Strength",
        "Background",
        "Selection edge",
        "Grow",
        "Feather",
        "Extend",
        "Ratio",
        "Size stays 320 \u00d7 240 px",
        "Engine ready",
        "Select object",
        "Remove",
        "Remove",
        "Replace",
        "Select",
        "Subject",
        "Extend canvas",
    ]


def reached_by(widget: QtWidgets.QWidget) -> QtWidgets.QWidget:
    """What Tab goes to: of buttons that exclude each other it is the one that is checked, arrow keys do the rest."""
    group = widget.group() if isinstance(widget, QtWidgets.QAbstractButton) else None
    return group.checkedButton() if group else widget


def test_everything_can_be_reached_and_named(panel: Panel) -> None:
    fill(panel.session)
    fields = (QtWidgets.QAbstractButton, QtWidgets.QSpinBox, QtWidgets.QComboBox, QtWidgets.QPlainTextEdit)
    for kind in fields:
        for widget in panel.findChildren(kind):
            by = reached_by(widget)
            assert by.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus, widget.objectName()
            assert widget.accessibleName() or widget.text(), widget.objectName()


@pytest.mark.parametrize("width", [200, 260, 300])
def test_nothing_is_wider_than_the_docker(panel: Panel, application: QtWidgets.QApplication, width: int) -> None:
    if width == 200 and QtCore.qVersion().startswith("5."):
        pytest.skip("Qt 5 takes wider letters offscreen; in Krita 5 the panel is measured with its own")
    fill(panel.session)
    panel.resize(width, 900)
    application.processEvents()
    assert panel.minimumSizeHint().width() <= width
    assert panel.width() == width
    visible = [widget for widget in panel.findChildren(QtWidgets.QWidget) if widget.isVisible()]
    for widget in visible:
        right = widget.mapTo(panel, QtCore.QPoint(widget.width(), 0)).x()
        assert right <= width, widget.objectName() or type(widget).__name__
    for button in panel.findChildren(QtWidgets.QPushButton):
        assert button.width() >= button.minimumSizeHint().width(), button.text()


def test_a_low_docker_still_shows_both_halves(panel: Panel, application: QtWidgets.QApplication) -> None:
    fill(panel.session)
    panel.resize(220, 260)
    application.processEvents()
    assert panel.height() == 260
    assert find(panel, "inlay_engine").isVisible()
    assert panel.pages.height() >= 60
    assert panel._footer.height() >= 60


@pytest.mark.parametrize(("window", "text"), [("#474747", "#d6d6d6"), ("#dcdcdc", "#1e1e1e")])
def test_themes(panel: Panel, application: QtWidgets.QApplication, window: str, text: str) -> None:
    before = application.palette()
    button = find(panel, "inlay_run_button")
    assert isinstance(button, QtWidgets.QPushButton)
    try:
        application.setPalette(palette(window, text))
        fill(panel.session)
        application.processEvents()
        ink = average_ink(button.icon())
        assert abs(ink - QtGui.QColor(window).value()) > 90
        picture = panel.grab().toImage()
        assert len({picture.pixel(x, y) for x in range(0, 260, 3) for y in range(0, 800, 5)}) > 12
    finally:
        application.setPalette(before)


def average_ink(icon: QtGui.QIcon) -> float:
    """How light an icon's strokes are."""
    image = icon.pixmap(16, 16).toImage()
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    inks = [colour.value() for colour in colours if colour.alpha() > 200]
    assert inks
    return sum(inks) / len(inks)


def test_icons_are_for_their_theme() -> None:
    assert is_light(palette("#dcdcdc", "#000000"))
    assert average_ink(themed_icon("remove", palette("#dcdcdc", "#000000"))) < 80
    assert average_ink(themed_icon("remove", palette("#474747", "#ffffff"))) > 180


@pytest.mark.parametrize(("window", "text"), [("#474747", "#d6d6d6"), ("#dcdcdc", "#1e1e1e")])
def test_an_icon_that_cannot_be_pressed_is_faint(window: str, text: str) -> None:
    icon, mode = themed_icon("up", palette(window, text)), QtGui.QIcon.Mode
    normal, disabled = (icon.pixmap(16, 16, each).toImage() for each in (mode.Normal, mode.Disabled))
    densest = [max(image.pixelColor(x, 8).alpha() for x in range(16)) for image in (normal, disabled)]
    assert 0 < densest[1] < densest[0] / 2


def test_remove_with_settings(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    find(panel, "inlay_grow").setValue(5)
    find(panel, "inlay_feather").setValue(7)
    assert panel.session.remove_settings == RemoveSettings(5, 7)
    find(panel, "inlay_run_button").click()
    assert find(panel, "inlay_work").isVisible()
    wait(lambda: document.placements)
    panel.show_page("history")
    assert find(panel, "inlay_result").isVisible()
    assert panel.findChild(QtWidgets.QWidget, "inlay_again_button")


def test_cancel(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    find(panel, "inlay_run_button").click()
    find(panel, "inlay_cancel_button").click()
    wait(lambda: not panel.session.works)
    assert document.placements == []


def test_two_edits_can_be_cancelled_at_once(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    find(panel, "inlay_run_button").click()
    assert not find(panel, "inlay_cancel_all_button").isVisible()
    find(panel, "inlay_run_button").click()
    find(panel, "inlay_cancel_all_button").click()
    wait(lambda: not panel.session.works)
    assert document.placements == []
    assert not find(panel, "inlay_cancel_all_button").isVisible()


def test_notices(panel: Panel, document: MemoryDocument) -> None:
    document.mask[:] = 0
    panel.session.remove()
    assert any("Nothing is selected" in text for text in words(panel))
    find(panel, "inlay_dismiss_button").click()
    assert panel.session.notices == []
    assert not any("then press Remove" in text for text in words(panel))


def test_a_notice_acts(panel: Panel) -> None:
    done: list[bool] = []
    panel.session.tell(Notice("It stopped.", "Run it again.", action="Run again", act=lambda: done.append(True)))
    find(panel, "inlay_notice_action").click()
    assert done == [True]
    assert panel.session.notices == []


def test_ratio_shows_sides_in_pixels(panel: Panel) -> None:
    find(panel, "inlay_ratio").setCurrentText("16:9")
    assert panel.session.extend_settings.ratio == "16:9"
    assert [find(panel, f"inlay_{side}").text() for side in ("left", "top", "right", "bottom")] == [
        "53 px",
        "0 px",
        "54 px",
        "0 px",
    ]
    assert find(panel, "inlay_new_size").text() == "New size 427 \u00d7 240 px"
    anchor = find(panel, "inlay_anchor")
    assert anchor.isEnabled()
    anchor.choose(0, 1)
    assert find(panel, "inlay_left").text() == "0 px"
    find(panel, "inlay_left").setValue(10)
    assert panel.session.extend_settings.ratio == "Free"


def test_units(panel: Panel) -> None:
    find(panel, "inlay_left").setValue(50)
    find(panel, "inlay_top").setValue(25)
    assert find(panel, "inlay_new_size").text() == "New size 480 \u00d7 300 px"
    find(panel, "inlay_unit").setCurrentText("px")
    assert panel.session.extend_settings == ExtendSettings(Unit.PIXELS, 160, 60)
    assert find(panel, "inlay_left").maximum() == 320
    find(panel, "inlay_unit").setCurrentText("%")
    assert panel.session.extend_settings == ExtendSettings(Unit.PERCENT, 50, 25)


def test_too_far_a_ratio_is_told(panel: Panel, document: MemoryDocument) -> None:
    document.pixels = document.pixels[:100]
    find(panel, "inlay_ratio").setCurrentText("9:16")
    assert find(panel, "inlay_new_size").text().endswith("+100 % a side is the most: extend twice.")


def drag(box: QtWidgets.QSpinBox, way_px: int) -> None:
    field, left = box.lineEdit(), QtCore.Qt.MouseButton.LeftButton
    kinds = QtCore.QEvent.Type
    for kind, x in ((kinds.MouseButtonPress, 0), (kinds.MouseMove, way_px), (kinds.MouseButtonRelease, way_px)):
        point = QtCore.QPointF(10 + x, 5)
        where = QtCore.QPointF(field.mapToGlobal(point.toPoint()))
        event = QtGui.QMouseEvent(kind, point, where, left, left, QtCore.Qt.KeyboardModifier.NoModifier)
        QtWidgets.QApplication.sendEvent(field, event)


def test_numbers_are_dragged(panel: Panel) -> None:
    grow = find(panel, "inlay_grow")
    assert isinstance(grow, QtWidgets.QSpinBox)
    drag(grow, 100)
    assert grow.value() == 50
    drag(grow, -40)
    assert grow.value() == 30
    drag(grow, 2)
    assert grow.value() == 30
    drag(grow, -400)
    assert grow.value() == 0
    assert panel.session.remove_settings == RemoveSettings(0, 0)


def test_the_wheel_scrolls_and_changes_nothing(panel: Panel) -> None:
    for name in ("inlay_grow", "inlay_ratio", "inlay_left"):
        widget = find(panel, name)
        widget.clearFocus()
        event = QtGui.QWheelEvent(
            QtCore.QPointF(5, 5),
            QtCore.QPointF(5, 5),
            QtCore.QPoint(),
            QtCore.QPoint(0, 120),
            QtCore.Qt.MouseButton.NoButton,
            QtCore.Qt.KeyboardModifier.NoModifier,
            QtCore.Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QtWidgets.QApplication.sendEvent(widget, event)
    assert panel.session.remove_settings == RemoveSettings()
    assert panel.session.extend_settings == ExtendSettings()


def test_a_fault_in_a_slot_stays_in_the_panel(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(panel.session, "remove", lambda: {}["missing"])
    find(panel, "inlay_run_button").click()
    assert panel.session.notices[0].message == "The panel had a fault (KeyError: 'missing')."
    assert "missing" in caplog.text


def test_a_panel_can_be_closed_while_an_edit_runs(
    session: Session, application: QtWidgets.QApplication, document: MemoryDocument, wait: Wait
) -> None:
    made = Panel(session)
    made.show()
    session.remove()
    made.close()
    made.deleteLater()
    del made
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    wait(lambda: document.placements)
    assert session.notices == []


def test_long_words_may_be_broken() -> None:
    assert breakable("short words stay") == "short words stay"
    assert breakable(LONG).replace("\u200b", "") == LONG
    assert "/\u200b" in breakable(LONG)


def test_the_prompt_section_writes_the_settings(panel: Panel, application: QtWidgets.QApplication) -> None:
    session = panel.session
    session.engine.models = [InstalledModel("b", "Beta", ("replace",)), InstalledModel("a", "Alpha", ("instruct",))]
    session.changed.emit()
    panel.prompt.prompt.setPlainText("a red\nbarn")
    panel.prompt.negative.setPlainText("people")
    panel.prompt.strength.setValue(40)
    panel.prompt.model.setCurrentIndex(2)
    assert session.prompt_settings == PromptSettings("a red\nbarn", "people", "", "a", 40)
    session.engine.models = session.engine.models[:1]
    session.changed.emit()
    assert panel.prompt.model.currentText() == "Automatic"
    assert session.prompt_settings.model == ""


def test_how_the_model_works_can_be_chosen(panel: Panel) -> None:
    session, section = panel.session, panel.prompt
    fill, sdedit = Use("sdxl-inpaint", "SDXL inpainting", ("replace",)), Use("sdedit", "SDEdit", ("restyle",))
    kept = Use("controlnet", "ControlNet", ("replace",), ("pose",))
    session.engine.models = [
        InstalledModel("b", "Beta", ("replace",), (fill, kept)),
        InstalledModel("a", "Alpha", ("restyle",), (sdedit,)),
    ]
    session.changed.emit()
    ways = [section.how.itemText(row) for row in range(section.how.count())]
    assert ways == ["Automatic", "SDXL inpainting (replace)", "SDEdit (restyle)"]
    section.how.setCurrentIndex(2)
    section.steps.setValue(12)
    section.guidance.setValue(4.5)
    panel.inputs.control.kind.setCurrentIndex(1)
    wanted = PromptSettings(family="sdedit", steps=12, guidance=4.5, control="pose")
    assert session.prompt_settings == wanted
    section.model.setCurrentIndex(section.model.findData("b"))
    assert section.how.currentText() == "Automatic"
    assert session.prompt_settings == replace(wanted, family="", model="b")


def test_a_model_that_removes_can_be_chosen(panel: Panel, application: QtWidgets.QApplication) -> None:
    session, choice = panel.session, panel.prompt.remove_model
    session.engine.models = [
        InstalledModel("b", "Beta", ("remove", "extend")),
        InstalledModel("a", "Alpha", ("instruct",)),
    ]
    session.changed.emit()
    assert [choice.itemText(row) for row in range(choice.count())] == ["Automatic", "Built-in fill", "Beta"]
    assert choice.isVisible()
    choice.setCurrentIndex(2)
    panel.extend.model.setCurrentIndex(1)
    assert session.remove_settings == RemoveSettings(model="b")
    assert session.extend_settings.model == "builtin"
    session.engine.models = session.engine.models[1:]
    session.changed.emit()
    assert session.remove_settings == RemoveSettings()
    assert session.extend_settings.model == "builtin"


def test_a_model_that_nobody_was_asked_about_stays_chosen(panel: Panel) -> None:
    session = panel.session
    session.engine.models, session.prompt_settings = None, PromptSettings(model="sdxl")
    session.changed.emit()
    assert panel.prompt.model.currentText() == "sdxl"
    assert session.prompt_settings.model == "sdxl"


@pytest.mark.parametrize(
    ("prompt", "after"), [("", "a boat on a lake"), ("a red barn", "a red barn, a boat on a lake")]
)
def test_surroundings_go_behind_the_prompt(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, prompt: str, after: str
) -> None:
    answer = SimpleNamespace(describe=lambda tell: tell("a boat on a lake"))
    monkeypatch.setattr(panel.session, "describing", answer)
    panel.prompt.prompt.setPlainText(prompt)
    panel.prompt.describe.click()
    assert panel.session.prompt_settings.prompt == after
    panel.prompt.prompt.undo()
    assert panel.session.prompt_settings.prompt == prompt


def test_more_words_unfold(panel: Panel) -> None:
    assert not panel.prompt.negative.isVisible()
    panel.prompt.fold.click()
    assert panel.prompt.negative.isVisible()
    assert panel.prompt.source.isVisible()
    assert panel.prompt.template.isVisible()
    assert panel.session.prompt_settings.is_more_shown


def test_why_is_folded_until_it_is_asked_for(panel: Panel) -> None:
    fill(panel.session)
    why = panel.activity.findChild(Why)
    assert why is not None
    assert why.isVisible()
    assert not why.lines.isVisible()
    why.fold.click()
    assert why.lines.text().splitlines()[1:] == ["\N{BULLET} Mask: the selection", "\N{BULLET} Guidance: 5.6"]
    assert why.lines.text().startswith("The selection and what surrounds it")
    why.fold.click()
    assert not why.lines.isVisible()


def test_the_newest_result_tells_why_and_what_was_measured(
    panel: Panel, document: MemoryDocument, application: QtWidgets.QApplication
) -> None:
    plan = {"why": PLAN.why, "checklist": PLAN.checklist}
    kept = [{"edit": {"kind": "replace"}, "plan": plan, "checks": {"seam": 0.031, "outside": 0}}]
    document.annotations["inlay-recipes"] = json.dumps(kept).encode()
    panel.session.refresh()
    panel.show_page("history")
    why = panel.history.why
    why.fold.click()
    assert why.lines.text().splitlines()[-2:] == [
        "\N{BULLET} Measured: 3 % of the border stands out",
        "\N{BULLET} Measured: no pixel changed outside the mask",
    ]
    kept.append({"edit": {"kind": "remove"}, "plan": {"why": "At full resolution.", "checklist": []}, "checks": {}})
    document.annotations["inlay-recipes"] = json.dumps(kept).encode()
    panel.session.refresh()
    application.processEvents()
    assert not why.isVisible()
    assert len([row for row in panel.findChildren(QtWidgets.QWidget, "inlay_result") if row.isVisible()]) == 2
