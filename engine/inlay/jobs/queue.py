"""The queue: takes requests, lets executors work on them one by one, and keeps what came of it.

Everything here happens on one event loop; disks and devices are waited for on threads. A job changes in `_change`
alone, so that memory, listeners and journal agree.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypeVar

from inlay.config import Limits
from inlay.edits.edit import Canvas, Edit, Scope
from inlay.edits.plan import Plan
from inlay.edits.selecting import Asked
from inlay.errors import Fault, Refusal
from inlay.jobs.additions import KeptAddition, Scene, check_box, kept_shadow
from inlay.jobs.events import Event, EventLog
from inlay.jobs.executors.port import Executor, Work
from inlay.jobs.forecast import Forecast, Turn, ends
from inlay.jobs.intake import check_control, check_picture, check_request, load_picture, load_source
from inlay.jobs.journal import Journal
from inlay.jobs.keeping import forgettable_jobs, kept_images
from inlay.jobs.pace import Pace
from inlay.jobs.previews import Previews
from inlay.jobs.results import keep_picture, keep_result
from inlay.jobs.selections import KeptSelection, Recent, Selecting, kept_selection
from inlay.jobs.states import Job, JobError, Request, Result, State, new_job_id
from inlay.jobs.store import ImageInfo, ImageStore, Raw
from inlay.jobs.watch import JobWatch
from inlay.pipelines.family import Cancelled
from inlay.pipelines.roster import Roster
from inlay.pixels.geometry import Box

T = TypeVar("T")
ENGINE_ENDED = Fault("interrupted", "The engine ended before the job was done.", None, "Run it again.")
NO_MEMORY = Fault("memory", "There is not enough memory for this edit.", None, "Select less, or close other programs.")
_log = logging.getLogger(__name__)


class _Entry:
    """A job in memory: its present value, its events, and the work in progress."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.events = EventLog()
        self.watch: JobWatch | None = None
        self.pace = Pace()
        self.began = 0.0  # on the monotonic clock


class JobQueue:
    """All jobs of this engine. Begun with `start`, ended with `stop`, and used on the event loop of both."""

    def __init__(
        self, executors: Sequence[Executor], roster: Roster, journal: Journal, images: ImageStore, limits: Limits
    ) -> None:
        self.images = images
        self.previews = Previews(limits.preview_count)
        self._executors = executors
        self.roster = roster
        self._journal = journal
        self._limits = limits
        self._entries: dict[str, _Entry] = {}  # oldest first
        self._waiting: list[_Entry] = []
        self._forecast = Forecast()
        self._arrival = asyncio.Event()
        self._recent = Recent()
        self._scribe = ThreadPoolExecutor(1, thread_name_prefix="inlay-journal")  # one: writes keep their order
        self._workers: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Read the journal and begin to work. What was open when the last engine ended is interrupted now."""
        for job in await self._on_scribe(self._journal.jobs):
            entry = self._entries[job.id] = _Entry(job)
            if job.state.is_open:
                self._change(entry, State.INTERRUPTED, error=ENGINE_ENDED)
            else:
                entry.events.publish(job.state.value, job)
                self._forecast.note(job)
        self._workers = [asyncio.create_task(self._serve(executor)) for executor in self._executors]

    async def stop(self) -> None:
        """End all work and close the journal."""
        self.interrupt_all()
        self._recent.forget()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, *self._errands, return_exceptions=True)
        for executor in self._executors:
            await executor.close()
        await self._on_scribe(self._journal.close)
        self._scribe.shutdown()

    def interrupt_all(self) -> None:
        """Open jobs become interrupted and their listeners are told; called before the server waits for them to go."""
        for entry in self._entries.values():
            if entry.job.state.is_open:
                self._change(entry, State.INTERRUPTED, error=ENGINE_ENDED)

    def plan(self, edit: Edit, canvas: Canvas, selection_box: Box | None) -> Plan:
        """What an edit would do. Raises EditError."""
        return edit.plan(Scope(canvas, selection_box, self.roster, self._limits))

    async def describe(self, image: str, mask: str | None, canvas: Canvas) -> str:
        """What surrounds the selection, in words. Raises JobError for images that are missing or do not fit."""
        check_picture(image, mask, canvas, self.images)
        source = await asyncio.to_thread(load_picture, image, mask, canvas, self.images)
        return await self._executors[0].describe(source)

    async def read_control(self, request: Request) -> tuple[str, Box]:
        """What an edit would keep of a picture, as a stored image, and where it lies. Raises EditError and JobError."""
        plan = self.plan(request.edit, request.canvas, request.selection_box)
        check_control(request, plan, self.images)
        source = await asyncio.to_thread(load_source, request, self.images)
        found = await self._executors[0].read_control(Work(request.edit, plan, source))
        kept = await asyncio.to_thread(keep_picture, found, request.canvas.format, self.images, self._kept_images())
        return kept, plan.read_box

    async def offer_shadow(self, scene: Scene) -> KeptAddition | None:
        """What likely goes with the selection. Raises JobError for images that are missing or do not fit."""
        self._check_scene(scene)
        return await asyncio.to_thread(kept_shadow, scene, self.images, self._kept_images())

    async def select(self, scene: Scene, asked: Asked) -> KeptSelection:
        """What is meant, and what else could be. Raises JobError for images that are missing or do not fit."""
        self._check_scene(scene, "rough")
        shown = await self._recent.shown(scene, self.images)
        selection = await self._executors[0].select(Selecting(asked, shown))
        return await asyncio.to_thread(kept_selection, selection, scene, self.images, self._kept_images())

    async def make_ready(self, scene: Scene, model: str) -> str:
        """Let a model look at a picture ahead of the first click; gives its name. Raises JobError while jobs wait."""
        if self.open_count:
            raise JobError(
                "busy", "The engine is at work.", remedy="Ask again when it is done, or simply ask for a selection."
            )
        self._check_scene(scene)
        shown = await self._recent.shown(scene, self.images)
        return await self._executors[0].make_ready(shown, model)

    def clearable_bytes(self) -> int:
        """Of images that nobody waits for."""
        return self.images.clearable_bytes(self._kept_images())

    async def clear_images(self) -> int:
        """Delete the images that nobody waits for; gives the bytes that were freed."""
        return await asyncio.to_thread(self.images.clear, self._kept_images())

    def soon_on_device(self, change: Callable[[], None]) -> list[Future[None]]:
        """Have something done on the devices' threads, after what runs there now. On any thread."""
        return [executor.soon(change) for executor in self._executors]

    def _check_scene(self, scene: Scene, mask_field: str = "mask") -> None:
        check_picture(scene.image, scene.mask, scene.canvas, self.images, mask_field)
        check_box(scene, self.images)

    async def submit(self, request: Request) -> Job:
        """Take a request as a job; it is on disk before this returns. Raises EditError and JobError."""
        plan = self.plan(request.edit, request.canvas, request.selection_box)
        check_request(request, plan, self.images)
        entry = _Entry(Job(new_job_id(), request, plan, created=time.time()))
        await self._on_scribe(self._journal.save, entry.job)
        self._entries[entry.job.id] = entry
        self._waiting.append(entry)
        self._tell_positions()
        self._arrival.set()
        self._run_errand(self._forget_old_jobs())
        return entry.job

    def jobs(self) -> list[Job]:
        """Every job, newest first."""
        return [entry.job for entry in reversed(self._entries.values())]

    def job(self, job_id: str) -> Job:
        """One job. Raises JobError where there is none of this id."""
        return self._entry(job_id).job

    @property
    def open_count(self) -> int:
        """Jobs that wait or run."""
        return sum(entry.job.state.is_open for entry in self._entries.values())

    def events(self, job_id: str, after: int) -> AsyncIterator[Event]:
        """The job's events numbered above `after`, until it ends. Raises JobError where there is no such job."""
        return self._entry(job_id).events.follow(after)

    def cancel(self, job_id: str) -> Job:
        """End a job; the work is told to stop, and is not waited for. An ended job stays as it is."""
        entry = self._entry(job_id)
        if entry.job.state.is_open:
            self._change(entry, State.CANCELLED)
        return entry.job

    def hurry(self, job_id: str) -> Job:
        """Let a job be the next one. Raises JobError where it does not wait."""
        self._waiting_entry(job_id)
        return self.move(job_id, self._waiting[0].job.id)

    def move(self, job_id: str, before: str | None) -> Job:
        """Let a waiting job be done right before another one that waits; None: as the last.

        Raises JobError where one of them does not wait.
        """
        entry = self._waiting_entry(job_id, "id")
        follower = None if before is None else self._waiting_entry(before, "before")
        if follower is not entry:
            self._waiting.remove(entry)
            place = len(self._waiting) if follower is None else self._waiting.index(follower)
            self._waiting.insert(place, entry)
            self._tell_positions()
        return entry.job

    def turns(self) -> list[Turn]:
        """The open jobs: those that run, then those that wait, in their order."""
        now = time.monotonic()
        running = [entry for entry in self._entries.values() if entry.job.state is State.RUNNING]
        left = [self._seconds_left(entry, now) for entry in running]
        waits = [self._forecast.seconds(entry.job.plan) for entry in self._waiting]
        ended = ends(left, waits, len(self._executors))
        turns = [Turn(entry.job, 0, seconds) for entry, seconds in zip(running, left, strict=True)]
        waiting = zip(self._waiting, ended, strict=True)
        return turns + [Turn(entry.job, place, end) for place, (entry, end) in enumerate(waiting, start=1)]

    def _seconds_left(self, entry: _Entry, now: float) -> float | None:
        """Of a running job: by its own pace, or at first by that of others."""
        left, whole = entry.pace.rest(now), self._forecast.seconds(entry.job.plan)
        return max(0.0, whole - (now - entry.began)) if left is None and whole is not None else left

    def _waiting_entry(self, job_id: str, field: str = "id") -> _Entry:
        entry = self._entry(job_id, field)
        if entry not in self._waiting:
            text = f"The job is {entry.job.state}; only a waiting one can be moved."
            raise JobError("not_waiting", text, field=field, remedy="GET /queue lists those that wait.")
        return entry

    async def rerun(self, job_id: str) -> Job:
        """A new job from the request of one that did not come to its end. Raises EditError and JobError."""
        job = self.job(job_id)
        if not job.state.is_rerunnable:
            raise JobError(
                "not_rerunnable",
                f"The job is {job.state}; only interrupted, failed and cancelled jobs are run again.",
                remedy="Send a new request to POST /edits.",
            )
        return await self.submit(job.request)

    async def forget(self, job_id: str) -> None:
        """Drop an ended job and its result. Raises JobError for an open one."""
        job = self.job(job_id)
        if job.state.is_open:
            raise JobError(
                "still_open", f"The job is {job.state}.", remedy="Cancel it first, with POST /jobs/{id}/cancel."
            )
        await self._on_scribe(self._journal.delete, job_id)
        self._entries.pop(job_id, None)
        if job.result:
            still_needed = {digest for entry in self._entries.values() for digest in entry.job.images}
            for digest in set(job.result.images) - still_needed:
                self.images.discard(digest)

    async def keep_image(self, digest: str, info: ImageInfo, raw: Raw) -> None:
        """Store an upload. Raises JobError where its digest is wrong or the disk does not take it."""
        await asyncio.to_thread(self._keep_image, digest, info, raw, self._kept_images())

    def _keep_image(self, digest: str, info: ImageInfo, raw: Raw, keep: set[str]) -> None:
        if (actual := info.digest(raw)) != digest:
            raise JobError(
                "digest",
                f"The body's digest is {actual[:12]}…, and the address says {digest[:12]}…",
                field="digest",
                remedy="Take SHA-256 of the declaration line and the raw bytes (docs/protocol.md), and send it again.",
            )
        self.images.save(digest, info, raw, keep, is_durable=False)

    def note_fetched(self, digest: str) -> None:
        """A client has read this image: a result that was read whole need not be kept any longer."""
        for entry in self._entries.values():
            result = entry.job.result
            if result and digest in result.images and digest not in entry.job.fetched:
                entry.job = replace(entry.job, fetched=entry.job.fetched | {digest})
                self._run_errand(self._save(entry.job))

    # The work

    async def _serve(self, executor: Executor) -> None:
        """One executor's life: the job that has waited longest, then the next."""
        while True:
            while not self._waiting:
                self._arrival.clear()
                await self._arrival.wait()
            entry = self._waiting.pop(0)
            self._tell_positions()
            await self._run(entry, executor)

    async def _run(self, entry: _Entry, executor: Executor) -> None:
        entry.watch = JobWatch(self.previews, partial(self._progressed, entry), partial(self._previewed, entry))
        self._change(entry, State.RUNNING)
        _log.info("Job %s: %s on %s", entry.job.id, entry.job.request.edit.kind, executor.name)
        try:
            result = await self._worked(entry.job, executor, entry.watch)
        except Cancelled:
            self._finish(entry, State.CANCELLED)
        except Refusal as refusal:
            _log.info("Job %s is refused: %s", entry.job.id, refusal)
            self._finish(entry, State.FAILED, error=refusal.fault)
        except MemoryError:
            _log.exception("Job %s ran out of memory", entry.job.id)
            self._finish(entry, State.FAILED, error=NO_MEMORY)
        except Exception as error:  # noqa: BLE001 - the job boundary: logged whole, and the queue goes on
            _log.exception("Job %s failed", entry.job.id)
            fault = Fault("bug", f"The engine made a mistake: {error!r}.", None, "Try again; the log says more.")
            self._finish(entry, State.FAILED, error=fault)
        else:
            self._finish(entry, State.DONE, result=result, progress=1.0)
        entry.watch = None

    async def _worked(self, job: Job, executor: Executor, watch: JobWatch) -> Result:
        """Load, work, store; the end is in the journal before anybody is told of it."""
        source = await asyncio.to_thread(load_source, job.request, self.images)
        outcome = await executor.run(Work(job.request.edit, job.plan, source), watch)
        if watch.is_cancelled():
            raise Cancelled
        result = await asyncio.to_thread(keep_result, job, outcome, watch.notes, self.images, self._kept_images())
        await self._on_scribe(self._journal.save, _ended(job, State.DONE, result=result, progress=1.0))
        return result

    def _finish(self, entry: _Entry, state: State, **changes: Any) -> None:
        """End a running job, unless it was ended from outside meanwhile."""
        if entry.job.state is State.RUNNING:
            self._change(entry, state, **changes)
            self._forecast.note(entry.job)

    def _change(self, entry: _Entry, state: State, **changes: Any) -> None:
        """The one place where a job changes its state: memory, listeners, the work itself, and the journal."""
        if state is State.RUNNING:
            entry.job, entry.began = replace(entry.job, state=state), time.monotonic()
            entry.events.publish("running", {})
            return
        entry.job = _ended(entry.job, state, **changes)
        _log.info("Job %s: %s", entry.job.id, state)
        entry.events.publish(state.value, entry.job)
        if entry in self._waiting:
            self._waiting.remove(entry)
            self._tell_positions()
        if entry.watch:
            entry.watch.cancel()
        self._run_errand(self._save(entry.job))

    def _progressed(self, entry: _Entry, fraction: float, message: str) -> None:
        if entry.job.state is State.RUNNING:
            entry.job = replace(entry.job, progress=fraction, message=message)
            left = entry.pace.seconds_left(fraction, time.monotonic())
            told = {"fraction": fraction, "message": message, "seconds_left": None if left is None else round(left, 1)}
            entry.events.publish("progress", told)

    def _previewed(self, entry: _Entry, digest: str) -> None:
        if entry.job.state is State.RUNNING:
            entry.events.publish("preview", {"image": digest, "box": asdict(entry.job.plan.crop_box)})

    def _tell_positions(self) -> None:
        for position, entry in enumerate(self._waiting, start=1):
            entry.events.publish("queued", {"position": position})

    # What is kept

    async def _save(self, job: Job) -> None:
        """Journal a change that has already happened; a disk that refuses is logged, for nobody waits."""
        try:
            await self._on_scribe(self._journal.save, job)
        except JobError:
            _log.exception("Job %s could not be written down", job.id)

    async def _forget_old_jobs(self) -> None:
        jobs = [entry.job for entry in self._entries.values()]
        for job_id in forgettable_jobs(jobs, time.time(), self._limits):
            await self.forget(job_id)

    def _kept_images(self) -> set[str]:
        return kept_images((entry.job for entry in self._entries.values()), time.time(), self._limits)

    def _entry(self, job_id: str, field: str = "id") -> _Entry:
        entry = self._entries.get(job_id)
        if entry is None:
            raise JobError("no_job", f"There is no job {job_id}.", field=field, remedy="GET /jobs lists all jobs.")
        return entry

    async def _on_scribe(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._scribe, partial(function, *arguments))

    def _run_errand(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _ended(job: Job, state: State, **changes: Any) -> Job:
    return replace(job, state=state, ended=time.time(), **changes)
