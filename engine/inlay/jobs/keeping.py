"""What must be kept, and what may go. Pure: jobs and the time in, names out."""

from __future__ import annotations

from collections.abc import Iterable

from inlay.config import Limits
from inlay.jobs.states import Job, State

DAY_S = 24 * 3600.0


def kept_images(jobs: Iterable[Job], now: float, limits: Limits) -> set[str]:
    """Digests that must not make room for others.

    Open and interrupted jobs need what they read; a result stays until it was fetched. Both for `kept_days` at most.
    """
    kept: set[str] = set()
    for job in jobs:
        if job.state.is_open:
            kept.update(job.images)
        elif now - _ended(job) < limits.kept_days * DAY_S:
            if job.state is State.INTERRUPTED:
                kept.update(job.request.images)
            elif job.result and not job.is_fetched:
                kept.update(job.result.images)
    return kept


def forgettable_jobs(jobs: Iterable[Job], now: float, limits: Limits) -> list[str]:
    """Ids of the oldest ended jobs beyond `kept_jobs`, unless their results still wait to be fetched."""
    ended = sorted((job for job in jobs if not job.state.is_open), key=_ended)
    too_many = ended[: max(0, len(ended) - limits.kept_jobs)]
    return [job.id for job in too_many if not _waits_for_fetch(job, now, limits)]


def _waits_for_fetch(job: Job, now: float, limits: Limits) -> bool:
    return job.state is State.DONE and not job.is_fetched and now - _ended(job) < limits.kept_days * DAY_S


def _ended(job: Job) -> float:
    return job.created if job.ended is None else job.ended
