"""How much longer a job takes, from how far it was when."""

from __future__ import annotations

from collections import deque

LEAST_S = 2.0  # of watching before anything is said: the first steps are slower than the others
RECENT_S = 20.0  # older steps say nothing about those to come: decoding is no step of denoising


class Pace:
    """One job's. Times in seconds of any clock that runs evenly."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()  # when, how far
        self._end: float | None = None  # as it was told last

    def seconds_left(self, fraction: float, now: float) -> float | None:
        """The rest at the pace of late; None where it is too early to say. fraction: 0 to 1, done by now."""
        left = self._left(fraction, now)
        self._end = None if left is None else now + left
        return left

    def rest(self, now: float) -> float | None:
        """What was told last, less the time since then."""
        return None if self._end is None else max(0.0, self._end - now)

    def _left(self, fraction: float, now: float) -> float | None:
        if self._seen and fraction < self._seen[-1][1]:
            self._seen.clear()  # it was begun again, with less memory
        if fraction <= 0:
            return None  # loading
        self._seen.append((now, fraction))
        while len(self._seen) > 2 and now - self._seen[1][0] > RECENT_S:
            self._seen.popleft()
        then, before = self._seen[0]
        if now - then < LEAST_S or fraction <= before:
            return None
        return (1.0 - fraction) * (now - then) / (fraction - before)
