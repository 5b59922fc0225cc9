"""Krita's documents as the session sees them: pixels, selection, result layers, annotations.

With layers.py and selections.py beside it this is the only code that talks to libkis. Every call belongs on the UI
thread. What each Krita version can do is told in docs/krita.md.
"""

from __future__ import annotations

import hashlib
import itertools
import pathlib
import signal
from typing import Any

from krita import Krita

from . import cutting, layer_reading, layers, screen_colours, selections, variant_layers
from .contract import WHOLE_PICTURE, CanvasError, Capture, Mode, Placement, Read
from .qt import QtCore
from .translation import later, tr
from .wire import Box, CanvasInfo

CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4, "XYZA": 4, "YCbCrA": 4}
CHANNEL_BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
UNKNOWN_COLOURS = later(
    "Inlay cannot work in {model} {depth}: convert the picture with Image > Convert Image Color Space."
)
RESIZED = later(
    "The picture was {width} x {height} pixels when the edit began and is now {new_width} x {new_height}, "
    "so the result no longer fits: repeat the edit."
)
GLIMPSE_ROWS = 64
GLIMPSE_BYTES = 1 << 20


class KritaCanvas:
    """Implements `session.Canvas` for all documents of the Krita it runs in."""

    has_layers = True

    def __init__(self) -> None:
        _outlive_lost_connections()
        self._krita: Any = Krita.instance()
        self._documents: dict[int, Any] = {}
        self._active_when_read: dict[int, str] = {}  # the active node's id
        self._groups = variant_layers.Groups()
        self._numbers = itertools.count(1)

    def host(self) -> str:
        return f"Krita {self._krita.version()}"

    def document(self) -> int | None:
        """The active document's key: a number that is never used twice; None where no document is open."""
        active = self._krita.activeDocument()
        if active is None or not any(active == opened for opened in self._krita.documents()):
            return None  # one that Krita is closing is active until it is gone
        for key, known in self._documents.items():
            if known == active:  # libkis makes a new wrapper each time; equal ones wrap the same document
                return key
        return self._remember(active)

    def is_open(self, document: int) -> bool:
        """Whether that document is still open."""
        known = self._documents.get(document)
        return known is not None and any(known == opened for opened in self._krita.documents())

    def name(self, document: int) -> str:
        """The document's title, else its file's name."""
        if not self.is_open(document):
            return tr("a closed document")
        opened = self._documents[document]
        return opened.name() or pathlib.Path(opened.fileName()).name or tr("the unnamed document")

    def info(self, document: int) -> CanvasInfo:
        """Size, model, depth and profile; raises CanvasError for a colour space that has no such edit."""
        opened = self._opened(document)
        model, depth = opened.colorModel(), opened.colorDepth()
        if model not in CHANNELS or depth not in CHANNEL_BYTES:
            raise CanvasError(tr(UNKNOWN_COLOURS).format(model=model, depth=depth))
        return CanvasInfo(opened.width(), opened.height(), model, depth, opened.colorProfile())

    def selection_bounds(self, document: int) -> Box | None:
        """The selected pixels' box, clipped to the canvas; None where nothing in the canvas is selected."""
        opened = self._opened(document)
        inside = _selected(opened).intersected(QtCore.QRect(0, 0, opened.width(), opened.height()))
        return None if inside.isEmpty() else _box(inside)

    def selection_reach(self, document: int) -> Box | None:
        """The selected pixels' box; Krita's selections go on past the border."""
        selected = _selected(self._opened(document))
        return None if selected.isEmpty() else _box(selected)

    def capture(self, document: int, box: Box, with_selection: bool, wanted: Read = WHOLE_PICTURE) -> Capture:
        """Read what is wanted in one window and, if asked, the selection's bytes there."""
        opened = self._opened(document)
        opened.waitForDone()  # a stroke that was just drawn shows in the projection only when Krita has merged it
        window = (box.x, box.y, box.width, box.height)
        mask = None
        if with_selection:
            selection = opened.selection()
            if selection is None:
                raise CanvasError(tr("Nothing is selected any more: select again, then repeat the edit."))
            mask = memoryview(selection.pixelData(*window))
        self._active_when_read[document] = _id(opened.activeNode())
        return Capture(box, layer_reading.read(opened, wanted, box), mask)

    def place(self, document: int, placement: Placement) -> str:
        """Lay a result in as a new layer with its mask, and give the layer's unique id.

        One undo step takes the layer away again; for extend a second one takes the new canvas away.
        """
        opened = self._opened(document)
        opened.waitForDone()
        self._check_fits(document, placement)
        canvas, box = placement.plan.canvas_box, placement.result.box
        placed = Box(box.x - canvas.x, box.y - canvas.y, box.width, box.height)
        before = opened.activeNode()
        if (canvas.width, canvas.height) != (opened.width(), opened.height()):
            opened.resizeImage(canvas.x, canvas.y, canvas.width, canvas.height)
            opened.waitForDone()
        spot = layer_reading.spot(opened, placement.result.recipe, before, placed)
        result = layers.Result(placement.name, placed, placement.pixels, placement.mask)
        if placement.beside is not None:
            layer = self._groups.add(document, opened, spot, placement.beside, result)
            QtCore.QTimer.singleShot(0, lambda: opened.setActiveNode(layer))  # and not the group that it came in
            return _id(layer)
        layer = layers.add(opened, spot, result)
        if self._moved_on(document, before):  # Krita makes the new layer the active one as soon as it comes to it
            QtCore.QTimer.singleShot(0, lambda: opened.setActiveNode(before))
        return _id(layer)

    def select(self, document: int, box: Box, coverage: bytes, mode: Mode) -> bool:
        """Make coverage, one byte a pixel of the box, meet the selection; False where nothing is selected then."""
        opened = self._opened(document)
        opened.waitForDone()
        return selections.select(opened, box, coverage, mode)

    def cut_out(self, document: int, box: Box, coverage: bytes, is_copy: bool) -> str:
        """Hide the background by a transparency mask; gives what was done."""
        opened = self._opened(document)
        opened.waitForDone()
        return (cutting.cut_copy if is_copy else cutting.mask_layer)(opened, box, coverage)

    def settle(self, document: int) -> None:
        """Wait for strokes, and for Krita to merge them into the projection."""
        self._opened(document).waitForDone()

    def pixels(self, document: int, box: Box) -> Any:
        """The projection's pixels in one window, as they are now."""
        return memoryview(self._opened(document).pixelData(box.x, box.y, box.width, box.height))

    def glimpse(self, document: int) -> Any:
        """A digest of some rows of the projection: 4 ms at most. `thumbnail` takes 1.4 s at 8192 x 8192 pixels."""
        opened, info = self._opened(document), self.info(document)
        row_bytes = info.width * CHANNELS[info.model] * CHANNEL_BYTES[info.depth]
        count = max(1, min(GLIMPSE_ROWS, info.height, GLIMPSE_BYTES // row_bytes))
        seen = hashlib.blake2b(str(info).encode())
        for row in range(count):
            seen.update(memoryview(opened.pixelData(0, (2 * row + 1) * info.height // (2 * count), info.width, 1)))
        return seen.digest()

    def strip(self, document: int, box: Box) -> Any:
        """One window as Krita converts it to 8-bit sRGB."""
        return self._opened(document).projection(box.x, box.y, box.width, box.height)

    def seen(self, document: int, width: int, height: int, pixels: Any) -> Any:
        """Pixels of the document's colour space as Krita converts them to 8-bit sRGB."""
        return screen_colours.image_of(self._opened(document), width, height, bytes(pixels))

    def tidy(self, document: int) -> None:
        """After an undo or a redo: of kept variants the newest that is there is seen."""
        opened = self._opened(document)
        if self._groups.tidy(document, opened):
            opened.refreshProjection()

    def annotation(self, document: int, name: str) -> Any:
        """What the document keeps under a name, as it stands in Krita's memory; empty where there is nothing."""
        return self._opened(document).annotation(name)

    def annotate(self, document: int, name: str, about: str, text: bytes) -> None:
        """Keep it in the document, and in its file when it is saved. No undo step, and no change that wants saving."""
        opened = self._opened(document)
        was_modified = opened.modified()
        opened.setAnnotation(name, about, QtCore.QByteArray(text))
        opened.setModified(was_modified)

    def active_layer(self, document: int) -> str:
        """The unique id of the layer that is active, or whose mask is; it is the same after saving and opening."""
        layer = layers.layer_of(self._opened(document).activeNode())
        return self._groups.shown(document, layer) or _id(layer)

    def layer_name(self, document: int, layer: str) -> str:
        """The layer's name; empty where it is gone."""
        node = layers.by_id(self._opened(document).rootNode(), layer)
        return "" if node is None else node.name() or layer

    def layer_bounds(self, document: int, layer: str) -> Box:
        """What the layer holds, clipped to the canvas; Krita tells it in whole tiles."""
        return layer_reading.bounds(self._opened(document), layer)

    def layer_picture(self, document: int, layer: str, side_px: int) -> Any:
        """Krita's own thumbnail of the layer."""
        return layer_reading.picture(self._opened(document), layer, side_px)

    def lay_picture(self, document: int, name: str, box: Box, pixels: bytes) -> str:
        """Lay pixels in on top of all layers, and make that the active one."""
        opened = self._opened(document)
        opened.waitForDone()
        return _id(layers.add_picture(opened, name, box, pixels))

    def show_layer(self, document: int, layer: str) -> bool:
        """Make a layer the active one; False where it is gone."""
        opened = self._opened(document)
        node = layers.by_id(opened.rootNode(), layer)
        if node is not None:
            opened.setActiveNode(node)
        return node is not None

    def _remember(self, active: Any) -> int:
        """Give a document that was not seen before its key, and forget those that were closed."""
        for key in [key for key in self._documents if not self.is_open(key)]:
            del self._documents[key]
            self._active_when_read.pop(key, None)
            self._groups.forget(key)
        key = next(self._numbers)
        self._documents[key] = active
        return key

    def _opened(self, document: int) -> Any:
        """libkis' wrapper of an open document."""
        if not self.is_open(document):
            raise CanvasError(tr("The document was closed: open it again and repeat the edit."))
        return self._documents[document]

    def _check_fits(self, document: int, placement: Placement) -> None:
        """Raise CanvasError where the document is no longer what the result was made for."""
        info, box = self.info(document), placement.result.box
        width, height = _size_before(placement)
        if (width, height) != (info.width, info.height):
            sizes = {"width": width, "height": height, "new_width": info.width, "new_height": info.height}
            raise CanvasError(tr(RESIZED).format(**sizes))
        count = box.width * box.height
        if len(placement.pixels) != count * CHANNELS[info.model] * CHANNEL_BYTES[info.depth]:
            raise CanvasError(tr("The picture's colour space was changed while the edit ran: repeat the edit."))

    def _moved_on(self, document: int, before: Any) -> bool:
        """Whether the painter went to another layer while the edit ran, and should be left there."""
        return self._active_when_read.get(document, _id(before)) != _id(before)


def _outlive_lost_connections() -> None:
    """Make writing to a connection that the other side has closed an error, as it is in every other Python.

    WORKAROUND Krita 5.1 to 6.0: its Python is started without signal handlers, so SIGPIPE would end Krita.
    """
    if hasattr(signal, "SIGPIPE") and signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL:
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _selected(opened: Any) -> QtCore.QRect:
    """What is selected; empty where nothing is."""
    selection = opened.selection()
    if selection is None:
        return QtCore.QRect()
    return QtCore.QRect(selection.x(), selection.y(), selection.width(), selection.height())


def _box(rectangle: QtCore.QRect) -> Box:
    return Box(rectangle.x(), rectangle.y(), rectangle.width(), rectangle.height())


def _size_before(placement: Placement) -> tuple[int, int]:
    """The document's width and height when the edit began."""
    box = placement.plan.canvas_box
    if placement.plan.edit != "extend":
        return box.width, box.height
    edit = placement.result.recipe["edit"]
    return box.width - edit["left_px"] - edit["right_px"], box.height - edit["top_px"] - edit["bottom_px"]


def _id(node: Any | None) -> str:
    return "" if node is None else str(node.uniqueId().toString())
