"""Where work runs. The queue knows this protocol alone: a thread here today, a cluster tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from inlay.edits.edit import Edit, EditResult, Source
from inlay.edits.plan import Plan
from inlay.edits.selecting import Selection
from inlay.edits.views import Shown
from inlay.jobs.selections import Selecting
from inlay.pipelines.family import Watch
from inlay.pixels.formats import Pixels


@dataclass(frozen=True)
class Work:
    """Everything that one edit needs, as plain values that can be sent elsewhere."""

    edit: Edit
    plan: Plan
    source: Source


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    result: EditResult
    seconds: float
    model_version: str  # what exactly ran, for the recipe


class Executor(Protocol):
    """One device that does one piece of work at a time."""

    name: str

    async def run(self, work: Work, watch: Watch) -> Outcome:
        """Do it. `watch` may be called from any thread. Raises Cancelled, Refusal, or anything else for a bug."""

    async def describe(self, source: Source) -> str:
        """What surrounds the selection, in words, once the device is free. Raises Refusal."""

    async def read_control(self, work: Work) -> Pixels:
        """What an edit would keep of a picture, (H, W, C) like its source, once the device is free. Raises Refusal."""

    async def select(self, selecting: Selecting) -> Selection:
        """Find what is meant, once the device is free where that needs it. Raises Refusal."""

    async def make_ready(self, shown: Shown, model: str) -> str:
        """Let a model look at a picture ahead of the first click; gives its name. Raises Refusal."""

    def soon(self, change: Callable[[], None]) -> Future[None]:
        """Have something done where the work is done, after what runs now. On any thread."""

    async def close(self) -> None:
        """Let go of the device. Running work has been told to stop before."""
