"""Krita's settings file, changed in one line. Everything else in it stays as it is, byte for byte."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

SECTION, KEY = "[python]", "enable_inlay_krita"
BACKUP_SUFFIX = ".before-inlay"


def enable(path: Path) -> bool:
    """Switch the plugin on. Gives whether the file had to change; a backup is kept."""
    return change(path, enabled)


def disable(path: Path) -> bool:
    """Forget the plugin. Gives whether the file had to change."""
    return path.is_file() and change(path, disabled)


def resource_folder(path: Path) -> Path | None:
    """The resource folder that the user chose in Krita's settings, if any."""
    if not path.is_file():
        return None
    for line in read(path).splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "ResourceDirectory" and value.strip():
            return Path(value.strip())
    return None


def enabled(text: str) -> str:
    """The settings with our line in [python], once."""
    lines = disabled(text).splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    ours = f"{KEY}=true{end}"
    for number, line in enumerate(lines):
        if line.strip() == SECTION:
            lines[number] = line if line.endswith(("\n", "\r")) else line + end
            return "".join([*lines[: number + 1], ours, *lines[number + 1 :]])
    gap = "" if not lines else end if lines[-1].endswith(("\n", "\r")) else end * 2
    return "".join([*lines, gap, SECTION, end, ours])


def disabled(text: str) -> str:
    """The settings without our line, wherever it stands; a [python] section that it leaves empty goes too."""
    without = re.sub(rf"(?m)^{KEY}\s*=.*(?:\r?\n|\Z)", "", text)
    if without == text:
        return text
    return re.sub(r"(?:\r?\n)?^\[python\]\r?\n(?=\s*\Z)", "", without, flags=re.MULTILINE)


def change(path: Path, edit: Callable[[str], str]) -> bool:
    """Rewrite the file if that changes it; the first time, the file as it was is kept beside it."""
    before = read(path) if path.is_file() else ""
    after = edit(before)
    if after == before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    backup = path.with_name(path.name + BACKUP_SUFFIX)
    if path.is_file() and not backup.exists():
        backup.write_bytes(path.read_bytes())
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(after.encode("utf-8", "surrogateescape"))
    temporary.replace(path)
    return True


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")
