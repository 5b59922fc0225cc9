"""A picture as a screen shows it."""

from __future__ import annotations

import numpy as np
import pyvips
from inlay_krita.qt import QtGui, image_from_bgra

from inlay.files.picture import Picture
from inlay.files.writing import image_of


def shown(picture: Picture) -> QtGui.QImage:
    """The picture in 8-bit sRGB, through its ICC profile if it has a usable one."""
    image = image_of(picture)
    try:
        image = image.icc_transform("srgb") if picture.origin.profile else image.colourspace("srgb")
    except pyvips.Error:  # a damaged profile: its numbers as they are
        image = image.colourspace("srgb")
    image = image.cast("uchar", shift=image.format == "ushort")
    if image.bands == 3:
        image = image.bandjoin(255)
    pixels = np.ascontiguousarray(image.numpy()[..., [2, 1, 0, 3]])
    return image_from_bgra(pixels.tobytes(), picture.width, picture.height)
