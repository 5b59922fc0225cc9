"""What can go wrong in the built-in fill."""

from __future__ import annotations


class FillError(ValueError):
    """There is nothing to fill from, or the arguments do not belong together."""


class Cancelled(Exception):  # noqa: N818 - it is no error: the caller asked for it
    """`is_cancelled` said so; no result exists."""
