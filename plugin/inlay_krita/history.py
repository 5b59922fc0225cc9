"""What Inlay made in the active document: to be shown, laid in again, run again, changed, or told as a command."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from .client import EngineError
from .command_line import BUILTIN, command_line, what_it_lacks
from .contract import Canvas, CanvasError, Mode
from .engines import Engines
from .errand import Delivery, Errand, Order
from .guard import guarded
from .listening import LeftError
from .logbook import Logbook
from .qt import QtCore, Signal
from .recipes import RecipeError, kept_mask, kept_result, new_seed, order_again, past_result, settings_of, told_of
from .state import PastResult, Work
from .tasks import Tasks
from .translation import tr
from .wire import Box

if TYPE_CHECKING:
    from .session import Session

OPEN_IT = tr("Open the picture that the result belongs to.")
UNREADABLE = tr("It stays as it is, and new runs are kept beside it.")
NOT_KEPT = tr("There is no room in the picture for this run's recipe: it is not in the history.")
LAYER_GONE = tr("Its layer is not in the picture any more. Keep again lays it in anew.")
KEPT_AGAIN = tr("Laid in again as it was: the engine still had it.")
RUN_AGAIN = tr("The engine no longer had it, so it was run again in the same way.")
NO_PICTURE = tr("The engine no longer has the picture that this was made from.")
NO_PICTURE_REMEDY = tr("Choose Edit and run: what was set goes back into the panel. Then select, and run it.")
FILLED = tr("Its prompt and settings are in the panel: change them, and run it.")
NO_MODEL = tr("{model} is not installed here: another model is chosen.")
SELECT = tr("Select first what it is about.")


class DocumentAnnotations:
    """Implements `logbook.Annotations` for one document of a canvas."""

    def __init__(self, canvas: Canvas, document: Any) -> None:
        self._canvas, self._document = canvas, document

    def read(self, name: str) -> Any:
        return self._canvas.annotation(self._document, name)

    def write(self, name: str, about: str, text: bytes) -> None:
        self._canvas.annotate(self._document, name, about, text)


class History(QtCore.QObject):
    """Lives on the UI thread. `changed` when another layer is active or there is something to say; `filled` when
    settings were put back."""

    changed = Signal()
    filled = Signal()

    def __init__(
        self,
        session: Session,
        engines: Engines,
        tasks: Tasks,
        send: Callable[[Work, Callable[[Errand], Delivery]], None],
    ) -> None:
        """send: has a work's errand delivered, and takes in what comes."""
        super().__init__()
        self._session, self._engines, self._tasks, self._send = session, engines, tasks, send
        self._books: list[tuple[Any, Logbook]] = []  # of open documents, whose keys need not be hashable
        self._listed: tuple[object, tuple[PastResult, ...]] = ((), ())
        self._said: tuple[Any, str] = (None, "")  # of which document
        self._glimpse: tuple[Any, str] = (None, "")
        session.refreshed.connect(self.glance)

    # What there is

    def runs(self) -> tuple[PastResult, ...]:
        """What the active document remembers, newest first; the same tuple as long as nothing changes."""
        document = self._session.canvas.document()
        if document is None:
            return ()
        book = self._book(document)
        book.look()
        if book.runs is not self._listed[0]:
            self._listed = book.runs, tuple(map(past_result, reversed(book.runs)))
        return self._listed[1]

    def problems(self) -> tuple[str, ...]:
        """What of the active document's history cannot be read, and why."""
        document = self._session.canvas.document()
        if document is None:
            return ()
        return tuple(dict.fromkeys(f"{why} {UNREADABLE}" for why in self._book(document).problems))

    @property
    def said(self) -> str:
        """What came of the last thing that was asked for here; empty where that was about another document."""
        document, text = self._said
        return text if document == self._session.canvas.document() else ""

    def of_layer(self) -> PastResult | None:
        """The run that made the active layer."""
        layer = self._glimpse[1]
        return next((past for past in self.runs() if layer in past.layers), None) if layer else None

    @guarded
    def glance(self) -> None:
        """See whether another layer is the active one; nothing of the history is read unless it is."""
        canvas = self._session.canvas
        document = canvas.document()
        try:
            glimpse = document, "" if document is None else canvas.active_layer(document)
        except CanvasError:  # it is being closed
            glimpse = document, ""
        if glimpse != self._glimpse:
            self._glimpse = glimpse
            self.changed.emit()

    def laid_in(self, document: Any, recipe: dict[str, Any], layer: str, delivery: Delivery) -> None:
        """Remember a result that was just laid in."""
        book = self._book(document)
        is_known = bool(delivery.again_of) and book.link(delivery.again_of, layer)
        if not is_known and not book.add({**recipe, "layers": [layer] if layer else []}, delivery.thumbnail):
            self._say(NOT_KEPT, document)
        if delivery.remark:
            self._say(delivery.remark, document)

    # What can be done with a run

    def show(self, past: PastResult) -> None:
        """Make its layer the active one, or say that it is gone."""
        with self._session.telling():
            canvas, document = self._session.canvas, self._session.active(OPEN_IT)
            is_there = any(canvas.show_layer(document, layer) for layer in reversed(past.layers))
            self._say("" if is_there else LAYER_GONE)
            self.glance()

    def keep(self, past: PastResult) -> None:
        """Lay it in once more: what the engine still has of it, else what the same seed gives."""
        self._deliver(past, None, tr("Looking for it…"), partial(self._bring, past))

    def again(self, past: PastResult) -> None:
        """Run its recipe with another seed, in the active document."""
        self._deliver(past, new_seed(), tr("Sending…"), _carried)

    def change(self, past: PastResult) -> None:
        """Put its prompt and settings back into the panel, and its selection where nothing is selected."""
        session = self._session
        with session.telling(), _in_words():
            settings = settings_of(past, session.prompt_settings, session.remove_settings, session.extend_settings)
            session.prompt_settings, session.remove_settings, session.extend_settings = settings
            session.inputs.restore(told_of(past.recipe).edit)
            self.filled.emit()
            session.refresh()
            said = _sentences(FILLED, self._missing(told_of(past.recipe).edit.model))
            self._say(said)
            self._bring_selection(past, said)

    def command(self, past: PastResult) -> str:
        """The command that makes it again; empty, and said why, where there is none."""
        with self._session.telling(), _in_words():
            name = self._session.canvas.name(self._session.active(OPEN_IT))
            command = command_line(past, name)
            self._say(_sentences(tr("Copied."), what_it_lacks(past, name)))
            return command
        return ""

    # How

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def _book(self, document: Any) -> Logbook:
        """A document's; those of closed ones go."""
        canvas = self._session.canvas
        self._books = [(key, book) for key, book in self._books if canvas.is_open(key)]
        for key, book in self._books:
            if key == document:
                return book
        book = Logbook(DocumentAnnotations(canvas, document))
        self._books.append((document, book))
        return book

    def _say(self, text: str, document: Any = None) -> None:
        """document: which it is about; None is the active one."""
        said = self._session.canvas.document() if document is None else document, text
        if said != self._said:
            self._said = said
            self.changed.emit()

    def _deliver(
        self, past: PastResult, seed: int | None, stage: str, bring: Callable[[Errand, Order], Delivery]
    ) -> None:
        session = self._session
        with session.telling(), _in_words():
            document = session.active(OPEN_IT)
            order = order_again(past, session.canvas.info(document), session.canvas.name(document), seed)
            self._say("")
            work = session.new_work(Work(past.title, order.document_name, document, order.canvas, stage=stage))
            self._send(work, lambda errand: bring(errand, order))

    def _bring(self, past: PastResult, errand: Errand, order: Order) -> Delivery:
        """For a worker thread."""
        found = _found(self._engines, past)
        return found or dataclasses.replace(_carried(errand, order), remark=RUN_AGAIN)

    def _missing(self, model: str) -> str:
        """That a model is not there, if it is known which are."""
        models = self._session.engine.models
        is_there = models is None or model in ("", BUILTIN, *(installed.id for installed in models))
        return "" if is_there else NO_MODEL.format(model=model)

    def _bring_selection(self, past: PastResult, said: str) -> None:
        """Nothing where something is selected. said: what was told so far."""
        canvas, document, told = self._session.canvas, self._session.canvas.document(), told_of(past.recipe)
        if document is None or told.selection is None or canvas.selection_bounds(document):
            return
        info = canvas.info(document)
        mask = kept_mask(past)
        if mask is None or (info.width, info.height) != (told.canvas.width, told.canvas.height):
            return self._say(_sentences(said, SELECT))
        self._tasks.run(
            lambda: self._engines.connect().download(mask[0]).raw,
            partial(self._select, document, mask[1]),
            partial(self._not_selected, said),
        )

    def _select(self, document: Any, box: Box, coverage: bytes) -> None:
        canvas = self._session.canvas
        if (
            canvas.is_open(document)
            and not canvas.selection_bounds(document)
            and len(coverage) == box.width * box.height
        ):
            canvas.select(document, box, coverage, Mode.NEW)
            self._session.refresh()

    def _not_selected(self, said: str, error: Exception) -> None:
        if not isinstance(error, (EngineError, LeftError)):
            raise error
        self._say(_sentences(said, SELECT))


def _sentences(*said: str) -> str:
    return " ".join(filter(None, said))


def _found(engines: Engines, past: PastResult) -> Delivery | None:
    """What the engine still has of a run; None where it is not all there, or where the recipe does not tell."""
    told = kept_result(past)
    if told is None:
        return None
    (plan, result), engine = told, engines.connect()
    try:
        pixels, mask = engine.download(result.pixels).raw, engine.download(result.mask).raw
    except EngineError as error:
        if error.status != 404:
            raise
        return None
    if len(mask) != result.box.width * result.box.height:
        return None
    return Delivery("", plan, result, pixels, mask, False, again_of=past.id, remark=KEPT_AGAIN)


def _carried(errand: Errand, order: Order) -> Delivery:
    """What comes of an order; that its images are gone is told in a painter's words."""
    try:
        return errand.carry(order)
    except EngineError as error:
        if error.code != "image_missing":
            raise
        raise EngineError(NO_PICTURE, NO_PICTURE_REMEDY, code=error.code, status=error.status) from error


@contextmanager
def _in_words() -> Iterator[None]:
    """A recipe that cannot be read is told as everything else that a document refuses."""
    try:
        yield
    except RecipeError as error:
        raise CanvasError(str(error)) from error
