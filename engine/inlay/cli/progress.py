"""A progress bar on stderr, where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[float, str], None]


@contextmanager
def shown(title: str) -> Iterator[Report]:
    """Gives a function to call with (fraction done, what is being done); silent unless stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda fraction, message: None
        return
    from tqdm import tqdm

    with tqdm(
        total=100, desc=title, unit="%", bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    ) as bar:

        def report(fraction: float, message: str) -> None:
            bar.set_postfix_str(message, refresh=False)
            bar.update(max(0, round(fraction * 100) - bar.n))

        yield report
