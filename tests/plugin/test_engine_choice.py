"""Which engine a session uses: chosen, kept, left again; what is under way, and what an engine elsewhere still has."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inlay_krita.client import Engine
from inlay_krita.launcher import Launcher
from inlay_krita.qt import QtWidgets
from inlay_krita.remote import Remote
from inlay_krita.session import Session
from inlay_krita.state import EngineState
from inlay_krita.whole_file import write_whole

from tests.certificates import made
from tests.elsewhere import Elsewhere
from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

Make = Callable[[], Session]


@pytest.fixture
def document() -> MemoryDocument:
    document = MemoryDocument()
    document.select(100, 80, 60, 40)
    return document


@pytest.fixture
def make(application: QtWidgets.QApplication, launcher: Launcher, document: MemoryDocument) -> Iterator[Make]:
    sessions: list[Session] = []

    def one() -> Session:
        sessions.append(Session(MemoryCanvas(document), launcher))
        return sessions[-1]

    yield one
    for session in sessions:
        session.close()


def use(session: Session, engine: Elsewhere, wait: Wait) -> None:
    session.engine_choice.use_remote(engine.address, engine.token, engine.certificate.fingerprint, "")
    wait(lambda: not session.engine_choice.is_asking)
    assert session.engine_choice.problem is None, session.engine_choice.problem.message


def test_edits_go_where_the_painter_chose_and_the_choice_outlives_krita(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait, document: MemoryDocument
) -> None:
    session = make()
    use(session, elsewhere, wait)
    assert session.engine_choice.place == f"127.0.0.1:{elsewhere.port}"
    wait(lambda: session.engine.state is EngineState.READY)
    session.remove()
    wait(lambda: document.placements)
    with contextlib.closing(Engine(Remote(elsewhere.settings()).ensure())) as engine:
        assert [job.kind for job in engine.jobs()] == ["remove"]
    assert launcher.find() is None  # none was started here
    kept = launcher.folders.data / "remote.json"
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    again = make()
    assert again.engine_choice.is_remote
    again.engine_choice.use_local()
    assert not make().engine_choice.is_remote
    assert make().engine_choice.settings == elsewhere.settings()  # known, though not used


def test_a_choice_that_cannot_be_made_leaves_the_one_before(make: Make, elsewhere: Elsewhere, wait: Wait) -> None:
    session = make()
    session.engine_choice.use_remote(elsewhere.address, "wrong", elsewhere.certificate.fingerprint, "")
    wait(lambda: not session.engine_choice.is_asking)
    problem = session.engine_choice.problem
    assert problem
    assert problem.field == "token"
    assert not session.engine_choice.is_remote
    assert not make().engine_choice.is_remote


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps who may read in other ways")
def test_a_token_that_others_can_read_is_not_sent(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait
) -> None:
    use(make(), elsewhere, wait)
    (launcher.folders.data / "remote.json").chmod(0o644)
    session = make()
    assert not session.engine_choice.is_remote
    problem = session.engine_choice.problem
    assert problem
    assert "Others on this machine can read" in problem.message
    assert session.notices[0].message == problem.message


def test_an_authority_that_is_gone_is_said_so(
    make: Make, launcher: Launcher, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """This machine's engine works meanwhile, and nobody is left to wonder why."""
    pem = tmp_path / "ca.pem"
    told = dataclasses.asdict(elsewhere.settings()) | {"fingerprint": "", "authority": str(pem), "is_used": True}
    write_whole(launcher.folders.data / "remote.json", json.dumps(told))
    session = make()
    assert not session.engine_choice.is_remote
    assert str(pem) in session.notices[0].message


@pytest.mark.parametrize(
    "text", ["", "[]", '{"inlay_engine": 1}', '{"address": "http://evil", "is_used": true}', "{" * 5000]
)
def test_a_file_of_somebody_elses_making_is_left_alone(make: Make, launcher: Launcher, text: str) -> None:
    path = launcher.folders.data / "remote.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    assert not make().engine_choice.is_remote
    assert path.read_text() == text


def test_what_is_under_way_ends_where_it_began(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait, document: MemoryDocument
) -> None:
    session = make()
    use(session, elsewhere, wait)
    session.remove()
    wait(lambda: session.works and session.works[0].errand)
    session.engine_choice.use_local()
    wait(lambda: document.placements)
    assert session.notices == []
    session.remove()
    wait(lambda: len(document.placements) == 2)
    with contextlib.closing(Engine(launcher.ensure())) as engine:
        assert len(engine.jobs()) == 1


@pytest.mark.parametrize("is_renewed", [False, True])
def test_an_engine_that_goes_away_keeps_what_it_has_until_it_is_back(
    make: Make, tmp_path: Path, wait: Wait, document: MemoryDocument, is_renewed: bool
) -> None:
    """is_renewed: it comes back with another token, and the panel first meets it with the old one."""
    engine = Elsewhere(tmp_path / "there", made(tmp_path / "pem"))
    engine.start()
    try:
        session = make()
        use(session, engine, wait)
        document.pixels = MemoryDocument(2400, 1800, seed=3).pixels
        document.mask = MemoryDocument(2400, 1800).mask
        document.select(600, 400, 900, 900)
        session.remove()
        wait(lambda: list((session.reporting.folders.data / "panel").glob("*.json")))
        engine.stop()
        wait(lambda: session.notices and not session.works, timeout_s=60)
        assert any("is fetched when it can be reached again" in notice.remedy for notice in session.notices)
        assert all(notice.act is None for notice in session.notices)
        session.engine_choice.use_local()
        session.look()
        wait(lambda: session.engine.state is EngineState.IDLE)
        assert session.works == []  # it is that engine's
        assert session.engine_choice.left_elsewhere() == 1
        if is_renewed:
            session.engine_choice._engines.turn_to(Remote(session.engine_choice.settings))
            (engine.home / "data" / "remote-token").unlink()
        engine.start()
        if is_renewed:
            session.look()
            wait(lambda: any("does not take this token" in notice.message for notice in session.notices))
        use(session, engine, wait)
        wait(lambda: document.placements, timeout_s=60)
        assert session.engine_choice.left_elsewhere() == 0
        assert session.parcels == []
    finally:
        engine.stop()


def test_an_engine_that_cannot_be_reached_is_told_once(make: Make, tmp_path: Path, wait: Wait) -> None:
    engine = Elsewhere(tmp_path / "there", made(tmp_path / "pem"))
    engine.start()
    session = make()
    use(session, engine, wait)
    wait(lambda: session.engine.state is EngineState.READY)
    engine.stop()
    session.engine_choice._engines.turn_to(Remote(session.engine_choice.settings))
    session.look()
    wait(lambda: session.engine.state is EngineState.TROUBLE)
    assert len(session.notices) == 1
    session.dismiss(session.notices[0])
    session.look()
    deadline = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > deadline)
    assert session.notices == []


def test_the_report_names_neither_address_nor_token(make: Make, elsewhere: Elsewhere, wait: Wait) -> None:
    session = make()
    use(session, elsewhere, wait)
    session.reporting.gather()
    wait(lambda: session.reporting.is_whole)
    text = session.reporting.text
    assert "elsewhere" in text
    assert elsewhere.token not in text
    assert str(elsewhere.port) not in text
    assert elsewhere.certificate.fingerprint not in text
