"""Styles in use: kept, chosen, starred, per picture, imported, exported, and their row above the prompt."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.panel.style_row import StyleRow
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import PromptSettings
from inlay_krita.style_shelf import ANNOTATION
from inlay_krita.styles import LARGEST_BYTES, MOST, NO_STYLE, Style, styles_text
from inlay_krita.wire import InstalledAdapter, InstalledModel, Use

from tests.plugin.conftest import MemoryCanvas, MemoryDocument

INK = Style("Ink", "{prompt}, in ink", "colour", (("pen", 0.8),), "sd15", "sdedit", 40, 12, 4.5)
OIL = Style("Oil", "an oil painting of {prompt}", strength_percent=60)
MODEL = InstalledModel("sd15", "Stable Diffusion 1.5", ("restyle",), (Use("sdedit", "SDEdit", ("restyle",)),))
TYPED = PromptSettings("a barn", source_prompt="a field", control="pose")


class Memory:
    """Keeps what one start leaves for the next."""

    text = ""

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        self.text = text


Start = Callable[..., Session]


@pytest.fixture
def start(tmp_path: Path, environ: dict[str, str]) -> Iterator[Start]:
    """Begins a session, as Krita does when it starts; no engine is looked for."""
    memory, begun = Memory(), []

    def begin(*documents: MemoryDocument) -> Session:
        session = Session(MemoryCanvas(*documents), Launcher(environ), keeper=memory)
        session.engine.look = lambda: None  # type: ignore[method-assign]
        begun.append(session)
        return session

    yield begin
    for session in begun:
        session.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where styles are kept."""
    return tmp_path / "home" / "data" / "styles.json"


def keep(path: Path, *styles: Style) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(styles_text(styles), "utf-8")


def names(session: Session) -> list[str]:
    return [style.name for style in session.styles.listed]


def said(session: Session) -> list[str]:
    return [f"{notice.message} {notice.remedy}".strip() for notice in session.notices]


def test_a_style_is_kept_chosen_and_there_at_the_next_start(start: Start, path: Path) -> None:
    session = start()
    session.prompt_settings = INK.applied(TYPED)
    session.styles.save("Ink")
    assert session.styles.chosen == INK
    session.styles.choose("")
    assert session.prompt_settings == TYPED
    session.styles.choose("Ink")
    assert session.prompt_settings == INK.applied(TYPED)
    session.close()
    again = start()
    assert again.styles.chosen == INK
    assert again.prompt_settings == INK.applied(PromptSettings(control="pose"))
    assert [each.name for each in path.parent.iterdir() if "style" in each.name] == ["styles.json"]


def test_a_style_that_is_gone_at_the_next_start_leaves_no_words(start: Start, path: Path) -> None:
    keep(path, INK)
    session = start()
    session.styles.choose("Ink")
    session.close()
    path.unlink()
    again = start()
    assert again.styles.chosen is NO_STYLE
    assert (again.prompt_settings.style, again.prompt_settings.template) == ("", "")


def test_what_is_set_otherwise_is_told(start: Start, path: Path) -> None:
    keep(path, INK)
    session = start()
    session.styles.choose("Ink")
    assert not session.styles.is_changed
    session.prompt_settings = replace(session.prompt_settings, prompt="another", control="depth")
    assert not session.styles.is_changed
    session.prompt_settings = replace(session.prompt_settings, steps=13)
    assert session.styles.is_changed
    session.styles.save("Ink")
    assert not session.styles.is_changed
    assert session.styles.chosen == replace(INK, steps=13)


def test_starred_ones_are_listed_first(start: Start, path: Path) -> None:
    keep(path, Style("b"), Style("C"), Style("a"))
    session = start()
    assert names(session) == ["a", "b", "C"]
    session.styles.star("C", is_starred=True)
    assert names(session) == ["C", "a", "b"]
    session.styles.choose("C")
    session.prompt_settings = replace(session.prompt_settings, steps=3)
    session.styles.save("C")
    assert session.styles.chosen == Style("C", steps=3, is_starred=True)
    session.styles.star("C", is_starred=False)
    assert names(start()) == ["a", "b", "C"]


def test_a_deleted_style_can_be_put_back(start: Start, path: Path) -> None:
    keep(path, INK, OIL)
    session = start()
    session.styles.choose("Ink")
    session.styles.delete("Ink")
    assert names(session) == ["Oil"]
    assert session.prompt_settings == PromptSettings()
    (notice,) = session.notices
    assert (notice.message, notice.action) == ("The style “Ink” was deleted.", "Undo")
    assert notice.act
    notice.act()
    assert session.styles.listed == [INK, OIL]


def test_two_kritas_keep_each_others_styles(start: Start) -> None:
    one, other = start(), start()
    one.styles.save("One")
    other.styles.save("Other")
    assert names(other) == ["One", "Other"]
    one.styles.save("Third")
    assert names(one) == ["One", "Other", "Third"]


def test_each_picture_has_its_own(start: Start, path: Path) -> None:
    keep(path, INK, OIL)
    first, second = MemoryDocument(), MemoryDocument(seed=1)
    session = start(first, second)
    session.refresh()
    session.styles.choose("Ink")
    session.prompt_settings = replace(session.prompt_settings, steps=20, prompt="a barn")

    def go_to(document: MemoryDocument) -> None:
        session.canvas.active = document  # type: ignore[attr-defined]
        session.refresh()

    go_to(second)
    assert session.styles.chosen == INK  # a picture that never had one takes over what is set
    session.styles.choose("Oil")
    go_to(first)
    assert session.styles.chosen == INK
    assert session.prompt_settings.steps == 20
    assert session.prompt_settings.prompt == "a barn"
    go_to(second)
    assert session.styles.chosen == OIL
    assert (first.annotations[ANNOTATION], second.annotations[ANNOTATION]) == (b"Ink", b"Oil")


def test_a_picture_that_is_opened_again_has_the_style_that_it_had(start: Start, path: Path) -> None:
    keep(path, INK, OIL)
    document = MemoryDocument()
    document.annotations[ANNOTATION] = b"Oil"
    session = start(document)
    session.refresh()
    assert session.styles.chosen == OIL
    session.styles.choose("")
    assert document.annotations[ANNOTATION] == b""


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"x" * 5000, b" \x00\n"])
def test_a_strange_annotation_does_no_harm(start: Start, path: Path, raw: bytes) -> None:
    keep(path, INK)
    document = MemoryDocument()
    document.annotations[ANNOTATION] = raw
    session = start(document)
    session.refresh()
    assert session.styles.chosen is NO_STYLE
    assert session.notices == []


def test_a_style_of_somebody_elses_picture_is_told(start: Start) -> None:
    document = MemoryDocument()
    document.annotations[ANNOTATION] = b"Gouache"
    session = start(document)
    session.refresh()
    assert session.styles.remark == "This picture had the style “Gouache”, which is not here."
    session.styles.choose("")
    assert session.styles.remark == ""


def test_what_a_style_needs_and_is_not_there_is_told(start: Start, path: Path) -> None:
    keep(path, INK)
    session = start()
    session.styles.choose("Ink")
    assert session.styles.remark == ""  # nobody was asked yet
    session.engine.models = []
    assert session.styles.remark == "“Ink” is for the model sd15, which is not installed."
    session.engine.models = [MODEL]
    assert session.styles.remark == "“Ink” needs LoRAs that are not installed: pen."
    session.engine.adapters = [InstalledAdapter("pen", "lora")]
    assert session.styles.remark == ""


# Files


def test_styles_go_to_somebody_else(start: Start, path: Path, tmp_path: Path) -> None:
    keep(path, replace(INK, is_starred=True), OIL)
    session = start()
    session.styles.bring_out(tmp_path / "one.json", "Ink")
    session.styles.bring_out(tmp_path / "all.json")
    assert said(session) == ["1 style exported to one.json.", "2 styles exported to all.json."]
    session.styles.delete("Ink")
    session.styles.delete("Oil")
    session.notices.clear()
    session.styles.bring_in(tmp_path / "one.json")
    assert session.styles.listed == [INK]  # the star was ours
    session.styles.bring_in(tmp_path / "all.json")
    assert names(session) == ["Ink", "Ink (2)", "Oil"]
    assert said(session) == [
        "1 style imported from one.json.",
        "2 styles imported from all.json. “Ink” was there already: the new one is “Ink (2)”.",
    ]


def test_what_was_left_out_of_a_file_is_told_at_no_great_length(start: Start, tmp_path: Path) -> None:
    session = start()
    told = [{"name": f"{number}", "steps": 9999} for number in range(9)]
    (tmp_path / "odd.json").write_text(json.dumps({"inlay_styles": 1, "styles": told}), "utf-8")
    session.styles.bring_in(tmp_path / "odd.json")
    (notice,) = session.notices
    assert notice.message == "9 styles imported from odd.json."
    assert notice.remedy.count("9999") == 5
    assert notice.remedy.endswith(" And 4 more.")
    assert {style.steps for style in session.styles.listed} == {0}


def test_there_is_no_room_for_more_than_there_can_be(start: Start, path: Path, tmp_path: Path) -> None:
    keep(path, *(Style(f"{number}") for number in range(MOST - 1)))
    keep(tmp_path / "more.json", INK, OIL)
    session = start()
    session.styles.bring_in(tmp_path / "more.json")
    assert len(session.styles.listed) == MOST
    assert said(session) == ["1 style imported from more.json. There is no room for 1 of them."]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\xff\xd8\xff\xe0", "It is no file of styles."),
        (b'{"inlay_styles": 9, "styles": []}', "It was written by a later Inlay: update this one."),
        (b" " * (LARGEST_BYTES + 1), "It is larger than 1024 KB."),
    ],
)
def test_a_file_that_is_none_changes_nothing(start: Start, tmp_path: Path, raw: bytes, why: str) -> None:
    session = start()
    (tmp_path / "odd.json").write_bytes(raw)
    session.styles.bring_in(tmp_path / "odd.json")
    assert said(session) == [f"odd.json was not imported. {why}"]
    assert session.styles.listed == []


def test_a_file_that_is_not_there(start: Start, tmp_path: Path) -> None:
    session = start()
    session.styles.bring_in(tmp_path / "gone.json")
    assert said(session) == [f"gone.json was not imported. {os.strerror(2)}."]


@pytest.mark.parametrize("text", ["{", '{"inlay_styles": 2, "styles": []}'])
def test_a_list_that_cannot_be_read_is_never_overwritten(start: Start, path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    session = start()
    assert said(session)[0].startswith("Your styles could not be read. It ")
    session.styles.save("Ink")
    assert session.styles.listed == []
    assert said(session)[-1].startswith("The style “Ink” could not be kept. It ")
    assert path.read_text("utf-8") == text


def test_a_folder_that_takes_nothing(start: Start, path: Path, tmp_path: Path) -> None:
    session = start()
    path.mkdir(parents=True)
    session.styles.save("Ink")
    assert session.styles.listed == []
    assert said(session)[0].startswith("The style “Ink” could not be kept. ")
    (tmp_path / "file").write_text("in the way", "utf-8")
    session.styles.bring_out(tmp_path / "file" / "styles.json")
    assert said(session)[-1].startswith("styles.json was not written. ")


# Widgets


@pytest.fixture
def panel(start: Start, path: Path, application: QtWidgets.QApplication) -> Iterator[Panel]:
    keep(path, INK, replace(OIL, is_starred=True))
    made = Panel(start(MemoryDocument()))
    made.resize(240, 800)
    made.show()
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def row(panel: Panel) -> StyleRow:
    return panel.prompt.styles


def shown(row: StyleRow) -> list[str]:
    return [row.choice.itemText(index) for index in range(row.choice.count())]


def test_choosing_fills_the_fields(panel: Panel, row: StyleRow) -> None:
    section, session = panel.prompt, panel.session
    session.engine.models = [MODEL]
    session.changed.emit()
    section.prompt.setPlainText("a barn")
    assert shown(row) == ["No style", "★ Oil", "Ink"]
    row.choice.setCurrentIndex(2)
    assert session.prompt_settings == INK.applied(PromptSettings("a barn"))
    assert section.template.toPlainText() == "{prompt}, in ink <lora:pen:0.8>"
    assert section.negative.toPlainText() == "colour"
    assert (section.model.currentData(), section.how.currentData()) == ("sd15", "sdedit")
    assert (section.strength.value(), section.steps.value(), section.guidance.value()) == (40, 12, 4.5)
    assert row.remark.text() == "“Ink” needs LoRAs that are not installed: pen."
    section.steps.setValue(20)
    assert shown(row) == ["No style", "★ Oil", "Changed: Ink"]
    row.choice.setCurrentIndex(0)
    assert session.prompt_settings == PromptSettings("a barn")
    assert section.template.toPlainText() == ""
    assert section.steps.value() == 0
    assert not row.remark.isVisible()


def test_a_model_that_is_missing_becomes_automatic(panel: Panel, row: StyleRow) -> None:
    panel.session.engine.models = []
    panel.session.changed.emit()
    row.choice.setCurrentIndex(2)
    assert panel.session.prompt_settings.model == ""
    assert shown(row)[2] == "Ink"  # nothing that the painter changed
    assert row.remark.text() == "“Ink” is for the model sd15, which is not installed."


def test_the_styles_words_are_asked_for(panel: Panel, row: StyleRow) -> None:
    row.choice.setCurrentIndex(1)
    panel.prompt.prompt.setPlainText("a barn")
    edit = panel.session.prompt_settings.edit("restyle", 1, panel.session.remove_settings)
    assert (edit.prompt, edit.strength) == ("an oil painting of a barn", 0.6)


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key) -> None:
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, QtCore.Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(widget, event)


def test_a_name_is_asked_for_in_the_panel(panel: Panel, row: StyleRow) -> None:
    panel.prompt.steps.setValue(9)
    assert not row.naming.isVisible()
    row.menu.keep.trigger()
    assert row.naming.isVisible()
    assert not row.naming.button.isEnabled()
    row.naming.name.setText("  Mine ")
    assert row.naming.button.text() == "Keep"
    press(row.naming.name, QtCore.Qt.Key.Key_Return)
    assert not row.naming.isVisible()
    assert panel.session.styles.chosen == Style("Mine", steps=9)


def test_a_name_that_is_there_is_replaced_only_by_a_button_that_says_so(panel: Panel, row: StyleRow) -> None:
    row.menu.keep.trigger()
    row.naming.name.setText("Ink")
    press(row.naming.name, QtCore.Qt.Key.Key_Return)
    assert panel.session.styles.listed[1] == INK
    assert row.naming.button.text() == "Replace"
    row.naming.button.click()
    assert panel.session.styles.listed[1] == Style("Ink")


def test_escape_keeps_nothing(panel: Panel, row: StyleRow) -> None:
    row.menu.keep.trigger()
    row.naming.name.setText("Mine")
    press(row.naming.name, QtCore.Qt.Key.Key_Escape)
    assert not row.naming.isVisible()
    assert [style.name for style in panel.session.styles.listed] == ["Oil", "Ink"]


def test_the_menu_is_about_the_chosen_one(panel: Panel, row: StyleRow, tmp_path: Path) -> None:
    menu = row.menu

    def entries() -> list[tuple[str, bool]]:
        menu.refresh()
        return [(entry.text(), entry.isEnabled()) for entry in menu.list.actions() if entry.text()]

    assert entries() == [
        ("Keep as a style…", True),
        ("Update", False),
        ("Star", False),
        ("Delete", False),
        ("Import…", True),
        ("Export…", False),
        ("Export all…", True),
    ]
    row.choice.setCurrentIndex(2)
    panel.prompt.steps.setValue(30)
    assert entries()[1:4] == [("Update “Ink”", True), ("Star “Ink”", True), ("Delete “Ink”", True)]
    menu.update_it.trigger()
    menu.star.trigger()
    assert panel.session.styles.chosen.steps == 30
    assert panel.session.styles.chosen.is_starred
    assert entries()[1:3] == [("Update “Ink”", False), ("Unstar “Ink”", True)]
    menu.delete.trigger()
    assert shown(row) == ["No style", "★ Oil"]


def test_files_are_asked_for(panel: Panel, row: StyleRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed: list[str] = []
    path = tmp_path / "styles.json"

    def ask(_: object, title: str, name: str, filters: str) -> tuple[str, str]:
        proposed.append(name)
        return str(path), filters

    monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", ask)
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileName", ask)
    row.choice.setCurrentIndex(2)
    row.menu.bring_out.trigger()
    row.menu.bring_all.trigger()
    row.menu.bring_in.trigger()
    assert proposed == ["Ink.json", "inlay-styles.json", ""]
    assert [style.name for style in panel.session.styles.listed] == ["Oil", "Ink", "Ink (2)", "Oil (2)"]
