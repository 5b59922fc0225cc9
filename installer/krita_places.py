"""Where each kind of Krita keeps its resources and its settings. Pure: a table per platform, tested as tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STORE_PACKAGE = "49800Krita_RT"  # the start of Krita's folder name in the Microsoft Store


@dataclass(frozen=True)
class KritaPlace:
    """One Krita's folders."""

    kind: str
    resources: Path
    """Holds `pykrita` and `actions`."""
    settings: Path
    """The file kritarc."""
    is_sandboxed: bool = False
    """Flatpak and Snap: this Krita cannot start programs of the system."""

    @property
    def exists(self) -> bool:
        """Whether this Krita was ever started here."""
        return self.resources.is_dir() or self.settings.is_file()

    @property
    def pykrita(self) -> Path:
        return self.resources / "pykrita"

    @property
    def actions(self) -> Path:
        return self.resources / "actions"


def candidates(platform: str, environ: Mapping[str, str], home: Path) -> list[KritaPlace]:
    """Every place where a Krita may keep its things, the plain one first."""
    if platform == "win32":
        return on_windows(environ, home)
    if platform == "darwin":
        library = home / "Library"
        return [KritaPlace("Krita", library / "Application Support" / "krita", library / "Preferences" / "kritarc")]
    return on_linux(environ, home)


def on_windows(environ: Mapping[str, str], home: Path) -> list[KritaPlace]:
    """The installer's and Steam's Krita share folders; the Microsoft Store's has its own."""
    roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    local = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    places = [KritaPlace("Krita", roaming / "krita", local / "kritarc")]
    for package in sorted((local / "Packages").glob(f"{STORE_PACKAGE}*")):
        cache = package / "LocalCache"
        places.append(KritaPlace("Krita (Microsoft Store)", cache / "Roaming" / "krita", cache / "Local" / "kritarc"))
    return places


def on_linux(environ: Mapping[str, str], home: Path) -> list[KritaPlace]:
    """Packages and AppImages share the user's XDG folders; Flatpak and Snap have their own."""
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    flatpak = home / ".var" / "app" / "org.kde.krita"
    snap = home / "snap" / "krita" / "current"
    return [
        KritaPlace("Krita (package or AppImage)", data / "krita", config / "kritarc"),
        KritaPlace("Krita (Flatpak)", flatpak / "data" / "krita", flatpak / "config" / "kritarc", is_sandboxed=True),
        KritaPlace(
            "Krita (Snap)", snap / ".local" / "share" / "krita", snap / ".config" / "kritarc", is_sandboxed=True
        ),
    ]


def data_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Inlay's data folder; the table is in docs/protocol.md, and a test holds it against the engine's own."""
    if environ.get("INLAY_HOME"):
        return Path(environ["INLAY_HOME"]) / "data"
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "inlay"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "inlay"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "inlay"
