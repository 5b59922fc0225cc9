"""Between a document's colours and what models see: sRGB-encoded RGB in [0, 1]. The two ways are each other's inverse.

Sources: IEC 61966-2-1 (sRGB's curve and primaries), ITU-R BT.2020 and BT.601, SMPTE ST 2113 (Display P3), Adobe RGB
(1998), ISO 22028-2 (ROMM), ISO/CIE 11664-4 (L*a*b*), Bradford adaptation (Lam 1985), rational curve (Schlick 1994).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.formats import Model, Pixels

Rgb = NDArray[np.float32]  # (H, W, 3)
Matrix = NDArray[np.float64]  # (3, 3)
KNEE = 0.8  # encoded; below it nothing is bent, so that mid tones are what they were
SLACK = 0.02  # wide and rounded whites and blacks that lie so little beyond 0 and 1 are clipped: they are meant so
BRIGHTEST = 100.0  # encoded; 2.4 million times white is nobody's picture
D65, D50, D60 = (0.3127, 0.3290), (0.3457, 0.3585), (0.32168, 0.33767)
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
LAB_SCALE = (100.0, 255.0, 255.0)  # of integers at full scale; a and b are offset by 128
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
BT601 = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136, -0.714136], [1.0, 1.772, 0.0]])  # from Y, Cb, Cr
CMYK_FLOAT_UNIT = 100.0  # Krita's float CMYK counts percent of ink


@dataclass(frozen=True)
class _Primaries:
    """Chromaticities of red, green, blue and white."""

    xy: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    white: tuple[float, float]
    gamma: float | None = None  # of its encoded form; None is sRGB's curve, which Rec. 2020's and P3's nearly are

    def to_xyz(self) -> Matrix:
        """The matrix from linear RGB to XYZ, adapted to D50."""
        columns = np.array([_xyz(*xy) for xy in self.xy]).T
        scaled = columns * np.linalg.solve(columns, _xyz(*self.white))
        found: NDArray[np.float64] = _adapted(self.white, D50) @ scaled
        return found


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adapted(white: tuple[float, float], to: tuple[float, float]) -> Matrix:
    """The Bradford matrix that turns colours seen under one white into those under another."""
    cones = (BRADFORD @ _xyz(*to)) / (BRADFORD @ _xyz(*white))
    adapted: Matrix = np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD
    return adapted


_SRGB = _Primaries(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), D65)
_WIDE = (  # the first whose pattern is in the profile's name
    (r"rec.?2020|bt.?2020", _Primaries(((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)), D65)),
    (r"acescg", _Primaries(((0.713, 0.293), (0.165, 0.830), (0.128, 0.044)), D60)),
    (r"aces", _Primaries(((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077)), D60)),
    (r"adobe|clayrgb", _Primaries(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), D65, 563 / 256)),
    (r"\bp3\b|display.?p3", _Primaries(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), D65)),
    (r"prophoto|romm|largergb", _Primaries(((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), D50, 1.8)),
)
SRGB_TO_XYZ: Matrix = _SRGB.to_xyz()
XYZ_TO_SRGB: Matrix = np.linalg.inv(SRGB_TO_XYZ).astype(np.float64)


def to_srgb(pixels: Pixels, model: Model, is_linear: bool, profile: str = "") -> Rgb:
    """A document's pixels as a model sees them: (H, W, 3) float32 sRGB in [0, 1], over white where transparent.

    pixels: (H, W, C) of any depth, alpha last; what is not finite counts as black. profile: the ICC profile's name,
    which tells wide primaries. Float values above white (HDR) and below black (out of sRGB's gamut) are brought into
    the range by curves that are the identity up to `KNEE`, as far from black, and, in pictures without such values,
    everywhere.
    """
    values = _unit(pixels)
    colours = _encoded_colours(values[..., :-1], pixels, model, is_linear, profile)
    encoded = _bent(colours, _extent(colours, pixels))
    alpha = np.clip(values[..., -1:], 0, 1)
    over: Rgb = (encoded * alpha + (1 - alpha)).astype(np.float32)
    return over


def from_srgb(rgb: Rgb, like: Pixels, model: Model, is_linear: bool, profile: str = "") -> Pixels:
    """`to_srgb`'s inverse: (H, W, C) of the dtype of `like`, the document's pixels, and opaque."""
    before = _encoded_colours(_unit(like)[..., :-1], like, model, is_linear, profile)
    encoded = _unbent(np.clip(rgb, 0, 1), _extent(before, like))
    channels = _document_colours(encoded, like, model, is_linear, profile)
    whole = np.concatenate([channels, np.ones((*channels.shape[:2], 1), channels.dtype)], axis=2)
    return _stored(whole, like, model)


def _unit(pixels: Pixels) -> NDArray[np.float32]:
    """Channels as float32: integers scaled to [0, 1], floats as they are, finite."""
    if pixels.dtype.kind == "u":
        return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype.name).max)
    return np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _stored(values: NDArray[np.float32], like: Pixels, model: Model) -> Pixels:
    """Channels in the document's own numbers."""
    if like.dtype.kind == "f":
        return values.astype(like.dtype)
    most = np.iinfo(like.dtype.name).max
    return np.rint(np.clip(values, 0, 1) * most).astype(like.dtype)


def _encoded_colours(
    channels: NDArray[np.float32], pixels: Pixels, model: Model, is_linear: bool, profile: str
) -> NDArray[np.float32]:
    """Colour channels as sRGB-encoded RGB that may go beyond 1."""
    is_float = pixels.dtype.kind == "f"
    if model is Model.GRAYA:
        gray = encode(channels) if is_linear else channels
        return np.repeat(gray, 3, axis=2)
    if model is Model.CMYKA:
        inks = np.clip(channels / CMYK_FLOAT_UNIT if is_float else channels, 0, 1)
        return (1 - inks[..., :3]) * (1 - inks[..., 3:])
    if model is Model.LABA:
        return encode(_times(_lab_to_xyz(_lab(channels, is_float)), XYZ_TO_SRGB))
    if model is Model.XYZA:
        return encode(_times(channels if is_float else channels * 2, XYZ_TO_SRGB))
    if model is Model.YCBCRA:
        offset = np.array([0, 0.5, 0.5], np.float32)
        return _times(channels - offset, BT601)
    primaries = _primaries(profile)
    if primaries is None:
        return encode(channels) if is_linear else channels
    light = channels if is_linear else _powered(channels, primaries.gamma) if primaries.gamma else decode(channels)
    return encode(_times(light, XYZ_TO_SRGB @ primaries.to_xyz()))


def _document_colours(
    encoded: NDArray[np.float32], like: Pixels, model: Model, is_linear: bool, profile: str
) -> NDArray[np.float32]:
    """The inverse of `_encoded_colours`."""
    is_float = like.dtype.kind == "f"
    if model is Model.GRAYA:
        gray = (encoded @ LUMA)[..., None]
        return decode(gray) if is_linear else gray
    if model is Model.CMYKA:
        inks = _inks(encoded, _black_share(like))
        return inks * CMYK_FLOAT_UNIT if is_float else inks
    if model is Model.LABA:
        return _lab_stored(_xyz_to_lab(_times(decode(encoded), SRGB_TO_XYZ)), is_float)
    if model is Model.XYZA:
        xyz = _times(decode(encoded), SRGB_TO_XYZ)
        return xyz if is_float else xyz * np.float32(0.5)
    if model is Model.YCBCRA:
        return _times(encoded, np.linalg.inv(BT601).astype(np.float64)) + np.array([0, 0.5, 0.5], np.float32)
    primaries = _primaries(profile)
    if primaries is None:
        return decode(encoded) if is_linear else encoded
    light = _times(decode(encoded), np.linalg.inv(XYZ_TO_SRGB @ primaries.to_xyz()).astype(np.float64))
    if is_linear:
        return light
    return _powered(light, 1 / primaries.gamma) if primaries.gamma else encode(light)


def _powered(values: NDArray[np.float32], exponent: float) -> NDArray[np.float32]:
    """A power that keeps the sign."""
    size = np.minimum(np.abs(values), BRIGHTEST**2.4) ** np.float32(exponent)
    signed: NDArray[np.float32] = np.copysign(size, values).astype(np.float32)
    return signed


def encode(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB's curve, going on above 1 and, mirrored, below 0."""
    size = np.minimum(np.abs(light), BRIGHTEST**2.4)
    curved = np.where(size <= 0.0031308, 12.92 * size, 1.055 * np.power(size, 1 / 2.4) - 0.055)
    found: NDArray[np.float32] = np.copysign(curved, light).astype(np.float32)
    return found


def decode(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of `encode`."""
    size = np.abs(encoded)
    light = np.where(size <= 0.04045, size / 12.92, np.power((size + 0.055) / 1.055, 2.4))
    return np.copysign(light, encoded).astype(np.float32)


def _primaries(profile: str) -> _Primaries | None:
    """What a profile's name tells of its primaries; None for sRGB's and unknown ones."""
    return next((primaries for pattern, primaries in _WIDE if re.search(pattern, profile, re.IGNORECASE)), None)


def _times(colours: NDArray[np.float32], matrix: Matrix) -> NDArray[np.float32]:
    return colours @ matrix.T.astype(np.float32)


def _extent(encoded: NDArray[np.float32], pixels: Pixels) -> tuple[float, float]:
    """The encoded values that become black and white: 0 and 1, or what a float picture shows beyond them."""
    if pixels.dtype.kind == "u":
        return 0.0, 1.0
    shown = encoded[pixels[..., -1].astype(np.bool_)]
    darkest, brightest = float(shown.min(initial=0.0)), float(shown.max(initial=1.0))
    return (
        0.0 if darkest >= -SLACK else max(darkest - 0.01, -BRIGHTEST),
        1.0 if brightest <= 1 + SLACK else min(brightest + 0.01, BRIGHTEST),
    )


def _bent(encoded: NDArray[np.float32], extent: tuple[float, float]) -> NDArray[np.float32]:
    """Values of that extent in [0, 1]: straight between the two knees, then bent at both ends alike."""
    darkest, brightest = extent
    below_white = _bent_above(encoded, brightest)
    return np.maximum(below_white, 0) if darkest >= 0 else 1 - _bent_above(1 - below_white, 1 - darkest)


def _unbent(values: NDArray[np.float32], extent: tuple[float, float]) -> NDArray[np.float32]:
    """The inverse of `_bent`."""
    darkest, brightest = extent
    above_black = values if darkest >= 0 else 1 - _unbent_above(1 - values, 1 - darkest)
    return _unbent_above(above_black, brightest)


def _bent_above(encoded: NDArray[np.float32], brightest: float) -> NDArray[np.float32]:
    """Values up to `brightest` below 1: straight up to the knee, then rational with the same slope there."""
    if brightest <= 1.0:
        return np.minimum(encoded, 1)
    slope = (brightest - KNEE) / (1 - KNEE)
    above = np.clip((encoded - KNEE) / (brightest - KNEE), 0, 1)
    bent = KNEE + (1 - KNEE) * slope * above / (1 + (slope - 1) * above)
    return np.where(encoded > KNEE, bent, encoded).astype(np.float32)


def _unbent_above(values: NDArray[np.float32], brightest: float) -> NDArray[np.float32]:
    """The inverse of `_bent_above`."""
    if brightest <= 1.0:
        return values
    slope = (brightest - KNEE) / (1 - KNEE)
    bent = (values - KNEE) / (1 - KNEE)
    above = bent / (slope - (slope - 1) * bent)
    return np.where(values > KNEE, KNEE + (brightest - KNEE) * above, values).astype(np.float32)


def _black_share(like: Pixels) -> float:
    """How much of the grey in a CMYK picture is printed with black: 0 none, 1 all (grey component replacement)."""
    values = _unit(like)[::4, ::4]
    unit = CMYK_FLOAT_UNIT if like.dtype.kind == "f" else 1.0
    inks = np.clip(values[..., :4] / unit, 0, 1)[values[..., -1] > 0]
    grey = 1 - ((1 - inks[:, :3]) * (1 - inks[:, 3:])).max(axis=1)
    told = grey > 0.05
    return float(np.median(inks[told, 3] / grey[told])) if told.any() else 1.0


def _inks(encoded: NDArray[np.float32], black_share: float) -> NDArray[np.float32]:
    """RGB as inks; `black_share` of the grey that all three have in common is black."""
    black = np.clip((1 - encoded.max(axis=2, keepdims=True)) * min(black_share, 1.0), 0, 1)
    inks = 1 - encoded / np.maximum(1 - black, 1e-6)
    found: NDArray[np.float32] = np.clip(np.concatenate([inks, black], axis=2), 0, 1)
    return found


def _lab(channels: NDArray[np.float32], is_float: bool) -> NDArray[np.float32]:
    """L* in 0..100, a* and b* around 0."""
    if is_float:
        return channels
    return channels * np.array(LAB_SCALE, np.float32) - np.array([0, 128, 128], np.float32)


def _lab_stored(lab: NDArray[np.float32], is_float: bool) -> NDArray[np.float32]:
    if is_float:
        return lab
    return ((lab + np.array([0, 128, 128], np.float32)) / np.array(LAB_SCALE, np.float32)).astype(np.float32)


def _lab_to_xyz(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    y = (lab[..., 0] + 16) / 116
    parts = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    curved = np.where(parts > 6 / 29, parts**3, 3 * (6 / 29) ** 2 * (parts - 4 / 29))
    return (curved * _xyz(*D50)).astype(np.float32)


def _xyz_to_lab(xyz: NDArray[np.float32]) -> NDArray[np.float32]:
    relative = xyz / _xyz(*D50)
    curved = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative / (3 * (6 / 29) ** 2) + 4 / 29)
    lab = [116 * curved[..., 1] - 16, 500 * (curved[..., 0] - curved[..., 1]), 200 * (curved[..., 1] - curved[..., 2])]
    return np.stack(lab, axis=-1).astype(np.float32)
