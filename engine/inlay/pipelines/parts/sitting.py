"""What a model is given to paint: a picture at its own size, and how it is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.card import Settings

Rgb = NDArray[np.float32]  # (h, w, 3), sRGB, 0 to 1
Coverage = NDArray[np.float32]  # (h, w), 0 to 1


@dataclass(frozen=True)
class Sitting:
    """One picture for one model. Spaces: everything is in model pixels; both sides are multiples of the family's."""

    image: Rgb  # infilled under the mask by `settings.infill`; outside it, the picture
    mask: Coverage  # the denoise mask, 1 = repaint wholly; soft values only where the paste mask is soft
    settings: Settings
    seed: int
    control: Rgb | None = None  # the pose or depth to keep, as a picture; None where it is to be read off `original`
    original: Rgb | None = None  # the picture as it was before anything was laid under the mask; for a control alone
    references: tuple[Rgb, ...] = ()  # other pictures to be looked at, each of its own size

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    @cached_property
    def image_key(self) -> str:
        """Names the picture's pixels: an encoding of the same picture is never made twice."""
        return digest(self.image)

    @property
    def seen_key(self) -> str:
        """Names all that is looked at: the picture, and the references."""
        return " ".join([self.image_key, *map(digest, self.references)])

    def with_seed(self, seed: int) -> Sitting:
        """The same with another seed."""
        return replace(self, seed=seed)


def digest(array: NDArray[np.float32]) -> str:
    """A name for an array's size and values."""
    shape = ",".join(map(str, array.shape)).encode()
    return hashlib.sha256(shape + np.ascontiguousarray(array).tobytes()).hexdigest()
