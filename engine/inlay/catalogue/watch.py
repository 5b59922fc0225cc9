"""Who follows an installation or a verification."""

from __future__ import annotations

from typing import Protocol

from inlay.catalogue.errors import CatalogueError


class Watch(Protocol):
    """Who is told how far it is, and says when to stop."""

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """So many of the model's bytes are here, or were looked at."""

    def is_cancelled(self) -> bool:
        """Whether to stop now."""


class Unwatched:
    """A watch that nobody looks at."""

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """Nobody is told."""

    def is_cancelled(self) -> bool:
        return False


class StoppedError(CatalogueError):
    """The watch was cancelled; what is here stays."""

    def __init__(self) -> None:
        super().__init__("cancelled", "It was cancelled.", remedy="Install the model again: it goes on from here.")
