"""What could be added to a selection: offered, and the user says yes or no."""

from __future__ import annotations

from dataclasses import dataclass

from inlay.edits.edit import Source
from inlay.pixels import colours
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, support_box
from inlay.pixels.shadows import Trace, shadow_of

WHY = {
    Trace.SHADOW: "The ground beside the selection is darker, in the same colour, and the dark part touches it.",
    Trace.REFLECTION: "What is selected can be seen upside down below itself.",
}


@dataclass(frozen=True)
class Addition:
    """A part of the picture that likely belongs to what is selected."""

    mask: Mask  # (h, w) uint8, 255 = add
    box: Box  # h x w, in the space of the picture that was shown
    trace: Trace
    confidence: float  # 0 to 1; it orders offers and is no probability
    why: str  # one sentence for people


def shadow_offered(source: Source) -> Addition | None:
    """The shadow or reflection outside the selection that goes with it, or None where nothing looks like one."""
    assert source.mask is not None
    canvas = source.canvas
    picture = colours.to_srgb(source.pixels, canvas.format.model, canvas.is_linear, canvas.profile)
    offer = shadow_of(picture, source.mask)
    if offer is None:
        return None
    box = support_box(offer.mask)
    return Addition(offer.mask[box.slices], box, offer.trace, offer.confidence, WHY[offer.trace])
