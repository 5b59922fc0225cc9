"""Jobs over HTTP: events, cancel, rerun, and several clients at one engine."""

import statistics
import threading
import time

import numpy as np
import pytest
from inlay.pipelines.builtin import BuiltinFill


def started(engine, client=None):
    """A job that has begun and is held up in the middle of its work."""
    client = client or engine.client
    engine.family.hold.set()
    engine.family.started.clear()
    engine.family.stopped.clear()
    _, job = client.ask("POST", "/edits", client.removal())
    assert engine.family.started.wait(10)
    return job


def test_events_are_told_in_order(engine):
    job = started(engine)
    events = engine.client.events(job["id"])
    names = []
    for number, name, data in events:
        names.append(name)
        assert number >= len(names)
        if name == "queued":
            assert data == {"position": 1}
        if name == "progress" and data["fraction"] < 1:
            assert data == {"fraction": 0.5, "message": "half way", "seconds_left": None}
        if name == "preview":
            assert set(data) == {"image", "box"}
            assert data["box"] == job["plan"]["crop_box"]
            assert engine.client.download(data["image"]) == b"\x00\x00\x00\xff" * 64
            engine.family.hold.clear()
    assert names[:4] == ["queued", "running", "progress", "preview"]
    assert names[-1] == "done"
    assert data["state"] == "done"


def test_a_listener_that_comes_back_hears_only_what_is_new(engine):
    job = started(engine)
    events = engine.client.events(job["id"])
    last = next(number for number, name, _ in events if name == "preview")
    events.close()
    engine.family.hold.clear()
    numbers = [number for number, _, _ in engine.client.events(job["id"], after=last)]
    assert numbers
    assert min(numbers) == last + 1


@pytest.mark.parametrize("after", ["0", "999", "-3", "nonsense", "1" * 5000])
def test_the_end_is_told_whatever_the_last_event_was(engine, after):
    job = engine.client.finished(engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"])
    status, body, headers = engine.client.raw("GET", f"/jobs/{job['id']}/events", headers={"Last-Event-ID": after})
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert b"event: done" in body


def test_cancel_answers_within_100_ms_whatever_the_work_does(engine):
    """The work does not even listen: the answer must not wait for it. The median, for other programs run here, too."""
    engine.family.is_deaf = True
    seconds = []
    for _ in range(7):
        job = started(engine)
        before = time.perf_counter()
        status, answer = engine.client.ask("POST", f"/jobs/{job['id']}/cancel")
        seconds.append(time.perf_counter() - before)
        assert (status, answer["state"]) == (200, "cancelled")
        engine.family.hold.clear()
        follower = engine.client.ask("POST", "/edits", engine.client.removal())[1]
        assert engine.client.finished(follower["id"])["state"] == "done"
    assert statistics.median(seconds) < 0.1


def test_a_waiting_job_can_be_the_next(engine):
    running = started(engine)
    first, second = (engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"] for _ in range(2))
    status, job = engine.client.ask("POST", f"/jobs/{second}/hurry")
    assert (status, job["id"]) == (200, second)
    heard = engine.client.events(second)
    assert next(heard)[1:] == ("queued", {"position": 1})
    heard.close()
    for other in (running["id"], "0" * 32):
        status, answer = engine.client.ask("POST", f"/jobs/{other}/hurry")
        assert status in (404, 409) and answer["error"]["remedy"]
    ends = []
    threads = [
        threading.Thread(target=lambda each=each: (list(engine.client.events(each)), ends.append(each)))
        for each in (first, second)
    ]
    for thread in threads:
        thread.start()
    engine.family.hold.clear()
    for thread in threads:
        thread.join(10)
    assert ends == [second, first]
    assert engine.client.ask("POST", f"/jobs/{first}/hurry")[0] == 409


def test_cancel_stops_the_work(engine):
    job = started(engine)
    engine.client.ask("POST", f"/jobs/{job['id']}/cancel")
    assert engine.family.stopped.wait(10)
    assert engine.client.finished(job["id"])["state"] == "cancelled"
    # The worker is free again, and the cancelled job has left no trace in the next one.
    engine.family.hold.clear()
    next_job = engine.client.ask("POST", "/edits", engine.client.removal())[1]
    assert engine.client.finished(next_job["id"])["state"] == "done"
    assert engine.client.ask("GET", f"/jobs/{job['id']}")[1]["result"] is None


def test_a_waiting_job_is_cancelled_without_ever_running(engine):
    running = started(engine)
    _, waiting = engine.client.ask("POST", "/edits", engine.client.removal())
    _, behind = engine.client.ask("POST", "/edits", engine.client.removal())
    assert next(engine.client.events(behind["id"]))[2] == {"position": 2}
    engine.client.ask("POST", f"/jobs/{waiting['id']}/cancel")
    assert next(engine.client.events(behind["id"]))[2] == {"position": 1}
    engine.family.hold.clear()
    states = [engine.client.finished(job["id"])["state"] for job in (running, waiting, behind)]
    assert states == ["done", "cancelled", "done"]
    assert len(engine.family.tasks) == 2


def test_cancelling_what_has_ended_changes_nothing(client):
    job = client.finished(client.ask("POST", "/edits", client.removal())[1]["id"])
    assert client.ask("POST", f"/jobs/{job['id']}/cancel") == (200, job)


def test_a_cancelled_job_runs_again(engine):
    job = started(engine)
    engine.client.ask("POST", f"/jobs/{job['id']}/cancel")
    engine.family.hold.clear()
    status, again = engine.client.ask("POST", f"/jobs/{job['id']}/rerun")
    assert status == 202
    assert again["id"] != job["id"]
    assert engine.client.finished(again["id"])["state"] == "done"
    status, answer = engine.client.ask("POST", f"/jobs/{again['id']}/rerun")
    assert (status, answer["error"]["code"]) == (409, "not_rerunnable")


def test_two_clients_share_one_engine(engine, make_client):
    first, second = engine.client, make_client(engine.client.port, engine.client.token)
    job = started(engine, first)
    heard = {}

    def listen(name, client):
        heard[name] = [event for _, event, _ in client.events(job["id"])]

    listeners = [threading.Thread(target=listen, args=pair) for pair in (("first", first), ("second", second))]
    for listener in listeners:
        listener.start()
    _, other = second.ask("POST", "/edits", second.removal(label="second"))
    assert [listed["id"] for listed in first.ask("GET", "/jobs")[1]["jobs"]] == [other["id"], job["id"]]
    assert first.ask("GET", "/health")[1]["jobs"] == 2
    engine.family.hold.clear()
    for listener in listeners:
        listener.join(10)
    assert heard["first"][-1] == heard["second"][-1] == "done"
    assert second.finished(other["id"])["label"] == "second"


def test_a_forgotten_job_takes_its_result_with_it(client):
    job = client.finished(client.ask("POST", "/edits", client.removal(edit={"kind": "remove", "seed": 9}))[1]["id"])
    assert client.ask("DELETE", f"/jobs/{job['id']}") == (204, {})
    assert client.ask("GET", f"/jobs/{job['id']}")[1]["error"]["code"] == "no_job"
    assert client.ask("DELETE", f"/jobs/{job['id']}")[0] == 404


def test_an_open_job_is_not_forgotten(engine):
    job = started(engine)
    status, answer = engine.client.ask("DELETE", f"/jobs/{job['id']}")
    assert (status, answer["error"]["code"]) == (409, "still_open")


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/rerun")])
@pytest.mark.parametrize(("name", "status"), [("0" * 32, 404), ("..%2f..", 404), ("x", 422)])
def test_jobs_that_there_are_not(client, method, tail, name, status):
    got, answer = client.ask(method, f"/jobs/{name}{tail}")
    assert got == status
    assert answer["error"]["remedy"]


def test_a_bug_fails_the_job_and_the_next_one_works(engine, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(engine.family, "repaint", lambda task, watch: 1 / 0)
        job = engine.client.finished(engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"])
    assert job["state"] == "failed"
    assert "ZeroDivisionError" in job["error"]["message"]
    job = engine.client.finished(engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"])
    assert job["state"] == "done"
    assert "Traceback" in (engine.folders.log / "engine.log").read_text()


def test_cancel_stops_the_built_in_fill_within_a_level(start_engine):
    """Noise is the most work there is: uncancelled, this hole takes many times longer than it is given here."""
    client = start_engine(family=BuiltinFill()).client
    side_px, hole = 1200, {"x": 300, "y": 300, "width": 600, "height": 600}
    mask = np.zeros((side_px, side_px), np.uint8)
    mask[300:900, 300:900] = 255
    request = {
        "edit": {"kind": "remove"},
        "canvas": {"width": side_px, "height": side_px, "model": "RGBA", "depth": "U8", "profile": ""},
        "selection": hole,
        "image": client.upload(
            "RGBA", "U8", np.random.default_rng(0).integers(0, 256, (side_px, side_px, 4), np.uint8)
        ),
        "mask": client.upload("MASK", "U8", mask),
    }
    _, job = client.ask("POST", "/edits", request)
    next(event for event in client.events(job["id"]) if event[1] == "progress")
    assert client.ask("POST", f"/jobs/{job['id']}/cancel")[1]["state"] == "cancelled"
    before = time.perf_counter()
    _, follower = client.ask("POST", "/edits", request)
    next(event for event in client.events(follower["id"]) if event[1] == "running")
    assert time.perf_counter() - before < 1.0
    client.ask("POST", f"/jobs/{follower['id']}/cancel")


def queue(engine):
    """What `GET /queue` gives, as (id, position) pairs."""
    status, answer = engine.client.ask("GET", "/queue")
    assert status == 200
    return [(turn["id"], turn["position"]) for turn in answer["jobs"]]


def waiting_jobs(engine, count):
    """Behind one that is held up; the ids of all, in their order."""
    running = started(engine)["id"]
    return [running, *(engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"] for _ in range(count))]


def test_the_queue_tells_the_order_and_nothing_else(engine):
    assert queue(engine) == []
    jobs = waiting_jobs(engine, 2)
    assert queue(engine) == list(zip(jobs, range(3), strict=True))
    turn = engine.client.ask("GET", "/queue")[1]["jobs"][1]
    told = {"id", "label", "kind", "state", "position", "progress", "message", "seconds_left"}
    assert (set(turn), turn["state"], turn["kind"]) == (told, "queued", "remove")
    engine.family.hold.clear()
    for job in jobs:
        engine.client.finished(job)
    assert queue(engine) == []


def test_what_was_measured_is_told_of_those_that_wait(engine):
    first = engine.client.ask("POST", "/edits", engine.client.removal())[1]["id"]
    engine.client.finished(first)
    jobs = waiting_jobs(engine, 2)
    left = [turn["seconds_left"] for turn in engine.client.ask("GET", "/queue")[1]["jobs"]]
    assert None not in left
    assert left == sorted(left)
    for job in jobs:
        engine.client.ask("POST", f"/jobs/{job}/cancel")
    engine.family.hold.clear()


def test_a_waiting_job_is_moved(engine):
    running, first, second, third = waiting_jobs(engine, 3)
    move = engine.client.ask
    assert move("POST", f"/jobs/{third}/move", {"before": first})[0] == 200
    assert [job for job, _ in queue(engine)] == [running, third, first, second]
    assert move("POST", f"/jobs/{third}/move", {"before": None})[1]["id"] == third
    assert [job for job, _ in queue(engine)] == [running, first, second, third]
    assert move("POST", f"/jobs/{second}/move", {"before": second})[0] == 200
    assert [job for job, _ in queue(engine)] == [running, first, second, third]
    heard = engine.client.events(third)
    assert next(heard)[1:] == ("queued", {"position": 3})
    heard.close()
    for job in (running, first, second, third):
        engine.client.ask("POST", f"/jobs/{job}/cancel")
    engine.family.hold.clear()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "before"),
        ({"before": 1}, 422, "before"),
        ({"before": "the first one"}, 422, "before"),
        ({"before": None, "position": 1}, 422, "position"),
        ({"before": "0" * 32}, 404, "before"),
        ({"before": "RUNNING"}, 409, "before"),
    ],
)
def test_a_move_that_cannot_be_is_refused_by_its_field(engine, body, status, field):
    running, first, second = waiting_jobs(engine, 2)
    if body.get("before") == "RUNNING":
        body = {"before": running}
    got, answer = engine.client.ask("POST", f"/jobs/{second}/move", body)
    assert (got, answer["error"]["field"]) == (status, field)
    assert answer["error"]["remedy"]
    assert [job for job, _ in queue(engine)] == [running, first, second]
    assert engine.client.ask("POST", f"/jobs/{running}/move", {"before": first})[1]["error"]["field"] == "id"
    for job in (running, first, second):
        engine.client.ask("POST", f"/jobs/{job}/cancel")
    engine.family.hold.clear()
