"""The session: what the panel shows and the canvas does, without a widget and without libkis.

One per application, on the UI thread. Windows come and go; what is under way stays here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .additions import Additions
from .arrivals import Arrivals
from .backgrounds import Backgrounds
from .choosing import Choosing
from .client import EngineError
from .contract import Canvas, CanvasError, Capture, Placement
from .controls import Controls
from .describing import Describing
from .desk import Desk
from .disk_trouble import NOTES, PROMPTS, SETTINGS, DiskTrouble
from .engine_choice import EngineChoice
from .engine_setup import EngineSetup
from .engine_watch import EngineWatch
from .engines import Engines
from .errand import LEFT_THERE, CancelledError, Delivery, Errand, Progress
from .guard import guarded
from .history import History
from .homecoming import Homecoming
from .inputs import Inputs
from .kept import Keeper, NoKeeper, kept_text, restored, restored_adapters, restored_models
from .launcher import EngineMissingError, EngineVersionError, Launcher
from .library import Library
from .listening import LeftError
from .notes import Note, Notes
from .own_settings import OwnSettings
from .picturing import Picturing
from .prompt_history import PromptHistory
from .qt import Signal
from .recipes import new_seed
from .reporting import Reporting
from .selecting import Selecting
from .sentences import translated
from .settings import BackgroundSettings, ExtendSettings, PanelSettings, PromptSettings, RemoveSettings, SelectSettings
from .snapping import Snapping
from .state import EngineState, Notice, Work, title_of
from .style_shelf import StyleShelf
from .tasks import Tasks
from .translation import tr
from .variants import Variants
from .waitlist import Waitlist
from .wire import Box, CanvasInfo, Edit, Plan, plan_request

__all__ = ["Canvas", "CanvasError", "Capture", "Placement", "Session"]
log = logging.getLogger(__name__)
NEEDS_MODEL = ("no_model", "no_finder", "no_control", "no_estimator")
NO_SIDES = tr("There is nothing to extend. Set a side above 0, or choose a ratio the picture does not have.")
NOTHING_TO_REMOVE = tr("Nothing is selected. Select what should go, with any selection tool, then press Remove.")
NOTHING_SELECTED = {
    "replace": tr("Nothing is selected. Select what should become something else, then press Replace."),
    "restyle": tr("Nothing is selected. Select what should look different, then press Restyle."),
    "background": tr("Nothing is selected. Select the subject that should stay, then press Background."),
}


class Session(Desk):
    """Observable, beside what the desk tells: `refreshed` when the active document or the settings changed,
    `models_wanted` to show the library."""

    refreshed = Signal()
    models_wanted = Signal()

    def __init__(
        self,
        canvas: Canvas,
        launcher: Launcher | None = None,
        log_path: Path | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        super().__init__(canvas, log_path)
        self._keeper = keeper or NoKeeper()
        kept = self._keeper.read()
        self.panel_settings = restored(kept, PanelSettings())
        self.select_settings = restored(kept, SelectSettings())
        self.background_settings = restored(kept, BackgroundSettings())
        self.remove_settings = restored(kept, RemoveSettings())
        self.extend_settings = restored(kept, ExtendSettings())
        self.prompt_settings = restored(kept, PromptSettings())
        self._left_there: dict[str, Any] = {}  # documents, by the job that an engine elsewhere still has
        self._tasks = Tasks(self.crashed)
        launcher = launcher or Launcher()
        self._engines = Engines(launcher)
        self._trouble = DiskTrouble(self.tell, self._tasks.post)
        self._notes = Notes(launcher.folders.data / "panel", self._trouble.of(NOTES))
        self.engine = EngineWatch(launcher, self._engines, self._notes, self._tasks, restored_models(kept))
        self.engine.adapters = restored_adapters(kept)
        self.engine.changed.connect(self._engine_changed)
        self.engine.found.connect(self._fetch)
        self.engine.failed.connect(self._look_failed)
        self.library = Library(self._engines, self._tasks, self.tell, self.engine.look)
        self.engine_choice = EngineChoice(launcher, self._engines, self._tasks, self._notes, self.tell)
        self.engine_setup = EngineSetup(self._engines, self._tasks, self.engine.answered)
        for turned in (self.engine.turned, self.library.turned, self.engine_setup.turned):
            self.engine_choice.turned.connect(turned)
        self.prompts = PromptHistory(launcher.folders.data / "prompts.json", self._trouble.of(PROMPTS))
        self.describing = Describing(self, self._engines, self._tasks)
        self.additions = Additions(self, self._engines, self._tasks)
        self.selecting = Selecting(self, self._engines, self._tasks)
        self.picturing = Picturing(self)
        self.reporting = Reporting(self, self._engines, self._tasks, launcher.folders)
        self._snapping = Snapping(self, self._engines, self._tasks)
        self.backgrounds = Backgrounds(self, self._engines, self._tasks)
        self.history = History(self, self._engines, self._tasks, self._send)
        self.homecoming = Homecoming(self)
        self.waitlist = Waitlist(self, self._engines, self._tasks)
        self.arrivals = Arrivals(self, self._engines, self._tasks, self._notes)
        self.variants = Variants(self, self._send)
        self.choosing = Choosing(self)
        self.inputs = Inputs(self)
        self.controls = Controls(self, self._engines, self._tasks)
        self.styles = StyleShelf(self, launcher.folders.data / "styles.json")
        self.own = OwnSettings(self)

    # What the painter asks for

    def select(self) -> None:
        """Make the rough selection of the active document tight; without one, have its picture shown to click into."""
        with self.telling():
            document = self.active(tr("Open a picture to select something in it."))
            if self.canvas.selection_bounds(document) is None:
                self.selecting.wanted.emit()
            else:
                self._snapping.snap(document)

    def remove(self) -> None:
        """Take out what is selected in the active document, as `remove_settings` say."""
        with self.telling():
            document = self.active(tr("Open a picture and select what to remove."))
            selection = self.canvas.selection_bounds(document)
            if selection is None:
                raise CanvasError(NOTHING_TO_REMOVE)
            self._begin(document, self.remove_settings.edit(new_seed()), selection)

    def ask(self, kind: str) -> None:
        """Replace, restyle, instruct or background, as `prompt_settings` say. Instruct may do without a selection."""
        with self.telling():
            document = self.active(tr("Open a picture first."))
            selection = self.canvas.selection_bounds(document)
            if selection is None and kind != "instruct":
                raise CanvasError(NOTHING_SELECTED[kind])
            self.prompts.add(self.prompt_settings.prompt)
            self._begin(document, self.prompt_settings.edit(kind, new_seed(), self.remove_settings), selection)

    def extend(self) -> None:
        """Make the active document larger, as `extend_settings` say."""
        with self.telling():
            document = self.active(tr("Open a picture to extend."))
            info = self.canvas.info(document)
            if self.extend_settings.sides(info.width, info.height).is_nothing:
                raise CanvasError(NO_SIDES)
            self._begin(document, self.extend_settings.edit(new_seed(), info.width, info.height), None)

    def cancel(self, work: Work) -> None:
        """End one edit. What it was doing stops at once in the engine, too."""
        if work.is_cancelled or work not in self.works:
            return
        work.is_cancelled = True
        work.stage, work.fraction = tr("Cancelling…"), None
        if work.errand:
            self._tasks.run(work.errand.cancel, lambda _: None, lambda error: log.info("cancel: %s", error))
        self.changed.emit()

    def cancel_all(self) -> None:
        """End every edit, of every document."""
        for work in tuple(self.works):
            self.cancel(work)

    def hurry(self, work: Work) -> None:
        """Let a waiting edit be the next one."""
        if work.errand:
            self._tasks.run(work.errand.hurry, lambda _: None, lambda error: log.info("hurry: %s", error))

    def active_works(self) -> list[Work]:
        """What is under way for the active document."""
        document = self.canvas.document()
        return [work for work in self.works if work.document == document]

    def cancel_active(self) -> None:
        """End all edits of the active document."""
        mine = self.active_works()
        for work in mine:
            self.cancel(work)
        self.announced.emit(tr("Cancelled.") if mine else tr("Inlay has nothing to cancel here."))

    def active_info(self) -> CanvasInfo | None:
        """The active document's size and kind; None where none is open, or none that Inlay can work on."""
        document = self.canvas.document()
        try:
            return None if document is None else self.canvas.info(document)
        except CanvasError:
            return None

    # Life

    def look(self) -> None:
        """See how it stands with the engine, and whether it keeps results that an earlier Krita did not fetch."""
        self.engine.look()

    def refresh(self) -> None:
        """Another document is active, or it or the settings have changed: whoever shows something of it reads anew."""
        self.refreshed.emit()

    def keep_settings(self) -> None:
        """Remember how the panel is set, for the next start."""
        edits = (self.remove_settings, self.extend_settings, self.prompt_settings)
        settings = (self.panel_settings, self.select_settings, self.background_settings, *edits)
        try:
            self._keeper.write(kept_text(settings, self.engine.models, self.engine.adapters))
        except OSError as error:
            self._trouble.of(SETTINGS)(error)

    def close(self) -> bool:
        """Krita closes. Jobs go on in the engine; their notes tell the next Krita. False if a thread would not stop."""
        self.keep_settings()
        for work in self.works:
            if work.errand:
                work.errand.leave()
        self.variants.leave()
        self.library.close()
        self.selecting.close()
        self.picturing.close()
        self.backgrounds.close()
        self._engines.close()
        return self._tasks.close()

    # From request to result

    def _begin(self, document: Any, edit: Edit, selection: Box | None) -> None:
        self.keep_settings()  # close() does it, too, but a crash would lose it
        self.own.note_down(True)
        info = self.canvas.info(document)
        title, edit = title_of(edit, info, selection), self.inputs.applied(document, edit)
        self._plan(self.new_work(Work(title, self.canvas.name(document), document, info, selection, edit)))

    def _plan(self, work: Work) -> None:
        assert work.canvas
        assert work.edit
        planned = plan_request(work.edit, work.canvas, work.selection)
        self._tasks.run(
            lambda: self._engines.connect().plan(planned),
            lambda plan: self._planned(work, planned, plan),
            lambda error: self.failed(work, error, lambda: self._plan(self.new_work(work))),
        )

    def _selection_now(self, work: Work) -> Box | None:
        """The selection again: the painter may have changed it while the engine started."""
        if work.selection is None:
            return None
        work.selection = self.canvas.selection_bounds(work.document)
        if work.selection is None:
            raise CanvasError(tr("The selection was taken away before it was read. Select again, and repeat it."))
        return work.selection

    def _planned(self, work: Work, planned: dict[str, Any], plan: Plan) -> None:
        self.engine.answered()
        if work.is_cancelled:
            return self.end(work)
        work.plan = plan
        with self.telling(work):
            if not self.canvas.is_open(work.document):
                raise CanvasError(tr("{name} was closed before the edit began.").format(name=work.document_name))
            before = work.selection
            if before != self._selection_now(work):
                return self._plan(work)
            order = self.inputs.order(work, planned, plan.read_box)
            if self.variants.count > 1:
                return self.variants.begin(work, order)
            self._send(work, lambda errand: errand.carry(order))

    def _send(self, work: Work, deliver: Callable[[Errand], Delivery]) -> None:
        errand = Errand(self._engines, self._notes, lambda told: self._tasks.post(lambda: self._progressed(work, told)))
        work.errand = errand
        self._tasks.run(
            lambda: deliver(errand),
            lambda delivery: self.arrivals.take(work, delivery),
            lambda error: self.failed(work, error, lambda: self._send(self.new_work(work), deliver)),
        )
        self.changed.emit()

    def _progressed(self, work: Work, told: Progress) -> None:
        if work.is_cancelled or work not in self.works:
            return
        work.stage = told.stage
        work.fraction = work.fraction if told.fraction is None else told.fraction
        work.preview, work.ahead = told.preview or work.preview, told.ahead
        self.engine.set_state(EngineState.READY)
        self.changed.emit()

    def failed(self, work: Work, error: Exception, run_again: Callable[[], None]) -> None:
        """Work came to a bad end: say so, and offer what may help."""
        self.end(work)
        if isinstance(error, (CancelledError, LeftError)):
            return
        if not isinstance(error, EngineError):
            log.error("in the background", exc_info=error)
            return self.crashed(error)
        message = f"{translated(work.title)}: {error.message}"
        if isinstance(error, (EngineMissingError, EngineVersionError)):
            is_missing = isinstance(error, EngineMissingError)
            self.engine.set_state(EngineState.MISSING if is_missing else EngineState.TROUBLE)
            message = error.message  # it is not about this edit
        if error.status:
            self.engine.answered()
        if work.errand and error.code == LEFT_THERE:
            self._left_there[work.errand.job_id] = work.document
        action, act = tr("Run again"), run_again
        if error.code in NEEDS_MODEL:
            action, act = tr("Show models"), self.models_wanted.emit
        elif error.status or error.code == LEFT_THERE or work.is_cancelled:  # a refusal would only be repeated
            return self.tell(Notice(message, error.remedy))
        self.tell(Notice(message, error.remedy, action=action, act=act))

    # The engine

    @guarded
    def _engine_changed(self) -> None:
        if self.engine.state is EngineState.STARTING:
            for work in self.works:
                work.stage = tr(EngineState.STARTING.value)
        self.changed.emit()

    @guarded
    def _fetch(self, note: Note) -> None:
        """Bring a result that an earlier Krita ordered."""
        document = self._left_there.pop(note.job_id, None)
        work = self.new_work(Work(note.label, note.document_name, document, note.canvas, stage=tr("Fetching…")))
        self._send(work, lambda errand: errand.fetch(note))

    @guarded
    def _look_failed(self, error: EngineError) -> None:
        if error.message not in [notice.message for notice in self.notices]:
            self.tell(Notice(error.message, error.remedy))
