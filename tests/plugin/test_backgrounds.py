"""The subject and its background, over documents in memory and a real engine without any model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from inlay_krita.backgrounds import GUESSED, Subject, around
from inlay_krita.kept import kept_text, restored
from inlay_krita.panel.background_section import BackgroundSection
from inlay_krita.session import Session
from inlay_krita.settings import BackgroundSettings
from inlay_krita.wire import Box

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

DISC = (150, 110, 60)  # centre and radius


def disc() -> np.ndarray:
    rows, columns = np.mgrid[:240, :320]
    x, y, radius = DISC
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


@pytest.fixture
def canvas(session: Session) -> MemoryCanvas:
    assert isinstance(session.canvas, MemoryCanvas)
    return session.canvas


@pytest.fixture
def subject(canvas: MemoryCanvas) -> MemoryDocument:
    """A blue disc on noisy green; nothing is selected."""
    made = MemoryDocument()
    noise = np.random.default_rng(3).integers(0, 20, made.pixels.shape[:2], np.uint8)
    made.pixels[..., :3] = (40, 160, 50)
    made.pixels[disc(), :3] = (200, 60, 30)
    made.pixels[..., 0] += noise
    canvas.opened, canvas.active = [made], made
    return made


def overlap(mask: np.ndarray) -> float:
    """Intersection over union with the disc."""
    return float((disc() & (mask > 127)).sum() / (disc() | (mask > 127)).sum())


def test_what_is_selected_stays_as_soft_as_it_is(session: Session, document: MemoryDocument) -> None:
    document.select(100, 80, 60, 10, value=77)
    said: list[str] = []
    session.announced.connect(said.append)
    before = document.mask.copy()
    session.backgrounds.remove()
    ((mask, is_copy),) = document.cuts
    assert np.array_equal(mask, before)
    assert not is_copy
    assert np.array_equal(document.mask, before)
    assert said == ["The background is hidden."]


def test_on_a_copy(session: Session, document: MemoryDocument) -> None:
    session.background_settings = BackgroundSettings(is_copy=True)
    session.backgrounds.remove()
    assert [is_copy for _, is_copy in document.cuts] == [True]


def test_the_subject_is_found(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    session.backgrounds.remove()
    (work,) = session.works
    assert work.title == "Remove the background"
    wait(lambda: not session.works)
    assert [(notice.message, notice.action) for notice in session.notices] == [(GUESSED, "Show models")]
    ((mask, _),) = subject.cuts
    assert overlap(mask) > 0.9
    assert not subject.mask.any(), "nothing is selected by this"


def test_select_subject_and_background(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    session.backgrounds.select_subject()
    wait(lambda: not session.works)
    found = subject.mask.copy()
    assert overlap(found) > 0.9
    session.backgrounds.select_background()
    assert np.array_equal(subject.mask, 255 - found)


def test_two_at_once(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    session.backgrounds.remove()
    session.backgrounds.select_subject()
    assert len(session.works) == 2
    wait(lambda: not session.works)
    assert len(subject.cuts) == 1
    assert overlap(subject.mask) > 0.9


def test_replace_finds_the_subject_first(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    session.backgrounds.replace()
    wait(lambda: len(session.notices) == 2 and not session.works)
    assert overlap(subject.mask) > 0.9
    assert {notice.is_error for notice in session.notices} == {True, False}  # no model replaces; but it was asked to


def test_cancelled(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    session.backgrounds.remove()
    session.cancel(session.works[0])
    wait(lambda: not session.works)
    session.backgrounds.remove()
    wait(lambda: session.works[0].stage.startswith("Looking"))
    session.cancel(session.works[0])
    wait(lambda: not session.works)
    assert subject.cuts == []


def test_closed_meanwhile(session: Session, subject: MemoryDocument, canvas: MemoryCanvas, wait: Wait) -> None:
    session.backgrounds.remove()
    wait(lambda: session.works[0].stage.startswith("Looking"))
    canvas.close(subject)
    wait(lambda: not session.works)
    assert "was closed" in session.notices[0].message
    assert subject.cuts == []


def test_one_colour(session: Session, subject: MemoryDocument, wait: Wait) -> None:
    subject.pixels[:] = 128
    session.backgrounds.remove()
    wait(lambda: not session.works)
    assert session.notices[0].message.startswith("Remove the background: ")
    assert subject.cuts == []


def test_no_picture(session: Session, canvas: MemoryCanvas) -> None:
    canvas.opened, canvas.active = [], None
    for ask in (session.backgrounds.remove, session.backgrounds.replace, session.backgrounds.select_subject):
        ask()
    assert {notice.message for notice in session.notices} == {"No picture is open. Open a picture first."}


def test_around() -> None:
    coverage = np.random.default_rng(1).integers(0, 256, (3, 4), np.uint8)
    whole = np.zeros((9, 11), np.uint8)
    whole[2:5, 6:10] = coverage
    told = around(Subject(None, Box(6, 2, 4, 3), coverage.tobytes()), Box(0, 0, 11, 9))
    assert np.array_equal(np.frombuffer(told, np.uint8).reshape(9, 11), 255 - whole)


@pytest.fixture
def section(session: Session) -> Iterator[BackgroundSection]:
    made = BackgroundSection(session)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_the_section_asks(section: BackgroundSection, session: Session, document: MemoryDocument) -> None:
    before = document.mask.copy()
    section.is_copy.setChecked(True)
    section.buttons["remove_background"].click()
    assert [is_copy for _, is_copy in document.cuts] == [True]
    section.buttons["select_background"].click()
    assert np.array_equal(document.mask, 255 - before)


def test_the_section_finds(section: BackgroundSection, session: Session, subject: MemoryDocument, wait: Wait) -> None:
    section.buttons["select_subject"].click()
    wait(lambda: not session.works)
    assert overlap(subject.mask) > 0.9
    section.buttons["background"].click()
    assert [work.edit.kind for work in session.works if work.edit] == ["background"]
    wait(lambda: not session.works)


def test_a_file_has_no_layers_to_choose_from(session: Session, canvas: MemoryCanvas) -> None:
    canvas.has_layers = False
    section = BackgroundSection(session)
    section.show()
    assert not section.is_copy.isVisible()
    assert section.buttons["remove_background"].isVisible()
    section.deleteLater()


def test_the_choice_is_kept() -> None:
    kept = kept_text([BackgroundSettings(is_copy=True)], None)
    assert restored(kept, BackgroundSettings()).is_copy
