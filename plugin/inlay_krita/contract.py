"""The contract between the session and what holds pictures: Krita's documents (canvas.py), or a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from .wire import Box, CanvasInfo, Plan, Result


class CanvasError(Exception):
    """The document cannot be read or written; the text is for people: what happened, and what to do."""


class Mode(Enum):
    """How what is selected now meets the selection that is there, as in Krita's selection tools."""

    NEW = "New"
    ADD = "Add"
    SUBTRACT = "Subtract"
    INTERSECT = "Intersect"


class Source(Enum):
    """What of the document an edit reads, as the engine calls it."""

    PICTURE = ""
    BELOW = "below"  # a layer, and all that lies below it
    LAYER = "layer"  # that alone


@dataclass(frozen=True)
class Read:
    """What is to be read."""

    source: Source = Source.PICTURE
    layer: str = ""  # which layer, by its key
    without: tuple[str, ...] = ()  # layers that are not to be seen in it


WHOLE_PICTURE = Read()


@dataclass(frozen=True)
class Capture:
    """The pixels of one window of the document, and the selection's part in it."""

    box: Box
    pixels: Any  # buffer: raw bytes of the document's model and depth
    mask: Any | None  # buffer: one byte a pixel, or None where the edit brings its own mask


@dataclass(frozen=True)
class Placement:
    """A finished result, ready to be laid in."""

    name: str  # the layer's name: "Inlay: remove ..."
    plan: Plan
    result: Result
    pixels: bytes
    mask: bytes
    beside: tuple[str, ...] | None = None  # for a group of variants: those that were kept before; it takes their place


class Canvas(Protocol):
    """A place to read pixels from and lay results into: Krita's document (canvas.py), or a file.

    All calls are made on the UI thread. `document` is an opaque key that stays the same for one open document.
    """

    has_layers: bool  # a mask may go on one of them; else there is the picture alone

    def host(self) -> str:
        """What program this is, and its version."""

    def document(self) -> Any | None:
        """The active document's key, or None where no document is open."""

    def is_open(self, document: Any) -> bool:
        """Whether that document is still open."""

    def name(self, document: Any) -> str:
        """What to call the document in messages."""

    def info(self, document: Any) -> CanvasInfo:
        """Size, model, depth and profile. Raises CanvasError for what no edit can work on."""

    def selection_bounds(self, document: Any) -> Box | None:
        """The box of the selected pixels, clipped to the canvas; None where nothing is selected. Cheap: no pixels."""

    def selection_reach(self, document: Any) -> Box | None:
        """The same, past the canvas's border, too."""

    def capture(self, document: Any, box: Box, with_selection: bool, wanted: Read = WHOLE_PICTURE) -> Capture:
        """Read one window's pixels and, if asked, the selection. The one cost on the UI thread.

        Raises CanvasError where the layer to be read is gone, hidden, or of a kind that has no pixels.
        """

    def place(self, document: Any, placement: Placement) -> str:
        """Lay a result in as a new layer with its mask; gives the new layer's key, the same after saving.

        Raises CanvasError where the document was closed or resized so that the result no longer fits.
        """

    def select(self, document: Any, box: Box, coverage: bytes, mode: Mode) -> bool:
        """Select what `coverage`, one byte a pixel of the box, says; one undo step where the canvas has any.

        False where nothing is selected then. Raises CanvasError where there is no selection to take from.
        """

    def cut_out(self, document: Any, box: Box, coverage: bytes, is_copy: bool) -> str:
        """Make all but the subject transparent: by a mask on the active layer, or on a copy of the picture.

        coverage: one byte a pixel of the subject's box. Gives what was done. Raises CanvasError where it cannot be.
        """

    def settle(self, document: Any) -> None:
        """Let a stroke that was just drawn end, so that `pixels` and `glimpse` have it."""

    def pixels(self, document: Any, box: Box) -> Any:
        """A buffer with one window's pixels as they are at this moment: nothing is waited for, and no stroke ends."""

    def glimpse(self, document: Any) -> Any:
        """Changes, most likely, when the picture does; to be compared. A few milliseconds, whatever its size."""

    def strip(self, document: Any, box: Box) -> Any:
        """A QImage of one window as a screen shows it, in 8-bit sRGB; nothing is waited for."""

    def seen(self, document: Any, width: int, height: int, pixels: Any) -> Any:
        """A QImage of pixels of the document's model, depth and profile as a screen shows them, in 8-bit sRGB."""

    def tidy(self, document: Any) -> None:
        """Put right what undo and redo leave undone: of kept variants the newest is seen. Cheap where nothing is."""

    def annotation(self, document: Any, name: str) -> Any:
        """What the document keeps under a name: a buffer that tells its length at once; empty where there is none."""

    def annotate(self, document: Any, name: str, about: str, text: bytes) -> None:
        """Keep this instead, for as long as the document is kept. No undo step."""

    def active_layer(self, document: Any) -> str:
        """The active layer's key; empty where there is none. Cheap."""

    def layer_name(self, document: Any, layer: str) -> str:
        """What a layer is called; empty where it is gone."""

    def layer_bounds(self, document: Any, layer: str) -> Box:
        """The box of what a layer holds in the canvas; empty where that is nothing. Raises CanvasError: it is gone."""

    def layer_picture(self, document: Any, layer: str, side_px: int) -> Any:
        """A small QImage of a layer, at most so large, transparent where it is; a null one where it is gone."""

    def lay_picture(self, document: Any, name: str, box: Box, pixels: bytes) -> str:
        """Lay pixels in as a new layer on top that lets the picture shine through; gives its key. One undo step."""

    def show_layer(self, document: Any, layer: str) -> bool:
        """Make a layer the active one; False where it is gone."""
