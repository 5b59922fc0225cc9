"""Who answers, and how an engine is asked to make room."""

import os

from inlay import PROTOCOL, __version__
from inlay.pixels.fill import backend


def test_health_says_who_answers(engine):
    status, answer = engine.client.ask("GET", "/health")
    assert status == 200
    assert len(answer.pop("instance")) == 16
    assert answer == {
        "name": "inlay",
        "version": __version__,
        "protocol": PROTOCOL,
        "pid": os.getpid(),
        "fill": backend(),
        "jobs": 0,
    }


def test_an_idle_engine_makes_room(engine):
    assert engine.client.ask("POST", "/shutdown")[0] == 202
    engine.thread.join(10)
    assert not engine.thread.is_alive()
    assert not (engine.folders.run / "engine.json").exists()


def test_a_busy_engine_does_not_make_room_unless_forced(engine):
    engine.family.hold.set()
    _, job = engine.client.ask("POST", "/edits", engine.client.removal())
    status, answer = engine.client.ask("POST", "/shutdown")
    assert (status, answer["error"]["code"]) == (409, "busy")
    assert "force" in answer["error"]["remedy"]

    events = engine.client.events(job["id"])
    assert next(events)[1] == "queued"
    assert engine.client.ask("POST", "/shutdown?force=true")[0] == 202
    assert list(events)[-1][1] == "interrupted"
    engine.thread.join(10)
    assert engine.family.stopped.is_set()
