"""When jobs that wait will be done, from how long others like them took."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inlay.edits.plan import Plan
from inlay.jobs.states import Job

REMEMBERED = 3  # of each kind of work: the first run also loads the model, and the least of the three is the work alone


@dataclass(frozen=True)
class Turn:
    """An open job's place in the queue."""

    job: Job
    position: int  # 0: it runs; 1: it is the next
    seconds_left: float | None  # until it is done; None where nobody knows yet


class Forecast:
    """How fast each model was of late, a step and a pixel."""

    def __init__(self) -> None:
        self._paces: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def note(self, job: Job) -> None:
        """Remember how long a finished job took; others tell nothing."""
        if job.result:
            self._paces[_kind(job.plan)].append(job.result.seconds / _work(job.plan))

    def seconds(self, plan: Plan) -> float | None:
        """How long a job will likely take from its beginning; None where no such work was done."""
        paces = self._paces.get(_kind(plan))
        return min(paces) * _work(plan) if paces else None


def ends(running: Sequence[float | None], waiting: Iterable[float | None], executors: int) -> list[float | None]:
    """When each waiting job is done, in seconds from now: the next one goes to whichever executor is free first.

    running: what is left of those that run; waiting: how long each takes. None: nobody knows, nor what comes after it.
    """
    free = [math.inf if left is None else left for left in running] + [0.0] * max(0, executors - len(running))
    heapq.heapify(free)
    told: list[float | None] = []
    for seconds in waiting:
        end = heapq.heappop(free) + (math.inf if seconds is None else seconds)
        heapq.heappush(free, end)
        told.append(end if math.isfinite(end) else None)
    return told


def _kind(plan: Plan) -> tuple[str, str]:
    return plan.model, plan.family


def _work(plan: Plan) -> float:
    return float(max(plan.steps, 1) * plan.working_width * plan.working_height)
