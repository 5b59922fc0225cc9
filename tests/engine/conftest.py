"""What the engine's tests share: a family that behaves, is quick and can be held up, and engines that really serve."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inlay.api.rendezvous import read
from inlay.api.serve import serve
from inlay.config import Folders, Limits
from inlay.pipelines.builtin import CARD
from inlay.pipelines.card import Settings
from inlay.pipelines.family import Cancelled, Family, FamilyError, Task, Watch
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box

PATIENCE_S = 20.0


class MeanFamily:
    """Fills the hole with the mean of what is known. `hold` makes it wait, in steps that listen for cancel."""

    name = "mean"
    card = CARD
    largest_part_px = 1 << 40

    def __init__(self) -> None:
        self.hold = threading.Event()  # set: wait in the middle of the work
        self.started = threading.Event()  # set by the work when it waits or has begun
        self.stopped = threading.Event()  # set by the work when it has seen the cancel
        self.is_deaf = False  # True: the work does not look for a cancel while it is held
        self.tasks: list[Task] = []

    def version(self) -> str:
        return "portable"

    def context_px(self, hole_box: Box) -> int:
        return 0

    def working_size(self, crop_box: Box) -> tuple[int, int]:
        return crop_box.width, crop_box.height

    def steps(self, crop_box: Box, settings: Settings | None = None) -> int:
        return 2

    def repaint(self, task: Task, watch: Watch) -> Pixels:
        self.tasks.append(task)
        if task.hole.all():
            raise FamilyError("nothing_known", "Nothing is known.", field="mask")
        watch.progress(0.5, "half way")
        watch.preview(np.zeros((8, 8, 3), np.uint8))
        self.started.set()
        while self.hold.is_set():
            if watch.is_cancelled() and not self.is_deaf:
                self.stopped.set()
                raise Cancelled
            self.stopped.wait(0.002)
        repainted = task.pixels.copy()
        repainted[task.hole] = task.pixels[~task.hole].mean(axis=0).astype(task.pixels.dtype)
        watch.progress(1.0, "done")
        return repainted


@dataclass
class Client:
    """A client of a running engine, on plain sockets: nothing between the test and the wire."""

    port: int
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """(status, JSON answer); a dict is sent as JSON."""
        status, answer, _ = self.raw(method, path, body, headers)
        return status, json.loads(answer) if answer else {}

    def raw(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """(status, body, headers) of an answer."""
        if isinstance(body, dict):
            body = json.dumps(body)
        sent = {"Authorization": f"Bearer {self.token}"} | self.headers | (headers or {})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            response = connection.getresponse()
            return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}

    def upload(self, model: str, depth: str, pixels: Pixels) -> str:
        """Send an array as it would lie in Krita's memory; gives its digest."""
        height, width = pixels.shape[:2]
        raw = pixels.tobytes()
        digest = hashlib.sha256(f"{model} {depth} {width} {height}\n".encode() + raw).hexdigest()
        status, _ = self.ask("PUT", f"/images/{digest}?model={model}&depth={depth}&width={width}&height={height}", raw)
        assert status in (200, 201)
        return digest

    def download(self, digest: str) -> bytes:
        status, body, _ = self.raw("GET", f"/images/{digest}")
        assert status == 200
        return body

    def events(self, job_id: str, after: int | None = None) -> Iterator[tuple[int, str, Any]]:
        """(number, name, data) of a job's events."""
        return self.stream(f"/jobs/{job_id}/events", after)

    def stream(self, path: str, after: int | None = None) -> Iterator[tuple[int, str, Any]]:
        """(number, name, data) as they come, until the stream ends."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Last-Event-ID": str(after)} if after else {})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            event: dict[str, str] = {}
            for line in response:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                elif "data" in event:
                    yield int(event["id"]), event["event"], json.loads(event["data"])
                    event = {}

    def finished(self, job_id: str) -> dict[str, Any]:
        """The job, once it has ended."""
        *_, (_, _, job) = self.events(job_id)
        return dict(job)

    def removal(self, **changes: Any) -> dict[str, Any]:
        """A request to remove a 4 x 4 square from a 64 x 48 picture, with its images uploaded."""
        pixels = np.random.default_rng(1).integers(0, 256, (48, 64, 4), dtype=np.uint8)
        mask = np.zeros((48, 64), np.uint8)
        mask[10:14, 20:24] = 255
        return {
            "edit": {"kind": "remove"},
            "canvas": {"width": 64, "height": 48, "model": "RGBA", "depth": "U8", "profile": ""},
            "selection": {"x": 20, "y": 10, "width": 4, "height": 4},
            "image": self.upload("RGBA", "U8", pixels),
            "mask": self.upload("MASK", "U8", mask),
        } | changes


@dataclass
class RunningEngine:
    """An engine in a thread of the test, through the same door as `inlay serve`."""

    client: Client
    family: Any
    folders: Folders
    thread: threading.Thread

    def stop(self) -> None:
        if isinstance(self.family, MeanFamily):
            self.family.hold.clear()
        if self.thread.is_alive():
            self.client.ask("POST", "/shutdown?force=true")
            self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


StartEngine = Callable[..., RunningEngine]


@contextmanager
def engines_over(home: Path) -> Iterator[StartEngine]:
    """Gives a function that starts engines over one INLAY_HOME; all are ended at the end."""
    running: list[RunningEngine] = []

    def start(
        limits: Limits | None = None,
        idle_exit_s: float = 600.0,
        family: Family | None = None,
        roster: Roster | None = None,
    ) -> RunningEngine:
        folders = Folders.find({"INLAY_HOME": str(home)})
        family = family or MeanFamily()
        is_ready = threading.Event()
        thread = threading.Thread(
            target=serve,
            kwargs={
                "idle_exit_s": idle_exit_s,
                "folders": folders,
                "limits": limits,
                "say": lambda line: is_ready.set(),
                "roster": roster or Roster.of(family),
            },
            daemon=True,
        )
        thread.start()
        assert is_ready.wait(PATIENCE_S)
        identity = read(folders.run)
        assert identity
        running.append(RunningEngine(Client(identity.port, identity.token), family, folders, thread))
        return running[-1]

    yield start
    for engine in running:
        engine.stop()


@pytest.fixture
def start_engine(tmp_path: Path) -> Iterator[StartEngine]:
    """Starts engines over one INLAY_HOME."""
    with engines_over(tmp_path / "home") as start:
        yield start


@pytest.fixture
def make_client() -> type[Client]:
    """Makes a client from port and token."""
    return Client


@pytest.fixture
def engine(start_engine: StartEngine) -> RunningEngine:
    """An engine of this test's own."""
    return start_engine()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of an engine that all tests of a module share."""
    with engines_over(tmp_path_factory.mktemp("inlay")) as start:
        yield start().client
