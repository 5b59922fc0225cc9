"""The session over documents in memory and a real engine: everything a painter may do, and what may go wrong."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from inlay_krita.client import Engine, EngineError
from inlay_krita.errand import time_left
from inlay_krita.launcher import Launcher
from inlay_krita.logbook import Run
from inlay_krita.notes import Notes
from inlay_krita.qt import QtCore
from inlay_krita.recipes import past_result, reasons
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings, RemoveSettings
from inlay_krita.state import EngineState

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait


def large() -> MemoryDocument:
    """A picture whose edit takes a while."""
    made = MemoryDocument(1600, 1200)
    made.select(300, 200, 900, 800)
    return made


def test_remove(session: Session, document: MemoryDocument, wait: Wait) -> None:
    said: list[str] = []
    session.announced.connect(said.append)
    session.remove_settings = RemoveSettings(grow_px=4, feather_px=3)
    session.remove()
    assert [work.title for work in session.works] == ["Remove 60 \u00d7 40 px"]
    wait(lambda: not session.works)
    assert session.notices == []
    assert session.engine.state is EngineState.READY
    (placement,) = document.placements
    assert placement.name == "Inlay: remove 60 x 40 px"
    box = placement.result.box
    mask = np.frombuffer(placement.mask, np.uint8).reshape(box.height, box.width)
    assert len(placement.pixels) == 4 * mask.size
    assert mask.max() == 255
    assert said == ["Remove 60 \u00d7 40 px: done, on a new layer."]
    recipe = placement.result.recipe
    assert (recipe["edit"]["grow_px"], recipe["edit"]["feather_px"]) == (4, 3)
    assert json.loads(json.dumps(recipe)) == recipe


def test_progress_is_told(session: Session, wait: Wait) -> None:
    stages: list[str] = []
    fractions: list[float] = []
    whys: list[str] = []

    def note() -> None:
        for work in session.works:
            stages.append(work.stage)
            fractions.extend([work.fraction] if work.fraction is not None else [])
            whys.extend([work.plan.why] if work.plan else [])

    session.changed.connect(note)
    session.remove()
    wait(lambda: not session.works)
    assert stages[0] == "Planning…"
    assert any(stage.startswith("Sending ") for stage in stages)
    assert fractions == sorted(fractions)
    assert whys


def test_two_edits_at_once(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove()
    wait(lambda: session.works[0].errand)
    document.select(200, 20, 30, 30)
    session.remove()
    assert len(session.works) == 2
    wait(lambda: not session.works)
    assert len(document.placements) == 2


def test_a_waiting_edit_can_be_the_next_and_all_can_be_cancelled(shared_launcher: Launcher, wait: Wait) -> None:
    document = large()
    session = Session(MemoryCanvas(document), shared_launcher)
    for _ in range(4):
        session.remove()
    wait(lambda: any(work.ahead == 2 for work in session.works))
    last = next(work for work in session.works if work.ahead == 2)
    others = [work for work in session.works if work.ahead < 2 and work.stage.startswith("Waiting")]
    assert last.stage == "Waiting: 2 before this one"
    session.hurry(last)
    wait(lambda: last.ahead == 0 and all(work.ahead > 0 or work not in session.works for work in others))
    session.cancel_all()
    wait(lambda: not session.works, 10)
    session.close()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (3, "a few seconds left"),
        (33, "about 35 s left"),
        (59.9, "about 60 s left"),
        (100, "about 2 min left"),
        (1234, "about 20 min left"),
    ],
)
def test_time_left_is_told_no_more_exactly_than_anybody_knows(seconds: float, told: str) -> None:
    assert time_left(seconds) == told


def test_a_result_waits_for_the_end_of_a_stroke(
    session: Session, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def is_down() -> bool:
        looks.append(len(looks) < 3)
        assert not document.placements
        return looks[-1]

    monkeypatch.setattr("inlay_krita.arrivals.is_button_down", is_down)
    session.remove()
    wait(lambda: not session.works)
    assert looks == [True, True, True, False]
    assert len(document.placements) == 1


def test_the_selection_is_changed_before_it_is_read(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove()
    document.select(200, 20, 30, 30)
    wait(lambda: not session.works)
    assert session.notices == []
    box = document.placements[0].result.box
    assert (box.x, box.y, box.right, box.bottom) == (100, 20, 230, 120)
    session.remove()
    document.mask[:] = 0
    wait(lambda: not session.works)
    assert session.notices[0].message.startswith("The selection was taken away")


def test_again_takes_another_seed(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove()
    wait(lambda: not session.works)
    (past,) = session.history.runs()
    session.history.again(past)
    wait(lambda: not session.works)
    assert session.notices == []
    first, second = (placement.result.recipe for placement in document.placements)
    assert first["edit"]["seed"] != second["edit"]["seed"]
    assert {**first["edit"], "seed": 0} == {**second["edit"], "seed": 0}
    assert [past.title for past in session.history.runs()] == ["Remove 60 \u00d7 40 px"] * 2


def test_extend_and_again_on_the_larger_canvas(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.extend_settings = ExtendSettings(ratio="16:9")
    session.extend()
    wait(lambda: not session.works)
    assert document.placements[0].plan.canvas_box.width == 427
    document.pixels = np.pad(document.pixels, ((0, 0), (53, 54), (0, 0)))
    session.history.again(session.history.runs()[0])
    wait(lambda: not session.works)
    assert session.notices == []
    again = document.placements[1]
    assert (again.plan.canvas_box.x, again.plan.canvas_box.width) == (0, 427)
    assert again.result.box.x >= 0


def test_nothing_selected(session: Session, document: MemoryDocument) -> None:
    document.mask[:] = 0
    session.remove()
    assert [notice.message.split(".")[0] for notice in session.notices] == ["Nothing is selected"]
    session.remove()
    assert len(session.notices) == 1
    session.dismiss(session.notices[0])
    assert session.notices == []


def test_nothing_to_extend(session: Session) -> None:
    session.extend()
    assert "nothing to extend" in session.notices[0].message


def test_no_document(shared_launcher: Launcher) -> None:
    session = Session(MemoryCanvas(), shared_launcher)
    session.remove()
    assert session.notices[0].message.startswith("No picture is open.")
    assert session.history.runs() == ()
    session.close()


def test_a_result_goes_to_the_document_it_came_from(shared_launcher: Launcher, wait: Wait) -> None:
    first, second = MemoryDocument(seed=1), MemoryDocument(seed=2)
    first.select(40, 40, 30, 30)
    canvas = MemoryCanvas(first, second)
    session = Session(canvas, shared_launcher)
    session.remove()
    canvas.active = second
    wait(lambda: not session.works)
    assert (len(first.placements), len(second.placements)) == (1, 0)
    session.close()


def test_cancel(shared_launcher: Launcher, wait: Wait) -> None:
    document = large()
    session = Session(MemoryCanvas(document), shared_launcher)
    session.remove()
    wait(lambda: session.works[0].fraction is not None)
    session.cancel_active()
    assert session.works[0].stage == "Cancelling…"
    wait(lambda: not session.works, 5)
    assert document.placements == []
    assert session.notices == []
    assert Notes(shared_launcher.folders.data / "panel").orphans() == []
    session.close()


def test_cancel_before_it_was_sent(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove()
    session.cancel(session.works[0])
    wait(lambda: not session.works)
    assert document.placements == []


def test_the_document_is_closed_meanwhile(shared_launcher: Launcher, wait: Wait) -> None:
    document, other = MemoryDocument(), MemoryDocument(100, 100)
    document.select(40, 40, 30, 30)
    canvas = MemoryCanvas(document, other)
    session = Session(canvas, shared_launcher)
    session.remove()
    wait(lambda: session.works[0].errand)
    canvas.close(document)
    wait(lambda: not session.works)
    (parcel,) = session.parcels
    assert parcel.reason == "photo.kra was closed before this was ready."
    session.arrivals.place(parcel)
    assert "Open photo.kra, then press Place" in session.notices[0].remedy + session.notices[0].message
    canvas.opened.append(document)
    canvas.active = document
    session.arrivals.place(parcel)
    assert len(document.placements) == 1
    assert session.parcels == []
    session.close()


def test_a_parcel_is_thrown_away(shared_launcher: Launcher, wait: Wait) -> None:
    document = MemoryDocument()
    document.select(40, 40, 30, 30)
    canvas = MemoryCanvas(document)
    session = Session(canvas, shared_launcher)
    session.remove()
    wait(lambda: session.works[0].errand)
    canvas.close(document)
    wait(lambda: session.parcels)
    session.arrivals.discard(session.parcels[0])
    assert session.parcels == []
    assert session.close()


def test_krita_is_closed_and_started_again(
    shared_launcher: Launcher, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = large()
    session = Session(MemoryCanvas(document), shared_launcher)
    session.remove()
    wait(lambda: session.works[0].fraction is not None)
    assert session.close()
    assert document.placements == []
    monkeypatch.setattr("inlay_krita.notes.THIS_SESSION", "the next Krita's")
    after = Session(MemoryCanvas(document), shared_launcher)
    after.look()
    wait(lambda: after.parcels, 60)
    after.arrivals.place(after.parcels[0])
    assert len(document.placements) == 1
    assert after.notices == []
    assert after.close()
    assert Notes(shared_launcher.folders.data / "panel").orphans() == []


def test_the_engine_is_killed_and_the_edit_comes_through(launcher: Launcher, wait: Wait) -> None:
    document = large()
    session = Session(MemoryCanvas(document), launcher)
    session.remove()
    wait(lambda: session.works and session.works[0].fraction)
    assert launcher.process
    first = launcher.process
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait(lambda: not session.works, 60)
    assert len(document.placements) == 1
    assert [notice.message.split(".")[0] for notice in session.notices] == ["The engine had stopped in the middle"]
    assert not session.notices[0].is_error
    session.close()


def test_no_engine_is_installed(environ: dict[str, str], document: MemoryDocument, wait: Wait) -> None:
    session = Session(MemoryCanvas(document), Launcher(environ))
    session.look()
    wait(lambda: session.engine.state is EngineState.MISSING)
    session.remove()
    wait(lambda: not session.works)
    (notice,) = session.notices
    assert notice.message == "The Inlay engine is not installed."
    assert "python3 installer krita" in notice.remedy
    session.close()


def test_run_again_after_a_failure(
    environ: dict[str, str], document: MemoryDocument, wait: Wait, shared_launcher: Launcher
) -> None:
    launcher = Launcher(environ)
    session = Session(MemoryCanvas(document), launcher)
    session.remove()
    wait(lambda: session.notices)
    (notice,) = session.notices
    assert notice.action == "Run again"
    launcher.folders = shared_launcher.folders
    assert notice.act
    notice.act()
    wait(lambda: document.placements)
    session.close()


def test_looking_starts_nothing(launcher: Launcher, wait: Wait) -> None:
    session = Session(MemoryCanvas(), launcher)
    session.look()
    wait(lambda: session.engine.state is EngineState.IDLE)
    assert launcher.process is None
    session.close()


def test_a_refusal_is_told_and_not_repeated(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove_settings = RemoveSettings(grow_px=9999)
    session.remove()
    wait(lambda: session.notices)
    assert session.notices[0].is_error
    assert session.notices[0].action == ""
    assert session.notices[0].remedy
    assert session.works == []


def test_a_fault_of_the_canvas_is_shown_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(session.canvas, "capture", lambda *_: 1 / 0)
    session.remove()
    wait(lambda: session.notices)
    assert session.notices[0].message == "The panel had a fault (ZeroDivisionError: division by zero)."
    assert session.works == []
    assert "division by zero" in caplog.text


def test_the_ui_thread_does_nothing_long(session: Session, monkeypatch: pytest.MonkeyPatch, wait: Wait) -> None:
    callers: list[str] = []
    for name in ("_request", "_event_stream"):
        import inlay_krita.client as client

        real = getattr(client.Engine, name)

        def noted(self: object, *args: object, _real=real) -> object:  # type: ignore[no-untyped-def]
            callers.append(threading.current_thread().name)
            return _real(self, *args)

        monkeypatch.setattr(client.Engine, name, noted)
    session.remove()
    wait(lambda: not session.works)
    assert callers
    assert set(callers) == {"inlay"}


def test_notes_of_a_living_krita_are_left_alone(tmp_path: Path) -> None:
    from inlay_krita.notes import Note
    from inlay_krita.wire import CanvasInfo

    notes = Notes(tmp_path / "panel")
    notes.keep(Note("a" * 32, "photo.kra", "Remove", CanvasInfo(1, 1, "RGBA", "U8")))
    assert notes.orphans() == []
    path = tmp_path / "panel" / f"{'a' * 32}.json"
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**told, "session": "other", "pid": os.getppid()}), "utf-8")
    assert notes.orphans() == []
    path.write_text(json.dumps({**told, "session": "other", "pid": 2**22 + 1}), "utf-8")
    assert [note.job_id for note in notes.orphans()] == ["a" * 32]
    path.write_text("{", "utf-8")
    assert notes.orphans() == []
    notes.drop("a" * 32)
    notes.drop("a" * 32)
    assert not path.exists()


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        ({"seam": 0.0, "outside": 0}, ("nothing of the border stands out", "no pixel changed outside the mask")),
        ({"seam": 0.5, "outside": 1}, ("50 % of the border stands out", "1 pixel changed outside the mask")),
        ({"outside": 12}, ("12 pixels changed outside the mask",)),
        ({"seam": "much", "outside": None}, ()),
        ({}, ()),
    ],
)
def test_what_was_measured_is_told(checks: dict[str, object], told: tuple[str, ...]) -> None:
    assert reasons("Because.", ["Model: a"], checks) == (
        "Because.",
        "Model: a",
        *(f"Measured: {each}" for each in told),
    )


@pytest.mark.parametrize(("notes", "told"), [(["low memory"], ("Note: low memory",)), ("words", ()), (None, ())])
def test_what_was_done_otherwise_than_planned_is_told(notes: object, told: tuple[str, ...]) -> None:
    plan = {"why": "Because.", "checklist": ["Model: a"]}
    past = past_result(Run({"edit": {"kind": "replace"}, "plan": plan, "notes": notes}, 0, 0))
    assert past.reasons == ("Because.", "Model: a", *told)


@pytest.mark.parametrize("plan", [None, 3, {}, {"checklist": []}, {"checklist": "words"}, {"why": "Because."}])
def test_recipes_of_other_versions_have_no_reasons(plan: object) -> None:
    assert past_result(Run({"edit": {"kind": "replace"}, "plan": plan}, 0, 0)).reasons == ()


def shaded() -> MemoryDocument:
    """A pillar on sand with its shadow to the right; the pillar is selected."""
    made = MemoryDocument(400, 300)
    rng = np.random.default_rng(0)
    light = np.ones((300, 400, 1))
    for column in range(230, 330):
        middle = 190 + (column - 230) // 5
        light[middle - 11 : middle + 11, column] = 0.5
    sand = np.array([107, 140, 158]) * light + rng.normal(0, 3, (300, 400, 3))
    sand[90:200, 180:230] = (40, 50, 190)
    made.pixels[..., :3] = np.clip(sand, 0, 255)
    made.select(180, 90, 50, 110)
    return made


def test_a_shadow_is_offered_after_a_removal(shared_launcher: Launcher, wait: Wait) -> None:
    document = shaded()
    session = Session(MemoryCanvas(document), shared_launcher)
    before = document.mask.copy()
    session.remove()
    wait(lambda: session.notices)
    (notice,) = session.notices
    assert notice.message == "A shadow may belong to what was removed."
    assert not notice.is_error
    assert "darker" in notice.tip
    assert np.array_equal(document.mask, before), "nothing is added unless the painter says so"
    assert notice.act
    notice.act()
    added = (document.mask > 0) & (before == 0)
    assert added[180:215, 240:320].mean() > 0.4
    assert not added[:150].any()
    assert (document.mask[before > 0] == before[before > 0]).all()
    session.close()


def test_a_selection_that_is_gone_is_no_trouble(shared_launcher: Launcher, wait: Wait) -> None:
    document = shaded()
    session = Session(MemoryCanvas(document), shared_launcher)
    selected = document.mask.copy()
    session.additions.of_selection(document)
    document.mask[:] = 0  # before the window is read
    wait(lambda: not session._tasks._threads)
    QtCore.QCoreApplication.processEvents()
    document.mask[:] = selected
    session.additions.of_selection(document)
    wait(lambda: session.notices)
    assert [notice.message for notice in session.notices] == ["A shadow may belong to what is selected."]
    session.close()


def test_no_shadow_is_added_to_a_closed_document(shared_launcher: Launcher, wait: Wait) -> None:
    document = shaded()
    canvas = MemoryCanvas(document)
    session = Session(canvas, shared_launcher)
    session.remove()
    wait(lambda: session.notices)
    canvas.close(document)
    assert session.notices[0].act
    session.notices[0].act()
    assert session.notices[-1].message == "The picture was closed."
    session.close()


def test_an_engine_that_cannot_look_for_shadows_is_no_trouble(
    session: Session, document: MemoryDocument, monkeypatch: pytest.MonkeyPatch, wait: Wait
) -> None:
    asked: list[object] = []

    def refuse(_: object, request: object) -> None:
        asked.append(request)
        raise EngineError("There is no such route.", status=404)

    monkeypatch.setattr(Engine, "addition", refuse)
    session.remove()
    wait(lambda: asked)
    wait(lambda: not session.works)
    assert len(document.placements) == 1
    assert session.notices == []


def test_the_surroundings_are_described(
    session: Session, document: MemoryDocument, monkeypatch: pytest.MonkeyPatch, wait: Wait
) -> None:
    asked: list[dict[str, object]] = []

    def caption(engine: Engine, request: dict[str, object]) -> str:
        asked.append(request)
        assert engine.has(str(request["image"]))
        assert engine.has(str(request["mask"]))
        return "a boat on a lake"

    monkeypatch.setattr(Engine, "caption", caption)
    told: list[str] = []
    session.describing.describe(told.append)
    assert [work.title for work in session.works] == ["Describe the surroundings"]
    wait(lambda: not session.works)
    assert told == ["a boat on a lake"]
    assert asked[0]["canvas"] == {"width": 320, "height": 240, "model": "RGBA", "depth": "U8", "profile": "sRGB"}
    session.describing.describe(told.append)
    session.cancel_active()
    wait(lambda: not session.works)
    assert len(told) == 1
    document.mask[:] = 0
    session.describing.describe(told.append)
    assert session.notices[-1].message.startswith("Nothing is selected.")


def test_no_captioner_is_installed(session: Session, wait: Wait) -> None:
    told: list[str] = []
    session.describing.describe(told.append)
    wait(lambda: session.notices)
    (notice,) = session.notices
    assert "inlay models install captioner" in notice.remedy
    assert told == []
    assert session.works == []
