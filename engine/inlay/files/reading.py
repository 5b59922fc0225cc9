"""Reading pictures and masks. What a file is, its first bytes tell; its name is not trusted.

libvips does the decoding: one library for all four formats, 8 and 16 bit and float, profiles untouched, the header
before the pixels (so that a picture too large is refused before it is decoded), and 40 ms to import. Pillow reads no
16-bit colour, OpenCV drops profiles and grey alpha, tifffile costs more to import than libvips and reads TIFF only.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips

from inlay.config import Limits
from inlay.files.errors import FileError
from inlay.files.picture import COLOUR_CHANNELS, Origin, Picture
from inlay.pixels.formats import Model, Pixels
from inlay.pixels.masks import Mask

READABLE = ".png .tif .jpg .webp .ora"
MAX_SIDE_PX = Limits().side_px
MAX_AREA_PX = 300_000_000  # one picture is held a few times in memory while it is worked on
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    b"\xff\xd8\xff": "jpeg",
    b"RIFF": "webp",
    b"PK\x03\x04": "ora",
}
MODELS = {
    "b-w": (Model.GRAYA, 1),
    "grey16": (Model.GRAYA, 1),
    "srgb": (Model.RGBA, 3),
    "rgb": (Model.RGBA, 3),
    "rgb16": (Model.RGBA, 3),
    "scrgb": (Model.RGBA, 3),
    "cmyk": (Model.CMYKA, 4),
}
NOTES = ("exif-", "xmp-data", "iptc-data")


def read_picture(path: Path) -> Picture:
    """The picture in a file, upright (EXIF orientation applied).

    Raises FileError when there is none, or none that Inlay can keep unchanged.
    """
    kind = sniffed(path)
    if kind == "ora":
        from inlay.files.ora import merged_png

        return decoded(lambda: pyvips.Image.pngload_buffer(merged_png(path), fail_on="truncated"), path)
    loader = getattr(pyvips.Image, f"{kind}load")
    return decoded(lambda: loader(str(path), access="sequential", fail_on="truncated", revalidate=True), path)


def sniffed(path: Path) -> str:
    """Which of MAGIC's formats a file is."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        raise FileError(f"{path} does not exist: check the name.") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder: name a picture in it.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror}): check its permissions.") from None
    for magic, kind in MAGIC.items():
        if head.startswith(magic) and (kind != "webp" or head[8:] == b"WEBP"):
            return kind
    raise FileError(f"{path} is not a picture that Inlay reads: save it as one of {READABLE}.")


def decoded(load: Callable[[], pyvips.Image], path: Path) -> Picture:
    """Header first, then pixels. Raises FileError for what is too large, damaged or of a kind that cannot be kept."""
    try:
        image = load()
        check_size(image.width, image.height, path)
        model = model_of(image, path)
        pixels = upright(np.atleast_3d(image.numpy()), orientation(image))
    except pyvips.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise FileError(
            f"{path} cannot be decoded ({reason.strip()}): it is damaged, cut short or of a rare kind. "
            f"Download it again, or save it anew as .png or .tif."
        ) from error
    return Picture(np.ascontiguousarray(pixels), model, origin_of(image))


def check_size(width: int, height: int, name: object) -> None:
    """Refuse what memory could not hold, before anything is decoded."""
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_AREA_PX:
        raise FileError(
            f"{name} is {width} x {height} pixels; Inlay takes at most {MAX_SIDE_PX} a side and "
            f"{MAX_AREA_PX // 1_000_000} megapixels: scale it down, or cut out the part to work on."
        )


def model_of(image: pyvips.Image, path: Path) -> Model:
    """The colour model, when pixels of it can be written again without a change."""
    if image.format not in ("uchar", "ushort", "float"):
        raise FileError(f"{path} stores {image.format} numbers: save it with 8 or 16 bits, or as 32-bit float.")
    model, colours = MODELS.get(image.interpretation, (None, 0))
    if image.interpretation == "multiband" and image.bands <= 2:
        model, colours = Model.GRAYA, 1
    if model is None or image.bands not in (colours, colours + 1):
        raise FileError(
            f"{path} is {image.interpretation} with {image.bands} channels: save it as grey, RGB or CMYK, "
            f"with at most one alpha channel."
        )
    return model


def orientation(image: pyvips.Image) -> int:
    return int(image.get("orientation")) if image.get_typeof("orientation") else 1


def upright(pixels: Pixels, exif_orientation: int) -> Pixels:
    """Undo the eight EXIF orientations: 2 mirrors, 3 turns half round, 5 to 8 lie on their side."""
    if exif_orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if exif_orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if exif_orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def origin_of(image: pyvips.Image) -> Origin:
    fields = image.get_fields()
    profile = image.get("icc-profile-data") if "icc-profile-data" in fields else b""
    notes = {name: image.get(name) for name in fields if name.startswith(NOTES) and "Orientation" not in name}
    resolution = (image.xres, image.yres)
    return Origin(profile, resolution[::-1] if orientation(image) >= 5 else resolution, notes)


def read_mask(path: Path, width: int, height: int) -> Mask:
    """(H, W) uint8 coverage: 255 = repaint. A mask with transparency selects what is opaque, else what is light.

    Raises FileError for a mask of another size, in colour, or empty.
    """
    picture = read_picture(path)
    if (picture.width, picture.height) != (width, height):
        raise FileError(
            f"the mask {path} is {picture.width} x {picture.height} pixels and the picture {width} x {height}: "
            f"make the mask in the picture's size."
        )
    coverage = as_bytes(selected(picture, path))
    if not coverage.any():
        raise FileError(f"the mask {path} selects nothing: paint what is to be repainted white on black.")
    return coverage


def selected(picture: Picture, path: Path) -> Pixels:
    """(H, W): the channel of a mask file that says what is selected."""
    pixels = picture.pixels
    if picture.has_alpha and (pixels[..., -1] != picture.opaque).any():
        return pixels[..., -1]
    first = pixels[..., 0]
    colours = pixels[..., : COLOUR_CHANNELS[picture.model]]
    if picture.model is Model.CMYKA or (colours != first[..., None]).any():
        raise FileError(f"the mask {path} is in colour: paint what is to be repainted white on black.")
    return first


def as_bytes(coverage: Pixels) -> Mask:
    """Coverage of any depth as uint8; what is selected at all stays selected."""
    if coverage.dtype == np.uint8:
        return coverage.astype(np.uint8)
    scale = 255.0 if coverage.dtype.kind == "f" else 255.0 / 65535.0
    levels = np.nan_to_num(coverage.astype(np.float32)) * scale
    return np.where(levels > 0, np.clip(np.rint(levels), 1, 255), 0).astype(np.uint8)
