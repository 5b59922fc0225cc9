"""Results as they come from the engine: into their documents, or kept until there is one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .contract import CanvasError, Placement
from .engines import Engines
from .errand import Delivery
from .guard import guarded
from .notes import Notes
from .qt import QtCore, is_button_down
from .recipes import kept_recipe, on_todays_canvas
from .sentences import translated
from .state import Notice, Parcel, Work, layer_name, size_text
from .tasks import Tasks
from .translation import tr

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)
STROKE_POLL_MS = 50
OTHER_PICTURE = tr("This result belongs to a picture of {size} in {colours}. Open {name}, then press Place.")
RUN_AGAIN = tr("The engine had stopped in the middle. The edit was run again by itself.")


class Arrivals(QtCore.QObject):
    """Lives on the UI thread. What cannot be laid in becomes one of the session's parcels."""

    def __init__(self, session: Session, engines: Engines, tasks: Tasks, notes: Notes) -> None:
        super().__init__()
        self._session, self._engines, self._tasks, self._notes = session, engines, tasks, notes
        self._arrived: list[tuple[Work, Delivery]] = []

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def take(self, work: Work, delivery: Delivery) -> None:
        """One has come."""
        self._arrived.append((work, delivery))
        if len(self._arrived) == 1:
            self._take_all_in()

    def place(self, parcel: Parcel) -> None:
        """Lay a result that waits into the active document."""
        session = self._session
        with session.telling():
            wanted = parcel.canvas
            document = session.active(tr("Open {name} first.").format(name=parcel.document_name))
            if not parcel.fits(session.canvas.info(document)):
                size, colours = size_text(wanted.width, wanted.height), f"{wanted.model} {wanted.depth}"
                raise CanvasError(OTHER_PICTURE.format(size=size, colours=colours, name=parcel.document_name))
            session.take_off(parcel)  # before, because Krita handles events, such as a second click, while it places
            if parcel.variants:
                return session.variants.adopt(document, parcel.variants)
            try:
                self.lay(document, parcel.title, parcel.delivery)
            except Exception:
                session.parcels.append(parcel)
                raise

    def discard(self, parcel: Parcel) -> None:
        """Throw a result that waits away."""
        if parcel.variants:
            self._session.variants.discard(parcel.variants)
        else:
            self._forget(parcel.delivery.job_id)
        self._session.take_off(parcel)

    def lay(self, document: Any, title: str, delivery: Delivery, beside: tuple[str, ...] | None = None) -> str:
        """Lay a result in, and remember it. beside: see `Placement`. Gives the layer's key; raises CanvasError."""
        session = self._session
        fitting = on_todays_canvas(delivery, session.canvas.info(document))
        placement = Placement(layer_name(title), fitting.plan, fitting.result, delivery.pixels, delivery.mask, beside)
        layer = session.canvas.place(document, placement)
        session.history.laid_in(document, kept_recipe(delivery, title), layer, delivery)
        self.let_go(delivery.job_id)
        session.announced.emit(tr("{title}: done, on a new layer.").format(title=translated(title)))
        session.own.laid_in(document, delivery.plan, delivery.result)
        session.refreshed.emit()
        return layer

    def let_go(self, job_id: str) -> None:
        """Nobody waits for it any more; the engine keeps it as long as it has room, for it may be laid in again."""
        self._notes.drop(job_id)

    @guarded
    def _take_all_in(self) -> None:
        """Lay results in one after the other: Krita handles events while it places one, and the next may arrive.

        Not while a mouse button is down: it may be a brush stroke, which a new layer would cut off.
        """
        if is_button_down():
            QtCore.QTimer.singleShot(STROKE_POLL_MS, self._take_all_in)
            return
        while self._arrived:
            try:
                self._take_in(*self._arrived[0])
            finally:
                self._session.end(self._arrived.pop(0)[0])

    def _take_in(self, work: Work, delivery: Delivery) -> None:
        session = self._session
        if work.is_cancelled:
            return self._forget(delivery.job_id)
        if delivery.was_run_again:
            session.tell(Notice(RUN_AGAIN, is_error=False))
        if work.variant is not None:
            return session.variants.take_in(work, delivery)
        if work.document is None or not session.canvas.is_open(work.document):
            closed = tr("{name} was closed before this was ready.").format(name=work.document_name)
            return self._keep(work, delivery, closed)
        try:
            self.lay(work.document, work.title, delivery)
        except CanvasError as error:
            return self._keep(work, delivery, str(error))
        if work.edit and work.edit.kind == "remove":
            session.additions.of_removal(work.document, delivery.result.recipe)

    def _keep(self, work: Work, delivery: Delivery, reason: str) -> None:
        """Hold a result until there is a document to lay it into."""
        assert work.canvas
        session = self._session
        session.parcels.append(Parcel(work.title, work.document_name, work.canvas, delivery, reason))
        session.announced.emit(tr("Inlay keeps a result: {reason}").format(reason=reason))
        session.changed.emit()

    def _forget(self, job_id: str) -> None:
        """Nobody wants the result: the engine need not keep it."""
        if not job_id:
            return
        self._notes.drop(job_id)
        self._tasks.run(
            lambda: self._engines.connect().forget(job_id), lambda _: None, lambda error: log.info("forget: %s", error)
        )
