"""The client against the real engine, and against servers that misbehave."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from inlay_krita.client import (
    Endpoint,
    Engine,
    EngineError,
    EngineLostError,
)
from inlay_krita.listening import LeftError, Listening, parse_events
from inlay_krita.wire import Box, CanvasInfo, RemoveEdit, edit_request, plan_request

Answer = Callable[[BaseHTTPRequestHandler], None]


class Faulty(ThreadingHTTPServer):
    """Answers every request with the next of its answers, the last one for ever; notes what was asked."""

    daemon_threads = True

    def __init__(self, *answers: Answer) -> None:
        waiting = list(answers)
        self.made: list[Engine] = []
        self.asked: list[tuple[str, str, str | None]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                asked.append((self.command, self.path, self.headers.get("Last-Event-ID")))
                (waiting.pop(0) if len(waiting) > 1 else waiting[0])(self)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - the standard library's names

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A client that goes away is part of these tests."""

    def engine(self, read_timeout_s: float = 5.0) -> Engine:
        self.made.append(Engine(Endpoint(self.server_port, "token"), read_timeout_s))
        return self.made[-1]

    def end(self) -> None:
        for engine in self.made:
            engine.close()
        self.shutdown()
        self.server_close()


@pytest.fixture
def faulty() -> Iterator[Callable[..., Faulty]]:
    made: list[Faulty] = []

    def make(*answers: Answer) -> Faulty:
        made.append(Faulty(*answers))
        return made[-1]

    yield make
    for server in made:
        server.end()


def says(status: int, body: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def streams(*pieces: bytes, then_waits_s: float = 0.0) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
        time.sleep(then_waits_s)

    return answer


def event(number: int, name: str, data: object) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


# With the real engine


def test_a_whole_edit(engine: Engine) -> None:
    canvas = CanvasInfo(64, 48, "GRAYA", "U8")
    planned = plan_request(RemoveEdit(seed=3), canvas, Box(20, 20, 8, 8))
    box = engine.plan(planned).read_box
    image = engine.upload("GRAYA", "U8", box.width, box.height, bytes([90, 255]) * (box.width * box.height))
    selected = bytearray(box.width * box.height)
    for row in range(20, 28):
        selected[row * box.width + 20 : row * box.width + 28] = b"\xff" * 8
    mask = engine.upload("MASK", "U8", box.width, box.height, selected)
    assert engine.has(image)
    job = engine.start(edit_request(planned, image, mask, "grey"))
    names = [event.name for event in engine.events(job.id, Listening())]
    assert names[-1] == "done"
    done = engine.job(job.id)
    assert done.result
    assert done.label == "grey"
    pixels = engine.download(done.result.pixels)
    size = done.result.box.width, done.result.box.height
    assert (pixels.model, pixels.depth, pixels.width, pixels.height) == ("GRAYA", "U8", *size)
    assert len(pixels.raw) == 2 * size[0] * size[1]
    assert job.id in [listed.id for listed in engine.jobs()]
    engine.forget(job.id)
    engine.forget(job.id)
    assert job.id not in [listed.id for listed in engine.jobs()]


def test_an_image_is_sent_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    real = engine._request
    monkeypatch.setattr(engine, "_request", lambda method, *rest: sent.append(method) or real(method, *rest))
    digests = {engine.upload("MASK", "U8", 4, 4, bytes(range(16))) for _ in range(2)}
    assert len(digests) == 1
    assert sent == ["HEAD", "PUT", "HEAD"]


def test_refusals_name_field_and_remedy(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        engine.plan(plan_request(RemoveEdit(grow_px=1000), CanvasInfo(64, 48, "RGBA", "U8"), Box(0, 0, 8, 8)))
    assert caught.value.status == 422
    assert caught.value.message
    assert caught.value.remedy
    assert "grow_px" in caught.value.field


def test_a_wrong_token(engine: Engine) -> None:
    other = Engine(Endpoint(engine.endpoint.port, "guess"))
    with contextlib.closing(other), pytest.raises(EngineError) as caught:
        other.jobs()
    assert caught.value.status == 401


# With servers that misbehave


def test_an_error_without_json(faulty: Callable[..., Faulty]) -> None:
    with pytest.raises(EngineError, match="answered with status 500"):
        faulty(says(500, b"<html>oops")).engine().jobs()


def test_an_answer_that_is_no_json(faulty: Callable[..., Faulty]) -> None:
    with pytest.raises(EngineError, match="could not be read"):
        faulty(says(200, b"<html>hello")).engine().jobs()


def test_a_slow_engine(faulty: Callable[..., Faulty]) -> None:
    with pytest.raises(EngineError, match="did not answer in time"):
        faulty(lambda handler: time.sleep(1)).engine(read_timeout_s=0.1).jobs()


def test_no_engine() -> None:
    with pytest.raises(EngineLostError):
        Engine(Endpoint(1, "token")).jobs()


def test_a_kept_connection_that_was_closed_meanwhile(faulty: Callable[..., Faulty]) -> None:
    engine = faulty(says(200, b'{"jobs": []}'), hangs_up, says(200, b'{"jobs": []}')).engine()
    assert engine.jobs() == []
    assert engine.jobs() == []


def test_an_engine_that_dies_in_the_middle(faulty: Callable[..., Faulty]) -> None:
    with pytest.raises(EngineLostError):
        faulty(hangs_up).engine().jobs()


def test_a_cut_stream_goes_on_where_it_was(faulty: Callable[..., Faulty]) -> None:
    server = faulty(
        streams(event(1, "running", {}), event(2, "progress", {"fraction": 0.5}), b"id: 3\nevent: prog"),
        streams(event(3, "progress", {"fraction": 0.8}), event(4, "done", {"id": "x"})),
    )
    told = list(server.engine().events("x", Listening()))
    assert [(each.id, each.name) for each in told] == [
        ("1", "running"),
        ("2", "progress"),
        ("3", "progress"),
        ("4", "done"),
    ]
    assert [asked[2] for asked in server.asked] == [None, "2"]


def test_a_stream_that_is_always_cut(faulty: Callable[..., Faulty], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inlay_krita.client.RECONNECT_DELAYS_S", (0.0, 0.0, 0.0))
    with pytest.raises(EngineLostError, match="connection to the engine was lost"):
        list(faulty(streams()).engine().events("x", Listening()))


def test_an_unknown_job(faulty: Callable[..., Faulty]) -> None:
    body = b'{"error": {"code": "job_unknown", "message": "No such job.", "field": "id", "remedy": "Start it again."}}'
    with pytest.raises(EngineError, match="No such job") as caught:
        list(faulty(says(404, body)).engine().events("x", Listening()))
    assert (caught.value.code, caught.value.field, caught.value.remedy) == ("job_unknown", "id", "Start it again.")


def test_stopping_wakes_a_waiting_thread_at_once(faulty: Callable[..., Faulty]) -> None:
    engine = faulty(streams(event(1, "running", {}), then_waits_s=5)).engine()
    listening = Listening()
    caught: list[BaseException] = []

    def listen() -> None:
        try:
            list(engine.events("x", listening))
        except LeftError as error:
            caught.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.2)
    begun = time.monotonic()
    listening.stop()
    thread.join(2)
    assert caught
    assert time.monotonic() - begun < 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b": ping\n\nevent: a\ndata: {}\n\n", [("", "a")]),
        (b"id: 7\r\nevent: a\r\ndata: {\r\ndata: }\r\n\r\n", [("7", "a")]),
        (b"data:{}\nretry: 5\nwhatever\n\n", [("", "message")]),
        (b"id: 1\nevent: a\ndata: {}\n", []),
    ],
)
def test_parsing(text: bytes, told: list[tuple[str, str]]) -> None:
    assert [(each.id, each.name) for each in parse_events(iter(text.splitlines(keepends=True)))] == told
