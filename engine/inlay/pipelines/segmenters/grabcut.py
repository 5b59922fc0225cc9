"""GrabCut: selecting without any model, from the first minute."""

from __future__ import annotations

from inlay.pipelines.family import FamilyError
from inlay.pipelines.segmenter import Candidate, SegmenterCard, View
from inlay.pixels.selecting.errors import SelectingError
from inlay.pixels.selecting.prompts import Prompts

CARD = SegmenterCard(
    family="grabcut",
    title="GrabCut",
    rank=0,
    working_px=512,  # it takes half a second at this size, and the edge is found at full size anyway
    looks_close=True,
    memory_bytes=0,
    licence="Apache-2.0",  # OpenCV's
)


class GrabCut:
    """`inlay.pixels.selecting.cutting`. It needs no preparing, and remembers nothing."""

    name = "grabcut"
    card = CARD

    def prepare(self, view: View) -> None:
        """Nothing: a picture of this size is looked at anew for every prompt."""

    def candidates(self, view: View, prompts: Prompts) -> list[Candidate]:
        """What the prompts may mean, the best first. Raises FamilyError where nothing can be told."""
        from inlay.pixels.selecting.cutting import cuts

        try:
            return [Candidate(cut.mask, cut.score) for cut in cuts(view.picture, prompts)]
        except SelectingError as error:
            raise FamilyError(error.code, str(error)) from error
