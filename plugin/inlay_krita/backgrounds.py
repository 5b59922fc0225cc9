"""The subject and what is around it: made transparent, replaced, or just selected.

What is selected is the subject. Where nothing is, the engine looks for it in the whole picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .contract import CanvasError, Mode
from .engines import Engines
from .looking import Hints, Sighting, look, show
from .reading import Turns, read_pixels
from .settings import SelectSettings
from .state import Notice, Work
from .tasks import Tasks
from .translation import later, tr
from .wire import Box, CanvasInfo

if TYPE_CHECKING:
    from .session import Session

INVERTED = bytes(range(255, -1, -1))
WITHOUT_MODEL = "grabcut"
GUESSED = tr("The subject was guessed by its colours.")
MEND_IT = tr(
    "Where that is wrong: undo, select the subject roughly, and ask again. A model knows better what a thing is."
)


@dataclass(frozen=True)
class Subject:
    """What is to stay: coverage, one byte a pixel of a box on the canvas; outside the box there is none."""

    document: Any
    box: Box
    coverage: bytes


Then = Callable[[Subject], None]


class Backgrounds:
    """What the painter may ask for; on the UI thread."""

    def __init__(self, session: Session, engines: Engines, tasks: Tasks) -> None:
        self._session = session
        self._engines = engines
        self._tasks = tasks
        self._readings: dict[Work, Turns] = {}

    def remove(self) -> None:
        """Make everything but the subject transparent, as `background_settings` say; no pixel is changed."""
        self._with_subject(later("Remove the background"), self._cut_out)

    def replace(self) -> None:
        """Paint what the prompt says around the subject, which is selected first where nothing is."""
        session = self._session
        with session.telling():
            if session.canvas.selection_bounds(session.active(tr("Open a picture first."))) is None:
                return self._find(later("Find the subject"), self._replace_around)
            session.ask("background")

    def select_subject(self) -> None:
        """Select the picture's subject, whatever is selected now."""
        self._find(later("Select the subject"), lambda subject: self._select(subject, subject.box, subject.coverage))

    def select_background(self) -> None:
        """Select all but the subject."""
        self._with_subject(later("Select the background"), self._select_around)

    def close(self) -> None:
        """Krita closes."""
        for reading in self._readings.values():
            reading.stop()

    def _with_subject(self, title: str, then: Then) -> None:
        with self._session.telling():
            document = self._session.active(tr("Open a picture first."))
            bounds = self._session.canvas.selection_bounds(document)
            if bounds is None:
                return self._find(title, then)
            mask = self._session.canvas.capture(document, bounds, True).mask
            assert mask is not None
            then(Subject(document, bounds, bytes(mask)))

    def _find(self, title: str, then: Then) -> None:
        """Read the picture, a little each turn, and let the engine find its subject."""
        session = self._session
        with session.telling():
            document = session.active(tr("Open a picture first."))
            info = session.canvas.info(document)
            session.canvas.settle(document)
            work = session.new_work(Work(title, session.canvas.name(document), document, info, stage=tr("Reading…")))
            steps = read_pixels(session.canvas, document, info, lambda pixels: self._look(work, info, pixels, then))
            self._readings[work] = Turns(steps, lambda error: self._unread(work, error))

    def _unread(self, work: Work, error: Exception) -> None:
        del self._readings[work]
        with self._session.telling(work):
            raise error

    def _look(self, work: Work, info: CanvasInfo, pixels: Any, then: Then) -> None:
        del self._readings[work]
        if work.is_cancelled:
            return self._session.end(work)
        work.stage = tr("Looking for the subject…")
        self._session.changed.emit()
        settings = self._session.select_settings
        self._tasks.run(
            lambda: find_subject(self._engines, info, pixels, settings),
            lambda found: self._found(work, found, then),
            lambda error: self._session.failed(work, error, lambda: self._find(work.title, then)),
        )

    def _found(self, work: Work, sighting: Sighting, then: Then) -> None:
        session = self._session
        session.engine.answered()
        if work.is_cancelled:
            return session.end(work)
        name = work.document_name
        with session.telling(work):
            if not session.canvas.is_open(work.document):
                raise CanvasError(tr("{name} was closed before its subject was found.").format(name=name))
            if session.canvas.info(work.document) != work.canvas:
                raise CanvasError(
                    tr("{name} was resized or converted meanwhile: press it once more.").format(name=name)
                )
            found = sighting.candidates[0]
            then(Subject(work.document, found.selected.box, found.coverage))
            if sighting.model == WITHOUT_MODEL:
                session.tell(Notice(GUESSED, MEND_IT, False, tr("Show models"), session.models_wanted.emit))
        session.end(work)

    def _cut_out(self, subject: Subject) -> None:
        is_copy = self._session.background_settings.is_copy
        with self._session.telling():
            done = self._session.canvas.cut_out(subject.document, subject.box, subject.coverage, is_copy)
            self._session.announced.emit(done)
            self._session.refresh()

    def _replace_around(self, subject: Subject) -> None:
        self._select(subject, subject.box, subject.coverage)
        self._session.ask("background")

    def _select_around(self, subject: Subject) -> None:
        info = self._session.canvas.info(subject.document)
        whole = Box(0, 0, info.width, info.height)
        self._select(subject, whole, around(subject, whole))

    def _select(self, subject: Subject, box: Box, coverage: bytes) -> None:
        with self._session.telling():
            self._session.canvas.select(subject.document, box, coverage, Mode.NEW)
            self._session.refresh()


def around(subject: Subject, whole: Box) -> bytes:
    """Coverage of `whole` that the subject leaves: as soft as its edge."""
    box, mask = subject.box, subject.coverage.translate(INVERTED)
    free = b"\xff" * whole.width
    left, right = free[: box.x], free[box.right :]
    rows = (mask[start : start + box.width] for start in range(0, len(mask), box.width))
    return b"".join([free * box.y, *(left + row + right for row in rows), free * (whole.height - box.bottom)])


def find_subject(engines: Engines, info: CanvasInfo, pixels: Any, settings: SelectSettings) -> Sighting:
    """The picture's subject. For a worker thread; raises EngineError."""
    scene = show(engines, info, Box(0, 0, info.width, info.height), pixels)
    widths_px = (settings.grow_px, settings.feather_px)
    return look(engines, scene.request(settings.model), Hints(), widths_px)
