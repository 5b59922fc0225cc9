"""The background of Krita's documents made transparent: by a transparency mask that holds the subject, nothing painted.

The mask goes on the active layer, or on a copy of the picture above all others, which are hidden then. Masking is one
undo step. Hiding is one for each layer, by Krita's own action: libkis' `setVisible` cannot be undone.
"""

from __future__ import annotations

from typing import Any

from krita import Krita

from . import layers
from .contract import CanvasError
from .qt import QtCore
from .translation import later, tr
from .wire import Box

COPY_NAME = "Inlay: background removed"
LOCKED = later('{name} is locked: unlock it, or tick "Remove on a copy".')
WITHOUT_PIXELS = later('{name} has no pixels of its own that could be hidden: tick "Remove on a copy".')
ONLY_A_PART = later(
    "{name} shows only a part of the subject: make the layer with the subject the active one, "
    'or tick "Remove on a copy".'
)


def mask_layer(document: Any, subject: Box, coverage: bytes) -> str:
    """Put a mask with the subject on the active layer; what it covers stays, bit for bit. Gives what was done.

    Krita makes the mask the active node, as it does with every new one: its edge can be painted on at once.

    coverage: one byte a pixel of the subject's box. Raises CanvasError where that layer cannot be cut like this.
    """
    layer = layers.layer_of(document.activeNode())
    if layer is None:
        raise CanvasError(tr("No layer is active: choose the layer whose background is to go."))
    _check_can_be_cut(layer, subject)
    layer.addChildNode(layers.transparency_mask(document, _window(subject), coverage, _corners(document)), None)
    return tr("The background of {name} is hidden by a transparency mask.").format(name=layer.name())


def cut_copy(document: Any, subject: Box, coverage: bytes) -> str:
    """Lay a copy of the picture on top, with such a mask, and hide the other layers. Gives what was done."""
    shown = [node for node in layers.layers_in(document.rootNode()) if node.visible()]
    if not shown:
        raise CanvasError(tr("No layer of this picture is visible: show what is to be cut out."))
    pixels = document.pixelData(0, 0, document.width(), document.height())
    copy = document.createNode(COPY_NAME, "paintlayer")
    copy.setPixelData(pixels, 0, 0, document.width(), document.height())
    copy.setChildNodes([layers.transparency_mask(document, _window(subject), coverage, _corners(document))])
    document.rootNode().addChildNode(copy, layers.layers_in(document.rootNode())[-1])
    document.waitForDone()
    for node in shown:
        _hide(document, node)
    document.setActiveNode(copy)
    return tr("The subject is on the layer {name}; the others are hidden.").format(name=COPY_NAME)


def _check_can_be_cut(layer: Any, subject: Box) -> None:
    if layer.locked():
        raise CanvasError(tr(LOCKED).format(name=layer.name()))
    if layer.type() == "filterlayer" or (layer.type() == "grouplayer" and layer.passThroughMode()):
        raise CanvasError(tr(WITHOUT_PIXELS).format(name=layer.name()))
    if not layer.bounds().contains(QtCore.QRect(*_window(subject))):
        raise CanvasError(tr(ONLY_A_PART).format(name=layer.name()))


def _hide(document: Any, node: Any) -> None:
    """As a click on the layer's eye does."""
    document.setActiveNode(node)
    Krita.instance().action("toggle_layer_visibility").trigger()


def _corners(document: Any) -> list[tuple[int, int]]:
    """So that Krita merges the whole picture anew: the mask hides also what lies outside the subject's box."""
    return [(0, 0), (document.width() - 1, document.height() - 1)]


def _window(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.width, box.height
