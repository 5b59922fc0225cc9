"""`engine.json`: how clients find the running engine, and whether what it says is still true."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from inlay.api.identity import Identity

FILE_NAME = "engine.json"
ANSWER_S = 2.0  # a living engine answers in milliseconds, a loaded machine a little later


@dataclass(frozen=True)
class Running:
    """An engine that answers."""

    identity: Identity
    open_jobs: int


def announce(identity: Identity, run_folder: Path) -> None:
    """Write engine.json at once and whole, readable by its owner alone (mkstemp makes it 0600). Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=run_folder, prefix="engine-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(identity), file)
        Path(temporary).replace(run_folder / FILE_NAME)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def withdraw(identity: Identity, run_folder: Path) -> None:
    """Remove engine.json, unless another engine has announced itself since."""
    if read(run_folder) == identity:
        (run_folder / FILE_NAME).unlink(missing_ok=True)


def read(run_folder: Path) -> Identity | None:
    """What engine.json says, true or stale; None where there is none or it is no such file."""
    try:
        said = json.loads((run_folder / FILE_NAME).read_text("utf-8"))
        return Identity(**{field.name: said[field.name] for field in dataclasses.fields(Identity)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_running(run_folder: Path) -> Running | None:
    """The engine that engine.json names, if it is really this one that answers there; None where the file is stale."""
    identity = read(run_folder)
    if identity is None:
        return None
    answer = _ask(identity, "GET", "/health")
    if answer is None or answer.get("instance") != identity.instance:
        return None
    open_jobs = answer.get("jobs")
    return Running(identity, open_jobs if isinstance(open_jobs, int) else 0)


def ask_to_end(identity: Identity) -> bool:
    """Ask a running engine to make room; False where it is busy or does not answer."""
    return _ask(identity, "POST", "/shutdown") is not None


def _ask(identity: Identity, method: str, path: str) -> dict[str, object] | None:
    """The JSON object that the engine answers, or None."""
    connection = http.client.HTTPConnection("127.0.0.1", identity.port, timeout=ANSWER_S)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {identity.token}"})
        response = connection.getresponse()
        answer = json.loads(response.read(65_536))
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) and response.status < 400 else None
