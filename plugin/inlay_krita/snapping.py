"""A rough selection becomes a tight one: the thing in it is found, and takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .contract import CanvasError, Capture, Mode
from .engines import Engines
from .looking import Candidate, Hints, look, show
from .state import Work
from .tasks import Tasks
from .translation import later, tr
from .wire import Plan, RemoveEdit, plan_request

if TYPE_CHECKING:
    from .session import Session

TITLE = later("Select the object")


class Snapping:
    """Lives on the UI thread."""

    def __init__(self, session: Session, engines: Engines, tasks: Tasks) -> None:
        self._session, self._engines, self._tasks = session, engines, tasks

    def snap(self, document: Any) -> None:
        """Make the document's selection tight. Raises CanvasError where the document cannot be worked on."""
        session, canvas = self._session, self._session.canvas
        info, selection = canvas.info(document), canvas.selection_bounds(document)
        work = session.new_work(Work(TITLE, canvas.name(document), document, info, selection, stage=tr("Looking…")))
        window = plan_request(RemoveEdit(), info, selection)  # needs no model, and reads enough around the selection
        self._tasks.run(
            lambda: self._engines.connect().plan(window),
            lambda plan: self._planned(work, plan),
            lambda error: session.failed(work, error, session.select),
        )

    def _planned(self, work: Work, plan: Plan) -> None:
        session = self._session
        session.engine.answered()
        if work.is_cancelled:
            return session.end(work)
        with session.telling(work):
            self._check(work)
            shown = session.canvas.capture(work.document, plan.read_box, True)
            self._tasks.run(
                lambda: self._look(work, shown),
                lambda found: self._found(work, shown, found),
                lambda error: session.failed(work, error, session.select),
            )

    def _look(self, work: Work, shown: Capture) -> Candidate:
        """In a thread: what the rough selection means."""
        assert work.canvas
        settings, box = self._session.select_settings, shown.box
        scene = show(self._engines, work.canvas, box, shown.pixels)
        rough = self._engines.connect().upload("MASK", "U8", box.width, box.height, shown.mask)
        widths_px = (settings.grow_px, settings.feather_px)
        return look(self._engines, scene.request(settings.model), Hints(), widths_px, rough).candidates[0]

    def _found(self, work: Work, shown: Capture, found: Candidate) -> None:
        session = self._session
        if work.is_cancelled:
            return session.end(work)
        with session.telling(work):
            self._check(work)
            if bytes(session.canvas.capture(work.document, shown.box, True).mask or b"") != bytes(shown.mask or b""):
                raise CanvasError(tr("The selection was changed while the engine looked: press Select object again."))
            session.canvas.select(work.document, found.selected.box, found.coverage, Mode.NEW)
        session.end(work)
        session.announced.emit(tr("The selection is tight now."))
        session.additions.of_selection(work.document, found.selected.box)

    def _check(self, work: Work) -> None:
        canvas = self._session.canvas
        if not canvas.is_open(work.document):
            said = tr("{name} was closed before the thing in it was found.").format(name=work.document_name)
            raise CanvasError(said)
        if canvas.selection_bounds(work.document) != work.selection:
            raise CanvasError(tr("The selection was changed while the engine looked: press Select object again."))
