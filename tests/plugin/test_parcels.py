"""Results whose picture is closed: over closed documents, a closed Krita and dead engines; offered when it is back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.notes import Notes
from inlay_krita.panel import Panel
from inlay_krita.panel.messages import HERE, ParcelCard
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait


class NamedCanvas(MemoryCanvas):
    """Its documents have names of their own, in `names`; others are called photo.kra."""

    def __init__(self, *documents: MemoryDocument) -> None:
        super().__init__(*documents)
        self.names: dict[int, str] = {}

    def name(self, document: MemoryDocument) -> str:
        return self.names.get(id(document), "photo.kra")


def selected(width: int = 320, height: int = 240) -> MemoryDocument:
    made = MemoryDocument(width, height)
    made.select(40, 40, 30, 30)
    return made


@pytest.fixture
def canvas() -> NamedCanvas:
    return NamedCanvas(selected())


@pytest.fixture
def session(canvas: NamedCanvas, shared_launcher: Launcher) -> Iterator[Session]:
    made = Session(canvas, shared_launcher)
    yield made
    for parcel in list(made.parcels):
        made.arrivals.discard(parcel)
    assert made.close()


def open_again(session: Session, name: str = "photo.kra", size: tuple[int, int] = (320, 240)) -> MemoryDocument:
    """Another document in memory: a file that was opened again."""
    canvas, document = session.canvas, MemoryDocument(*size)
    assert isinstance(canvas, NamedCanvas)
    canvas.names[id(document)] = name
    canvas.opened.append(document)
    canvas.active = document
    session.refresh()
    return document


def orphan(session: Session, wait: Wait) -> None:
    """Let an edit end without its document."""
    canvas = session.canvas
    assert isinstance(canvas, NamedCanvas) and canvas.active
    count = len(session.parcels)
    session.remove()
    wait(lambda: session.works[0].errand)
    canvas.close(canvas.active)
    wait(lambda: len(session.parcels) == count + 1)


def next_krita(session: Session, canvas: NamedCanvas, launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Close this Krita and start another one."""
    assert session.close()
    monkeypatch.setattr("inlay_krita.notes.THIS_SESSION", "the next Krita's")
    made = Session(canvas, launcher)
    made.look()
    return made


def test_the_reopened_picture_is_recognised(session: Session, wait: Wait) -> None:
    orphan(session, wait)
    (parcel,) = session.parcels
    panel, announced = Panel(session), []
    session.announced.connect(announced.append)
    card = panel.activity.findChild(ParcelCard)
    assert card.where.text() == "The result is kept. Open photo.kra, then place it."
    open_again(session, "another.kra")
    assert not session.homecoming.is_here(parcel)
    open_again(session, size=(100, 100))
    assert not session.homecoming.is_here(parcel)
    assert announced == []
    document = open_again(session)
    session.refresh()
    assert card.where.text().replace("\u200b", "") == HERE
    assert announced == ["1 result waits for this picture."]
    card.findChild(QtWidgets.QPushButton, "inlay_place_button").click()
    assert len(document.placements) == 1
    assert session.parcels == []
    panel.deleteLater()


def test_several_wait_and_each_goes_where_it_belongs(session: Session, canvas: NamedCanvas, wait: Wait) -> None:
    orphan(session, wait)
    for size in ((200, 100), (320, 240)):
        canvas.opened.append(selected(*size))
        canvas.active = canvas.opened[-1]
        canvas.names[id(canvas.active)] = f"{size[0]}.kra"
        orphan(session, wait)
    assert [parcel.document_name for parcel in session.parcels] == ["photo.kra", "200.kra", "320.kra"]
    first, small, other = session.parcels
    document = open_again(session, "200.kra", (200, 100))
    assert [session.homecoming.is_here(parcel) for parcel in session.parcels] == [False, True, False]
    session.arrivals.place(other)
    assert document.placements == []  # of another size: refused, and kept
    assert session.parcels == [first, small, other]
    session.arrivals.place(small)
    assert len(document.placements) == 1
    document = open_again(session)
    session.arrivals.place(first)
    session.arrivals.place(other)  # of the same size and colours: the painter knows better than the name does
    assert len(document.placements) == 2
    assert session.parcels == []


def test_a_result_that_waits_needs_no_engine(launcher: Launcher, wait: Wait) -> None:
    session = Session(NamedCanvas(selected()), launcher)
    orphan(session, wait)
    assert launcher.process
    launcher.process.send_signal(signal.SIGKILL)
    launcher.process.wait()
    document = open_again(session)
    session.arrivals.place(session.parcels[0])
    assert len(document.placements) == 1
    assert [notice for notice in session.notices if notice.is_error] == []
    assert session.close()


def test_a_result_that_waits_is_there_in_the_next_krita(
    shared_launcher: Launcher, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(NamedCanvas(selected()), shared_launcher)
    orphan(session, wait)
    canvas = NamedCanvas()
    after = next_krita(session, canvas, shared_launcher, monkeypatch)
    wait(lambda: after.parcels)
    assert after.parcels[0].document_name == "photo.kra"
    document = open_again(after)
    after.arrivals.place(after.parcels[0])
    assert len(document.placements) == 1
    assert Notes(shared_launcher.folders.data / "panel").orphans() == []
    assert after.close()


def test_krita_and_its_engine_are_gone_and_the_next_ones_bring_it(
    launcher: Launcher, environ: dict[str, str], wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next engine reads it from the journal."""
    session = Session(NamedCanvas(selected()), launcher)
    orphan(session, wait)
    assert launcher.process
    os.kill(launcher.process.pid, signal.SIGKILL)
    launcher.process.wait()
    after = next_krita(session, NamedCanvas(), launcher, monkeypatch)
    wait(lambda: after.parcels, 60)
    document = open_again(after)
    after.arrivals.place(after.parcels[0])
    assert len(document.placements) == 1
    assert after.close()
