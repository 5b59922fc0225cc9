"""Work on this machine: one thread. The fill's kernel runs without the interpreter's lock: the server stays awake."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from inlay.edits.describing import surroundings
from inlay.edits.edit import Source
from inlay.jobs.executors.port import Outcome, Work
from inlay.pipelines.family import Watch
from inlay.pipelines.roster import Roster


class LocalExecutor:
    """One thread for one device."""

    name = "local"

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inlay-worker")

    async def run(self, work: Work, watch: Watch) -> Outcome:
        """See `Executor.run`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._perform, work, watch)

    async def describe(self, source: Source) -> str:
        """See `Executor.describe`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._described, source)

    async def close(self) -> None:
        """See `Executor.close`."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _described(self, source: Source) -> str:
        from inlay.pipelines.parts.captioning import caption

        return caption(surroundings(source), self._roster.adapters, self._roster.shelf)

    def _perform(self, work: Work, watch: Watch) -> Outcome:
        started = time.perf_counter()
        family = self._roster.find(work.plan.model, work.plan.family)
        result = work.edit.perform(work.plan, work.source, family, watch)
        return Outcome(result, time.perf_counter() - started, family.version())
