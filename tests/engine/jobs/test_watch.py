"""What the working thread reports, and how much of it becomes events."""

import asyncio

import numpy as np
from inlay.jobs import watch as watch_module
from inlay.jobs.previews import Previews
from inlay.jobs.watch import JobWatch


def told(report):
    """Runs `report(watch)` on a thread, as work does; gives what arrived on the loop."""

    async def run():
        progress, previews = [], []
        watch = JobWatch(Previews(4), lambda fraction, words: progress.append((fraction, words)), previews.append)
        await asyncio.to_thread(report, watch)
        await asyncio.sleep(0)
        return progress, previews

    return asyncio.run(run())


def test_new_words_are_always_passed_on():
    progress, _ = told(lambda watch: [watch.progress(level / 10, f"level {level}") for level in range(5)])
    assert progress == [(level / 10, f"level {level}") for level in range(5)]


def test_mere_fractions_are_passed_on_only_so_often(monkeypatch):
    monkeypatch.setattr(watch_module, "PROGRESS_S", 60.0)
    progress, _ = told(lambda watch: [watch.progress(step / 1000, "matching") for step in range(1000)])
    assert progress == [(0.0, "matching")]


def test_fractions_stay_between_0_and_1():
    progress, _ = told(lambda watch: [watch.progress(-1, "a"), watch.progress(np.float32(2), "b")])
    assert progress == [(0.0, "a"), (1.0, "b")]


def test_previews_come_only_so_often(monkeypatch):
    monkeypatch.setattr(watch_module, "PREVIEW_S", 60.0)
    _, previews = told(lambda watch: [watch.preview(np.zeros((4, 4, 3), np.uint8)) for _ in range(10)])
    assert len(previews) == 1


def test_after_a_cancel_nothing_is_reported():
    def report(watch):
        watch.cancel()
        assert watch.is_cancelled()
        watch.progress(0.5, "still here")
        watch.preview(np.zeros((4, 4, 3), np.uint8))

    assert told(report) == ([], [])


def test_a_loop_that_has_ended_does_not_break_work_that_was_cancelled():
    kept = []

    async def make():
        kept.append(JobWatch(Previews(4), lambda *said: None, lambda digest: None))

    asyncio.run(make())
    kept[0].cancel()
    kept[0].progress(0.5, "after the end")
