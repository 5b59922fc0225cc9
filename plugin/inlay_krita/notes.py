"""What this panel asked of the engine and has not laid in yet, on disk: a closed Krita finds its results again."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from .launcher import is_process_alive
from .whole_file import logged, write_whole
from .wire import CanvasInfo

THIS_SESSION = uuid.uuid4().hex


@dataclass(frozen=True)
class Note:
    """One job that somebody waits for."""

    job_id: str
    document_name: str
    label: str
    canvas: CanvasInfo
    engine: str = ""  # the address of the one that has it; "" for this machine's


class Notes:
    """A folder with a small file per job."""

    def __init__(self, folder: Path, not_written: Callable[[OSError], None] = logged) -> None:
        self._folder, self._not_written = folder, not_written
        self._let_go: set[str] = set()  # jobs of this session that nobody waits for any more

    def keep(self, note: Note) -> None:
        """Write a note down. A disk that is full costs the memory of it, not the edit."""
        told = {**dataclasses.asdict(note), "pid": os.getpid(), "session": THIS_SESSION}
        try:
            write_whole(self._path(note.job_id), json.dumps(told))
        except OSError as error:
            self._not_written(error)

    def drop(self, job_id: str) -> None:
        """Forget a job."""
        with contextlib.suppress(OSError):
            self._path(job_id).unlink(missing_ok=True)

    def let_go(self, job_id: str) -> None:
        """Its engine cannot be reached: from now on it is one of the orphans."""
        self._let_go.add(job_id)

    def orphans(self, engine: str = "") -> list[Note]:
        """Jobs that an engine has and that nobody waits for, or whose Krita is gone; oldest first."""
        return [note for note in self._all_orphans() if note.engine == engine]

    def waiting(self) -> Counter[str]:
        """How many orphans each engine has, by its address."""
        return Counter(note.engine for note in self._all_orphans())

    def take_up(self, note: Note) -> None:
        """Somebody waits for it again."""
        self._let_go.discard(note.job_id)

    def _all_orphans(self) -> list[Note]:
        with contextlib.suppress(OSError):
            paths = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            return [note for path in paths for note in _read_orphan(path, self._let_go)]
        return []

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"


def _read_orphan(path: Path, let_go: Collection[str]) -> list[Note]:
    """The note in a file, unless another Krita that still runs (or this one) waits for it; none if it is damaged."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        canvas, engine = CanvasInfo(**told["canvas"]), str(told.get("engine") or "")
        note = Note(str(told["job_id"]), str(told["document_name"]), str(told["label"]), canvas, engine)
        pid, session = int(told["pid"]), told["session"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    is_ours = session == THIS_SESSION and note.job_id not in let_go
    is_waited_for = is_ours or (session != THIS_SESSION and pid != os.getpid() and is_process_alive(pid))
    return [] if is_waited_for else [note]
