"""The engine over HTTP: plain blocking calls, made in worker threads only.

`http.client` with raw bytes is the cheapest way out of Krita's process that was measured (docs/benchmarks.md): the
interpreter lock is free while a socket works, so Krita's window never waits.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import urllib.parse
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from .listening import Event, Listening, parse_events
from .sentences import translated
from .translation import tr
from .wire import (
    ENDED,
    Addition,
    Install,
    Job,
    Plan,
    Selection,
    Stock,
    Turn,
    image_digest,
)

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
EVENTS_TIMEOUT_S = 30.0  # a stream that is silent for so long is asked again
UNAUTHORIZED = 401
RECONNECT_DELAYS_S = (0.0, 0.1, 0.3, 0.6, 1.0)


class EngineError(Exception):
    """The engine refused or failed: what happened, which field is to blame, and what to do next."""

    def __init__(self, message: str, remedy: str = "", field: str = "", code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field
        self.code = code
        self.status = status

    @classmethod
    def from_response(cls, status: int, body: bytes) -> EngineError:
        """The engine's own words, or plain ones where the body is not the engine's, or speaks to programs."""
        if status == UNAUTHORIZED:
            return cls(
                tr("The engine does not take this panel's token."),
                tr("Of an engine on another machine, enter the new token in Settings. Else start Krita again."),
                code="token",
                status=status,
            )
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            return cls.from_json(json.loads(body)["error"], status)
        return cls(
            tr("The engine answered with status {status}.").format(status=status),
            tr("Try again; the engine's log says more."),
            status=status,
        )

    @classmethod
    def from_json(cls, error: dict[str, Any], status: int = 0) -> EngineError:
        return cls(
            translated(str(error.get("message") or "The edit failed.")),
            translated(str(error.get("remedy") or "")),
            str(error.get("field") or ""),
            str(error.get("code") or ""),
            status,
        )


class EngineLostError(EngineError):
    """The engine went away in the middle: its process ended, or nothing answers at its port."""


@dataclass(frozen=True)
class Endpoint:
    """Where a running engine is, from its `engine.json`."""

    port: int
    token: str
    pid: int = 0
    version: str = ""
    protocol: int = 0
    instance: str = ""

    def connect(self) -> http.client.HTTPConnection:
        """A new connection, open and found good. Raises OSError where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CONNECT_TIMEOUT_S)
        connection.connect()
        return connection

    def lost(self) -> EngineLostError:
        """What to say where nobody answers."""
        return EngineLostError(tr("The engine is not running any more."), tr("Run the edit again."))


@dataclass(frozen=True)
class Image:
    """An image as the engine keeps it: raw bytes and what they mean."""

    model: str
    depth: str
    width: int
    height: int
    raw: bytes


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: Message
    body: bytes


class Engine:
    """One running engine. Thread-safe; connections are kept open and shared."""

    def __init__(self, endpoint: Endpoint, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self.endpoint = endpoint
        self._read_timeout_s = read_timeout_s
        self._idle: list[http.client.HTTPConnection] = []
        self._is_closed = False
        self._lock = threading.Lock()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A question whose words and values are another file's. Raises EngineError."""
        return self._json(method, path, body)

    def health(self) -> dict[str, Any]:
        return self._json("GET", "/health")

    def report(self) -> str:
        """What can be told of the engine to anybody: versions, device, kinds of models, and its discreet log."""
        answer = self._request("GET", "/report")
        if answer.status != 200:
            raise EngineError.from_response(answer.status, answer.body)
        return answer.body.decode()

    def plan(self, request: dict[str, Any]) -> Plan:
        return Plan.from_json(self._json("POST", "/plan", request))

    def stock(self) -> Stock:
        """What is installed, the built-in fill left out, what prompts can name, and what could be installed."""
        return Stock.from_json(self._json("GET", "/models"))

    def install(self, model_id: str) -> Install:
        """Begin an installation, or find the one that is under way. It goes on without anybody who listens."""
        return Install.from_json(self._json("POST", f"/models/{model_id}/install"))

    def cancel_install(self, model_id: str) -> Install:
        """End an installation; what has arrived stays for the next one."""
        return Install.from_json(self._json("POST", f"/models/{model_id}/cancel"))

    def remove_model(self, model_id: str) -> None:
        """Delete a model that Inlay installed, or what there is of a half one."""
        self._send("DELETE", f"/models/{urllib.parse.quote(model_id, safe='')}")

    def add_folder(self, path: str) -> None:
        """Use the models of a folder, or a single file, where they lie."""
        self._json("POST", "/model-folders", {"path": path})

    def addition(self, request: dict[str, Any]) -> Addition | None:
        """What could be added to a selection; None where nothing looks like it."""
        told = self._json("POST", "/selections", request)["addition"]
        return None if told is None else Addition.from_json(told)

    def selection(self, request: dict[str, Any]) -> Selection:
        """What is meant by what points at it."""
        return Selection.from_json(self._json("POST", "/selections", request))

    def make_ready(self, request: dict[str, Any]) -> str:
        """Have a picture looked at ahead of the first click; gives the model's name."""
        return str(self._json("POST", "/selections/ready", request)["model"])

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """What an edit would keep of a picture: an image, and where it lies."""
        return self._json("POST", "/controls", request)

    def caption(self, request: dict[str, Any]) -> str:
        """What surrounds a selection, in words."""
        return str(self._json("POST", "/captions", request)["caption"])

    def upload(self, model: str, depth: str, width: int, height: int, raw: Any) -> str:
        """Hand over an image unless the engine already has it; gives its digest. `raw`: any buffer, never copied."""
        raw = memoryview(raw).cast("B")
        digest = image_digest(model, depth, width, height, raw)
        if not self.has(digest):
            query = f"model={model}&depth={depth}&width={width}&height={height}"
            answer = self._request("PUT", f"/images/{digest}?{query}", raw, "application/octet-stream")
            if answer.status >= 400:
                raise EngineError.from_response(answer.status, answer.body)
        return digest

    def has(self, digest: str) -> bool:
        """Whether the engine keeps that image."""
        return self._request("HEAD", f"/images/{digest}").status == 200

    def download(self, digest: str) -> Image:
        """An image by its name."""
        return self._image(f"/images/{digest}")

    def thumbnail(self, digest: str, side_px: int, profile: str) -> Image:
        """An image in 8-bit sRGB, at most `side_px` wide and high. profile: the name of its ICC profile."""
        return self._image(f"/images/{digest}/thumbnail?side={side_px}&profile={urllib.parse.quote(profile, safe='')}")

    def _image(self, path: str) -> Image:
        answer = self._request("GET", path)
        if answer.status != 200:
            raise EngineError.from_response(answer.status, answer.body)
        told = answer.headers
        return Image(
            told["Inlay-Model"], told["Inlay-Depth"], int(told["Inlay-Width"]), int(told["Inlay-Height"]), answer.body
        )

    def start(self, request: dict[str, Any]) -> Job:
        return Job.from_json(self._json("POST", "/edits", request))

    def jobs(self) -> list[Job]:
        return [Job.from_json(job) for job in self._json("GET", "/jobs")["jobs"]]

    def job(self, job_id: str) -> Job:
        return Job.from_json(self._json("GET", f"/jobs/{job_id}"))

    def cancel(self, job_id: str) -> Job:
        return Job.from_json(self._json("POST", f"/jobs/{job_id}/cancel"))

    def hurry(self, job_id: str) -> Job:
        """Let a waiting job be the next one."""
        return Job.from_json(self._json("POST", f"/jobs/{job_id}/hurry"))

    def queue(self) -> list[Turn]:
        """The open jobs of every panel, in their order."""
        return [Turn.from_json(turn) for turn in self._json("GET", "/queue")["jobs"]]

    def move(self, job_id: str, before: str | None) -> Job:
        """Let a waiting job be done right before another one that waits; None: as the last."""
        return Job.from_json(self._json("POST", f"/jobs/{job_id}/move", {"before": before}))

    def rerun(self, job_id: str) -> Job:
        return Job.from_json(self._json("POST", f"/jobs/{job_id}/rerun"))

    def forget(self, job_id: str) -> None:
        """Have an ended job and its result thrown away; one that is unknown already is as good."""
        self._send("DELETE", f"/jobs/{job_id}", accepts=404)

    def shut_down(self) -> bool:
        """Ask the engine to end. False where this engine cannot be asked."""
        return self._request("POST", "/shutdown").status < 400

    def events(self, job_id: str, listening: Listening) -> Iterator[Event]:
        """A job's events until it ends; see `_follow`."""
        return self._follow(f"/jobs/{job_id}/events", listening)

    def install_events(self, model_id: str, listening: Listening) -> Iterator[Event]:
        """An installation's events until it ends; see `_follow`."""
        return self._follow(f"/models/{model_id}/events", listening)

    def close(self) -> None:
        """Close the kept connections, and those in use when they are given back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _follow(self, path: str, listening: Listening) -> Iterator[Event]:
        """Events until one of the ends, over as many connections as it takes; each event once.

        Raises EngineLostError when the engine is gone, LeftError when `listening` was stopped.
        """
        last_id, failures = "", 0
        while True:
            try:
                with contextlib.closing(self._event_stream(path, last_id, listening)) as stream:
                    for event in stream:
                        last_id, failures = event.id or last_id, 0
                        yield event
                        if event.name in ENDED:
                            return
            except (OSError, http.client.HTTPException) as error:
                listening.check()
                if isinstance(error, TimeoutError):  # silence is no fault while the engine is well
                    self.health()
                    continue
            failures += 1
            if failures >= len(RECONNECT_DELAYS_S):
                raise EngineLostError(tr("The connection to the engine was lost."), tr("Run the edit again."))
            listening.pause(RECONNECT_DELAYS_S[failures])

    def _event_stream(self, path: str, last_id: str, listening: Listening) -> Generator[Event, None, None]:
        connection = self._connect(EVENTS_TIMEOUT_S)
        try:
            headers = self._headers() | ({"Last-Event-ID": last_id} if last_id else {})
            connection.request("GET", path, headers=headers)
            with listening.to(connection), connection.getresponse() as response:
                if response.status != 200:
                    raise EngineError.from_response(response.status, response.read())
                yield from parse_events(iter(response.readline, b""))
        finally:
            connection.close()

    def _send(self, method: str, path: str, accepts: int = 0) -> None:
        """A request whose answer has no body; a refusal with the accepted status is as good."""
        answer = self._request(method, path)
        if answer.status >= 400 and answer.status != accepts:
            raise EngineError.from_response(answer.status, answer.body)

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        sent = None if body is None else json.dumps(body).encode()
        answer = self._request(method, path, sent, "application/json")
        if answer.status >= 400:
            raise EngineError.from_response(answer.status, answer.body)
        try:
            parsed: dict[str, Any] = json.loads(answer.body)
        except ValueError as error:
            raise EngineError(tr("The engine's answer could not be read."), tr("Try again.")) from error
        return parsed

    def _request(self, method: str, path: str, body: Any = None, content_type: str = "") -> Answer:
        """One request; a kept connection that the engine has closed meanwhile is replaced once."""
        headers = self._headers() | ({"Content-Type": content_type} if body is not None else {})
        if body is not None:
            headers["Content-Length"] = str(len(body))
        while True:
            connection, is_fresh = self._take()
            try:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused early: the answer says why
                    connection.request(method, path, body, headers)
                response = connection.getresponse()
                answer = Answer(response.status, response.headers, response.read())
            except TimeoutError as error:
                connection.close()
                raise EngineError(tr("The engine did not answer in time."), tr("Try again in a moment.")) from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if is_fresh:
                    raise self.endpoint.lost() from error
                continue
            if response.will_close:
                connection.close()
            else:
                self._give_back(connection)
            return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.endpoint.token}"}

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        connection = self.endpoint.connect()
        connection.sock.settimeout(timeout_s)
        return connection

    def _take(self) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it is a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        try:
            return self._connect(self._read_timeout_s), True
        except OSError as error:
            raise self.endpoint.lost() from error

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if not self._is_closed:
                return self._idle.append(connection)
        connection.close()
