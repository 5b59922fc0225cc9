"""Progress out, cancel in: the work runs on a thread of its own while the caller's thread keeps the contact.

The callbacks are called on the caller's thread alone, and cancel is answered at once whatever the work is doing:
the kernel polls `Watch.flag`, numpy code calls `Watch.check` between steps.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import Cancelled

Preview = NDArray[np.uint8]
OnProgress = Callable[[float, str], None]
OnPreview = Callable[[Preview], None]
IsCancelled = Callable[[], bool]
Result = TypeVar("Result")

_POLL_S = 0.02  # cancel is promised within 0.1 s


class Watch:
    """What the working thread sees of the caller: where to report to, and whether to go on."""

    def __init__(self, *, wants_previews: bool) -> None:
        self.flag = ctypes.c_int32(0)  # the kernel reads it: 1 = stop
        self.wants_previews = wants_previews
        self.events: queue.SimpleQueue[tuple[float, str] | Preview | None] = queue.SimpleQueue()

    def check(self) -> None:
        """Raise Cancelled once the caller wants no more."""
        if self.flag.value:
            raise Cancelled

    def report(self, fraction: float, stage: str) -> None:
        """Say how far the work is. fraction: 0..1."""
        self.check()
        self.events.put((fraction, stage))

    def show(self, preview: Preview) -> None:
        """Hand out a small picture of the fill so far. preview: (h, w, 3) uint8."""
        self.events.put(preview)


def watched(
    work: Callable[[Watch], Result],
    on_progress: OnProgress | None,
    is_cancelled: IsCancelled | None,
    on_preview: OnPreview | None,
) -> Result:
    """Run `work` on a thread and return what it returns; raise what it raises, or Cancelled within 0.1 s."""
    watch = Watch(wants_previews=on_preview is not None)
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work(watch))
        except BaseException as error:  # noqa: BLE001 - raised again below, on the caller's thread
            failure.append(error)
        watch.events.put(None)

    threading.Thread(target=run, name="inlay-fill", daemon=True).start()
    try:
        while True:
            if is_cancelled is not None and is_cancelled():
                raise Cancelled
            try:
                event = watch.events.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if event is None:
                break
            if isinstance(event, tuple):
                if on_progress is not None:
                    on_progress(*event)
            elif on_preview is not None:
                on_preview(event)
    finally:
        watch.flag.value = 1  # also when a callback raised: the work must not go on unseen
    if failure:
        raise failure[0]
    return outcome[0]
