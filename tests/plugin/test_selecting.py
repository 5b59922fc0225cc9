"""Selecting by pointing: order of answers, changed pictures, refusals, modes; a seer of our own, and the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from inlay_krita import looking
from inlay_krita.client import EngineLostError
from inlay_krita.contract import Mode
from inlay_krita.launcher import Launcher
from inlay_krita.looking import Hints, Sighting
from inlay_krita.selecting import LOOKING, Selecting
from inlay_krita.session import Session
from inlay_krita.settings import SelectSettings
from inlay_krita.wire import Box, Point, Selected

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait
from tests.plugin.seer import Seer, candidate, refusal


def disc(width: int = 320, height: int = 240, centre: tuple[int, int] = (160, 120), radius: int = 50) -> MemoryDocument:
    """A yellow disc on a quiet blue ground."""
    made = MemoryDocument(width, height)
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(3).integers(0, 12, (height, width), np.uint8)
    made.pixels[...] = 0
    made.pixels[..., 0] = 120 + noise
    made.pixels[..., 3] = 255
    inside = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= radius**2
    made.pixels[inside] = (30, 200, 230, 255)
    made.inside = inside  # type: ignore[attr-defined]
    return made


@pytest.fixture
def selecting(session: Session, document: MemoryDocument) -> Selecting:
    document.mask[:] = 0
    return session.selecting


def answer(seer: Seer, selecting: Selecting, wait: Wait) -> None:
    seer.go.release()
    wait(lambda: not selecting.stage)


def test_a_click_is_looked_at_in_the_whole_picture(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(100, 90, True)
    assert selecting.stage
    assert selecting.hints == Hints((Point(100, 90),))
    wait(lambda: seer.asked)
    assert selecting.stage == LOOKING
    answer(seer, selecting, wait)
    assert seer.shown == [document.pixels.tobytes()]
    assert document.settled
    assert selecting.candidate
    assert selecting.candidate.selected.box == Box(100, 5, 10, 10)
    selecting.point(5, 6, False)
    answer(seer, selecting, wait)
    assert seer.asked[-1].points == (Point(100, 90), Point(5, 6, False))
    assert len(seer.shown) == 1


def test_answers_to_older_questions_are_not_shown(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    boxes: list[Box] = []
    selecting.changed.connect(lambda: boxes.append(selecting.candidate.selected.box) if selecting.candidate else None)
    selecting.point(10, 5, True)
    wait(lambda: seer.asked)
    selecting.point(20, 5, True)
    selecting.point(30, 5, True)
    seer.go.release()
    wait(lambda: len(seer.asked) == 2)
    assert selecting.stage == LOOKING
    answer(seer, selecting, wait)
    assert [len(hints.points) for hints in seer.asked] == [1, 3]
    assert {box.x for box in boxes} == {30}


def test_a_picture_that_was_painted_on_is_read_again(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    document.pixels[0, 0] = 9
    selecting.point(20, 5, True)
    answer(seer, selecting, wait)
    assert [picture[:4] for picture in seer.shown][-1] == bytes([9, 9, 9, 9])
    assert len(seer.shown) == 2


def test_one_that_is_painted_on_while_it_is_read_is_read_again(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlay_krita.reading.BAND_BYTES", 320 * 4 * 60)
    canvas = selecting._session.canvas
    read = canvas.pixels

    def paint_meanwhile(document: MemoryDocument, box: Box) -> bytes:
        if box.y == 120:
            document.pixels[:] = 77
        return bytes(read(document, box))

    monkeypatch.setattr(canvas, "pixels", paint_meanwhile)
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    assert seer.shown == [document.pixels.tobytes()]
    assert [box.y for box in document.reads].count(0) > 2  # twice, each after a row that tells how long rows are


def test_reading_takes_many_short_turns(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlay_krita.reading.BAND_BYTES", 320 * 4 * 10)
    selecting.point(10, 5, True)
    assert len(document.reads) <= 1
    answer(seer, selecting, wait)
    assert max(box.height for box in document.reads) == 10
    assert seer.shown == [document.pixels.tobytes()]


def test_undo_and_clear(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    selecting.point(10, 5, True)
    selecting.frame(Box(1, 2, 30, 40))
    selecting.name("  the   car ")
    for _ in range(3):
        seer.go.release()
    wait(lambda: not selecting.stage)
    assert seer.asked[-1] == Hints((Point(10, 5),), Box(1, 2, 30, 40), "the car")
    selecting.undo()
    assert selecting.hints == Hints((Point(10, 5),), Box(1, 2, 30, 40))
    answer(seer, selecting, wait)
    selecting.clear()
    assert (selecting.hints, selecting.candidate, selecting.stage) == (Hints(), None, "")
    selecting.undo()
    answer(seer, selecting, wait)
    assert seer.asked[-1] == Hints((Point(10, 5),), Box(1, 2, 30, 40))
    for _ in range(2):
        selecting.undo()
        seer.go.release()
    wait(lambda: not selecting.stage)
    assert selecting.hints == Hints()
    assert selecting.candidate is None
    assert not selecting.can_undo


def test_what_is_cleared_is_not_marked_by_a_late_answer(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    selecting.point(10, 5, True)
    wait(lambda: seer.asked)
    selecting.clear()
    seer.go.release()
    wait(lambda: not selecting._is_asking)
    assert selecting.candidate is None


def test_alternatives(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    seer.candidates = tuple(candidate(Box(x, 0, 5, 5)) for x in (1, 2, 3))
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    seen = []
    for by in (0, 1, 1, 1, -1):
        selecting.step(by)
        assert selecting.candidate
        seen.append(selecting.candidate.selected.box.x)
    assert seen == [1, 2, 3, 1, 3]


@pytest.mark.parametrize(
    ("mode", "kept", "both", "made"),
    [(Mode.NEW, 0, 255, 255), (Mode.ADD, 255, 255, 255), (Mode.SUBTRACT, 255, 0, 0), (Mode.INTERSECT, 0, 255, 0)],
)
def test_modes(
    selecting: Selecting,
    seer: Seer,
    document: MemoryDocument,
    wait: Wait,
    mode: Mode,
    kept: int,
    both: int,
    made: int,
) -> None:
    document.select(95, 0, 10, 10)
    selecting.point(100, 5, True)
    answer(seer, selecting, wait)
    before = document.mask.copy()
    assert (document.mask == before).all()
    selecting.apply(mode)
    assert [document.mask[6, x] for x in (97, 102, 108)] == [kept, both, made]
    assert selecting.hints == Hints()
    assert selecting.problem is None


def test_apply_waits_for_the_newest_answer(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    selecting.point(200, 5, True)
    selecting.apply(Mode.NEW)
    assert not document.mask.any()
    seer.go.release()
    wait(lambda: document.mask.any())
    assert document.mask[6, 205] == 255
    assert document.mask[6, 12] == 0


def test_a_refused_hint_is_not_applied_in_another_form(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(10, 5, True)
    wait(lambda: seer.asked)
    selecting.frame(Box(1, 1, 50, 50))
    selecting.point(20, 5, False)
    selecting.apply(Mode.NEW)
    seer.errors = [refusal("late"), refusal("contradiction")]
    for _ in range(3):
        seer.go.release()
    wait(lambda: not selecting.stage)
    assert seer.asked[-1] == Hints((Point(10, 5),), Box(1, 1, 50, 50))
    assert selecting.candidate
    assert not document.mask.any()


def test_a_click_while_krita_settles_is_asked_about_once(
    selecting: Selecting, seer: Seer, session: Session, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks = [20, 30]

    def settle(_: MemoryDocument) -> None:
        if clicks:
            selecting.point(clicks.pop(0), 5, True)

    monkeypatch.setattr(session.canvas, "settle", settle)
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    assert [len(hints.points) for hints in seer.asked] == [3]
    assert len(seer.shown) == 1


def test_a_document_that_is_closed_while_krita_settles(
    selecting: Selecting, seer: Seer, session: Session, document: MemoryDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = session.canvas
    assert isinstance(canvas, MemoryCanvas)

    def settle(closed: MemoryDocument) -> None:
        canvas.close(closed)
        selecting.glance()

    monkeypatch.setattr(canvas, "settle", settle)
    selecting.point(10, 5, True)
    assert selecting.stage == ""
    assert seer.asked == []


def test_nothing_to_apply_or_to_take_from(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    selecting.apply(Mode.NEW)
    assert selecting.problem
    assert selecting.problem.message == "Nothing is marked yet."
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    selecting.apply(Mode.SUBTRACT)
    assert selecting.problem
    assert selecting.problem.message == "Nothing is selected yet."
    assert selecting.candidate
    document.mask[5:15, 10:20] = 255
    selecting.apply(Mode.SUBTRACT)
    assert selecting.problem
    assert selecting.problem.message == "Nothing is selected now."


def test_a_refused_hint_goes_and_the_mask_stays(
    selecting: Selecting, seer: Seer, document: MemoryDocument, wait: Wait
) -> None:
    document.select(1, 1, 5, 5)
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    seer.errors = [refusal("contradiction")]
    selecting.point(10, 5, False)
    answer(seer, selecting, wait)
    assert selecting.problem
    assert (selecting.problem.message, selecting.problem.remedy) == ("It cannot be.", "Do something else.")
    assert selecting.hints == Hints((Point(10, 5),))
    assert selecting.candidate
    assert document.mask.sum() == 25 * 255
    selecting.point(30, 5, True)
    assert selecting.problem is None
    answer(seer, selecting, wait)
    assert seer.asked[-1].points == (Point(10, 5), Point(30, 5))


@pytest.mark.parametrize("code", ["no_finder", "no_model"])
def test_models_are_offered_where_one_is_missing(
    selecting: Selecting, seer: Seer, session: Session, wait: Wait, code: str
) -> None:
    wanted: list[bool] = []
    session.models_wanted.connect(lambda: wanted.append(True))
    seer.errors = [refusal(code, 404 if code == "no_model" else 400)]
    selecting.name("the car")
    answer(seer, selecting, wait)
    assert selecting.problem
    assert selecting.problem.action == "Show models"
    assert selecting.problem.act
    selecting.problem.act()
    assert wanted == [True]


def test_a_lost_engine_is_shown_the_picture_again(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    seer.errors = [EngineLostError("Gone.")]
    selecting.point(10, 5, True)
    wait(lambda: seer.asked)
    seer.go.release()
    wait(lambda: len(seer.asked) == 2)
    answer(seer, selecting, wait)
    assert selecting.problem is None
    assert len(seer.shown) == 2
    seer.errors = [EngineLostError("Gone."), EngineLostError("Gone for good.")]
    selecting.point(20, 5, True)
    seer.go.release()
    answer(seer, selecting, wait)
    assert selecting.problem
    assert selecting.problem.message == "Gone for good."
    assert selecting.hints.points[-1] == Point(20, 5)


def test_a_picture_that_the_engine_has_thrown_away(selecting: Selecting, seer: Seer, wait: Wait) -> None:
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    seer.errors = [refusal("image_missing", 404)]
    selecting.point(20, 5, True)
    seer.go.release()
    answer(seer, selecting, wait)
    assert selecting.problem is None
    assert len(seer.shown) == 2


def test_widths_and_model_are_asked_for(selecting: Selecting, seer: Seer, session: Session, wait: Wait) -> None:
    selecting.ask_again()
    assert selecting.stage == ""
    session.select_settings = SelectSettings(3, 4, "sam")
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    session.select_settings = SelectSettings(9, 0, "sam")
    selecting.ask_again()
    answer(seer, selecting, wait)
    assert seer.widths == [(3, 4), (9, 0)]
    assert seer.models == ["sam", "sam"]


def test_another_document_begins_anew(
    selecting: Selecting, seer: Seer, session: Session, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    canvas = session.canvas
    assert isinstance(canvas, MemoryCanvas)
    other = MemoryDocument(64, 48, seed=5)
    canvas.opened.append(other)
    canvas.active = other
    selecting.apply(Mode.NEW)
    assert selecting.problem
    assert selecting.problem.message.startswith("This is another picture now")
    assert not other.mask.any()
    selecting.point(3, 4, True)
    assert selecting.hints == Hints((Point(3, 4),))
    answer(seer, selecting, wait)
    assert seer.shown[-1] == other.pixels.tobytes()


def test_a_document_that_is_closed_while_it_is_read(
    selecting: Selecting, seer: Seer, session: Session, document: MemoryDocument, wait: Wait
) -> None:
    selecting.point(10, 5, True)
    canvas = session.canvas
    assert isinstance(canvas, MemoryCanvas)
    canvas.close(document)
    wait(lambda: not selecting.stage)
    assert selecting.problem
    assert "closed" in selecting.problem.message
    selecting.point(10, 5, True)
    wait(lambda: not selecting.stage)
    assert selecting.problem
    assert selecting.problem.message == "No picture is open."


def test_it_is_looked_at_ahead_when_nothing_runs(
    selecting: Selecting, seer: Seer, session: Session, document: MemoryDocument, wait: Wait
) -> None:
    selecting.glance()
    wait(lambda: selecting._scene)
    selecting.glance()
    wait(lambda: seer.readied)
    assert selecting.stage == ""
    assert seer.asked == []
    for _ in range(3):
        selecting.glance()
    assert seer.readied == ["image 1"]
    selecting.point(10, 5, True)
    answer(seer, selecting, wait)
    assert len(seer.shown) == 1


def test_a_busy_engine_is_asked_later_and_nobody_is_told(
    selecting: Selecting, seer: Seer, session: Session, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlay_krita.selecting.BUSY_S", 0.0)
    seer.errors = [refusal("busy", 409)]
    selecting.glance()
    wait(lambda: selecting._scene)

    def is_ready() -> bool:
        selecting.glance()
        return len(seer.readied) == 2

    wait(is_ready)
    assert selecting.problem is None
    assert session.notices == []


def test_the_panels_picture_follows_the_document(session: Session, document: MemoryDocument, wait: Wait) -> None:
    picturing = session.picturing
    picturing.glance()
    wait(lambda: picturing.picture)
    first = picturing.picture
    assert first is not None
    assert (first.width(), first.height()) == (320, 240)
    blue, green, red, _ = document.pixels[100, 100]
    assert first.pixelColor(100, 100).getRgb()[:3] == (red, green, blue)
    document.pixels[:] = 255
    picturing.glance()
    wait(lambda: picturing.picture is not first)
    assert picturing.picture
    assert picturing.picture.pixelColor(3, 3).red() == 255


def test_a_large_mask_is_looked_at_small() -> None:
    width, height = 5000, 300
    coverage = bytes(width * height // 2) + b"\xff" * (width * height // 2)
    made = looking._candidate(Selected("m", Box(0, 0, width, height), 0.9, ""), coverage)
    assert made.shape.width() == looking.SHAPE_PX
    assert made.shape.pixelColor(500, 2).alpha() == 0
    assert made.shape.pixelColor(500, made.shape.height() - 3).alpha() == 255


# With the real engine, which needs no model for this


@pytest.fixture
def real(shared_launcher: Launcher) -> Iterator[tuple[Session, MemoryDocument]]:
    document = disc()
    session = Session(MemoryCanvas(document), shared_launcher)
    yield session, document
    assert session.close()


def overlap(document: MemoryDocument) -> float:
    """Intersection over union of the selection and the disc."""
    selected, inside = document.mask > 127, document.inside  # type: ignore[attr-defined]
    return float((selected & inside).sum() / (selected | inside).sum())


Point_ = Callable[[Selecting], None]


@pytest.mark.parametrize(
    "point", [lambda s: s.point(160, 120, True), lambda s: s.frame(Box(100, 60, 122, 122))], ids=["click", "box"]
)
def test_the_disc_is_selected(real: tuple[Session, MemoryDocument], wait: Wait, point: Point_) -> None:
    session, document = real
    point(session.selecting)
    wait(lambda: not session.selecting.stage)
    assert session.selecting.problem is None
    session.selecting.apply(Mode.NEW)
    assert overlap(document) > 0.9
    session.select_settings = SelectSettings(grow_px=12)
    tight = int((document.mask > 127).sum())
    point(session.selecting)
    wait(lambda: not session.selecting.stage)
    session.selecting.apply(Mode.NEW)
    assert int((document.mask > 127).sum()) > 1.3 * tight


def test_a_rough_selection_becomes_tight(real: tuple[Session, MemoryDocument], wait: Wait) -> None:
    session, document = real
    document.select(98, 58, 124, 124)
    assert overlap(document) < 0.6
    session.select()
    assert [work.title for work in session.works] == ["Select the object"]
    wait(lambda: not session.works)
    assert session.notices == []
    assert overlap(document) > 0.9


def test_a_selection_that_is_changed_meanwhile_stays(
    real: tuple[Session, MemoryDocument], wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, document = real
    document.select(98, 58, 124, 124)

    def look_long(*told: Any) -> Sighting:
        document.mask[100:110, 100:110] = 0
        return looking.look(*told)

    monkeypatch.setattr("inlay_krita.snapping.look", look_long)
    session.select()
    wait(lambda: not session.works)
    assert [notice.message for notice in session.notices] == ["The selection was changed while the engine looked."]
    assert document.mask.sum() == (124 * 124 - 100) * 255


def test_without_a_selection_the_picture_is_shown(real: tuple[Session, MemoryDocument]) -> None:
    session, _ = real
    wanted: list[bool] = []
    session.selecting.wanted.connect(lambda: wanted.append(True))
    session.select()
    assert wanted == [True]
    assert session.works == []


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (lambda s: s.name("the car"), "words"),
        (lambda s: (s.point(160, 120, True), s.point(160, 120, False)), ""),
    ],
    ids=["words", "contradiction"],
)
def test_refusals_in_plain_words(real: tuple[Session, MemoryDocument], wait: Wait, point: Point_, message: str) -> None:
    session, document = real
    document.select(5, 5, 9, 9)
    before = document.mask.copy()
    point(session.selecting)
    wait(lambda: not session.selecting.stage)
    assert session.selecting.problem
    assert message in session.selecting.problem.message
    assert session.selecting.problem.remedy
    assert (document.mask == before).all()


def test_a_picture_of_one_colour(shared_launcher: Launcher, wait: Wait) -> None:
    document = MemoryDocument()
    document.pixels[:] = 255
    session = Session(MemoryCanvas(document), shared_launcher)
    session.selecting.point(5, 5, True)
    wait(lambda: not session.selecting.stage)
    assert session.selecting.problem
    assert "colour" in session.selecting.problem.message
    assert session.close()
