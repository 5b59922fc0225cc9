"""What goes wrong while something is selected."""

from __future__ import annotations


class SelectingError(ValueError):
    """Nothing can be told from these prompts; the text says why, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # as the protocol names it: "one_colour", "nothing_found"
