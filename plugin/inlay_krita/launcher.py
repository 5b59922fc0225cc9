"""Finds the engine, or starts it. Blocking calls, made in worker threads only."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .client import Endpoint, Engine, EngineError
from .folders import Folders, find_folders, is_sandboxed
from .sentences import translated
from .translation import later, numeral, tr
from .wire import PROTOCOL

START_TIMEOUT_S = 30.0
HEALTH_TIMEOUT_S = 3.0
INSTALL_REMEDY = tr('Run "python3 installer krita" in the folder of Inlay, then try again.')
UPDATE_PANEL = tr(
    'Update the panel: run "python3 installer krita" in the folder of Inlay, then try again. Restart Krita after that.'
)
UPDATE_ENGINE = tr(
    'Update the engine: run "python3 installer krita" in the folder of Inlay, then try again. Restart Krita after that.'
)
SANDBOX_REMEDY = later(
    "This Krita runs in a sandbox (Flatpak or Snap). Start the engine in a terminal, then try again: {command}"
)

log = logging.getLogger(__name__)


class EngineMissingError(EngineError):
    """No engine is installed."""


class EngineVersionError(EngineError):
    """The engine and the panel are not of one version."""


@dataclass(frozen=True)
class Installed:
    """What the installer left behind: how to start the engine."""

    command: tuple[str, ...]
    version: str = ""


class Launcher:
    """One per process. `find` looks for a running engine; `ensure` starts one where there is none."""

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        platform: str = sys.platform,
        own: Installed | None = None,
    ) -> None:
        """own: the engine to start unless INLAY_ENGINE names another, for a panel that came with one."""
        self._environ = dict(os.environ if environ is None else environ)
        self._platform = platform
        self._own = own
        self._lock = threading.Lock()
        self.on_start: Callable[[], None] = lambda: None  # called before an engine is started
        self._has_replaced_for: set[Installed] = set()  # once for each: what is installed may tell a wrong version
        self.process: subprocess.Popen[bytes] | None = None  # the engine, if it was started here
        self.folders: Folders = find_folders(platform, self._environ)

    @property
    def address(self) -> str:
        """By which notes name this machine's engine."""
        return ""

    @property
    def stage_again(self) -> str:
        """What is told while an engine that was lost is started again."""
        return tr("The engine stopped. Starting it again…")

    def find(self) -> Endpoint | None:
        """The running engine, or None. A stale `engine.json` counts as none.

        Raises EngineVersionError for one that speaks another protocol.
        """
        endpoint = read_endpoint(self.folders.run / "engine.json")
        if endpoint is None:
            return None
        try:  # the process id proves nothing: it may be used again, and a container or sandbox does not see it
            with contextlib.closing(Engine(endpoint, HEALTH_TIMEOUT_S)) as engine:
                health = engine.health()
        except EngineError:
            return None
        if health.get("name") != "inlay" or health.get("instance") != endpoint.instance:
            return None
        check_protocol(health)
        return endpoint

    def installed(self) -> Installed | None:
        """How to start the engine; None where it is not installed."""
        override = self._environ.get("INLAY_ENGINE", "").strip()
        if override:
            return Installed(split_command(override, self._platform))
        if self._own:
            return self._own
        for folder in self.folders.installed_in:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads((folder / "install.json").read_text(encoding="utf-8"))
                return Installed(tuple(map(str, told["command"])), str(told.get("version", "")))
        return None

    def ensure(self) -> Endpoint:
        """The running engine, started if need be.

        Raises EngineMissingError, EngineVersionError, or EngineError when it does not come up.
        """
        with self._lock:
            endpoint = self._find_of_our_version()
            if endpoint:
                return endpoint
            installed = self.installed()
            if installed is None:
                raise EngineMissingError(
                    tr("The Inlay engine is not installed."), self._remedy(), code="engine_missing"
                )
            self.on_start()
            return self._start(installed)

    def _find_of_our_version(self) -> Endpoint | None:
        """The running engine, unless it is an old one of ours that a newer install replaces."""
        installed = self.installed()
        try:
            endpoint = self.find()
        except EngineVersionError:
            endpoint = read_endpoint(self.folders.run / "engine.json")
            if installed is None or endpoint is None or not self._replace(endpoint, installed):
                raise
            return None
        if endpoint and installed and installed.version not in ("", endpoint.version):
            return None if self._replace(endpoint, installed) else endpoint
        return endpoint

    def _replace(self, endpoint: Endpoint, installed: Installed) -> bool:
        """Ask an engine of another version than the installed one to end, if it has nothing to do."""
        if installed.version == endpoint.version or installed in self._has_replaced_for:
            return False
        self._has_replaced_for.add(installed)
        with contextlib.closing(Engine(endpoint, HEALTH_TIMEOUT_S)) as engine:
            try:
                if engine.health().get("jobs") or not engine.shut_down():
                    return False
                deadline = time.monotonic() + HEALTH_TIMEOUT_S
                while time.monotonic() < deadline:
                    engine.health()
                    time.sleep(0.05)
            except EngineError:
                return True  # it is gone
        return False

    def _start(self, installed: Installed) -> Endpoint:
        log_path = self.folders.log / "engine-start.log"
        try:
            self.folders.log.mkdir(parents=True, exist_ok=True)
            with log_path.open("wb") as output:
                self.process = process = start_detached(
                    [*installed.command, "serve"], self._environ_for(installed), output, self._platform
                )
        except OSError as error:
            reason, culprit = error.strerror or error, error.filename or installed.command[0]
            raise EngineMissingError(
                tr("The Inlay engine could not be started: {reason} ({culprit}).").format(
                    reason=reason, culprit=culprit
                ),
                self._remedy(installed),
                code="engine_missing",
            ) from error
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            endpoint = self.find()
            if endpoint:
                return endpoint
            if process.poll() not in (None, 0):  # 0: it found another one that came up at the same time
                ended = tr("It ended at once, with status {status}.").format(status=process.returncode)
                reason = translated(refusal_in(log_path)) or ended
                says_more = tr("{path} says more.").format(path=log_path)
                raise EngineError(
                    f"{tr('The Inlay engine could not be started.')} {reason}",
                    f"{says_more} {self._remedy(installed)}",
                )
            time.sleep(0.05)
        raise EngineError(
            tr("The Inlay engine did not come up within {seconds} seconds.").format(seconds=numeral(START_TIMEOUT_S)),
            tr("{path} may say why. Try again.").format(path=log_path),
        )

    def _remedy(self, installed: Installed | None = None) -> str:
        """What to do about an engine that cannot be started."""
        if not is_sandboxed(self._environ):
            return INSTALL_REMEDY
        command = shlex.join(installed.command if installed else ("inlay",))
        start = f"INLAY_HOME={shlex.quote(str(self.folders.home))} {command} serve"
        return tr(SANDBOX_REMEDY).format(command=start)

    def _environ_for(self, installed: Installed) -> dict[str, str]:
        return self._environ if installed is self._own else engine_environ(self._environ, self.folders)


def read_endpoint(path: Path) -> Endpoint | None:
    """What `engine.json` says; None where it is not there, or not (yet) whole."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Endpoint(
            int(told["port"]),
            str(told["token"]),
            int(told["pid"]),
            str(told["version"]),
            int(told["protocol"]),
            str(told["instance"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def refusal_in(log_path: Path) -> str:
    """The engine's own reason, if its output ends with one ("Error: ..."); nothing for anything else."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1].removeprefix("Error: ") if lines and lines[-1].startswith("Error: ") else ""


def check_protocol(health: Mapping[str, Any]) -> None:
    """Raises EngineVersionError unless the engine speaks our protocol."""
    theirs = health.get("protocol")
    if theirs != PROTOCOL:
        is_newer = isinstance(theirs, int) and theirs > PROTOCOL
        raise EngineVersionError(
            tr("The running engine is Inlay {version}, which this panel cannot talk to.").format(
                version=health.get("version")
            ),
            UPDATE_PANEL if is_newer else UPDATE_ENGINE,
            code="engine_version",
        )


def is_process_alive(pid: int) -> bool:
    """Whether a process with this id runs. Never disturbs it."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _is_process_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _is_process_alive_on_windows(pid: int) -> bool:
    """`os.kill(pid, 0)` ends the process there: ask the system instead."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return False
    status = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(status))
    kernel.CloseHandle(handle)
    return status.value == 259  # STILL_ACTIVE


def split_command(line: str, platform: str) -> tuple[str, ...]:
    """A command line's words; on Windows a backslash is a letter, and quotes only hold words together."""
    if platform == "win32":
        return tuple(word.strip('"') for word in shlex.split(line, posix=False))
    return tuple(shlex.split(line))


def engine_environ(environ: Mapping[str, str], folders: Folders) -> dict[str, str]:
    """Our environment without what Krita set for its own Python and libraries.

    An AppImage and the Windows and macOS bundles point Python, the loader and Qt at themselves; the engine's own
    Python would not start with that.
    """
    ours = {
        name: value for name, value in environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "QT_PLUGIN_PATH")
    }
    bundle = environ.get("APPDIR", "")
    for name in ("LD_LIBRARY_PATH", "PATH"):
        if bundle and name in ours:
            kept = [part for part in ours[name].split(os.pathsep) if part and not part.startswith(bundle)]
            ours[name] = os.pathsep.join(kept)
    if not ours.get("LD_LIBRARY_PATH", "-"):
        del ours["LD_LIBRARY_PATH"]
    if folders.home:
        ours["INLAY_HOME"] = str(folders.home)
    return ours


def start_detached(command: list[str], environ: dict[str, str], output: Any, platform: str) -> subprocess.Popen[bytes]:
    """Start the engine so that it outlives us, without a window or a terminal."""
    apart: dict[str, Any] = {"start_new_session": True}
    if platform == "win32":
        apart = {"creationflags": 0x00000200 | 0x08000000}  # CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
    log.info("starting %s", command)
    return subprocess.Popen(  # noqa: S603 - the installer's own command
        command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output, close_fds=True, **apart
    )
