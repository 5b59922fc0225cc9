"""What to say when a small file of the panel's cannot be written. What was there before stays."""

from __future__ import annotations

from collections.abc import Callable

from .state import Notice
from .translation import later, tr
from .whole_file import logged, reason_of

PROMPTS = later("Earlier prompts could not be written. {reason}"), later("They are there until Krita closes.")
SETTINGS = later("How the panel is set could not be written. {reason}"), later("It is so until Krita closes.")
NOTES = (
    later("The panel could not write down which results it waits for. {reason}"),
    later("Leave Krita open until they are there."),
)
Words = tuple[str, str]


class DiskTrouble:
    """Says each kind of it once: a disk that is full stays so for a while, and a painter has been told."""

    def __init__(self, tell: Callable[[Notice], None], post: Callable[[Callable[[], None]], None]) -> None:
        """post: has something called on the UI thread, soon."""
        self._tell, self._post = tell, post
        self._told: set[Words] = set()

    def of(self, words: Words) -> Callable[[OSError], None]:
        """Whom to tell of an error with one kind of file. On any thread."""

        def tell(error: OSError) -> None:
            logged(error)
            self._post(lambda: self._say(words, error))

        return tell

    def _say(self, words: Words, error: OSError) -> None:
        if words not in self._told:
            self._told.add(words)
            message, remedy = map(tr, words)
            self._tell(Notice(message.format(reason=reason_of(error)), remedy))
