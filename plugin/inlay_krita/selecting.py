"""Selecting in the panel's picture: what was pointed at, what the engine sees, and what becomes the selection."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .client import EngineError, EngineLostError
from .contract import CanvasError, Mode
from .engines import Engines
from .listening import LeftError
from .looking import Candidate, Hints, Scene, Sighting, look, make_ready, show
from .qt import QtCore, Signal, is_button_down
from .reading import Turns, read_pixels
from .state import Notice, notice_of
from .tasks import Tasks
from .translation import tr
from .wire import Box, CanvasInfo, Point

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)
READING = tr("Reading the picture…")
LOOKING = tr("Looking…")
NOTHING_LEFT = tr("Nothing is selected now.")
STEADY_S = 3.0  # since the picture changed, before it is read ahead of a click
BUSY_S, TROUBLE_S = 5.0, 60.0  # before it is tried again
MOST_READS = 3  # of a picture that is painted on meanwhile


class Selecting(QtCore.QObject):
    """Lives on the UI thread; `changed` when anything that is shown did, `wanted` when somebody wants to point.

    One question at a time goes to the engine, always the newest; an answer to an older one is not shown.
    """

    changed = Signal()
    wanted = Signal()

    def __init__(self, session: Session, engines: Engines, tasks: Tasks) -> None:
        super().__init__()
        self.document: Any = None
        self.canvas: CanvasInfo | None = None  # of that document
        self.hints = Hints()
        self.sighting: Sighting | None = None
        self.chosen = 0  # which of its candidates
        self.problem: Notice | None = None
        self._session, self._engines, self._tasks = session, engines, tasks
        self._before: list[Hints] = []
        self._seen_hints = Hints()  # of the sighting
        self._scene: Scene | None = None
        self._glimpse: object = None  # of the picture that the scene shows
        self._glanced: object = None  # of the one that was seen last
        self._reading: Turns | None = None
        self._question = self._answered = 0  # numbers; there is something to ask while they differ
        self._is_settling = self._is_asking = self._is_sending = self._is_applying = False
        self._is_newest_refusable = False  # the newest question is about a hint that was just given
        self._mode: Mode | None = None  # to apply the answer with, once it is there
        self._reads = self._losses = 0
        self._ready_for: object = None
        self._ready_at = 0.0  # not before

    # What is to be seen

    @property
    def stage(self) -> str:
        """What the painter waits for; empty where there is nothing."""
        if self._question == self._answered:
            return ""
        return READING if self._reading or self._is_sending else LOOKING

    @property
    def candidate(self) -> Candidate | None:
        """The thing that Select would take."""
        return self.sighting.candidates[self.chosen] if self.sighting else None

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    def glance(self) -> None:
        """Follow the active document, and have its picture looked at ahead of a click.

        To be called now and then, and only while somebody is about to point: it may start an engine.
        """
        if is_button_down():  # no reading in the middle of a brush stroke
            return
        self._follow()
        if self.document is None:
            return
        glimpse = self._session.canvas.glimpse(self.document)
        if glimpse != self._glanced:
            if self._glanced is not None:
                self._ready_at = time.monotonic() + STEADY_S
            self._glanced = glimpse
        self._get_ready(glimpse)

    # What the painter does

    def point(self, x: int, y: int, is_on: bool) -> None:
        """This pixel of the canvas is on the thing, or beside it."""
        self._follow()
        self._hint(self.hints.pointed(Point(x, y, is_on)))

    def frame(self, box: Box) -> None:
        """The thing is in this box; it takes the place of an earlier one."""
        self._follow()
        self._hint(replace(self.hints, box=box))

    def name(self, words: str) -> None:
        """The thing is called so; no words take the name away."""
        self._follow()
        words = " ".join(words.split())
        if words != self.hints.words:
            self._hint(replace(self.hints, words=words))

    def undo(self) -> None:
        """Take the last hint back."""
        self._follow()
        if self._before:
            self._take(self._before.pop())

    def clear(self) -> None:
        """Point at nothing; `undo` brings it back."""
        if self.hints != Hints():
            self._before.append(self.hints)
        self._take(Hints())

    def ask_again(self) -> None:
        """Widths or the model have changed."""
        self._follow()
        if self.hints != Hints():
            self._ask()

    def step(self, by: int) -> None:
        """Another of the things that could be meant."""
        if self.sighting:
            self.chosen = (self.chosen + by) % len(self.sighting.candidates)
            self.changed.emit()

    def apply(self, mode: Mode) -> None:
        """Make the candidate the document's selection, or a part of it, as soon as the last question is answered."""
        if self.stage:
            self._mode = mode
        elif self._is_applying:  # Krita handles events, such as a second click, while it selects
            return
        elif self.candidate is None:
            self._tell(Notice(tr("Nothing is marked yet."), tr("Click a thing in the picture first."), is_error=False))
        else:
            self._apply(self.candidate, mode)

    def _apply(self, candidate: Candidate, mode: Mode) -> None:
        session, document = self._session, self.document
        self._is_applying = True
        try:
            if (session.canvas.document(), session.active_info()) != (document, self.canvas):
                raise CanvasError(tr("This is another picture now, or has another size: click the thing again."))
            is_any_left = session.canvas.select(document, candidate.selected.box, candidate.coverage, mode)
        except CanvasError as error:
            return self._tell(notice_of(str(error)))
        finally:
            self._is_applying = False
        self.clear()
        if not is_any_left:
            return self._tell(Notice(NOTHING_LEFT, is_error=False))
        session.announced.emit(tr("Selected."))
        session.additions.of_selection(document, candidate.selected.box if mode is Mode.NEW else None)

    def close(self) -> None:
        """Krita closes."""
        if self._reading:
            self._reading.stop()
            self._reading = None

    # Hints become questions

    def _hint(self, hints: Hints) -> None:
        self._before.append(self.hints)
        self._take(hints)
        self._is_newest_refusable = self._question != self._answered

    def _take(self, hints: Hints) -> None:
        """Go to other hints; none at all leave nothing marked."""
        self.hints = hints
        if hints != Hints():
            return self._ask()
        self.sighting, self.chosen, self.problem, self._mode = None, 0, None, None
        self._question += 1  # what is still out is not wanted any more
        self._answered = self._question
        self.changed.emit()

    def _ask(self) -> None:
        """Have the newest hints looked at."""
        self._question += 1
        self.problem, self._mode, self._is_newest_refusable = None, None, False
        self._reads = self._losses = 0
        self._advance()
        self.changed.emit()

    def _follow(self) -> None:
        """Go with the active document; hints belong to one of one size."""
        document, canvas = self._session.canvas.document(), self._session.active_info()
        if (document, canvas) == (self.document, self.canvas):
            return
        self.document, self.canvas = (document, canvas) if canvas else (None, None)
        self._glanced = self._scene = self._ready_for = None
        self._ready_at = 0.0
        self._before.clear()
        self.close()
        self._take(Hints())

    def _advance(self) -> None:
        """Do the next thing that the newest question needs, unless something is under way already."""
        if self._question == self._answered or self._is_settling or self._is_busy:
            return
        try:
            glimpse = self._settled()
        except CanvasError as error:
            return self._failed(self._question, error)
        if self._question != self._answered:  # nobody has cleared it meanwhile
            self._ask_about(glimpse)

    @property
    def _is_busy(self) -> bool:
        return bool(self._is_asking or self._is_sending or self._reading)

    def _settled(self) -> object:
        """A glimpse of the document with all strokes in it. Krita handles events, such as another click, meanwhile."""
        if self.document is None:
            raise CanvasError(tr("No picture is open: open one to select in it."))
        self._is_settling = True
        try:
            self._session.canvas.settle(self.document)
        finally:
            self._is_settling = False
        if self.document is None:
            raise CanvasError(tr("The picture was closed: open it again to select in it."))
        return self._session.canvas.glimpse(self.document)

    def _ask_about(self, glimpse: object) -> None:
        """Ask the newest question, once the engine has the picture as it is now."""
        if self._scene is None or glimpse != self._glimpse:
            return self._read(glimpse)
        self._is_asking = True
        number, hints, settings = self._question, self.hints, self._session.select_settings
        scene, widths_px = self._scene.request(settings.model), (settings.grow_px, settings.feather_px)
        self._tasks.run(
            lambda: look(self._engines, scene, hints, widths_px),
            lambda sighting: self._seen(number, sighting),
            lambda error: self._failed(number, error),
        )

    def _seen(self, number: int, sighting: Sighting) -> None:
        self._is_asking = False
        self._session.engine.answered()
        if number == self._question:
            self.sighting, self.chosen, self._answered, self._seen_hints = sighting, 0, number, self.hints
            if self._mode:
                self._apply(sighting.candidates[0], self._mode)
        self._advance()
        self.changed.emit()

    def _failed(self, number: int, error: Exception) -> None:
        """A question has no answer, or the picture could not be sent; what was marked before stays."""
        self._is_asking = self._is_sending = False
        if isinstance(error, LeftError):
            return
        if self._question == self._answered:
            return self._not_ready(error)
        if number == self._question and not self._is_worth_a_second_try(error):
            self._answered, self._mode = number, None
            self._tell(self._notice(error))
            self._take_back(error)
        self._advance()
        self.changed.emit()

    def _is_worth_a_second_try(self, error: Exception) -> bool:
        """The engine may have been lost, or have thrown the picture away: then it is sent once more."""
        if not isinstance(error, EngineError):
            return False
        if not (isinstance(error, EngineLostError) or error.status == 401 or error.code == "image_missing"):
            return False
        self._scene = None
        self._losses += 1
        return self._losses == 1

    def _take_back(self, error: Exception) -> None:
        """A hint that was refused goes: without it the others still hold."""
        is_refused = isinstance(error, EngineError) and error.status in (400, 422)
        if is_refused and self._is_newest_refusable and self._before:
            self.hints = self._before.pop()
            if self.hints not in (self._seen_hints, Hints()):
                self._question += 1

    def _notice(self, error: Exception) -> Notice:
        if isinstance(error, CanvasError):
            return notice_of(str(error))
        if not isinstance(error, EngineError):
            raise error
        if not error.status:
            self._session.look()  # the engine's line says how it stands
        if error.code in ("no_model", "no_finder"):
            wanted = self._session.models_wanted
            return Notice(error.message, error.remedy, action=tr("Show models"), act=wanted.emit)
        return Notice(error.message, error.remedy)

    def _tell(self, notice: Notice) -> None:
        """Said beside the picture, and over the canvas where the panel is not to be seen."""
        self.problem = notice
        self._session.announced.emit(f"{notice.message} {notice.remedy}".strip())
        self.changed.emit()

    # The picture goes to the engine

    def _read(self, glimpse: object) -> None:
        assert self.canvas
        document, canvas = self.document, self.canvas
        done = partial(self._send, document, canvas, glimpse)
        steps = read_pixels(self._session.canvas, document, canvas, done)
        self._reading = Turns(steps, partial(self._lost, document))

    def _lost(self, document: Any, error: Exception) -> None:
        self._reading = None
        if document == self.document:
            self._failed(self._question, error)

    def _send(self, document: Any, canvas: CanvasInfo, glimpse: object, pixels: Any) -> None:
        """The picture is read; one that was painted on meanwhile is read again."""
        self._reading = None
        if document != self.document:
            return self._advance()
        self._reads += 1
        now = self._session.canvas.glimpse(document)
        if now != glimpse and self._reads < MOST_READS:
            return self._read(now)
        self._is_sending = True
        box = Box(0, 0, canvas.width, canvas.height)
        number = self._question
        self._tasks.run(
            lambda: show(self._engines, canvas, box, pixels),
            lambda scene: self._sent(document, glimpse, scene),
            lambda error: self._failed(number, error),
        )

    def _sent(self, document: Any, glimpse: object, scene: Scene) -> None:
        self._is_sending = False
        self._session.engine.answered()
        if document == self.document:
            self._scene, self._glimpse = scene, glimpse
        self._advance()
        if document == self.document:
            self._get_ready(glimpse)
        self.changed.emit()

    # Ahead of the first click

    def _get_ready(self, glimpse: object) -> None:
        """Have the picture read and looked at while nobody waits: the first click is then as quick as the others."""
        wanted = (glimpse, self._session.select_settings.model)
        if self._session.works or self._is_busy or self._ready_for == wanted or time.monotonic() < self._ready_at:
            return
        if self._scene is None or self._glimpse != glimpse:
            self._reads = 0
            return self._read(glimpse)
        self._ready_for = wanted
        scene = self._scene.request(wanted[1])
        self._tasks.run(lambda: make_ready(self._engines, scene), lambda _: None, self._not_ready)

    def _not_ready(self, error: Exception) -> None:
        """The engine is busy, or cannot: nobody asked for it, so nobody is told."""
        log.info("getting ready to select: %s", error)
        is_busy = isinstance(error, EngineError) and error.code == "busy"
        self._ready_at = time.monotonic() + (BUSY_S if is_busy else TROUBLE_S)
        self._ready_for = None
