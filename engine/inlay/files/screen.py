"""A picture as a screen shows it: 8-bit sRGB."""

from __future__ import annotations

import pyvips

from inlay.files.picture import Picture
from inlay.files.writing import image_of


def screen_image(picture: Picture) -> pyvips.Image:
    """The picture in 8-bit sRGB, 3 or 4 bands, through its ICC profile if it has a usable one."""
    image = image_of(picture)
    try:
        image = image.icc_transform("srgb") if picture.origin.profile else image.colourspace("srgb")
    except pyvips.Error:  # a damaged profile: its numbers as they are
        image = image.colourspace("srgb")
    return image.cast("uchar", shift=image.format == "ushort")
