"""What an edit of a document is given besides the panel's fields: the layers that it reads.

It is kept in the document, by the layers' unique ids: so it is there again when the file is.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .contract import Canvas, CanvasError, Capture, Read, Source
from .errand import Order
from .guard import guarded
from .qt import QtCore, Signal
from .state import Work
from .translation import tr
from .wire import Box, Edit, InstructEdit, ReplaceEdit

if TYPE_CHECKING:
    from .session import Session

ANNOTATION, ABOUT = "inlay-inputs", "Inlay: which layers are read"
MOST_BYTES = 16 << 10
LONGEST_ID = 100  # of a layer
MOST_SCALE_PERCENT = 200  # by the protocol
MOST_REFERENCES = 8  # by the protocol
LOOKING = (ReplaceEdit, InstructEdit)


@dataclass(frozen=True)
class DocumentInputs:
    """One document's."""

    source: Source = Source.PICTURE
    references: tuple[str, ...] = ()  # layers that are looked at beside the picture
    control_layer: str = ""  # what is to be kept, as it is drawn there; empty: it is read off the picture
    scale_percent: int = 0  # how strongly; 0 is the model's own
    from_percent: int = 0  # of the steps
    until_percent: int = 100


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

    def choose(self, **values: Any) -> None:
        """Set fields of the active document's."""
        canvas, document = self._session.canvas, self._session.canvas.document()
        if document is None:
            return
        made = dataclasses.replace(self.now, **values)
        if made != self._shown[1]:
            self._shown = document, made
            canvas.annotate(document, ANNOTATION, ABOUT, kept(made))
            self.changed.emit()

    def restore(self, edit: Edit) -> None:
        """Set what an edit that was made before has read, and how something was kept. Its layers may be gone."""
        told: dict[str, Any] = {"source": _source(edit.reads)}
        if isinstance(edit, ReplaceEdit) and edit.control:
            told |= {
                "scale_percent": _in_percent(edit.control_scale, 0),
                "from_percent": _in_percent(edit.control_from, 0),
                "until_percent": _in_percent(edit.control_until, 100),
            }
        made = restored(kept(dataclasses.replace(self.now, **told)), self._session.canvas.has_layers)
        self.choose(**{field.name: getattr(made, field.name) for field in dataclasses.fields(made)})

    def applied(self, document: Any, edit: Edit) -> Edit:
        """The edit, told what it reads. Raises CanvasError where there is no such layer."""
        inputs = self.of(document)
        if isinstance(edit, ReplaceEdit) and edit.control:
            edit = _kept_as(edit, inputs)
        if isinstance(edit, LOOKING):
            edit = dataclasses.replace(edit, references=len(inputs.references))
        if inputs.source is Source.PICTURE:
            return edit
        layer = self._session.canvas.active_layer(document)
        if not layer:
            raise CanvasError(tr("No layer is active: choose one, or let the edit read the whole picture."))
        if layer == self.control_layer(document, edit):
            raise CanvasError(tr("The active layer shows what is to be kept: choose the one that the edit shall read."))
        return dataclasses.replace(edit, reads=inputs.source.value, layer=layer)

    def read(self, document: Any, edit: Edit) -> Read:
        """What an edit wants to have read: without the layer that only shows what is to be kept."""
        layer = self.control_layer(document, edit)
        return Read(Source(edit.reads), edit.layer, (layer,) if layer else ())

    def order(self, work: Work, planned: dict[str, Any], box: Box) -> Order:
        """What is to be done, with all the pixels that it needs, as they are now.

        Raises CanvasError where a layer is gone, or empty where it is needed.
        """
        canvas, document, edit = self._session.canvas, work.document, work.edit
        assert work.canvas
        assert edit
        shown = canvas.capture(document, box, planned["selection"] is not None, self.read(document, edit))
        layer = self.control_layer(document, edit)
        control = _drawn(canvas, document, layer, box) if layer else None
        looked_at = self.of(document).references[: edit.references]
        references = tuple(_referred(canvas, document, each) for each in looked_at)
        whole = Order(planned, work.canvas, work.document_name, work.title, box, shown.pixels, shown.mask)
        return dataclasses.replace(whole, control=control, references=references)

    def control_layer(self, document: Any, edit: Edit) -> str:
        """The layer that shows what an edit is to keep; empty where there is none."""
        return self.of(document).control_layer if isinstance(edit, ReplaceEdit) and edit.control else ""

    def of(self, document: Any) -> DocumentInputs:
        """What a document keeps."""
        return restored(self._session.canvas.annotation(document, ANNOTATION), self._session.canvas.has_layers)

    @guarded
    def _follow(self) -> None:
        before = self._shown
        self._look()
        if before != self._shown:
            self.changed.emit()

    def _look(self) -> None:
        document = self._session.canvas.document()
        if document != self._shown[0]:
            self._shown = document, DocumentInputs() if document is None else self.of(document)


def _kept_as(edit: ReplaceEdit, inputs: DocumentInputs) -> ReplaceEdit:
    return dataclasses.replace(
        edit,
        control_scale=inputs.scale_percent / 100 if inputs.scale_percent else None,
        control_from=inputs.from_percent / 100 if inputs.from_percent else None,
        control_until=inputs.until_percent / 100 if inputs.until_percent < 100 else None,
    )


def _drawn(canvas: Canvas, document: Any, layer: str, box: Box) -> Capture:
    name = canvas.layer_name(document, layer)
    if not name:
        raise CanvasError(tr("The layer with what is to be kept is not in the picture any more: choose another one."))
    if not canvas.layer_bounds(document, layer).meets(box):
        raise CanvasError(
            tr("The layer “{name}” is empty around the selection: draw there what is to be kept.").format(name=name)
        )
    return canvas.capture(document, box, False, Read(Source.LAYER, layer))


def _referred(canvas: Canvas, document: Any, layer: str) -> Capture:
    name = canvas.layer_name(document, layer)
    if not name:
        raise CanvasError(tr("A reference layer is not in the picture any more: take it off the references."))
    box = canvas.layer_bounds(document, layer)
    if not box.meets(box):
        raise CanvasError(tr("The reference layer “{name}” is empty: take it off the references.").format(name=name))
    return canvas.capture(document, box, False, Read(Source.LAYER, layer))


def kept(inputs: DocumentInputs) -> bytes:
    """As the document keeps it."""
    return json.dumps({**dataclasses.asdict(inputs), "source": inputs.source.value}).encode("ascii")


def restored(raw: Any, has_layers: bool = True) -> DocumentInputs:
    """What a document tells; whatever else stands there, by a later version or by somebody else, is left out."""
    try:
        told = json.loads(bytes(raw)) if 0 < len(raw) <= MOST_BYTES else {}
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        return DocumentInputs()
    begin, end = _percent(told, "from_percent", 0, 99), _percent(told, "until_percent", 100, 100)
    inputs = DocumentInputs(
        scale_percent=_percent(told, "scale_percent", 0, MOST_SCALE_PERCENT),
        from_percent=begin,
        until_percent=max(end, begin + 1),
    )
    if not has_layers:
        return inputs
    references = tuple(filter(None, map(_layer, _list(told.get("references"))[:MOST_REFERENCES])))
    layer = _layer(told.get("control_layer"))
    source, references = _source(told.get("source")), tuple(dict.fromkeys(references))
    return dataclasses.replace(inputs, source=source, control_layer=layer, references=references)


def _source(told: Any) -> Source:
    return Source(told) if told in [source.value for source in Source] else Source.PICTURE


def _in_percent(share: float | None, default: int) -> int:
    """A document from somebody else may tell anything, NaN too."""
    return round(100 * share) if share is not None and 0 <= share <= MOST_SCALE_PERCENT / 100 else default


def _percent(told: dict[str, Any], name: str, default: int, most: int) -> int:
    value = told.get(name)
    return value if type(value) is int and 0 <= value <= most else default


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _layer(told: Any) -> str:
    return told if isinstance(told, str) and len(told) <= LONGEST_ID else ""
