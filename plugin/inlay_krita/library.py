"""The model library: what is installed and what could be, and installations under way. Without a widget."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .client import Engine, EngineError, EngineLostError
from .engines import Engines
from .listening import LeftError, Listening
from .qt import QtCore, Signal
from .state import Notice
from .tasks import Tasks
from .translation import numeral, tr
from .wire import ENDED, Install, ListedModel

log = logging.getLogger(__name__)
GB = 10**9
MB = 10**6


@dataclass(frozen=True)
class Listing:
    """What an engine says of models."""

    models: list[ListedModel]  # what is installed, then what can be
    free_bytes: int | None
    may_change: bool

    @classmethod
    def of(cls, engine: Engine) -> Listing:
        told = engine.ask("GET", "/models")
        models = [ListedModel.from_json(model) for model in told["models"]]
        return cls(models, told.get("free_bytes"), bool(told.get("may_change", True)))


class Library(QtCore.QObject):
    """Lives on the UI thread. Asking what there is starts an engine: only do it when somebody looks."""

    changed = Signal()

    def __init__(
        self, engines: Engines, tasks: Tasks, tell: Callable[[Notice], None], installed: Callable[[], None]
    ) -> None:
        """installed: called when the engine has other models than before."""
        super().__init__()
        self.models: list[ListedModel] | None = None  # None where nobody has looked
        self.free_bytes: int | None = None  # where models are installed; None where nobody knows
        self.may_change = True  # an engine elsewhere may want its models left alone
        self.problem = ""  # why nothing can be shown
        self._under_way: dict[str, Install] = {}
        self._followed: dict[str, Listening] = {}
        self._engines, self._tasks, self._tell, self._installed = engines, tasks, tell, installed

    def look(self) -> None:
        """Ask the engine which models there are."""
        self._tasks.run(lambda: Listing.of(self._engines.connect()), self._listed, self._look_failed)

    def turned(self) -> None:
        """Another engine is used: whoever looks shall see what that one has. Installations go on where they began."""
        self.close()
        self._followed, self._under_way = {}, {}
        if self.models is not None or self.problem:
            self.models, self.problem = None, ""
            self.changed.emit()
            self.look()

    def install_of(self, model: ListedModel) -> Install | None:
        """How far a model's installation is; None where there is none."""
        return self._under_way.get(model.id)

    def install(self, model: ListedModel) -> None:
        """Download a model, or go on where it stopped."""
        if model.id not in self._followed:
            self._follow(model, Install(model.id, "queued"), lambda engine: engine.install(model.id))

    def cancel(self, model: ListedModel) -> None:
        """End an installation; what has arrived stays."""
        self._run(model, lambda engine: engine.cancel_install(model.id))

    def remove(self, model: ListedModel) -> None:
        """Delete a model, or half a one, once the painter has said so."""
        if model.is_installed:
            asked = tr("Delete {title}?").format(title=model.title)
            frees = tr("That frees {size}. It can be installed again.").format(size=bytes_text(model.size_bytes))
        else:
            begun, frees = bytes_text(model.begun_bytes), ""
            asked = tr("Delete the {size} that are here of {title}?").format(size=begun, title=model.title)
        act = partial(self._run, model, lambda engine: engine.remove_model(model.id))
        self._tell(Notice(asked, frees, is_error=False, action=tr("Delete"), act=act))

    def add_folder(self, path: str) -> None:
        """Also use the models of a folder, where they lie."""
        self._tasks.run(
            lambda: self._engines.connect().add_folder(path),
            lambda _: self._has_changed(),
            lambda error: self._failed(tr("That folder cannot be used"), error),
        )

    def close(self) -> None:
        """Stop listening; installations go on in the engine."""
        for listening in self._followed.values():
            listening.stop()

    def _run(self, model: ListedModel, ask: Callable[[Engine], object]) -> None:
        self._tasks.run(
            lambda: ask(self._engines.connect()),
            lambda _: self._has_changed(),
            lambda error: self._failed(model.title, error),
        )

    def _follow(self, model: ListedModel, install: Install, begin: Callable[[Engine], object]) -> None:
        """Listen to an installation until it ends. install: how far it is now."""
        listening = self._followed[model.id] = Listening()

        def perform() -> Install:
            engine = self._engines.connect()
            begin(engine)
            for event in engine.install_events(model.id, listening):
                if event.name in ENDED:
                    return Install.from_json(event.data)
                if event.name == "progress":
                    self._tasks.post(partial(self._heard, Install(model.id, "running", **event.data)))
            raise EngineLostError(tr("The engine said nothing more."))

        self._tasks.run(perform, partial(self._ended, model), partial(self._lost, model))
        self._heard(install)

    # What comes back

    def _listed(self, listing: Listing) -> None:
        self.models, self.problem = listing.models, ""
        self.free_bytes, self.may_change = listing.free_bytes, listing.may_change
        for model in listing.models:
            if model.install and model.id not in self._followed:  # begun by another Krita, or before this one
                self._follow(model, model.install, lambda _: None)
        self.changed.emit()

    def _heard(self, install: Install) -> None:
        if install.id in self._followed:
            self._under_way[install.id] = install
            self.changed.emit()

    def _ended(self, model: ListedModel, install: Install) -> None:
        self._forget(model)
        if install.error:
            self._stopped(model, EngineError.from_json(install.error))
        self._has_changed()

    def _lost(self, model: ListedModel, error: Exception) -> None:
        if isinstance(error, LeftError):  # on purpose: it is not ours any more
            return
        self._forget(model)
        if isinstance(error, EngineLostError):
            self._stopped(model, EngineError(tr("The engine stopped in the middle."), tr("What has arrived is kept.")))
        else:
            self._failed(model.title, error)

    def _stopped(self, model: ListedModel, error: EngineError) -> None:
        again = partial(self.install, model)
        self._tell(Notice(f"{model.title}: {error.message}", error.remedy, action=tr("Go on"), act=again))

    def _forget(self, model: ListedModel) -> None:
        self._followed.pop(model.id, None)
        self._under_way.pop(model.id, None)
        self.changed.emit()

    def _has_changed(self) -> None:
        self.look()
        self._installed()

    def _look_failed(self, error: Exception) -> None:
        log.info("looking for models: %s", error)
        self.problem = f"{error.message} {error.remedy}" if isinstance(error, EngineError) else str(error)
        self.changed.emit()

    def _failed(self, what: str, error: Exception) -> None:
        if isinstance(error, LeftError):
            return
        if not isinstance(error, EngineError):
            raise error
        self._tell(Notice(f"{what}: {error.message}", error.remedy))


def bytes_text(count: int) -> str:
    """A size for people."""
    space = "\N{NO-BREAK SPACE}"
    return f"{numeral(count / GB, 1)}{space}GB" if count >= GB else f"{numeral(max(1, round(count / MB)))}{space}MB"
