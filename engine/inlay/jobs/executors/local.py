"""Work on this machine: one thread. The fill's kernel runs without the interpreter's lock: the server stays awake."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from inlay.edits import selecting as finding
from inlay.edits.describing import surroundings
from inlay.edits.edit import Source
from inlay.edits.selection_edit import SelectionEdit
from inlay.edits.views import Shown, Views
from inlay.jobs.executors.port import Outcome, Work
from inlay.jobs.selections import Selecting
from inlay.pipelines.family import Watch
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Pixels

_log = logging.getLogger(__name__)


class LocalExecutor:
    """One thread for one device."""

    name = "local"

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inlay-worker")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="inlay-beside")  # for what needs no device
        self._views = Views()

    async def run(self, work: Work, watch: Watch) -> Outcome:
        """See `Executor.run`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._perform, work, watch)

    async def describe(self, source: Source) -> str:
        """See `Executor.describe`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._described, source)

    async def read_control(self, work: Work) -> Pixels:
        """See `Executor.read_control`."""
        thread = self._beside if work.plan.settings and work.plan.settings.control == "lines" else self._thread
        return await asyncio.get_running_loop().run_in_executor(thread, self._read_control, work)

    async def select(self, selecting: Selecting) -> finding.Selection:
        """See `Executor.select`."""
        asked = selecting.asked
        thread = self._thread if self._needs_device(asked.model, asked.words) else self._beside
        work = partial(finding.selected, asked, selecting.shown, self._roster, self._views)
        return await asyncio.get_running_loop().run_in_executor(thread, work)

    async def make_ready(self, shown: Shown, model: str) -> str:
        """See `Executor.make_ready`."""
        thread = self._thread if self._needs_device(model) else self._beside
        work = partial(finding.ready, shown, model, self._roster, self._views)
        return await asyncio.get_running_loop().run_in_executor(thread, work)

    def _needs_device(self, model: str, words: str = "") -> bool:
        """Whether a selection is a model's work. What is not never waits behind an edit."""
        roster = self._roster
        return bool(words.strip() or roster.matter() or roster.segmenter(model).card.memory_bytes)

    def soon(self, change: Callable[[], None]) -> Future[None]:
        """See `Executor.soon`."""
        done = self._thread.submit(change)
        done.add_done_callback(_tell_failure)
        return done

    async def close(self) -> None:
        """See `Executor.close`."""
        for thread in (self._thread, self._beside):
            thread.shutdown(wait=False, cancel_futures=True)

    def _described(self, source: Source) -> str:
        from inlay.pipelines.parts.captioning import caption

        return caption(surroundings(source), self._roster.adapters, self._roster.shelf)

    def _read_control(self, work: Work) -> Pixels:
        from inlay.pipelines.parts.estimating import control_map

        assert isinstance(work.edit, SelectionEdit)
        assert work.plan.settings
        plan, roster = work.plan, self._roster
        shown = work.edit.shown_for_control(plan, work.source)
        size = plan.working_width, plan.working_height
        return control_map(shown, work.plan.settings.control, size, roster.adapters, roster.shelf)

    def _perform(self, work: Work, watch: Watch) -> Outcome:
        started = time.perf_counter()
        family = self._roster.find(work.plan.model, work.plan.family)
        result = work.edit.perform(work.plan, work.source, family, watch)
        return Outcome(result, time.perf_counter() - started, family.version())


def _tell_failure(done: Future[None]) -> None:
    """Nobody need wait for such a change: what went wrong in it must not be lost."""
    if not done.cancelled() and (error := done.exception()):
        _log.error("A change on the device failed", exc_info=error)
