"""When work is done in parts: how each reports its share of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.family import Watch


@dataclass(frozen=True)
class Share:
    """A watch for one part of the work. A part of the picture would hide the others: its previews are not shown."""

    whole: Watch
    start: float  # fractions of the whole
    length: float
    is_shown: bool = False

    def progress(self, fraction: float, message: str) -> None:
        """See `Watch.progress`."""
        self.whole.progress(self.start + self.length * fraction, message)

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        """See `Watch.preview`."""
        if self.is_shown:
            self.whole.preview(rgb)

    def note(self, text: str) -> None:
        """See `Watch.note`."""
        self.whole.note(text)

    def is_cancelled(self) -> bool:
        """See `Watch.is_cancelled`."""
        return self.whole.is_cancelled()


def shares(watch: Watch, costs: list[int], *, are_shown: bool = False) -> list[Share]:
    """A watch for each part, its length in proportion to what the part costs.

    are_shown: each part is the whole picture, and its previews are worth showing.
    """
    ends = np.cumsum([0, *costs]) / max(sum(costs), 1)
    return [Share(watch, float(start), float(end - start), are_shown) for start, end in pairwise(ends)]
