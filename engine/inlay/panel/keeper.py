"""What the window remembers from one start to the next, in a file."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileKeeper:
    """Implements `inlay_krita.kept.Keeper` over one small file."""

    path: Path

    def read(self) -> str:
        try:
            return self.path.read_text("utf-8")
        except (OSError, ValueError):
            return ""

    def write(self, text: str) -> None:
        """Whole or not at all. Settings that cannot be kept are no reason to disturb a painter: the log has it."""
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            _log.warning("the panel's settings were not kept: %s", error)
