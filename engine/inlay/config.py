"""Where Inlay keeps its files, and how large things may get."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Folders:
    """The four folders; docs/protocol.md holds the table. Not made yet: whoever writes makes them."""

    run: Path
    data: Path
    cache: Path
    log: Path

    @property
    def journal(self) -> Path:
        """Jobs and images: what outlives the engine's process."""
        return self.data / "journal"

    @classmethod
    def find(
        cls, environ: Mapping[str, str] = os.environ, platform: str = sys.platform, home: Path | None = None
    ) -> Folders:
        """This user's folders. `INLAY_HOME` replaces them all.

        The rule is written out, and not taken from platformdirs, because the plugin follows it with Krita's bare
        Python; platformdirs answers otherwise for run and log on Linux, and for XDG variables on macOS.
        """
        if root := environ.get("INLAY_HOME"):
            return cls(*(Path(root) / name for name in ("run", "data", "cache", "log")))
        home = home or Path.home()
        if platform == "darwin":
            library = home / "Library"
            cache = library / "Caches" / "inlay"
            return cls(cache / "run", library / "Application Support" / "inlay", cache, library / "Logs" / "inlay")
        if platform == "win32":
            data = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "inlay"
            return cls(data / "run", data, data / "cache", data / "log")
        cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "inlay"
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "inlay"
        runtime = environ.get("XDG_RUNTIME_DIR")
        return cls(Path(runtime) / "inlay" if runtime else cache / "run", data, cache, data / "log")


@dataclass(frozen=True)
class Limits:
    """Caps that keep one request from taking the whole machine."""

    side_px: int = 32_768  # libvips and most file formats work to here; 65,535 squared would be 17 GB in U8
    window_bytes: int = GIB  # an 8192 x 8192 RGBA F32 window; what the engine holds of it is a few times this
    json_bytes: int = MIB  # the longest honest request is some hundred bytes
    store_bytes: int = 8 * GIB  # images on disk: some hundred crops, or four of the largest edits
    preview_count: int = 32  # previews in memory, at most 1 MiB each
    kept_days: float = 7.0  # an ended job's images and an unfetched result stay at least this long
    kept_jobs: int = 200  # ended jobs that are listed


IDLE_EXIT_S = 15 * 60.0  # a painter's pause is shorter; after it, memory goes back to the machine
