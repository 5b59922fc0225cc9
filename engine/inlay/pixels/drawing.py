"""What a painter draws for a ControlNet, as nets were taught to read it: on black, and lines in white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.smooth import Floats

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
PAPER = 0.5  # an opaque drawing that is lighter than this on the whole has dark lines on paper


def as_control(drawn: Floats, alpha: NDArray[np.float32], control: str) -> Floats:
    """The picture of a pose or a depth over black; of lines, white ones on black, however they were drawn.

    drawn: (H, W, 3) sRGB in [0, 1]; alpha: (H, W) in [0, 1]. Lines on nothing are where alpha is; on paper, where it
    is dark; on something dark, where it is light.
    """
    over: Floats = (drawn * alpha[..., None]).astype(np.float32)
    if control != "lines":
        return over
    light = drawn @ LUMA
    lines = alpha if alpha.min() < PAPER else 1 - light if float(light.mean()) > PAPER else light
    return np.repeat(lines[..., None].astype(np.float32), 3, axis=2)
