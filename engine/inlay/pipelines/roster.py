"""Who can repaint on this machine, and who can select: what needs no model, and every installed model."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import cast

from inlay.errors import Refusal
from inlay.pipelines import beside
from inlay.pipelines.builtin import BuiltinFill
from inlay.pipelines.card import Card
from inlay.pipelines.family import Family
from inlay.pipelines.models import Adapter, Model
from inlay.pipelines.parts.model_family import ModelFamily
from inlay.pipelines.parts.selecting import SelectingModel
from inlay.pipelines.segmenter import Finder, Matter, Segmenter
from inlay.pipelines.segmenters.grabcut import GrabCut
from inlay.pipelines.shelf import Shelf

ROLES = ("SEGMENTER", "FINDER", "MATTER")


class RosterError(Refusal):
    """A model that is not here any more."""


@cache
def model_families() -> tuple[type[ModelFamily], ...]:
    """Every family that runs checkpoints: the `FAMILY` of each module in `pipelines/families`, the best first."""
    package = importlib.import_module("inlay.pipelines.families")
    names = [module.name for module in pkgutil.iter_modules(package.__path__, "inlay.pipelines.families.")]
    families = [importlib.import_module(name).FAMILY for name in names]
    return tuple(sorted(families, key=lambda family: -family.card.rank))


@cache
def selecting_kinds(role: str) -> tuple[type[SelectingModel], ...]:
    """What selects by a model: the constant that is called as the role in `pipelines/segmenters`; the best first."""
    package = importlib.import_module("inlay.pipelines.segmenters")
    names = [module.name for module in pkgutil.iter_modules(package.__path__, "inlay.pipelines.segmenters.")]
    modules = [importlib.import_module(name) for name in names]
    kinds = [getattr(module, role) for module in modules if hasattr(module, role)]
    return tuple(sorted(kinds, key=lambda kind: -kind.listing.rank))


def all_cards() -> tuple[Card, ...]:
    """What could be done with every family, installed or not; and what can be installed beside them."""
    return (
        *(family.card for family in model_families()),
        *(kind.listing for role in ROLES for kind in selecting_kinds(role)),
        beside.CARD,
    )


class Roster:
    """The families that can work now. Reading the disk is the caller's: at each `refresh` it is asked what is there."""

    def __init__(
        self,
        installed: Callable[[], Iterable[Model]] = tuple,
        shelf: Shelf | None = None,
        adapters: Callable[[], Iterable[Adapter]] = tuple,
        hosted: Callable[[Shelf], Iterable[Family]] = lambda _: (),
    ) -> None:
        """hosted: the families that work on a server that the user has set."""
        self.shelf = shelf or Shelf()
        self._installed = installed
        self._find_adapters = adapters
        self._find_hosted = hosted
        self._adapters: tuple[Adapter, ...] = ()
        self._builtin = BuiltinFill()
        self._grabcut = GrabCut()
        self._models: tuple[Model, ...] = ()
        self._families: tuple[Family, ...] = ()
        self._selecting: dict[str, list[SelectingModel]] = {}
        self.refresh()

    @classmethod
    def of(cls, *families: Family) -> Roster:
        """A roster of exactly these."""
        roster = cls()
        roster._families = families
        return roster

    def refresh(self) -> None:
        """Look again at what is installed: after an installation, or when a folder was added. On any thread."""
        models = tuple(self._installed())
        self.shelf.outdate(model.id for model in self._models if model not in models)
        self._models = models
        kinds = model_families() if models else ()  # who has no models does not pay for looking at families
        self._adapters = tuple(self._find_adapters()) if models else ()
        found = [kind(model, self.shelf, self._adapters) for kind in kinds for model in models if kind.runs(model)]
        self._families = (self._builtin, *found, *self._find_hosted(self.shelf))
        self._selecting = {role: _bound(selecting_kinds(role) if models else (), models, self.shelf) for role in ROLES}

    @property
    def families(self) -> Sequence[Family]:
        """All that can work, the built-in fill first, then by rank."""
        return self._families

    @property
    def uses(self) -> Sequence[tuple[Model, Card]]:
        """Every model that can work, also on a server, with each family that runs it, the best family first."""
        painting = [(family.model, family.card) for family in self._families if isinstance(family, ModelFamily)]
        return [*painting, *((one.model, one.listing) for role in ROLES for one in self._selecting[role])]

    @property
    def segmenters(self) -> Sequence[Segmenter]:
        """All who select things, the best first; GrabCut, which needs no model, last."""
        return cast("list[Segmenter]", [*self._selecting["SEGMENTER"], self._grabcut])

    def segmenter(self, name: str) -> Segmenter:
        """See `Selectors.segmenter`. On any thread."""
        for one in self.segmenters:
            if name in ("", one.name):
                return one
        here = ", ".join(one.name for one in self.segmenters)
        known = {offer.id for kind in selecting_kinds("SEGMENTER") for offer in kind.listing.offers}
        raise RosterError(
            "no_model",
            f"Nothing called {name} selects things here.",
            field="model",
            remedy=f"{f'Install it with `inlay models install {name}`, or use' if name in known else 'Use'} {here}.",
        )

    def finder(self) -> Finder | None:
        """See `Selectors.finder`. On any thread."""
        return cast("Finder | None", next(iter(self._selecting["FINDER"]), None))

    def matter(self) -> Matter | None:
        """See `Selectors.matter`. On any thread."""
        return cast("Matter | None", next(iter(self._selecting["MATTER"]), None))

    @property
    def cards(self) -> Sequence[Card]:
        """Every family that could work here, installed or not, the best first."""
        return all_cards()

    @property
    def adapters(self) -> Sequence[Adapter]:
        """Every LoRA, embedding and ControlNet here; families know which of them fit."""
        return self._adapters

    @property
    def builtin(self) -> Family:
        return next((family for family in self._families if family.name == "builtin"), self._builtin)

    def find(self, model: str, family: str) -> Family:
        """The one that a plan names. Raises RosterError where it was removed since.

        Asked on the shelf's thread: what was removed leaves the shelf now.
        """
        self.shelf.drop_outdated()
        for candidate in self._families:
            if (candidate.name, candidate.card.family) == (model, family):
                return candidate
        raise RosterError(
            "model_gone",
            f"The model {model} ({family}) is not installed any more.",
            field="edit.model",
            remedy="Install it again, or choose another model.",
        )


def _bound(kinds: Iterable[type[SelectingModel]], models: Iterable[Model], shelf: Shelf) -> list[SelectingModel]:
    """Each kind with each model that it runs: the best kind first, of one kind the largest."""
    largest = sorted(models, key=lambda model: -model.size_bytes)
    return [kind(model, shelf) for kind in kinds for model in largest if kind.runs(model)]
