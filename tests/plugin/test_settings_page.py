"""The page of settings against a real engine: which engine, device and memory, files, and what is refused."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inlay_krita.client import Engine
from inlay_krita.engine_setup import looked
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.panel import files_section as files_module
from inlay_krita.panel.settings_page import SettingsPage
from inlay_krita.qt import QtGui, QtWidgets
from inlay_krita.session import Session

from tests.elsewhere import Elsewhere, free_port
from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait


@pytest.fixture
def page(application: QtWidgets.QApplication, launcher: Launcher, wait: Wait) -> Iterator[SettingsPage]:
    """Seen, with the engine's answer."""
    session = Session(MemoryCanvas(MemoryDocument()), launcher)
    made = Panel(session)
    made.resize(240, 900)
    made.show_page("settings")
    made.show()
    wait(lambda: session.engine_setup.setup)
    yield made.settings
    made.close()
    session.close()


def seen(page: QtWidgets.QWidget, name: str) -> list[Any]:
    """Those that can be seen; what was replaced goes when Qt comes to it."""
    return [one for one in page.findChildren(QtWidgets.QWidget, name) if one.isVisible()]


def find(page: QtWidgets.QWidget, name: str) -> Any:
    found = page.findChildren(QtWidgets.QWidget, name)
    assert len(found) == 1, name
    return found[0]


def asked(page: SettingsPage, launcher: Launcher) -> Any:
    """What the engine itself says."""
    with contextlib.closing(Engine(launcher.ensure())) as engine:
        return looked(engine)


def test_nothing_is_asked_before_somebody_looks(application: QtWidgets.QApplication, launcher: Launcher) -> None:
    session = Session(MemoryCanvas(MemoryDocument()), launcher)
    made = Panel(session)
    assert session.engine_setup.setup is None
    assert not find(made, "inlay_device").isEnabled()
    made.close()
    session.close()
    assert launcher.find() is None


def test_it_tells_what_the_engine_can_use(page: SettingsPage) -> None:
    device = find(page, "inlay_device")
    assert device.isEnabled()
    assert device.itemData(0) == ""
    assert device.findData("cpu") > 0
    memory = find(page, "inlay_memory")
    assert memory.text() == "Automatic"
    assert memory.maximum() == pytest.approx(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, abs=0.1)
    assert not find(page, "inlay_free_memory_button").isEnabled()  # nothing is loaded


def test_device_and_memory_are_set_at_once(page: SettingsPage, launcher: Launcher, wait: Wait) -> None:
    device = find(page, "inlay_device")
    device.setCurrentIndex(device.findData("cpu"))
    wait(lambda: asked(page, launcher).settings.device == "cpu")
    memory = find(page, "inlay_memory")
    memory.setValue(2.0)
    wait(lambda: asked(page, launcher).settings.memory_bytes == 2 * 10**9)
    memory.setValue(0)
    wait(lambda: asked(page, launcher).settings.memory_bytes == 0)
    assert asked(page, launcher).settings.device == "cpu"


def test_what_the_engine_refuses_is_said_and_the_fields_say_what_is_so(page: SettingsPage, wait: Wait) -> None:
    find(page, "inlay_memory").setValue(0.2)
    problem = find(page, "inlay_setup_problem")
    wait(lambda: "no budget" in problem.text())
    wait(lambda: find(page, "inlay_memory").text() == "Automatic")
    find(page, "inlay_image_limit").setValue(3.0)
    wait(lambda: page.session.engine_setup.setup.settings.store_bytes == 3 * 10**9)
    assert not problem.isVisible()


def test_a_name_of_another_way_is_understood(page: SettingsPage) -> None:
    """`inlay settings --device cuda:7` on a machine that has lost it: shown, and not changed by being shown."""
    setup = page.session.engine_setup.setup
    assert setup
    asked: list[Any] = []
    page.session.engine_setup.change = lambda **values: asked.append(values)  # type: ignore[method-assign]
    page.session.engine_setup.setup = dataclasses.replace(
        setup, settings=dataclasses.replace(setup.settings, device="cuda:7")
    )
    page.session.engine_setup.changed.emit()
    assert find(page, "inlay_device").currentData() == "cuda:7"
    assert asked == []


def test_files_are_told_with_their_size_and_opened(
    page: SettingsPage, launcher: Launcher, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QtGui.QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())) or True)
    wait(lambda: len(seen(page, "inlay_open_folder_button")) == 4)
    for button in seen(page, "inlay_open_folder_button"):
        button.click()
    data = launcher.folders.data
    assert opened == [str(data), str(data), str(launcher.folders.log), str(data / "journal" / "images")]


def test_a_folder_that_cannot_be_opened_is_said_so(
    page: SettingsPage, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "open_folder", lambda path: False)
    wait(lambda: seen(page, "inlay_open_folder_button"))
    seen(page, "inlay_open_folder_button")[0].click()
    assert "could not be opened" in page.session.notices[0].message


def test_images_go_after_a_second_press(page: SettingsPage, launcher: Launcher, wait: Wait) -> None:
    assert not seen(page, "inlay_clear_images_button")
    with contextlib.closing(Engine(launcher.ensure())) as engine:
        digest = engine.upload("RGBA", "U8", 64, 64, bytes(64 * 64 * 4))
        page.session.engine_setup.look()
        wait(lambda: seen(page, "inlay_clear_images_button"))
        seen(page, "inlay_clear_images_button")[0].click()
        assert engine.has(digest)
        assert "Delete" in page.files.question.words.text()
        page.files.question.keep.click()
        assert not page.files.question.isVisible()
        wait(lambda: seen(page, "inlay_clear_images_button"))
        seen(page, "inlay_clear_images_button")[0].click()
        find(page, "inlay_clear_images_yes_button").click()
        wait(lambda: not engine.has(digest))
        wait(lambda: not seen(page, "inlay_clear_images_button"))


def test_a_report_can_be_had(page: SettingsPage) -> None:
    find(page, "inlay_settings_report_button").click()
    dialog = find(page, "inlay_report")
    assert dialog.isVisible()
    dialog.close()


def fill(page: SettingsPage, engine: Elsewhere, **changes: str) -> None:
    told = {"address": engine.address, "token": engine.token, "fingerprint": engine.certificate.fingerprint}
    for name, text in {**told, **changes}.items():
        find(page, f"inlay_remote_{name}").setText(text)


def test_an_engine_elsewhere_is_used_and_left_again(page: SettingsPage, elsewhere: Elsewhere, wait: Wait) -> None:
    assert not page.engine.form.isVisible()
    find(page, "inlay_engine_elsewhere").click()
    assert page.engine.form.isVisible()
    assert find(page, "inlay_remote_token").echoMode() == QtWidgets.QLineEdit.EchoMode.Password
    fill(page, elsewhere)
    find(page, "inlay_use_remote_button").click()
    assert not find(page, "inlay_use_remote_button").isEnabled()
    wait(lambda: page.session.engine_choice.is_remote)
    wait(lambda: page.session.engine_setup.setup)
    assert f"127.0.0.1:{elsewhere.port}" in page.engine.works.text()
    assert not find(page, "inlay_device").isEnabled()
    assert "Whoever runs that engine" in page.computing.note.text()
    wait(lambda: len(seen(page, "inlay_open_folder_button")) == 1)  # this panel's own
    panel = page.window()
    assert f"127.0.0.1:{elsewhere.port}" in panel.engine.words.text()
    find(page, "inlay_engine_here").click()
    wait(lambda: page.session.engine_setup.setup and find(page, "inlay_device").isEnabled())
    assert not page.engine.form.isVisible()
    assert not page.engine.works.isVisible()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"token": "wrong"}, "does not take this token"),
        ({"fingerprint": "0" * 64}, "shows another certificate"),
        ({"fingerprint": "12"}, "no SHA-256 fingerprint"),
        ({"address": "ftp://x"}, "no address"),
        ({"address": f"https://127.0.0.1:{free_port()}"}, "cannot be reached"),
    ],
)
def test_why_an_engine_cannot_be_used_is_said_below_the_button(
    page: SettingsPage, elsewhere: Elsewhere, wait: Wait, changes: dict[str, str], words: str
) -> None:
    find(page, "inlay_engine_elsewhere").click()
    fill(page, elsewhere, **changes)
    find(page, "inlay_remote_address").returnPressed.emit()
    said = find(page, "inlay_remote_problem")
    wait(lambda: words in said.text().replace("\u200b", ""))
    assert page.engine.form.remedy.isVisible()
    assert find(page, "inlay_use_remote_button").isEnabled()
    assert not page.session.engine_choice.is_remote
    assert page.session.notices == []


def test_only_the_fields_that_the_check_needs_are_seen(page: SettingsPage, tmp_path: Path) -> None:
    find(page, "inlay_engine_elsewhere").click()
    check = find(page, "inlay_remote_check")
    names = ("inlay_remote_fingerprint", "inlay_remote_authority", "inlay_remote_browse_button")
    seen = []
    for row in range(check.count()):
        check.setCurrentIndex(row)
        seen.append([find(page, name).isVisible() for name in names])
    assert seen == [[False, False, False], [True, False, False], [False, True, True]]
