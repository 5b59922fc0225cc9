"""What an edit of a document is given besides the panel's fields: the layers that it reads.

It is kept in the document, by the layers' unique ids: so it is there again when the file is.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .contract import CanvasError, Read, Source
from .guard import guarded
from .qt import QtCore, Signal
from .translation import tr
from .wire import Edit

if TYPE_CHECKING:
    from .session import Session

ANNOTATION, ABOUT = "inlay-inputs", "Inlay: which layers are read"
MOST_BYTES = 16 << 10


@dataclass(frozen=True)
class DocumentInputs:
    """One document's."""

    source: Source = Source.PICTURE


class Inputs(QtCore.QObject):
    """Lives on the UI thread; `changed` when another document is active or other layers are to be read."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: tuple[Any, DocumentInputs] = (None, DocumentInputs())
        session.refreshed.connect(self._follow)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def now(self) -> DocumentInputs:
        """The active document's."""
        self._look()
        return self._shown[1]

    def choose(self, source: Source) -> None:
        """What the edits of the active document are to read from now on."""
        self._set(source=source)

    def applied(self, document: Any, edit: Edit) -> Edit:
        """The edit, told what it reads. Raises CanvasError where there is no such layer."""
        source = self._of(document).source
        if source is Source.PICTURE:
            return edit
        layer = self._session.canvas.active_layer(document)
        if not layer:
            raise CanvasError(tr("No layer is active: choose one, or let the edit read the whole picture."))
        return dataclasses.replace(edit, reads=source.value, layer=layer)

    @guarded
    def _follow(self) -> None:
        before = self._shown
        self._look()
        if before != self._shown:
            self.changed.emit()

    def _look(self) -> None:
        document = self._session.canvas.document()
        if document != self._shown[0]:
            self._shown = document, DocumentInputs() if document is None else self._of(document)

    def _of(self, document: Any) -> DocumentInputs:
        canvas = self._session.canvas
        if not canvas.has_layers:
            return DocumentInputs()
        return restored(canvas.annotation(document, ANNOTATION))

    def _set(self, **values: Any) -> None:
        canvas, document = self._session.canvas, self._session.canvas.document()
        if document is None:
            return
        made = dataclasses.replace(self._of(document), **values)
        if made != self._shown[1]:
            canvas.annotate(document, ANNOTATION, ABOUT, kept(made))
            self._shown = document, made
            self.changed.emit()


def read_of(edit: Edit) -> Read:
    """What an edit wants to have read."""
    return Read(Source(edit.reads), edit.layer)


def kept(inputs: DocumentInputs) -> bytes:
    """As the document keeps it."""
    return json.dumps({"reads": inputs.source.value}).encode("ascii")


def restored(raw: Any) -> DocumentInputs:
    """What a document tells; whatever else stands there, by a later version or by somebody else, is left out."""
    try:
        told = json.loads(bytes(raw)) if 0 < len(raw) <= MOST_BYTES else {}
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        return DocumentInputs()
    reads = told.get("reads")
    return DocumentInputs(Source(reads) if reads in [source.value for source in Source] else Source.PICTURE)
