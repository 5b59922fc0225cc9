"""What can go wrong with a file, said to the person who named it."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be read or written; the message says what happened and what to do next."""
