"""What a replacement would keep of the picture: seen before it is kept, and put into a layer to be corrected."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .client import Engine, Image
from .contract import CanvasError, Capture
from .engines import Engines
from .guard import guarded
from .qt import QtCore, QtGui, Signal, image_from_bgra
from .state import Work
from .tasks import Tasks
from .translation import tr
from .wire import Box, CanvasInfo, Plan, edit_request, plan_request

if TYPE_CHECKING:
    from .session import Session

TIMEOUT_S = 600.0  # it waits for the edit that runs, and what reads a pose may have to be loaded
SHOWN_PX = 512
NAMES = {"pose": tr("Pose"), "depth": tr("Depth"), "lines": tr("Lines")}
ANY_WORDS = "a picture"  # nothing is painted: they only have to be there


@dataclass(frozen=True)
class Seen:
    """What would be kept: a part of a document's canvas."""

    document: Any
    control: str
    canvas: CanvasInfo
    box: Box
    raw: bytes  # of the document's model and depth
    picture: QtGui.QImage


class Controls(QtCore.QObject):
    """Lives on the UI thread; `changed` when there is something to be seen, or nothing any more."""

    changed = Signal()

    def __init__(self, session: Session, engines: Engines, tasks: Tasks) -> None:
        super().__init__()
        self.seen: Seen | None = None
        self._session, self._engines, self._tasks = session, engines, tasks
        session.refreshed.connect(self.heed)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def look(self) -> None:
        """Read off the active picture what a replacement of its selection would keep."""
        session = self._session
        with session.telling():
            document = session.active(tr("Open a picture first."))
            selection = session.canvas.selection_bounds(document)
            if selection is None:
                raise CanvasError(tr("Nothing is selected. Select what is to be replaced, then press Preview."))
            settings = session.prompt_settings
            edit = session.inputs.applied(document, settings.edit("replace", 0, session.remove_settings))
            edit = dataclasses.replace(edit, prompt=edit.prompt or ANY_WORDS)
            info, name = session.canvas.info(document), session.canvas.name(document)
            title = NAMES.get(settings.control, settings.control)
            work = session.new_work(Work(title, name, document, info, selection, edit, stage=tr("Looking…")))
            planned = plan_request(edit, info, selection)
            self._tasks.run(
                lambda: self._engines.connect().plan(planned),
                lambda plan: self._read(work, planned, plan),
                lambda error: session.failed(work, error, self.look),
            )

    def lay(self) -> None:
        """Put what is seen into a layer of the document: from now on that is what is kept."""
        seen, session = self.seen, self._session
        if seen is None:
            return
        with session.telling():
            if session.canvas.info(seen.document) != seen.canvas:
                raise CanvasError(tr("The picture's size or colour space has changed since: press Preview again."))
            name = f"Inlay: {seen.control}"
            layer = session.canvas.lay_picture(seen.document, name, seen.box, seen.raw)
            session.inputs.choose(control_layer=layer)
            self._show(None)

    @guarded
    def heed(self) -> None:
        """Another document is active, or something else is to be kept: what was seen says nothing of that."""
        seen, session = self.seen, self._session
        if seen and (seen.document != session.canvas.document() or seen.control != session.prompt_settings.control):
            self._show(None)

    def _read(self, work: Work, planned: dict[str, Any], plan: Plan) -> None:
        session, canvas, edit = self._session, work.canvas, work.edit
        session.engine.answered()
        if work.is_cancelled:
            return session.end(work)
        assert canvas
        assert edit
        with session.telling(work):
            shown = session.canvas.capture(work.document, plan.read_box, True, session.inputs.read(work.document, edit))
            self._tasks.run(
                lambda: read_control(self._engines, canvas, planned, shown),
                lambda found: self._found(work, canvas, found),
                lambda error: session.failed(work, error, self.look),
            )

    def _found(self, work: Work, canvas: CanvasInfo, found: tuple[Box, bytes, Image]) -> None:
        self._session.end(work)
        box, raw, small = found
        if not work.is_cancelled:
            picture = image_from_bgra(small.raw, small.width, small.height)
            control = getattr(work.edit, "control", "")
            self._show(Seen(work.document, control, canvas, box, raw, picture))
            self.heed()

    def _show(self, seen: Seen | None) -> None:
        self.seen = seen
        self.changed.emit()


def read_control(
    engines: Engines, canvas: CanvasInfo, planned: dict[str, Any], shown: Capture
) -> tuple[Box, bytes, Image]:
    """Where it lies, the picture in the document's own bytes, and a small one. For a worker thread; EngineError."""
    with contextlib.closing(Engine(engines.connect().endpoint, TIMEOUT_S)) as engine:
        width, height = shown.box.width, shown.box.height
        image = engine.upload(canvas.model, canvas.depth, width, height, shown.pixels)
        mask = engine.upload("MASK", "U8", width, height, shown.mask)
        told = engine.control(edit_request(planned, image, mask, ""))
        digest = str(told["image"])
        return Box(**told["box"]), engine.download(digest).raw, engine.thumbnail(digest, SHOWN_PX, canvas.profile)
