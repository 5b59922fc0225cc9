"""Reading layers in Krita: one alone, or one with what lies below it, as an edit sees them.

The document is left alone: no layer is hidden and shown again, which would be seen and could be undone. What the
projection does not tell is composed in a copy of the document that nobody sees. Krita's copies share their tiles, and
are cut to the window before anything is merged (docs/krita.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import layers
from .contract import CanvasError, Read, Source
from .qt import QtCore, QtGui
from .translation import tr
from .wire import Box


def read(document: Any, wanted: Read, box: Box) -> Any:
    """A buffer of the window's pixels in the document's colour space. Raises CanvasError."""
    window = (box.x, box.y, box.width, box.height)
    without = [layer for layer in wanted.without if _is_seen(layers.by_id(document.rootNode(), layer))]
    if wanted.source is Source.PICTURE:
        if not without:
            return memoryview(document.pixelData(*window))
        return _composed(document, window, lambda root: _hide(root, without))
    node = _found(document, wanted.layer)
    if wanted.source is Source.BELOW:
        _check_seen(node)
        return _with_below(document, node, window, without)
    return _alone(document, node, window)


def spot(document: Any, recipe: dict[str, Any], active: Any | None, box: Box) -> layers.Spot:
    """Where a result must lie: right above the layer that was read, or where the picture shows it as it was made."""
    edit = recipe.get("edit") or {}
    layer, reads = edit.get("layer") or "", edit.get("reads") or ""
    node = layers.by_id(document.rootNode(), layer) if layer and reads else None
    if node is None:
        return layers.spot_for_result(document, active, box)
    if reads == Source.BELOW.value:
        return layers.spot_for_result(document, node, box, is_below_all=False)
    while node.parentNode().locked():
        node = node.parentNode()
    return layers.Spot(node.parentNode(), node)


def bounds(document: Any, layer: str) -> Box:
    """The box of what a layer holds, clipped to the canvas; empty where that is nothing. Raises CanvasError."""
    canvas = QtCore.QRect(0, 0, document.width(), document.height())
    inside = _found(document, layer).bounds().intersected(canvas)
    return Box(inside.x(), inside.y(), max(0, inside.width()), max(0, inside.height()))


def picture(document: Any, layer: str, side_px: int) -> Any:
    """Krita's own thumbnail of a layer; a null image where it is gone."""
    node = layers.by_id(document.rootNode(), layer)
    return QtGui.QImage() if node is None else node.thumbnail(side_px, side_px)


def _is_seen(node: Any | None) -> bool:
    """Whether the layer, and every group that it is in, is switched on; one that is gone is not."""
    return node is not None and all(each.visible() for each in _upwards(node))


def _found(document: Any, layer: str) -> Any:
    node = layers.by_id(document.rootNode(), layer) if layer else None
    if node is None:
        raise CanvasError(tr("The layer that was to be read is not in the picture any more: choose another one."))
    return node


def _check_seen(node: Any) -> None:
    if not _is_seen(node):
        raise CanvasError(tr("The layer “{name}” is hidden: show it, or choose another one.").format(name=node.name()))


def _with_below(document: Any, node: Any, window: tuple[int, int, int, int], without: list[str]) -> Any:
    above = [upper for each in _upwards(node) for upper in layers.siblings_above(each)]
    rectangle = QtCore.QRect(*window)
    if not without and not any(layers.changes(upper, rectangle) for upper in above):
        return memoryview(document.pixelData(*window))  # what the picture shows is just that
    hidden = [*(str(upper.uniqueId().toString()) for upper in above), *without]
    return _composed(document, window, lambda root: _hide(root, hidden))


def _alone(document: Any, node: Any, window: tuple[int, int, int, int]) -> Any:
    """With its masks and its style; without opacity, blending mode, and what its groups do."""
    if node.type() == "filterlayer":
        raise CanvasError(
            tr("The layer “{name}” has no pixels of its own: choose another one.").format(name=node.name())
        )
    is_merged = node.visible() or not node.childNodes()
    is_plain = node.type() == "paintlayer" and not layers.has_style(node) and is_merged
    if is_plain and layers.colour_space(node) == layers.colour_space(document):
        return memoryview(node.projectionPixelData(*window))
    layer = str(node.uniqueId().toString())
    return _composed(document, window, lambda root: _isolate(root, layer))


def _composed(document: Any, window: tuple[int, int, int, int], arrange: Callable[[Any], None]) -> Any:
    """The window of a copy in which the layers were rearranged.

    Vector layers that are moved are drawn anew later, in Krita's own time: a picture with such is merged whole.
    """
    is_cut = not _has_vectors(document.rootNode())
    copy = document.clone()
    try:
        copy.setBatchmode(True)
        arrange(copy.rootNode())
        if is_cut:
            copy.resizeImage(*window)
        copy.refreshProjection()
        copy.waitForDone()
        return memoryview(copy.pixelData(*((0, 0, *window[2:]) if is_cut else window)))
    finally:
        copy.setModified(False)
        copy.close()


def _has_vectors(group: Any) -> bool:
    return any(layer.type() == "vectorlayer" or _has_vectors(layer) for layer in layers.layers_in(group))


def _hide(root: Any, hidden: list[str]) -> None:
    for layer in hidden:
        _at(root, layer).setVisible(False)


def _isolate(root: Any, layer: str) -> None:
    """Show one layer and nothing else, as if it lay in the picture itself."""
    for each in _upwards(_at(root, layer)):
        for beside in each.parentNode().childNodes():  # and the group's masks
            beside.setVisible(False)
        each.setVisible(True)
        each.setOpacity(255)
        each.setBlendingMode("normal")
        each.setInheritAlpha(False)


def _at(root: Any, layer: str) -> Any:
    """A layer of a copy: it has the id that it has in the document."""
    node = layers.by_id(root, layer)
    assert node is not None
    return node


def _upwards(node: Any) -> Iterator[Any]:
    """The node and the groups that it is in, without the root."""
    while node.parentNode() is not None:
        yield node
        node = node.parentNode()
