"""OpenRaster (`.ora`): a zip of PNG layers that Krita, GIMP and MyPaint open.

https://www.openraster.org/baseline/file-layout-spec.html. The format has no layer masks: a result's softness is
in its layer's alpha.
"""

from __future__ import annotations

import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyvips

from inlay.files.errors import FileError
from inlay.files.picture import Picture
from inlay.files.writing import image_of, png_bytes, replacing
from inlay.pixels.formats import Pixels
from inlay.pixels.masks import Mask

MIMETYPE = b"image/openraster"
STACK = "stack.xml"
MERGED = "mergedimage.png"
THUMBNAIL = "Thumbnails/thumbnail.png"
OURS = ("mimetype", STACK, MERGED, THUMBNAIL)  # written anew each time
THUMBNAIL_PX = 256
MAX_MERGED_BYTES = 4 << 30


@dataclass(frozen=True)
class Layer:
    """One layer: its picture, and where its top left corner lies on the canvas."""

    name: str
    picture: Picture
    x: int = 0
    y: int = 0
    is_visible: bool = True


def merged_png(path: Path) -> bytes:
    """The flat picture inside an `.ora`. Raises FileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.read("mimetype").strip() != MIMETYPE:
                raise FileError(f"{path} is a zip, but no OpenRaster file: save it again as .ora.")
            if archive.getinfo(MERGED).file_size > MAX_MERGED_BYTES:
                raise FileError(f"{path} unpacks to more than {MAX_MERGED_BYTES >> 30} GB: scale it down.")
            return archive.read(MERGED)
    except KeyError as error:
        raise FileError(f"{path} lacks {error.args[0]!r}: save it again as .ora, with Krita for example.") from error
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise FileError(f"{path} is damaged or cut short ({error}): download or save it again.") from error


def write_ora(path: Path, merged: Picture, layers: list[Layer]) -> None:
    """Write layers (the topmost first) and what they look like together. Raises FileError."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIMETYPE)
        archive.writestr(STACK, stack_xml(merged, layers), zipfile.ZIP_DEFLATED)
        for number, layer in enumerate(layers):
            archive.writestr(f"data/layer{number}.png", png_bytes(layer.picture))
        write_merged(archive, merged)


def write_with_layer_on_top(
    path: Path, source: Path, merged: Picture, layer: Layer, moved: tuple[int, int] = (0, 0)
) -> None:
    """Write the `.ora` in `source` with one more layer; its own layers stay as they are. Raises FileError.

    moved: (x, y) by which its layers lie elsewhere on a canvas that grew to the left and above.
    """
    name = f"data/inlay-{secrets.token_hex(4)}.png"
    with zipfile.ZipFile(source) as old:
        try:
            root = ElementTree.fromstring(old.read(STACK))  # noqa: S314 - expat has refused entity bombs since 2.4.1
        except ElementTree.ParseError as error:
            raise FileError(f"{source} is damaged ({STACK}: {error}): save it again as .ora.") from error
        stack = root.find("stack")
        if stack is None:
            raise FileError(f"{source} has no layers in its {STACK}: save it again as .ora.")
        root.attrib |= {"w": str(merged.width), "h": str(merged.height)}
        for old_layer in stack.iter("layer"):
            for axis, by in zip("xy", moved, strict=True):
                old_layer.set(axis, str(int(old_layer.get(axis, "0")) + by))
        stack.insert(0, layer_element(layer, name))
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("mimetype", MIMETYPE)
            archive.writestr(STACK, ElementTree.tostring(root, "utf-8", xml_declaration=True), zipfile.ZIP_DEFLATED)
            archive.writestr(name, png_bytes(layer.picture))
            for kept in old.infolist():
                if kept.filename not in OURS and not kept.is_dir():
                    archive.writestr(kept, old.read(kept))
            write_merged(archive, merged)


def write_merged(archive: zipfile.ZipFile, merged: Picture) -> None:
    """What all layers look like together, large and small."""
    archive.writestr(MERGED, png_bytes(merged))
    archive.writestr(THUMBNAIL, thumbnail(merged))


def stack_xml(merged: Picture, layers: list[Layer]) -> bytes:
    """The description of the layers, the topmost first."""
    across, down = (max(1, round(density * 25.4)) for density in merged.origin.resolution)
    size = {"w": str(merged.width), "h": str(merged.height), "xres": str(across), "yres": str(down)}
    root = ElementTree.Element("image", {"version": "0.0.3", **size})
    stack = ElementTree.SubElement(root, "stack")
    stack.extend(layer_element(layer, f"data/layer{number}.png") for number, layer in enumerate(layers))
    ElementTree.indent(root, " ")
    described: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return described


def layer_element(layer: Layer, name: str) -> ElementTree.Element:
    """One layer's line; `name` is its file in the zip."""
    visibility = "visible" if layer.is_visible else "hidden"
    how = {"opacity": "1.0", "visibility": visibility, "composite-op": "svg:src-over"}
    return ElementTree.Element("layer", {"name": layer.name, "src": name, "x": str(layer.x), "y": str(layer.y), **how})


def thumbnail(picture: Picture) -> bytes:
    """8-bit PNG, at most THUMBNAIL_PX a side."""
    image = image_of(picture).thumbnail_image(THUMBNAIL_PX, height=THUMBNAIL_PX, size=pyvips.enums.Size.DOWN)
    encoded: bytes = image.cast("uchar", shift=image.format == "ushort").pngsave_buffer()
    return encoded


def result_layer(picture: Picture, pixels: Pixels, mask: Mask, name: str, x: int, y: int) -> Layer:
    """Repainted pixels (h, w, document channels) as a layer, `mask` (h, w) uint8 multiplied into their alpha."""
    soft = pixels.copy()
    soft[..., -1] = np.rint(soft[..., -1].astype(np.float64) * (mask / 255.0)).astype(pixels.dtype)
    return Layer(name, Picture(soft, picture.model, picture.origin), x, y)
