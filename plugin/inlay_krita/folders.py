"""Where the engine keeps its things: the table of docs/protocol.md, for every platform, from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Inlay's folders. `home` is set where all of them lie below one folder that the engine must be told."""

    run: Path
    data: Path
    log: Path
    installed_in: tuple[Path, ...]  # where install.json may lie, best first
    home: Path | None = None


def is_sandboxed(environ: Mapping[str, str]) -> bool:
    """Whether Krita came as a Flatpak or Snap: it has folders and process ids of its own then."""
    return "FLATPAK_ID" in environ or "SNAP_NAME" in environ


def find_folders(platform: str, environ: Mapping[str, str]) -> Folders:
    """The folders for `sys.platform` and an environment."""
    if environ.get("INLAY_HOME"):
        return _below(Path(environ["INLAY_HOME"]), ())
    user = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        local = Path(environ.get("LOCALAPPDATA") or user / "AppData" / "Local")
        return _apart(local / "inlay" / "run", local / "inlay", local / "inlay" / "log")
    if platform == "darwin":
        library = user / "Library"
        return _apart(
            library / "Caches" / "inlay" / "run", library / "Application Support" / "inlay", library / "Logs" / "inlay"
        )
    data = _xdg(environ, "XDG_DATA_HOME", user / ".local" / "share")
    if is_sandboxed(environ):
        real_user = Path(environ.get("SNAP_REAL_HOME") or user)
        return _below(data / "inlay", (real_user / ".local" / "share" / "inlay",))
    runtime = environ.get("XDG_RUNTIME_DIR")
    run = Path(runtime) / "inlay" if runtime else _xdg(environ, "XDG_CACHE_HOME", user / ".cache") / "inlay" / "run"
    return _apart(run, data / "inlay", data / "inlay" / "log")


def _apart(run: Path, data: Path, log: Path) -> Folders:
    return Folders(run, data, log, (data,))


def _below(home: Path, also_installed_in: tuple[Path, ...]) -> Folders:
    return Folders(home / "run", home / "data", home / "log", (home / "data", *also_installed_in), home)


def _xdg(environ: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(environ.get(name) or default)
