"""Events: numbered, replayed, and always ended."""

import asyncio

import pytest
from inlay.jobs.events import EventLog
from inlay.jobs.states import State


async def heard(log, after=0):
    return [(event.number, event.name) async for event in log.follow(after)]


def test_old_events_are_told_first_then_new_ones(make_job):
    async def story():
        log = EventLog()
        log.publish("queued", {"position": 1})
        listener = asyncio.create_task(heard(log))
        late = asyncio.create_task(heard(log, after=1))
        await asyncio.sleep(0)
        log.publish("running", {})
        await asyncio.sleep(0)
        log.publish("done", make_job(State.DONE))
        return await listener, await late

    listened, late = asyncio.run(story())
    assert listened == [(1, "queued"), (2, "running"), (3, "done")]
    assert late == [(2, "running"), (3, "done")]


def test_only_the_latest_progress_is_told_again(make_job):
    async def story():
        log = EventLog()
        log.publish("running", {})
        for step in range(1000):
            log.publish("progress", {"fraction": step / 1000})
        log.publish("done", make_job(State.DONE))
        return await heard(log), await heard(log, after=500)

    everything, later = asyncio.run(story())
    assert everything == [(1, "running"), (1001, "progress"), (1002, "done")]
    assert later == everything[1:]


@pytest.mark.parametrize("after", [0, 1, 2, 1000])
def test_the_end_is_always_told(make_job, after):
    async def story():
        log = EventLog()
        log.publish("running", {})
        log.publish("failed", make_job(State.FAILED))
        return await heard(log, after)

    assert asyncio.run(story())[-1] == (2, "failed")


def test_nothing_published_while_a_listener_is_busy_is_missed(make_job):
    async def story():
        log = EventLog()
        log.publish("queued", {"position": 1})
        names = []
        async for event in log.follow():
            names.append(event.name)
            if event.name == "queued":
                log.publish("running", {})
            if event.name == "running":
                log.publish("done", make_job(State.DONE))
        return names

    assert asyncio.run(story()) == ["queued", "running", "done"]
