"""What a prompt should say besides the new thing: the surroundings."""

from __future__ import annotations

from inlay.edits.edit import Source
from inlay.pixels import colours, infill
from inlay.pixels.smooth import Floats


def surroundings(source: Source) -> Floats:
    """The picture without what is selected: (H, W, 3) float32 sRGB in [0, 1], blurred over under the mask."""
    canvas = source.canvas
    picture = colours.to_srgb(source.pixels, canvas.format.model, canvas.is_linear, canvas.profile)
    if source.mask is None or source.mask.all():
        return picture
    return infill.blurred_surroundings(picture, source.mask > 0)


def with_surroundings(prompt: str, caption: str) -> str:
    """Both in one prompt, the new thing first."""
    return ", ".join(filter(None, (prompt.strip(), caption)))
