"""A picture as a file holds it, and as the engine wants it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from inlay.pixels.formats import Depth, Model, PixelFormat, Pixels

DEPTHS = {"uint8": Depth.U8, "uint16": Depth.U16, "float32": Depth.F32}
COLOUR_CHANNELS = {Model.GRAYA: 1, Model.RGBA: 3, Model.CMYKA: 4}


@dataclass(frozen=True)
class Origin:
    """What a file says about its picture besides the pixels; it goes into the output unchanged."""

    profile: bytes = b""
    """The ICC profile, or nothing."""
    resolution: tuple[float, float] = (1.0, 1.0)
    """Pixels per millimetre, across and down."""
    notes: dict[str, str | bytes] = field(default_factory=dict)
    """EXIF, XMP and IPTC, by libvips' names."""


@dataclass(frozen=True)
class Picture:
    """Pixels (H, W, C) in reading order, alpha last if there is any; uint8, uint16 or float32."""

    pixels: Pixels
    model: Model
    """Model.GRAYA, RGBA or CMYKA, whether the file has alpha or not: see `has_alpha`."""
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        assert self.pixels.ndim == 3
        assert self.pixels.dtype.name in DEPTHS
        assert self.pixels.shape[2] - COLOUR_CHANNELS[self.model] in (0, 1)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def has_alpha(self) -> bool:
        return bool(self.pixels.shape[2] > COLOUR_CHANNELS[self.model])

    @property
    def format(self) -> PixelFormat:
        """The format of `document_pixels`."""
        return PixelFormat(self.model, DEPTHS[self.pixels.dtype.name])

    @property
    def opaque(self) -> int | float:
        """The alpha value of a pixel that hides what lies below."""
        return 1.0 if self.pixels.dtype.kind == "f" else 2 ** (8 * self.pixels.dtype.itemsize) - 1

    @property
    def document_pixels(self) -> Pixels:
        """(H, W, channels of `format`): the pixels as a document holds them, always with alpha."""
        if self.has_alpha:
            return self.pixels
        alpha = np.full((*self.pixels.shape[:2], 1), self.opaque, self.pixels.dtype)
        return np.concatenate([self.pixels, alpha], axis=2)

    def with_document_pixels(self, pixels: Pixels) -> Picture:
        """This picture with other pixels, (H, W, channels of `format`); alpha is dropped if the file had none."""
        channels = self.pixels.shape[2]
        return replace(self, pixels=np.ascontiguousarray(pixels[..., :channels]))
