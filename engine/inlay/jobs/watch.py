"""The working thread's side of a job: what it reports becomes events, a few times a second at most."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.jobs.previews import Previews

PROGRESS_S = 0.05  # shorter than a frame of a progress bar is seen by nobody
PREVIEW_S = 0.25  # a preview costs a download and a repaint in Krita


class JobWatch:
    """A `Watch` whose reports reach the event loop. Made on the loop, called from the working thread."""

    def __init__(
        self,
        previews: Previews,
        on_progress: Callable[[float, str], None],
        on_preview: Callable[[str], None],
    ) -> None:
        """on_progress: fraction and words; on_preview: a digest. Both are called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._previews = previews
        self._on_progress = on_progress
        self._on_preview = on_preview
        self._cancelled = threading.Event()
        self._next_progress = self._next_preview = 0.0
        self._said = ""
        self._notes: list[str] = []

    def cancel(self) -> None:
        """Tell the work to stop."""
        self._cancelled.set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, each once. Read when the work is done."""
        return tuple(dict.fromkeys(self._notes))

    def note(self, text: str) -> None:
        """See `Watch.note`."""
        self._notes.append(text)

    def is_cancelled(self) -> bool:
        """See `Watch.is_cancelled`."""
        return self._cancelled.is_set()

    def progress(self, fraction: float, message: str) -> None:
        """See `Watch.progress`. New words are always passed on; mere fractions only so often."""
        now = time.monotonic()
        if self.is_cancelled() or (message == self._said and now < self._next_progress):
            return  # after a cancel nobody listens, and at the engine's end there is no loop any more
        self._said, self._next_progress = message, now + PROGRESS_S
        self._loop.call_soon_threadsafe(self._on_progress, min(max(float(fraction), 0.0), 1.0), message)

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        """See `Watch.preview`."""
        now = time.monotonic()
        if self.is_cancelled() or now < self._next_preview:
            return
        self._next_preview = now + PREVIEW_S
        self._loop.call_soon_threadsafe(self._on_preview, self._previews.add(rgb))
