"""The queue by itself: full disks, lost images, and executors that behave in their own ways."""

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest
from inlay.config import Limits
from inlay.edits.edit import Canvas, EditResult
from inlay.edits.remove import RemoveEdit
from inlay.errors import Refusal
from inlay.jobs.executors.port import Outcome
from inlay.jobs.journal import Journal
from inlay.jobs.queue import JobQueue
from inlay.jobs.states import JobError, Request, State
from inlay.jobs.store import ImageInfo, ImageStore
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)
MASK_U8 = PixelFormat(Model.MASK, Depth.U8)


class FakeExecutor:
    """Stands in for a cluster: reports from wherever it likes, and gives what it is told to."""

    name = "elsewhere"

    def __init__(self, outcome=None):
        self.outcome = outcome
        self.closed = False
        self.works = []

    async def run(self, work, watch):
        self.works.append(work)
        watch.progress(0.25, "sent")
        watch.note("sent elsewhere")
        watch.note("sent elsewhere")
        await asyncio.sleep(0)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        box = work.plan.paste_box
        pixels = np.zeros((box.height, box.width, 4), np.uint8)
        return Outcome(EditResult(pixels, np.full(pixels.shape[:2], 255, np.uint8), box), 0.1, "1")

    async def close(self):
        self.closed = True


def played(tmp_path, story, executors=None, limits=None):
    """Runs `story(queue)` between start and stop."""

    async def run():
        journal = Journal(tmp_path / "jobs.sqlite3")
        images = ImageStore(tmp_path / "images", 100_000)
        works = executors if executors is not None else [FakeExecutor()]
        queue = JobQueue(works, Roster(), journal, images, limits or Limits())
        await queue.start()
        try:
            return await story(queue)
        finally:
            await queue.stop()

    return asyncio.run(run())


async def request_for(queue, number=0):
    pixels = np.full((20, 30, 4), number, np.uint8).tobytes()
    mask = np.zeros((20, 30), np.uint8)
    mask[5:8, 5:9] = 255
    image_info = ImageInfo(RGBA_U8, 30, 20)
    image = image_info.digest(pixels)
    await queue.keep_image(image, image_info, pixels)
    mask_info = ImageInfo(MASK_U8, 30, 20)
    await queue.keep_image(mask_info.digest(mask.tobytes()), mask_info, mask.tobytes())
    return Request(RemoveEdit(), Canvas(30, 20, RGBA_U8), Box(5, 5, 4, 3), image, mask_info.digest(mask.tobytes()), "")


async def ended(queue, job):
    return [event async for event in queue.events(job.id, 0)][-1].data


def test_any_executor_will_do(tmp_path):
    executor = FakeExecutor()

    async def story(queue):
        job = await queue.submit(await request_for(queue))
        return await ended(queue, job)

    job = played(tmp_path, story, [executor])
    assert (job.state, job.message, job.result.recipe["model_version"]) == (State.DONE, "sent", "1")
    assert job.result.recipe["notes"] == ["sent elsewhere"]
    assert executor.works[0].source.pixels.shape == (20, 30, 4)
    assert executor.closed


def test_two_executors_share_the_work(tmp_path):
    executors = [FakeExecutor(), FakeExecutor()]

    async def story(queue):
        jobs = [await queue.submit(await request_for(queue, number)) for number in range(6)]
        return [(await ended(queue, job)).state for job in jobs]

    assert set(played(tmp_path, story, executors)) == {State.DONE}
    assert all(executor.works for executor in executors)


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (Refusal("strange", "It is strange.", remedy="Look."), State.FAILED, "strange"),
        (MemoryError(), State.FAILED, "memory"),
        (KeyError("x"), State.FAILED, "bug"),
    ],
)
def test_what_an_executor_raises_becomes_the_jobs_error(tmp_path, error, state, code):
    async def story(queue):
        return await ended(queue, await queue.submit(await request_for(queue)))

    job = played(tmp_path, story, [FakeExecutor(error)])
    assert (job.state, job.error.code) == (state, code)
    assert job.error.remedy


def test_a_journal_that_refuses_leaves_no_job(tmp_path, monkeypatch):
    def refuse(self, job):
        raise JobError("disk_full", "The disk is full.", remedy="Free some space.")

    async def story(queue):
        request = await request_for(queue)
        with monkeypatch.context() as full:
            full.setattr(Journal, "save", refuse)
            with pytest.raises(JobError, match="full"):
                await queue.submit(request)
        assert queue.jobs() == []
        return await ended(queue, await queue.submit(request))

    assert played(tmp_path, story).state is State.DONE


def test_a_result_that_the_disk_does_not_take_fails_the_job(tmp_path, monkeypatch):
    def refuse(self, name, raw, is_durable):
        raise OSError(28, "No space left on device")

    async def story(queue):
        request = await request_for(queue)
        with monkeypatch.context() as full:
            full.setattr(ImageStore, "_write", refuse)
            return await ended(queue, await queue.submit(request))

    job = played(tmp_path, story)
    assert (job.state, job.error.code, job.result) == (State.FAILED, "disk_full", None)


def test_an_image_that_got_lost_is_named_when_the_job_runs_again(tmp_path):
    async def interrupted(queue):
        return await queue.submit(await request_for(queue))

    job = played(tmp_path, interrupted, executors=[])
    for path in (tmp_path / "images").iterdir():
        path.unlink()

    async def again(queue):
        assert queue.job(job.id).state is State.INTERRUPTED
        with pytest.raises(JobError, match="does not have the image") as refusal:
            await queue.rerun(job.id)
        return refusal.value.fault.field

    assert played(tmp_path, again) == "image"


def test_a_result_that_was_fetched_is_noted_and_remembered(tmp_path):
    async def story(queue):
        job = await ended(queue, await queue.submit(await request_for(queue)))
        queue.note_fetched(job.result.pixels)
        assert not queue.job(job.id).is_fetched
        queue.note_fetched(job.result.mask)
        assert queue.job(job.id).is_fetched
        return job

    job = played(tmp_path, story)

    async def later(queue):
        return queue.job(job.id)

    remembered = played(tmp_path, later)
    assert remembered == replace(job, fetched=frozenset(job.result.images))


def test_old_jobs_are_forgotten(tmp_path):
    async def story(queue):
        for number in range(5):
            job = await ended(queue, await queue.submit(await request_for(queue, number)))
            for digest in job.result.images:
                queue.note_fetched(digest)
        await queue.submit(await request_for(queue))
        await asyncio.sleep(0.05)
        return len(queue.jobs())

    assert played(tmp_path, story, limits=Limits(kept_jobs=2)) <= 4


def test_cancel_beats_a_result_that_arrives_too_late(tmp_path):
    class Late(FakeExecutor):
        async def run(self, work, watch):
            self.started.set()
            while not watch.is_cancelled():
                await asyncio.sleep(0.001)
            return await super().run(work, watch)

    async def story(queue):
        executor.started = asyncio.Event()
        job = await queue.submit(await request_for(queue))
        await executor.started.wait()
        before = time.perf_counter()
        assert queue.cancel(job.id).state is State.CANCELLED
        assert time.perf_counter() - before < 0.05
        await asyncio.sleep(0.05)
        return queue.job(job.id)

    executor = Late()
    job = played(tmp_path, story, [executor])
    assert (job.state, job.result) == (State.CANCELLED, None)


def test_uploads_make_room_for_each_other_and_never_cost_a_result_that_nobody_fetched(tmp_path):
    async def story(queue):
        job = await ended(queue, await queue.submit(await request_for(queue)))
        for number in range(1, 60):
            await request_for(queue, number)
        return job, [queue.images.find(digest) is not None for digest in (*job.result.images, job.request.image)]

    job, is_there = played(tmp_path, story)
    assert job.state is State.DONE
    assert is_there == [True, True, False]


def test_an_open_job_keeps_what_it_will_read(tmp_path):
    async def story(queue):
        job = await queue.submit(await request_for(queue))
        for number in range(1, 60):
            await request_for(queue, number)
        return queue.images.find(job.request.image) is not None

    assert played(tmp_path, story, executors=[])
