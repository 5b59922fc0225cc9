"""What is kept, and what may go."""

import pytest
from inlay.config import Limits
from inlay.jobs.keeping import DAY_S, forgettable_jobs, kept_images
from inlay.jobs.states import State

NOW = 100 * DAY_S
LIMITS = Limits(kept_days=7, kept_jobs=2)


@pytest.mark.parametrize(
    ("state", "age_days", "fetched", "kept"),
    [
        (State.QUEUED, 50, "", "ab"),
        (State.RUNNING, 0, "", "ab"),
        (State.INTERRUPTED, 1, "", "ab"),
        (State.INTERRUPTED, 8, "", ""),
        (State.DONE, 1, "", "cd"),
        (State.DONE, 1, "c", "cd"),
        (State.DONE, 1, "cd", ""),
        (State.DONE, 8, "", ""),
        (State.FAILED, 0, "", ""),
        (State.CANCELLED, 0, "", ""),
    ],
)
def test_kept_images(make_job, state, age_days, fetched, kept):
    result = ("c", "d") if state is State.DONE else None
    job = make_job(state, result=result, ended=NOW - age_days * DAY_S, fetched=frozenset(fetched))
    assert kept_images([job], NOW, LIMITS) == set(kept)


def test_the_oldest_ended_jobs_are_forgotten_but_never_an_unfetched_result(make_job):
    open_job = make_job(created=0)
    waits = make_job(State.DONE, result=("c", "d"), ended=NOW - 5 * DAY_S)
    fetched = make_job(State.DONE, result=("c", "d"), ended=NOW - 4 * DAY_S, fetched=frozenset("cd"))
    failed = make_job(State.FAILED, ended=NOW - 3 * DAY_S)
    recent = [make_job(State.CANCELLED, ended=NOW - number) for number in range(2)]
    jobs = [open_job, waits, fetched, failed, *recent]
    assert forgettable_jobs(jobs, NOW, LIMITS) == [fetched.id, failed.id]
    assert forgettable_jobs(jobs, NOW + 7 * DAY_S, LIMITS) == [waits.id, fetched.id, failed.id]
