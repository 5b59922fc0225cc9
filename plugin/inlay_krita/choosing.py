"""What the one button does: told by what is selected, said and set; and for every way why it cannot be gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .contract import CanvasError
from .guard import guarded
from .library import bytes_text
from .qt import QtCore, Signal
from .translation import later, tr
from .wire import InstalledModel, ListedModel

if TYPE_CHECKING:
    from .session import Session


class Way(Enum):
    """What can be done, and what buttons and menus call it (by `tr`)."""

    REMOVE = later("Remove")
    REPLACE = later("Replace")
    RESTYLE = later("Restyle")
    INSTRUCT = later("Edit")
    BACKGROUND = later("Replace background")
    EXTEND = later("Extend")

    @property
    def kind(self) -> str:
        """The kind of edit, as the engine calls it."""
        return self.name.lower()


BY_WORDS = (Way.REPLACE, Way.RESTYLE, Way.INSTRUCT, Way.BACKGROUND)
NO_PICTURE = tr("No picture is open.")
OPEN_ONE = tr("Open one, select a thing in it, and press the button: the thing is gone, on a new layer.")
NEEDS = {  # a model that does it, where nobody knows how large one is; and where it is known
    Way.REPLACE: (
        tr("needs a model that replaces"),
        tr("needs a model that replaces ({size} or more)"),
    ),
    Way.RESTYLE: (
        tr("needs a model that restyles"),
        tr("needs a model that restyles ({size} or more)"),
    ),
    Way.INSTRUCT: (
        tr("needs a model that edits as told"),
        tr("needs a model that edits as told ({size} or more)"),
    ),
    Way.BACKGROUND: (
        tr("needs a model that replaces backgrounds"),
        tr("needs a model that replaces backgrounds ({size} or more)"),
    ),
}
SAY_WHAT = {
    Way.REPLACE: tr("Write what should be there instead."),
    Way.RESTYLE: tr("Write how it should look."),
    Way.INSTRUCT: tr("Write what to change: make it sunset."),
    Way.BACKGROUND: tr("Write what should be around the subject."),
}


@dataclass(frozen=True)
class Facts:
    """What the choice depends on."""

    trouble: str = ""  # why the active document, or the lack of one, lets nothing be done
    has_selection: bool = False
    has_prompt: bool = False  # the painter's own words
    has_words: bool = False  # those, or a style's
    is_growing: bool = False  # the Extend section says so
    model: str = ""  # chosen for edits by words; empty: the plan chooses
    models: tuple[InstalledModel, ...] | None = None  # None where nobody knows
    offered: tuple[ListedModel, ...] = ()  # that could be installed


@dataclass(frozen=True)
class Obstacle:
    """Why a way cannot be gone now."""

    short: str  # for a menu: "nothing is selected"
    remedy: str = ""  # one sentence, or two
    needs_model: bool = False

    @property
    def text(self) -> str:
        """Both, as sentences."""
        return f"{self.short[:1].upper()}{self.short[1:].rstrip('.')}. {self.remedy}".strip()


def way_for(facts: Facts) -> Way:
    """What a painter most likely wants. What is selected tells most, then sides that were set, then words."""
    if facts.has_selection:
        return Way.REPLACE if facts.has_prompt else Way.REMOVE
    if facts.is_growing:
        return Way.EXTEND
    return Way.INSTRUCT if facts.has_prompt else Way.REMOVE


def obstacle(way: Way, facts: Facts) -> Obstacle | None:
    """Why that cannot be done now; None where nothing is known that speaks against it."""
    if facts.trouble:
        return Obstacle(facts.trouble, OPEN_ONE if facts.trouble == NO_PICTURE else "")
    if way in (Way.REMOVE, Way.REPLACE, Way.RESTYLE) and not facts.has_selection:
        return Obstacle(tr("nothing is selected"), _select_what(way, facts))
    if way is Way.EXTEND and not facts.is_growing:
        return Obstacle(tr("no side is set"), tr("Say under Extend how far the canvas goes out."))
    if way not in BY_WORDS:
        return None  # the built-in fill does these
    if not facts.has_words:
        return Obstacle(tr("nothing is said"), SAY_WHAT[way])
    return _without_model(way, facts)


def _select_what(way: Way, facts: Facts) -> str:
    if way is Way.REMOVE and not facts.has_prompt:
        return tr("Select what should go, or write what to change.")
    return tr("Select what should go.") if way is Way.REMOVE else tr("Select what the words are about.")


def _without_model(way: Way, facts: Facts) -> Obstacle | None:
    if facts.models is None or any(way.kind in model.edits for model in facts.models if facts.model in ("", model.id)):
        return None
    if any(way.kind in model.edits for model in facts.models):
        chosen = next((model.title for model in facts.models if model.id == facts.model), facts.model)
        needs = tr("needs another model than {model}").format(model=chosen)
        return Obstacle(needs, tr("Choose one, or Automatic."))
    sizes = [each.size_bytes for each in facts.offered if each.is_alone and way.kind in each.edits and each.size_bytes]
    needs, needs_size = NEEDS[way]
    return Obstacle(needs_size.format(size=bytes_text(min(sizes))) if sizes else needs, needs_model=True)


class Choosing(QtCore.QObject):
    """Lives on the UI thread; `changed` when the button is to say something else."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.facts = Facts()
        self._session = session
        self._has_selection, self._trouble = False, ""
        session.refreshed.connect(self.glance)
        session.changed.connect(self.heed)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def way(self) -> Way:
        """What the button does now."""
        return way_for(self.facts)

    def obstacle(self, way: Way) -> Obstacle | None:
        """Why that cannot be done now."""
        return obstacle(way, self.facts)

    @guarded
    def glance(self) -> None:
        """Look at the active document. Cheap: no pixels are read."""
        canvas, self._has_selection, self._trouble = self._session.canvas, False, ""
        document = canvas.document()
        try:
            if document is None:
                self._trouble = NO_PICTURE
            else:
                canvas.info(document)
                self._has_selection = canvas.selection_bounds(document) is not None
        except CanvasError as error:
            self._trouble = str(error)
        self.heed()

    @guarded
    def heed(self) -> None:
        """Something was typed or set, or there are other models: no document is looked at."""
        facts = self._facts()
        if facts != self.facts:
            self.facts = facts
            self.changed.emit()

    def run(self, way: Way | None = None) -> bool:
        """Do what the button says, or go this way; False where it cannot be gone."""
        self.glance()  # the selection may be newer than the label
        way = way or self.way
        if self.obstacle(way):
            return False
        if way is Way.REMOVE:
            self._session.remove()
        elif way is Way.EXTEND:
            self._session.extend()
        elif way is Way.BACKGROUND:
            self._session.backgrounds.replace()
        else:
            self._session.ask(way.kind)
        return True

    def _facts(self) -> Facts:
        session = self._session
        settings, models = session.prompt_settings, session.engine.models
        return Facts(
            trouble=self._trouble,
            has_selection=self._has_selection,
            has_prompt=bool(settings.prompt.strip()),
            has_words=bool(settings.words),
            is_growing=self._is_growing(),
            model=settings.model,
            models=None if models is None else tuple(models),
            offered=session.engine.offered,
        )

    def _is_growing(self) -> bool:
        info = self._session.active_info()
        return info is not None and not self._session.extend_settings.sides(info.width, info.height).is_nothing
