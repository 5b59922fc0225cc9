"""A small client of the engine's protocol (docs/protocol.md), so that the demo goes the whole way that Krita goes."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installer.places import InstallError

START_TIMEOUT_S = 30.0
ENDED = ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Engine:
    """A running engine: where it listens, and the token that it wants to see."""

    port: int
    token: str

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """One request's answer. Raises InstallError with the engine's own words."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status >= 400 and method != "HEAD":
            raise refusal(json.loads(answer)["error"])
        return answer

    def ask_json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return json.loads(self.ask(method, path, None if body is None else json.dumps(body).encode()))

    def upload(self, model: str, depth: str, width: int, height: int, raw: bytes) -> str:
        """Hand an image over and give its digest."""
        digest = hashlib.sha256(f"{model} {depth} {width} {height}\n".encode() + raw).hexdigest()
        self.ask("PUT", f"/images/{digest}?model={model}&depth={depth}&width={width}&height={height}", raw)
        return digest

    def events(self, job: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """(name, data) of a job's events until it ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("GET", f"/jobs/{job}/events", headers={"Authorization": f"Bearer {self.token}"})
        name = ""
        for line in connection.getresponse():
            field, _, value = line.decode().strip().partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)
                if name in ENDED:
                    break
        connection.close()


def refusal(error: dict[str, Any]) -> InstallError:
    return InstallError(f"the engine says: {error['message']} {error.get('remedy') or ''}".rstrip())


@contextmanager
def running(inlay: Path, home: Path) -> Iterator[Engine]:
    """An engine with folders of its own (below `home`), ended afterwards."""
    environ = os.environ | {"INLAY_HOME": str(home)}
    (home / "log").mkdir(parents=True, exist_ok=True)
    with (home / "log" / "demo.log").open("wb") as log:
        process = subprocess.Popen([str(inlay), "serve"], env=environ, stdout=log, stderr=log)
    try:
        yield announced(home / "run" / "engine.json", process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def announced(path: Path, process: subprocess.Popen[bytes]) -> Engine:
    """The engine, once it has written where it listens."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            told = json.loads(path.read_text("utf-8"))
            if told["pid"] == process.pid or os.name == "nt":
                return Engine(told["port"], told["token"])
        except (OSError, ValueError):
            pass
        time.sleep(0.02)
    raise InstallError(f"the engine did not start; {path.parent.parent / 'log'} may say why.")
