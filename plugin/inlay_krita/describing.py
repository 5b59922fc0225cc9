"""What surrounds the selection, in words: a prompt that describes the whole picture gives a better result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .client import Engine
from .contract import CanvasError, Capture
from .engines import Engines
from .state import Work
from .tasks import Tasks
from .translation import tr
from .wire import Box, CanvasInfo, RemoveEdit, caption_request, plan_request

if TYPE_CHECKING:
    from .session import Session

TIMEOUT_S = 600.0  # it waits for the edit that runs, and the captioner may have to be loaded


@dataclass(frozen=True)
class Describing:
    """Asks the engine for these words, as work of the session's."""

    session: Session
    engines: Engines
    tasks: Tasks

    def describe(self, tell: Callable[[str], None]) -> None:
        """Find words for what surrounds the selection, and `tell` them."""
        session = self.session
        with session.telling():
            document = session.active(tr("Open a picture first."))
            selection = session.canvas.selection_bounds(document)
            if selection is None:
                raise CanvasError(
                    tr("Nothing is selected. Select what the prompt is about, then press Describe surroundings.")
                )
            info, name = session.canvas.info(document), session.canvas.name(document)
            title = tr("Describe the surroundings")
            work = session.new_work(Work(title, name, document, info, selection, stage=tr("Looking…")))
            window = plan_request(RemoveEdit(), info, selection)  # needs no model, and reads what any edit would
            self.tasks.run(
                lambda: self.engines.connect().plan(window),
                lambda plan: self._look(work, plan.read_box, tell),
                lambda error: session.failed(work, error, lambda: self.describe(tell)),
            )

    def _look(self, work: Work, window: Box, tell: Callable[[str], None]) -> None:
        session, canvas = self.session, work.canvas
        session.engine.answered()
        if work.is_cancelled:
            return session.end(work)
        assert canvas
        with session.telling(work):
            shown = session.canvas.capture(work.document, window, True)
            self.tasks.run(
                lambda: surroundings(self.engines, canvas, shown),
                lambda words: self._told(work, words, tell),
                lambda error: session.failed(work, error, lambda: self.describe(tell)),
            )

    def _told(self, work: Work, words: str, tell: Callable[[str], None]) -> None:
        self.session.end(work)
        if not work.is_cancelled:
            tell(words)


def surroundings(engines: Engines, canvas: CanvasInfo, shown: Capture) -> str:
    """The engine's caption for what is around the selection. For a worker thread; raises EngineError."""
    with contextlib.closing(Engine(engines.connect().endpoint, TIMEOUT_S)) as engine:
        width, height = shown.box.width, shown.box.height
        image = engine.upload(canvas.model, canvas.depth, width, height, shown.pixels)
        mask = engine.upload("MASK", "U8", width, height, shown.mask)
        return engine.caption(caption_request(image, mask, canvas))
