"""A report of a problem: what helps is in it, and nothing of the painter's."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay_krita.guard import SHARED_LOG, keep_log
from inlay_krita.launcher import Installed, Launcher
from inlay_krita.panel.engine_line import EngineLine
from inlay_krita.panel.report_dialog import ReportDialog
from inlay_krita.qt import QtCore, QtWidgets
from inlay_krita.reporting import told_start
from inlay_krita.session import Session
from inlay_krita.settings import PromptSettings

from tests.plugin.conftest import OWN, MemoryCanvas, MemoryDocument, Wait, end_engine

PROMPT, NEGATIVE, DOCUMENT, FOLDER = "a canary on a red barn", "albatross", "secret-client.kra", "somebodys-home"


class NamedCanvas(MemoryCanvas):
    """Its document has a name that nobody else should read."""

    def name(self, document: MemoryDocument) -> str:
        return DOCUMENT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / FOLDER / "inlay"


@pytest.fixture
def own_launcher(home: Path) -> Iterator[Launcher]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INLAY_", "XDG_"))}
    made = Launcher({**kept, "INLAY_HOME": str(home)}, own=OWN)
    yield made
    end_engine(made)


@pytest.fixture
def logged(own_launcher: Launcher) -> Iterator[Path]:
    """The panel's logs, as long as the test lasts."""
    log = logging.getLogger("inlay_krita")
    before = list(log.handlers)
    path = keep_log(own_launcher.folders.log)
    assert path
    yield path
    for handler in [handler for handler in log.handlers if handler not in before]:
        log.removeHandler(handler)
        handler.close()


@pytest.fixture
def asked(own_launcher: Launcher, logged: Path, document: MemoryDocument) -> Iterator[Session]:
    made = Session(NamedCanvas(document), own_launcher, logged)
    yield made
    assert made.close()


def assert_discreet(text: str, launcher: Launcher) -> None:
    token = json.loads((launcher.folders.run / "engine.json").read_text("utf-8"))["token"]
    for secret in (PROMPT, "canary", NEGATIVE, DOCUMENT, "secret", FOLDER, str(Path.home()), token):
        assert secret not in text, secret


def test_nothing_of_the_painters_is_in_it(
    asked: Session, own_launcher: Launcher, home: Path, logged: Path, wait: Wait
) -> None:
    asked.remove()
    wait(lambda: not asked.works)
    assert asked.notices == []
    asked.prompt_settings = PromptSettings(PROMPT, NEGATIVE)
    asked.ask("replace")
    wait(lambda: asked.notices)
    logging.getLogger("inlay_krita.session").error("in the background", exc_info=ValueError(f"{PROMPT} in {DOCUMENT}"))
    asked.reporting.gather()
    wait(lambda: asked.reporting.is_whole)
    text = asked.reporting.text
    assert_discreet(text, own_launcher)
    assert PROMPT in logged.read_text("utf-8")
    for told in ("tests", "PySide6, Qt 6", "document: 320 x 240 RGBA U8", "Inlay 0.", "built-in fill", "models run on"):
        assert told in text or (told == "models run on" and "models need torch" in text), told
    assert ": remove on local" in text
    assert "ERROR inlay_krita.session: in the background\n  ValueError" in text
    done = subprocess.run(
        [sys.executable, "-m", "inlay", "doctor", "--report"],
        env={**os.environ, "INLAY_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert_discreet(done.stdout, own_launcher)
    assert ": remove on local" in done.stdout
    assert "ERROR inlay_krita.session: in the background\n  ValueError" in done.stdout


def test_without_an_engine(tmp_path: Path, document: MemoryDocument, wait: Wait) -> None:
    environ = {"INLAY_HOME": str(tmp_path / FOLDER), "PATH": os.environ["PATH"]}
    failing = Installed((sys.executable, "-c", f"raise RuntimeError({PROMPT!r})"))
    made = Session(MemoryCanvas(document), Launcher(environ, own=failing))
    made.reporting.gather()
    assert "asking" in made.reporting.text
    assert not made.reporting.is_whole
    wait(lambda: made.reporting.is_whole)
    assert "[Engine]\ncould not be asked: EngineError\n" in made.reporting.text
    assert "[Engine's last start]\nRuntimeError\n" in made.reporting.text
    assert FOLDER not in made.reporting.text
    assert "canary" not in made.reporting.text
    assert made.close()


def test_what_is_told_of_a_start() -> None:
    lines = [
        "Traceback (most recent call last):",
        f'  File "/home/{FOLDER}/engine/inlay/api/serve.py", line 12, in serve',
        f"    raise ValueError({PROMPT!r})",
        f'  File "C:\\Users\\{FOLDER}\\inlay\\cli\\__init__.py", line 3, in <module>',
        f'  File "/home/{FOLDER}/secret.py", line 12, in canary',
        f"numpy.exceptions.AxisError: {PROMPT}",
        f"Error: The folder /home/{FOLDER} cannot be used.",
        PROMPT,
    ]
    assert told_start(lines) == [
        "api/serve, line 12, in serve",
        "cli/__init__, line 3, in <module>",
        "AxisError",
        "it refused to start",
    ]


def test_the_panels_two_logs(logged: Path) -> None:
    logging.getLogger("inlay_krita.launcher").info("starting %s", [FOLDER])
    assert FOLDER in logged.read_text("utf-8")
    shared = (logged.parent / SHARED_LOG).read_text("utf-8")
    assert shared.endswith("INFO inlay_krita.launcher: starting \u2026\n")


@pytest.fixture
def dialog(session: Session, application: QtWidgets.QApplication) -> Iterator[ReportDialog]:
    line = EngineLine(session)
    line.show()
    line.report.click()
    made = line.findChild(ReportDialog)
    assert made
    yield made
    line.close()
    line.deleteLater()
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def test_it_is_shown_before_anybody_gets_it(
    dialog: ReportDialog, application: QtWidgets.QApplication, wait: Wait, tmp_path: Path
) -> None:
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert not dialog.copy.isEnabled()
    assert dialog.text.isReadOnly()
    wait(lambda: dialog.copy.isEnabled())
    assert dialog.text.toPlainText() == dialog.session.reporting.text
    dialog.copy.click()
    assert application.clipboard().text() == dialog.session.reporting.text
    dialog.write(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text("utf-8") == dialog.session.reporting.text + "\n"
    dialog.write(tmp_path / "missing" / "report.txt")
    assert "was not saved" in dialog.session.notices[0].message


def test_it_may_be_closed_while_it_is_gathered(
    dialog: ReportDialog, application: QtWidgets.QApplication, wait: Wait
) -> None:
    session = dialog.session
    dialog.close()
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    wait(lambda: session.reporting.is_whole)
    assert session.notices == []
