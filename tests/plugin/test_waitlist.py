"""What the engine has to do, of every panel, against a real engine: its order, and how it is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.session import Session
from inlay_krita.waitlist import Item, Waitlist

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait, end_engine


def large() -> MemoryDocument:
    """A picture whose edit takes so long that others wait for it."""
    made = MemoryDocument(2400, 1800)
    made.select(300, 200, 1800, 1400)
    return made


@pytest.fixture
def mine(shared_launcher: Launcher, wait: Wait) -> Iterator[Session]:
    """Four edits, of which one runs."""
    made = Session(MemoryCanvas(large()), shared_launcher)
    for _ in range(4):
        made.remove()
    wait(lambda: len(listed(made)) == 4 and [item.turn and item.turn.position for item in listed(made)] == [0, 1, 2, 3])
    yield made
    made.cancel_all()
    wait(lambda: not made.works, 10)
    assert made.close()


@pytest.fixture
def theirs(shared_launcher: Launcher) -> Iterator[Session]:
    """Another Krita with the same engine."""
    made = Session(MemoryCanvas(large()), shared_launcher)
    yield made
    assert made.close()


def listed(session: Session) -> list[Item]:
    session.waitlist.look()
    return session.waitlist.items


def ids(session: Session) -> list[str]:
    return [item.turn.id for item in listed(session) if item.turn]


def test_our_own_are_listed_in_their_order(mine: Session) -> None:
    items = listed(mine)
    assert {item.work for item in items} == set(mine.works)
    assert [item.is_waiting for item in items] == [False, True, True, True]


def test_a_waiting_edit_is_put_before_another_one_and_at_the_end(mine: Session, wait: Wait) -> None:
    running, first, second, third = mine.waitlist.items
    mine.waitlist.move(third, first)
    wait(lambda: ids(mine) == [item.turn.id for item in (running, third, first, second)])
    mine.waitlist.move(third, None)
    wait(lambda: ids(mine) == [item.turn.id for item in (running, first, second, third)])


def test_what_cannot_be_moved_any_more_stays(mine: Session, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    running, first, *_ = mine.waitlist.items
    before = ids(mine)
    refused: list[Exception] = []
    monkeypatch.setattr(Waitlist, "_refused", lambda _, error: refused.append(error))
    mine.waitlist.move(running, first)
    mine.waitlist.move(first, running)
    wait(lambda: len(refused) == 2)
    assert [getattr(error, "code", "") for error in refused] == ["not_waiting", "not_waiting"]
    after = ids(mine)
    assert after == before[-len(after) :]  # some may have ended
    assert mine.notices == []


def test_another_panel_sees_it_and_may_change_it(mine: Session, theirs: Session, wait: Wait) -> None:
    wait(lambda: len(listed(theirs)) == 4)
    running, first, second, third = theirs.waitlist.items
    assert [item.work for item in theirs.waitlist.items] == [None] * 4
    assert running.turn.label.startswith("Remove ")
    theirs.waitlist.move(third, first)
    wait(lambda: ids(mine) == [item.turn.id for item in (running, third, first, second)])
    theirs.waitlist.cancel(third)
    wait(lambda: len(mine.works) == 3)
    theirs.waitlist.clear()
    theirs.cancel_all()
    assert len(mine.works) == 3


def test_what_waits_is_cleared_and_what_runs_goes_on(mine: Session, wait: Wait) -> None:
    running = mine.waitlist.items[0].work
    mine.waitlist.clear()
    wait(lambda: mine.works == [running], 10)
    wait(lambda: len(listed(mine)) == 1)


def test_what_has_just_ended_is_nobody_elses(mine: Session, wait: Wait) -> None:
    mine.cancel_all()
    wait(lambda: not mine.works, 10)
    assert mine.waitlist.items == []


def test_an_edit_that_the_engine_does_not_have_yet_comes_last(mine: Session) -> None:
    mine.remove()
    (new,) = [work for work in mine.works if work.errand is None]
    item = mine.waitlist.items[-1]
    assert (item.work, item.turn, item.is_waiting) == (new, None, False)
    assert mine.waitlist.seconds_left is None


def test_looking_starts_no_engine(launcher: Launcher, wait: Wait) -> None:
    session = Session(MemoryCanvas(), launcher)
    session.waitlist.look()
    wait(lambda: not session._tasks._threads and not session.waitlist._is_looking)
    assert launcher.find() is None
    assert session.waitlist.items == []
    assert session.close()


def test_an_engine_that_is_gone_has_nothing_to_do(launcher: Launcher, wait: Wait) -> None:
    session = Session(MemoryCanvas(large()), launcher)
    session.remove()
    wait(lambda: ids(session))
    session.cancel_all()
    wait(lambda: not session.works)
    end_engine(launcher)
    wait(lambda: not ids(session))
    assert session.notices == []
    assert session.close()


def test_what_waited_when_the_engine_was_killed_comes_through(launcher: Launcher, wait: Wait) -> None:
    document = MemoryDocument(1600, 1200)
    document.select(300, 200, 900, 800)
    session = Session(MemoryCanvas(document), launcher)
    for _ in range(3):
        session.remove()
    wait(lambda: [item.turn and item.turn.position for item in listed(session)] == [0, 1, 2])
    before = {work.errand.job_id for work in session.works}
    assert launcher.process
    launcher.process.kill()
    launcher.process.wait()
    wait(lambda: ids(session) and not before.intersection(ids(session)), 60)
    wait(lambda: {item.work for item in listed(session)} == set(session.works))  # run again, and known as ours
    wait(lambda: not session.works, 60)
    assert len(document.placements) == 3
    assert session.close()
