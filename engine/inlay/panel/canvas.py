"""The session's canvas over an open file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from inlay_krita.contract import WHOLE_PICTURE, CanvasError, Capture, Mode, Placement, Read
from inlay_krita.qt import QtGui
from inlay_krita.translation import tr
from inlay_krita.wire import Box, CanvasInfo

from inlay import __version__
from inlay.files.icc import profile_name
from inlay.panel.display import shown
from inlay.panel.document import Document
from inlay.pixels import geometry
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.masks import Mask, support_box

CUT_NAME = "Inlay: background removed"
MASK_U8 = PixelFormat(Model.MASK, Depth.U8)


class FileCanvas:
    """Implements `inlay_krita.session.Canvas` for one window, which holds one document at a time."""

    has_layers = False

    def __init__(
        self,
        selection: Callable[[], Mask],
        placed: Callable[[], None],
        select: Callable[[Mask], None],
        image: Callable[[], QtGui.QImage],
    ) -> None:
        """selection: gives the painted mask, (H, W) uint8; placed: is called when the picture has changed.

        select: makes such a mask the selection; image: gives the picture as the window shows it.
        """
        self._selection = selection
        self._placed = placed
        self._select = select
        self._image = image
        self.opened: Document | None = None

    def host(self) -> str:
        return f"Inlay's own window {__version__}"

    def document(self) -> Document | None:
        return self.opened

    def is_open(self, document: Document) -> bool:
        return document is self.opened

    def name(self, document: Document) -> str:
        return document.path.name

    def info(self, document: Document) -> CanvasInfo:
        picture = document.picture
        form = picture.format
        name = profile_name(picture.origin.profile)
        return CanvasInfo(picture.width, picture.height, form.model.value, form.depth.value, name)

    def selection_bounds(self, document: Document) -> Box | None:
        box = support_box(self._selection())
        return None if box.is_empty else Box(box.x, box.y, box.width, box.height)

    def selection_reach(self, document: Document) -> Box | None:
        """What is painted ends at the picture's border."""
        return self.selection_bounds(document)

    def capture(self, document: Document, box: Box, with_selection: bool, wanted: Read = WHOLE_PICTURE) -> Capture:
        """A file has one layer: there is nothing else that could be wanted."""
        window = geometry.Box(box.x, box.y, box.width, box.height).slices
        picture = document.picture
        raw = picture.format.to_bytes(picture.document_pixels[window])
        mask = np.ascontiguousarray(self._selection()[window]).tobytes() if with_selection else None
        return Capture(box, raw, mask)

    def place(self, document: Document, placement: Placement) -> str:
        plan, box = placement.plan, placement.result.box
        picture = document.picture
        expected = (plan.canvas_box.width, plan.canvas_box.height)
        grown = picture.width - plan.canvas_box.x, picture.height - plan.canvas_box.y
        if plan.edit != "extend" and expected != (picture.width, picture.height):
            raise CanvasError(tr("The picture's size has changed since. Repeat the edit."))
        if grown[0] > expected[0] or grown[1] > expected[1]:
            raise CanvasError(tr("The picture has become larger since. Repeat the edit."))
        pixels = picture.format.from_bytes(placement.pixels, box.width, box.height)
        mask = MASK_U8.from_bytes(placement.mask, box.width, box.height)[..., 0].view(np.uint8)
        canvas_box, result_box = (
            geometry.Box(each.x, each.y, each.width, each.height) for each in (plan.canvas_box, box)
        )
        key = document.lay(placement.name, canvas_box, result_box, pixels, mask, placement.beside or ())
        self._placed()
        return key

    def select(self, document: Document, box: Box, coverage: bytes, mode: Mode) -> bool:
        old, window = self._selection(), geometry.Box(box.x, box.y, box.width, box.height).slices
        if mode in (Mode.SUBTRACT, Mode.INTERSECT) and not old.any():
            raise CanvasError(tr("Nothing is selected yet: choose New or Add, or select something first."))
        made = np.zeros_like(old)
        made[window] = np.frombuffer(coverage, np.uint8).reshape(box.height, box.width)
        selected = _combined(old, made, mode)
        self._select(selected)
        return bool(selected.any())

    def cut_out(self, document: Document, box: Box, coverage: bytes, is_copy: bool) -> str:
        """A file has no masks: the picture is cut, on a layer above what it was."""
        mask = np.frombuffer(coverage, np.uint8).reshape(box.height, box.width)
        document.cut_out(CUT_NAME, geometry.Box(box.x, box.y, box.width, box.height), mask)
        self._placed()
        return tr("The background is transparent now.")

    def settle(self, document: Document) -> None:
        """Nothing goes on behind this canvas's back."""

    def pixels(self, document: Document, box: Box) -> bytes:
        picture = document.picture
        return picture.format.to_bytes(
            picture.document_pixels[geometry.Box(box.x, box.y, box.width, box.height).slices]
        )

    def glimpse(self, document: Document) -> Any:
        return document.changes

    def strip(self, document: Document, box: Box) -> QtGui.QImage:
        return self._image().copy(box.x, box.y, box.width, box.height)

    def seen(self, document: Document, width: int, height: int, pixels: Any) -> QtGui.QImage:
        picture = document.picture
        return shown(picture.with_document_pixels(picture.format.from_bytes(pixels, width, height)))

    def tidy(self, document: Document) -> None:
        """A step back brings the whole picture back as it was."""

    def annotation(self, document: Document, name: str) -> bytes:
        return document.annotations.get(name, b"")

    def annotate(self, document: Document, name: str, about: str, text: bytes) -> None:
        document.annotations[name] = text

    def active_layer(self, document: Document) -> str:
        """A file's layers are not seen before it is saved."""
        return ""

    def layer_name(self, document: Document, layer: str) -> str:
        return ""

    def layer_bounds(self, document: Document, layer: str) -> Box:
        return Box(0, 0, 0, 0)

    def layer_picture(self, document: Document, layer: str, side_px: int) -> QtGui.QImage:
        return QtGui.QImage()

    def lay_picture(self, document: Document, name: str, box: Box, pixels: bytes) -> str:
        """A file has no layers to draw on."""
        raise CanvasError(tr("A file has no layers to draw on: open it in Krita."))

    def show_layer(self, document: Document, layer: str) -> bool:
        return False


def _combined(old: Mask, made: Mask, mode: Mode) -> Mask:
    """What two selections come to, as in Krita: sums and differences that stay in bounds, and the lower of both."""
    if mode is Mode.ADD:
        return old + np.minimum(made, 255 - old)
    if mode is Mode.SUBTRACT:
        return old - np.minimum(made, old)
    return np.minimum(old, made) if mode is Mode.INTERSECT else made
