"""What may belong to a thing and lies outside its selection: found by the engine, offered by the panel."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .contract import CanvasError, Capture, Mode
from .desk import Desk
from .engines import Engines
from .sentences import translated
from .state import Notice
from .tasks import Tasks
from .translation import tr
from .wire import Addition, Box, CanvasInfo, RemoveEdit, plan_request, shadow_request

log = logging.getLogger(__name__)
LEAST_CONFIDENCE = 0.5  # docs/pixels.md: an offer below is rarely right
Words = Mapping[str, str]  # to a painter: about each kind of addition, and ("") what to do
REMOVED: Words = {
    "shadow": tr("A shadow may belong to what was removed."),
    "reflection": tr("A reflection may belong to what was removed."),
    "": tr("Add it to the selection, then press Remove again."),
}
SELECTED: Words = {
    "shadow": tr("A shadow may belong to what is selected."),
    "reflection": tr("A reflection may belong to what is selected."),
    "": tr("Add it to the selection to take it along."),
}


@dataclass(frozen=True)
class Found:
    """An addition with its coverage, one byte a pixel of its box."""

    addition: Addition
    coverage: bytes

    def offer(self, words: Words, accept: Callable[[], None]) -> Notice:
        """The question to the painter; nothing happens without a yes."""
        return Notice(
            words[self.addition.kind],
            words[""],
            is_error=False,
            action=tr("Add to selection"),
            act=accept,
            tip=translated(self.addition.why),
        )


class Additions:
    """Looks for them, on the UI thread's behalf, and offers what is found; the painter decides."""

    def __init__(self, desk: Desk, engines: Engines, tasks: Tasks) -> None:
        self._desk, self._engines, self._tasks = desk, engines, tasks

    def of_removal(self, document: Any, recipe: dict[str, Any]) -> None:
        """Look at what a removal was made from."""
        request = shadow_request(recipe["image"], recipe["mask"], recipe["canvas"], recipe["plan"]["read_box"])
        self._look(document, REMOVED, lambda: find_addition(self._engines, request))

    def of_selection(self, document: Any, box: Box | None = None) -> None:
        """Look at what is selected now, with as much around it as its removal would read.

        box: of the selection, where it is known: Krita takes a while to find it (docs/krita.md).
        """
        canvas = self._desk.canvas
        info, selection = canvas.info(document), box or canvas.selection_bounds(document)
        if selection is None:
            return
        request = plan_request(RemoveEdit(), info, selection)

        def read(window: Box) -> None:
            try:
                if canvas.info(document) == info:
                    shown = canvas.capture(document, window, True)
                    self._look(document, SELECTED, lambda: find_beside(self._engines, info, shown))
            except CanvasError as error:  # closed, or nothing is selected any more: nobody asked for this look
                _let_go(error)

        self._tasks.run(lambda: self._engines.connect().plan(request).read_box, read, _let_go)

    def _look(self, document: Any, words: Words, find: Callable[[], Found | None]) -> None:
        def offer(found: Found | None) -> None:
            if found:
                self._desk.tell(found.offer(words, partial(self._accept, document, found)))

        self._tasks.run(find, offer, _let_go)

    def _accept(self, document: Any, found: Found) -> None:
        with self._desk.telling():
            if not self._desk.canvas.is_open(document):
                raise CanvasError(tr("The picture was closed: open it again, and select what is to go."))
            self._desk.canvas.select(document, found.addition.box, found.coverage, Mode.ADD)


def find_addition(engines: Engines, request: dict[str, Any]) -> Found | None:
    """What belongs to a selection; None where nothing is seen, or hardly anything.

    request: from `shadow_request`. For a worker thread; raises EngineError.
    """
    engine = engines.connect()
    addition = engine.addition(request)
    if addition is None or addition.confidence < LEAST_CONFIDENCE:
        return None
    return Found(addition, engine.download(addition.mask).raw)


def find_beside(engines: Engines, info: CanvasInfo, shown: Capture) -> Found | None:
    """The same for a part of the document that the engine does not have yet."""
    engine, box = engines.connect(), shown.box
    image = engine.upload(info.model, info.depth, box.width, box.height, shown.pixels)
    mask = engine.upload("MASK", "U8", box.width, box.height, shown.mask)
    return find_addition(engines, shadow_request(image, mask, dataclasses.asdict(info), dataclasses.asdict(box)))


def _let_go(error: Exception) -> None:
    """Nobody asked for it: the log has it."""
    log.info("looking for a shadow: %s", error)
