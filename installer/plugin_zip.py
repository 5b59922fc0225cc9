"""The plugin as a zip that Krita's own importer takes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from installer.places import ROOT

PLUGIN = ROOT / "plugin"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
LEFT_OUT = ("__pycache__", ".mypy_cache", ".ruff_cache")
UNUSED = (".pyc", ".po")  # made anew; only translators read it


def plugin_files() -> list[Path]:
    """All files and folders of the plugin, relative to `plugin/`, in a fixed order, folders before what they hold."""
    everything = [PLUGIN / "inlay_krita.desktop", PLUGIN / "inlay_krita", *(PLUGIN / "inlay_krita").rglob("*")]
    kept = [path for path in everything if not any(part in LEFT_OUT for part in path.parts)]
    return sorted(path.relative_to(PLUGIN) for path in kept if path.suffix not in UNUSED)


def write_zip(out: Path | None = None) -> Path:
    """Write the zip and give its path. Folders have entries of their own: without them Krita finds no plugin."""
    out = out or ROOT / "dist" / "inlay_krita.zip"
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in plugin_files():
            is_folder = (PLUGIN / path).is_dir()
            entry = zipfile.ZipInfo(path.as_posix() + ("/" if is_folder else ""), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o40755 << 16 | 0x10) if is_folder else (0o100644 << 16)
            archive.writestr(entry, b"" if is_folder else (PLUGIN / path).read_bytes())
    return out
