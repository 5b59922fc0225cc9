"""What users are shown of models: those that are installed, then those that can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.manifest import Manifest
from inlay.catalogue.walking import PARTIAL
from inlay.pipelines.card import Card, Offer
from inlay.pipelines.models import Model


@dataclass(frozen=True)
class Use:
    """A way in which a model works: as which family, and what it does then."""

    family: str
    title: str
    edits: tuple[str, ...]
    controls: tuple[str, ...]  # what of a picture it can keep; it is for nothing else then
    references: int  # pictures that it looks at beside the one that it paints, at most
    leaves_machine: bool  # a server does it

    @classmethod
    def of(cls, card: Card) -> Use:
        return cls(card.family, card.title, card.edits, card.controls, card.references, card.leaves_machine)


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue."""

    id: str
    title: str
    state: Literal["installed", "offered"]
    edits: tuple[str, ...]  # what it can do, in alphabetical order; none where it only goes beside a model
    uses: tuple[Use, ...]  # the best family first
    size_bytes: int  # on the disk; about, where it is offered
    memory_bytes: int  # of the device, in the family that needs most
    licence: str
    licence_url: str
    is_gated: bool  # an account must have accepted the licence
    path: str | None  # where it lies; None where it is offered, or on a server
    is_removable: bool  # Inlay installed it, and can take it away
    begun_bytes: int  # that an installation left when it stopped in the middle


def entries(catalogue: Catalogue, uses: Iterable[tuple[Model, Card]], cards: Iterable[Card]) -> tuple[Entry, ...]:
    """The catalogue: what is installed first, then in the order of what it is made from.

    uses: every installed model with each family that runs it. cards: of all families, for their offers.
    """
    found: dict[str, Entry] = {}
    for model, card in sorted(uses, key=lambda use: bool(use[1].controls)):  # a model is called by what it is alone
        _add(found, _installed(model, card, catalogue))
    here = set(found)
    for card in cards:
        for offer in card.offers:
            if offer.id not in here:
                _add(found, _offered(offer, card, catalogue))
    return tuple(sorted(found.values(), key=lambda entry: entry.state == "offered"))


def find_offer(name: str, cards: Iterable[Card]) -> Offer:
    """The offer of this name. Raises CatalogueError where nothing of that name can be installed."""
    for card in cards:
        for offer in card.offers:
            if offer.id == name:
                return offer
    raise CatalogueError(
        "no_offer",
        f"No model {name} can be installed.",
        field="id",
        remedy="`inlay models list` shows those that can; other models are used where they lie: `inlay models add`.",
    )


def _add(found: dict[str, Entry], entry: Entry) -> None:
    """One entry a model: its families' edits together."""
    known = found.get(entry.id, entry)
    found[entry.id] = replace(
        known,
        edits=tuple(sorted({*known.edits, *entry.edits})),
        uses=tuple(dict.fromkeys([*known.uses, *entry.uses])),
        memory_bytes=max(known.memory_bytes, entry.memory_bytes),
    )


def _installed(model: Model, card: Card, catalogue: Catalogue) -> Entry:
    manifest = None if card.leaves_machine else Manifest.read(model.path)
    return Entry(
        id=model.id,
        title=manifest.title if manifest else f"{model.id} ({card.title})",
        state="installed",
        edits=card.edits,
        uses=(Use.of(card),),
        size_bytes=model.size_bytes,
        memory_bytes=card.memory_bytes,
        licence=model.licence,
        licence_url=manifest.licence_url if manifest else "",
        is_gated=False,
        path=None if card.leaves_machine else str(model.path),
        is_removable=manifest is not None and model.path.parent == catalogue.own,
        begun_bytes=0,
    )


def _offered(offer: Offer, card: Card, catalogue: Catalogue) -> Entry:
    """An offer; or, where it is here and no family runs it by itself, a ControlNet or an estimator."""
    final = catalogue.own / offer.id
    manifest = Manifest.read(final)
    partial = catalogue.own / f"{offer.id}{PARTIAL}"
    return Entry(
        id=offer.id,
        title=offer.title,
        state="installed" if manifest else "offered",
        edits=() if manifest else card.edits,
        uses=(Use.of(card),),
        size_bytes=sum(entry.size_bytes for entry in manifest.files) if manifest else offer.size_bytes,
        memory_bytes=card.memory_bytes,
        licence=offer.licence,
        licence_url=offer.licence_url,
        is_gated=offer.is_gated,
        path=str(final) if manifest else None,
        is_removable=manifest is not None,
        begun_bytes=sum(path.stat().st_size for path in partial.rglob("*") if path.is_file()),
    )
