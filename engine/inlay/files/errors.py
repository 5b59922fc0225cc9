"""What can go wrong with a file, said to the person who named it."""

from __future__ import annotations

from inlay.errors import Refusal


class FileError(Refusal):
    """A file that cannot be read or written; the message says what happened and what to do next."""

    def __init__(self, message: str) -> None:
        super().__init__("file", message)
