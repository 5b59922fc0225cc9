"""Result layers in Krita: how one is built with its mask before it enters the document, and where it belongs.

A layer that comes into the document whole, pixels and mask, is one undo step. libkis' `addChildNode` is a command even
when the parent is not in the document yet; `setChildNodes` is not, so the mask is put in with that.
"""

from __future__ import annotations

import functools
import pathlib
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from krita import Krita, Selection

from .qt import QtCore
from .wire import Box

MASK_NAME = "Inlay: selection"
ANY = "any"
# These change the picture also where their layer is empty.
ALL_OVER_MODES = ("copy", "destination-in", "destination-atop")

# WORKAROUND Krita 5.1: libkis cannot make a transparency mask there (createNode gives one without a selection, and
# saving it ends Krita). A mask read from this file and cloned is a whole one.
TEMPLATE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" kritaVersion="5.1.5" syntaxVersion="2.0" editor="Krita">
 <IMAGE name="mask" mime="application/x-kra" width="1" height="1" x-res="100" y-res="100" colorspacename="RGBA"
  profile="sRGB-elle-V2-srgbtrc.icc">
  <layers>
   <layer name="layer" nodetype="grouplayer" filename="layer1" opacity="255" visible="1" x="0" y="0">
    <masks><mask name="mask" nodetype="transparencymask" filename="mask2" visible="1" x="0" y="0"/></masks>
   </layer>
  </layers>
 </IMAGE>
</DOC>
"""
NO_TILES = b"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 1\nDATA 0\n"


@dataclass(frozen=True)
class Spot:
    """A place in the layer stack: inside `parent`, just above `above` (None: at the bottom)."""

    parent: Any
    above: Any | None


@dataclass(frozen=True)
class Result:
    """What becomes a layer."""

    name: str
    box: Box  # canvas space
    pixels: bytes  # of the document's model and depth, box.width x box.height
    mask: bytes  # one byte a pixel, the same size


def add(document: Any, spot: Spot, result: Result) -> Any:
    """Put a paint layer with its transparency mask into the document: one undo step. Gives the layer.

    Krita merges anew what lies within the mask's extent, and not the whole picture: that is cheap. But the pixels of a
    group with a single layer are that layer's own, the group's were never merged; then everything must be.
    """
    layer = made(document, spot, result)
    spot.parent.addChildNode(layer, spot.above)
    return layer


def add_picture(document: Any, name: str, box: Box, pixels: bytes) -> Any:
    """Put a paint layer without a mask on top of all: one undo step. Gives the layer. pixels: see `add`.

    What lies below shines through what is dark in it.
    """
    layer = document.createNode(name, "paintlayer")
    layer.setBlendingMode("screen")
    layer.setPixelData(QtCore.QByteArray(pixels), box.x, box.y, box.width, box.height)
    document.rootNode().addChildNode(layer, None)
    document.waitForDone()
    return layer


def made(document: Any, spot: Spot, result: Result) -> Any:
    """A paint layer with its transparency mask for that spot; it is not in the document yet."""
    window = (result.box.x, result.box.y, result.box.width, result.box.height)
    layer = document.createNode(result.name, "paintlayer")
    layer.setPixelData(QtCore.QByteArray(result.pixels), *window)
    layer.setChildNodes([transparency_mask(document, window, result.mask, _corners(document, spot))])
    return layer


def _corners(document: Any, spot: Spot) -> list[tuple[int, int]]:
    """How far the mask of a layer that comes there must reach for Krita to merge all that it has to."""
    if len(layers_in(spot.parent)) != 1:
        return []
    return [(0, 0), (document.width() - 1, document.height() - 1)]


def transparency_mask(
    document: Any, window: tuple[int, int, int, int], coverage: bytes, corners: list[tuple[int, int]]
) -> Any:
    """A transparency mask that holds these bytes, and 0 everywhere else. Its extent reaches to the corners, too."""
    if not hasattr(document, "createTransparencyMask"):  # Krita 5.1
        mask = target = _mask_from_template().clone()
        mask.setName(MASK_NAME)
    else:
        mask, target = document.createTransparencyMask(MASK_NAME), Selection()
    for x, y in corners:
        target.setPixelData(QtCore.QByteArray(bytes(1)), x, y, 1, 1)  # an empty tile there
    target.setPixelData(QtCore.QByteArray(coverage), *window)
    if target is not mask:
        mask.setSelection(target)
    return mask


@functools.cache  # opening a file takes Krita 0.1 s
def _mask_from_template() -> Any:
    """An empty transparency mask for Krita 5.1, to be cloned."""
    with tempfile.TemporaryDirectory(prefix="inlay-") as folder:
        path = pathlib.Path(folder) / "mask.kra"
        _write_template(path)
        template = Krita.instance().openDocument(str(path))  # without a view: nothing of it is seen
        mask = template.rootNode().childNodes()[0].childNodes()[0].clone()
        template.close()
    return mask


def _write_template(path: pathlib.Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/x-krita")
        archive.writestr("maindoc.xml", TEMPLATE_XML)
        archive.writestr("mask/layers/mask2.pixelselection", NO_TILES)
        archive.writestr("mask/layers/mask2.pixelselection.defaultpixel", bytes(1))


def spot_for_result(document: Any, active: Any | None, box: Box, is_below_all: bool = True) -> Spot:
    """Where a result must lie so that the picture shows it as it was made: above `active`, or a little higher.

    is_below_all: what lies above was in what the engine saw. Then, under a layer that covers the box, or inside a group
    that is hidden, translucent, blended, masked, locked or cloned, the same pixels would look different: the spot is
    above that.
    """
    root = document.rootNode()
    rectangle = QtCore.QRect(box.x, box.y, box.width, box.height)
    node = layer_of(active)
    if node is None:
        children = layers_in(root)
        return Spot(root, children[-1] if children else None)
    cloned = set(_cloned(root))
    above = node
    while True:
        parent = node.parentNode()
        covering = [upper for upper in siblings_above(node) if is_below_all and changes(upper, rectangle)]
        if covering:
            above = covering[-1]
        if _id(parent) == _id(root):
            return Spot(above.parentNode(), above)
        if not _is_plain(parent, document) or cloned & {_id(parent), ANY}:
            above = parent
        node = parent


def layer_of(active: Any | None) -> Any | None:
    """The layer that the active node is or belongs to; None for the document's own selection."""
    node = active
    while node is not None and node.type().endswith("mask"):
        node = node.parentNode()
    return None if node is None or node.parentNode() is None else node


def layers_in(group: Any) -> list[Any]:
    """A group's layers, bottom first, without masks."""
    return [node for node in group.childNodes() if not node.type().endswith("mask")]


def by_id(group: Any, wanted: str) -> Any | None:
    """The layer of this unique id, however deep it lies; None where there is none.

    WORKAROUND Krita 5.1: what `Document.nodeByUniqueID` gives there is no Node.
    """
    for layer in layers_in(group):
        found = layer if _id(layer) == wanted else by_id(layer, wanted)
        if found is not None:
            return found
    return None


def siblings_above(node: Any) -> list[Any]:
    """The layers that lie above it in the same group."""
    siblings = layers_in(node.parentNode())
    index = [_id(sibling) for sibling in siblings].index(_id(node))
    return siblings[index + 1 :]


def changes(node: Any, rectangle: QtCore.QRect) -> bool:
    """Whether a layer can change how what lies under it looks in the rectangle, or spread it beyond."""
    if not node.visible() or node.opacity() == 0:
        return False
    if node.type() == "filterlayer" or node.blendingMode() in ALL_OVER_MODES or has_style(node):
        return True
    if _is_pass_through(node):
        return any(changes(child, rectangle) for child in layers_in(node))
    return bool(node.bounds().intersects(rectangle))


def _is_plain(group: Any, document: Any) -> bool:
    """Whether what lies in the group looks as if it lay in the document itself."""
    return (
        group.visible()
        and group.opacity() == 255
        and (group.blendingMode() == "normal" or _is_pass_through(group))
        and not (group.inheritAlpha() or group.locked() or has_style(group))
        and not any(child.visible() for child in group.childNodes() if child.type().endswith("mask"))
        and colour_space(group) == colour_space(document)
    )


def _is_pass_through(node: Any) -> bool:
    return node.type() == "grouplayer" and bool(node.passThroughMode())


def has_style(node: Any) -> bool:
    """Whether the layer has a style: shadows, strokes and the like."""
    return bool(node.layerStyleToAsl())


def colour_space(thing: Any) -> tuple[str, str, str]:
    """Of a layer or a document: model, depth and profile."""
    return thing.colorModel(), thing.colorDepth(), thing.colorProfile()


def _cloned(node: Any) -> Iterator[str]:
    """The ids of all layers that a clone layer shows a second time."""
    for child in layers_in(node):
        if child.type() == "clonelayer":
            yield _source_id(child)
        yield from _cloned(child)


def _source_id(clone: Any) -> str:
    # WORKAROUND Krita 5.1: a clone layer does not tell its source there, so any group may be it.
    source = clone.sourceNode() if hasattr(clone, "sourceNode") else None
    return ANY if source is None else _id(source)


def _id(node: Any) -> str:
    return str(node.uniqueId().toString())
