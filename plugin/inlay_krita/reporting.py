"""A report of a problem: versions, device and logs, and nothing that is the painter's. It goes nowhere by itself."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .client import EngineError
from .discreet import named
from .engines import Engines
from .folders import Folders
from .guard import SHARED_LOG
from .qt import BINDING, QtCore, QtGui, Signal
from .tasks import Tasks
from .wire import PROTOCOL

if TYPE_CHECKING:
    from .session import Session

LOG_LINES = 120
ENGINE_LOG, START_LOG = "engine-shared.log", "engine-start.log"
ASKING = "asking…"
PANELS_LOG = "Panel's log"
FRAME = re.compile(r'^\s+File ".*?(\w+)[\\/](\w+)\.py", line (\d+), in ([\w<>]+)$')
ERROR = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Exit|Interrupt))\b")
OUR_ROOMS = ("inlay", "api", "cli", "jobs", "edits", "pipelines", "pixels", "catalogue", "files")


class Reporting(QtCore.QObject):
    """Lives on the UI thread. `changed` when there is more of the report."""

    changed = Signal()

    def __init__(self, session: Session, engines: Engines, tasks: Tasks, folders: Folders) -> None:
        super().__init__()
        self.text = ""
        self.is_whole = False
        self._session, self._engines, self._tasks, self.folders = session, engines, tasks, folders

    def gather(self) -> None:
        """Begin anew. The engine is asked in a thread, and started for it if need be."""
        panel = section("Panel", self._facts())
        self.text, self.is_whole = f"{panel}\n\n{section('Engine', [ASKING])}", False
        self.changed.emit()
        self._tasks.run(self._rest, lambda rest: self._gathered(panel, rest), self._session.crashed)

    def _gathered(self, panel: str, rest: str) -> None:
        self.text, self.is_whole = f"{panel}\n\n{rest}", True
        self.changed.emit()

    def _facts(self) -> list[str]:
        """What this side knows."""
        session = self._session
        info = session.active_info()
        kinds = Counter(work.edit.kind if work.edit else "other" for work in session.works)
        screens = QtGui.QGuiApplication.screens()
        return [
            session.canvas.host(),
            f"{BINDING}, Qt {QtCore.qVersion()}, Python {platform.python_version()}, protocol {PROTOCOL}",
            platform.platform(terse=True),
            f"{len(screens)} screen(s) at {', '.join(f'{screen.devicePixelRatio():.0%}' for screen in screens)}",
            f"document: {info.width} x {info.height} {info.model} {info.depth}" if info else "document: none",
            f"under way: {', '.join(f'{count} {kind}' for kind, count in kinds.items()) or 'nothing'}",
            f"notices: {len(session.notices)}, results that wait: {len(session.parcels)}",
            f"engine: {session.engine.state.name.lower()}{' elsewhere' if session.engine_choice.is_remote else ''}",
        ]

    def _rest(self) -> str:
        """In a thread: the engine's part, or why there is none; and the panel's log."""
        log = self.folders.log
        try:
            engine = self._engines.connect().report()
        except EngineError as error:
            engine = "\n\n".join(
                (
                    section("Engine", [f"could not be asked: {named(error)}"]),
                    section("Engine's last start", told_start(_lines(log / START_LOG))),
                    section("Engine's log", _lines(log / ENGINE_LOG)[-LOG_LINES:]),
                )
            )
        return f"{engine}\n\n{section(PANELS_LOG, _lines(log / SHARED_LOG)[-LOG_LINES:])}"


def section(title: str, lines: Iterable[str]) -> str:
    """A heading and what is below it."""
    return "\n".join((f"[{title}]", *(list(lines) or ["-"])))


def told_start(lines: list[str]) -> list[str]:
    """What can be told of the engine's first output: where it failed, by which kind of error; none of its words."""
    told = []
    for line in lines:
        frame, error = FRAME.match(line), ERROR.match(line)
        if frame and frame[1] in OUR_ROOMS:
            told.append(f"{frame[1]}/{frame[2]}, line {frame[3]}, in {frame[4]}")
        elif error:
            told.append(error[1])
        elif line.startswith("Error: "):
            told.append("it refused to start")
    return told[-LOG_LINES:]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
