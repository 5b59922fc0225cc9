"""What the window remembers from one start to the next, in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inlay_krita.whole_file import write_whole


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
        """Whole or not at all. Raises OSError; what was there stays then."""
        write_whole(self.path, text)
