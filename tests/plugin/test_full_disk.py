"""A disk that is full, for real (`/dev/full`): what the panel could not write is said, and what was there stays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay.panel.keeper import FileKeeper
from inlay_krita.client import EngineError
from inlay_krita.launcher import Launcher
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session
from inlay_krita.whole_file import write_whole

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a Linux device stands for the full disk")
FULL = "The disk is full."


def fill_disk_for(path: Path) -> None:
    """Let the next write of a file meet a full disk: what it is written under first leads there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.part").symlink_to("/dev/full")


@pytest.fixture
def document() -> MemoryDocument:
    document = MemoryDocument()
    document.select(100, 80, 60, 40)
    return document


@pytest.fixture
def session(application: QtWidgets.QApplication, launcher: Launcher, document: MemoryDocument) -> Iterator[Session]:
    made = Session(MemoryCanvas(document), launcher, keeper=FileKeeper(launcher.folders.data / "panel.json"))
    yield made
    made.close()


def said(session: Session) -> list[str]:
    return [notice.message for notice in session.notices]


def test_what_was_there_stays_and_nothing_half_is_left(tmp_path: Path) -> None:
    path = tmp_path / "styles.json"
    write_whole(path, "before")
    fill_disk_for(path)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["styles.json"]
    write_whole(path, "after")  # somebody has freed some space
    assert path.read_text() == "after"


def test_a_style_that_could_not_be_kept_is_said_so(session: Session, launcher: Launcher) -> None:
    path = launcher.folders.data / "styles.json"
    session.styles.save("Ink")
    fill_disk_for(path)
    session.styles.save("Oil")
    assert any(FULL in message for message in said(session))
    assert [style["name"] for style in json.loads(path.read_text())["styles"]] == ["Ink"]


def test_prompts_are_said_to_be_there_until_krita_closes(session: Session, launcher: Launcher, wait: Wait) -> None:
    path = launcher.folders.data / "prompts.json"
    session.prompts.add("a barn")
    fill_disk_for(path)
    session.prompts.add("a boat")
    wait(lambda: session.notices)
    assert said(session) == [f"Earlier prompts could not be written. {FULL}"]
    assert "until Krita closes" in session.notices[0].remedy
    assert session.prompts.prompts == ["a boat", "a barn"]
    assert json.loads(path.read_text())["prompts"] == ["a barn"]


def test_the_same_is_said_once(session: Session, launcher: Launcher, wait: Wait) -> None:
    for prompt in ("a boat", "a barn"):
        fill_disk_for(launcher.folders.data / "prompts.json")
        session.prompts.add(prompt)
    wait(lambda: session.notices)
    session.dismiss(session.notices[0])
    fill_disk_for(launcher.folders.data / "prompts.json")
    session.prompts.add("a bird")
    fill_disk_for(launcher.folders.data / "panel.json")
    session.keep_settings()
    wait(lambda: session.notices)
    assert said(session) == [f"How the panel is set could not be written. {FULL}"]


def test_settings_stay_as_they_were_kept(session: Session, launcher: Launcher, wait: Wait) -> None:
    path = launcher.folders.data / "panel.json"
    session.keep_settings()
    before = path.read_text()
    session.remove_settings = session.remove_settings.__class__(grow_px=7)
    fill_disk_for(path)
    session.keep_settings()
    wait(lambda: session.notices)
    assert path.read_text() == before


def test_an_edit_does_not_need_its_note(
    session: Session, launcher: Launcher, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = launcher.folders.data / "panel"
    notes.parent.mkdir(parents=True, exist_ok=True)
    real = os.open

    def full(path: object, *arguments: object, **more: object) -> int:
        is_note = isinstance(path, Path) and path.parent == notes
        return real("/dev/full" if is_note else path, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", full)
    session.remove()
    wait(lambda: document.placements)
    assert said(session) == [f"The panel could not write down which results it waits for. {FULL}"]
    assert "Leave Krita open" in session.notices[0].remedy


def test_the_choice_of_an_engine_is_not_made_by_halves(session: Session, launcher: Launcher) -> None:
    fill_disk_for(launcher.folders.data / "remote.json")
    session.engine_choice.use_local()
    problem = session.engine_choice.problem
    assert isinstance(problem, EngineError)
    assert FULL in problem.message
