"""What the engine's service costs, apart from the work itself: `python tests/bench/engine_service.py`.

Start to healthy answer, a 64 MiB upload and download, a plan, and how long a cancel takes to answer and to stop work.
Prints a Markdown table of medians, with the least and the most of each.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE_PX = 4096  # RGBA U8: 64 MiB


@dataclass(frozen=True)
class Engine:
    """A running engine, and how long it took until it answered."""

    port: int
    token: str
    start_s: float

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            answer = response.read()
            if response.status >= 400:
                raise SystemExit(f"{method} {path}: {response.status} {answer.decode()}")
            return answer

    def ask_json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.ask(method, path, json.dumps(body).encode() if body else b""))
        return answer

    def upload(self, model: str, width: int, height: int, raw: bytes) -> str:
        digest = hashlib.sha256(f"{model} U8 {width} {height}\n".encode() + raw).hexdigest()
        self.ask("PUT", f"/images/{digest}?model={model}&depth=U8&width={width}&height={height}", raw)
        return digest


@contextmanager
def started(**environ: str) -> Iterator[Engine]:
    """A fresh engine over a folder of its own, through the command that the plugin runs."""
    with tempfile.TemporaryDirectory() as home:
        before = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "inlay", "serve"],
            env=os.environ | environ | {"INLAY_HOME": home},
            stdout=subprocess.DEVNULL,
        )
        try:
            yield _answering(Path(home) / "run" / "engine.json", before)
        finally:
            process.terminate()
            process.wait()


def _answering(path: Path, before: float) -> Engine:
    while not path.exists():
        time.sleep(0.002)
    said = json.loads(path.read_text())
    engine = Engine(said["port"], said["token"], 0.0)
    engine.ask("GET", "/health")
    return Engine(engine.port, engine.token, time.perf_counter() - before)


def seconds(action: Callable[[], object]) -> float:
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def cancel_s(engine: Engine) -> tuple[float, float]:
    """(until the cancel is answered, until the worker has begun the next job), in the middle of a 2048 px fill."""
    side_px = 2048
    canvas = {"width": side_px, "height": side_px, "model": "RGBA", "depth": "U8", "profile": ""}
    hole = {"x": 700, "y": 700, "width": 640, "height": 640}
    request = {"edit": {"kind": "remove", "seed": time.time_ns() % 1000}, "canvas": canvas, "selection": hole}
    box = engine.ask_json("POST", "/plan", request)["read_box"]
    image = engine.upload("RGBA", box["width"], box["height"], os.urandom(box["width"] * box["height"] * 4))
    rows = bytearray(box["width"] * box["height"])
    for row in range(hole["y"] - box["y"], hole["y"] - box["y"] + hole["height"]):
        start = row * box["width"] + hole["x"] - box["x"]
        rows[start : start + hole["width"]] = b"\xff" * hole["width"]
    request |= {"image": image, "mask": engine.upload("MASK", box["width"], box["height"], bytes(rows))}
    job = engine.ask_json("POST", "/edits", request)
    while engine.ask_json("GET", f"/jobs/{job['id']}")["progress"] == 0.0:
        time.sleep(0.02)
    time.sleep(0.3)
    before = time.perf_counter()
    engine.ask_json("POST", f"/jobs/{job['id']}/cancel")
    answered = time.perf_counter() - before
    follower = engine.ask_json("POST", "/edits", request)
    while engine.ask_json("GET", f"/jobs/{follower['id']}")["state"] == "queued":
        time.sleep(0.002)
    stopped = time.perf_counter() - before
    engine.ask_json("POST", f"/jobs/{follower['id']}/cancel")
    return answered, stopped


def measured(rounds: int) -> dict[str, list[float]]:
    """Seconds by what was measured, one figure a round."""
    figures: dict[str, list[float]] = {}
    plan = {
        "edit": {"kind": "remove"},
        "canvas": {"width": 8192, "height": 8192, "model": "RGBA", "depth": "U8", "profile": ""},
        "selection": {"x": 4000, "y": 4000, "width": 300, "height": 200},
    }
    for _ in range(rounds):
        cpu_before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with started() as engine:
            figures.setdefault("start to healthy answer", []).append(engine.start_s)
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = cpu.ru_utime + cpu.ru_stime - cpu_before.ru_utime - cpu_before.ru_stime
        figures.setdefault("CPU seconds of a start and an end", []).append(spent)
    with started() as engine:
        engine.ask_json("POST", "/plan", plan)
        for _ in range(rounds):
            figures.setdefault("plan", []).append(seconds(lambda: engine.ask_json("POST", "/plan", plan)))
            raw = os.urandom(SIDE_PX * SIDE_PX * 4)
            digest = hashlib.sha256(f"RGBA U8 {SIDE_PX} {SIDE_PX}\n".encode() + raw).hexdigest()
            address = f"/images/{digest}?model=RGBA&depth=U8&width={SIDE_PX}&height={SIDE_PX}"
            sent = seconds(lambda address=address, raw=raw: engine.ask("PUT", address, raw))  # type: ignore[misc]
            figures.setdefault("upload of 64 MiB, digest checked and written", []).append(sent)
            got = seconds(lambda digest=digest: engine.ask("GET", f"/images/{digest}"))  # type: ignore[misc]
            figures.setdefault("download of 64 MiB", []).append(got)
            answered, stopped = cancel_s(engine)
            figures.setdefault("cancel inside a fill: answered", []).append(answered)
            figures.setdefault("cancel inside a fill: the next job runs", []).append(stopped)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    figures = measured(parser.parse_args().rounds)
    print("| what | median | least | most |\n|---|---|---|---|")
    for what, values in figures.items():
        cells = (f"{1000 * value:.0f} ms" for value in (statistics.median(values), min(values), max(values)))
        print(f"| {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
