"""A picture as a screen shows it."""

from __future__ import annotations

import numpy as np
from inlay_krita.qt import QtGui, image_from_bgra

from inlay.files.picture import Picture
from inlay.files.screen import screen_image


def shown(picture: Picture) -> QtGui.QImage:
    """The picture in 8-bit sRGB, through its ICC profile if it has a usable one."""
    image = screen_image(picture)
    if image.bands == 3:
        image = image.bandjoin(255)
    pixels = np.ascontiguousarray(image.numpy()[..., [2, 1, 0, 3]])
    return image_from_bgra(pixels.tobytes(), picture.width, picture.height)
