"""Variants: several results of one request. They are looked at over the picture, which changes when one is kept.

Each is an edit of its own in the engine, with its own seed, so that they come one by one and each can be cancelled. The
document remembers all of them in its history; those that are kept become layers of one group.
"""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .contract import CanvasError
from .errand import Delivery, Errand, Order
from .guard import guarded
from .qt import QtCore, QtGui, Signal
from .recipes import kept_recipe, new_seed, on_todays_canvas
from .sentences import translated
from .settings import MOST_VARIANTS
from .showing import Showing
from .small_pictures import small_picture
from .state import Notice, Parcel, Work
from .translation import tr, trn
from .wire import Box, CanvasInfo, Edit

if TYPE_CHECKING:
    from .session import Session

MOST_IN_A_SET = 24  # their pixels stay in memory
NEAR = 0.25  # how far the noise of more like this is turned away, of 90 degrees
WEAKEST, STRONGEST = 0.3, 0.9  # of the strengths that are tried
FEWEST_STRENGTHS = 4

_numbers = itertools.count(1)
Deliver = Callable[[Errand], Delivery]


@dataclass(eq=False)
class Variant:
    """One of the results to choose from."""

    edit: Edit
    note: str = ""  # what sets it apart, where that is more than the seed: "40 %"
    work: Work | None = None  # until it has come
    delivery: Delivery | None = None
    layer: str = ""  # the key of the layer that it was kept as
    is_gone: bool = False  # that layer is; redo may bring it back
    picture: QtGui.QImage = field(default_factory=QtGui.QImage)  # small; a null image where there is none
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)  # in the document's history

    @property
    def is_ready(self) -> bool:
        return self.delivery is not None

    @property
    def is_kept(self) -> bool:
        return bool(self.layer) and not self.is_gone


@dataclass(eq=False)
class VariantSet:
    """What came, or will come, of one request."""

    title: str
    document: Any
    document_name: str
    canvas: CanvasInfo
    selection: Box | None
    order: Order
    variants: list[Variant] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def ready(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.is_ready]

    @property
    def kept(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.layer]

    @property
    def has_model(self) -> bool:
        """Whether noise and strength mean anything; to the built-in fill they do not."""
        return any(variant.delivery and variant.delivery.plan.settings is not None for variant in self.variants)


class Variants(QtCore.QObject):
    """Lives on the UI thread. `changed` when there are others or one of them is further; `began` with each new set."""

    changed = Signal()
    began = Signal()

    def __init__(
        self,
        session: Session,
        send: Callable[[Work, Deliver], None],
    ) -> None:
        """send: has a work's errand delivered."""
        super().__init__()
        self.showing = Showing(session)
        self._session, self._send = session, send
        self._sets: list[VariantSet] = []
        self._document: Any = None  # that was active when it was last looked
        session.changed.connect(self._heed)
        session.refreshed.connect(self._heed)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    # What there is

    @property
    def count(self) -> int:
        """How many are made at once; one is laid in as soon as it comes."""
        return min(max(self._session.panel_settings.variants, 1), MOST_VARIANTS)

    def choose_count(self, count: int) -> None:
        """From now on."""
        session = self._session
        session.panel_settings = dataclasses.replace(session.panel_settings, variants=count)
        self.changed.emit()

    def of_active(self) -> list[VariantSet]:
        """The active document's, the newest first."""
        document = self._session.canvas.document()
        return [each for each in reversed(self._sets) if document is not None and each.document == document]

    # What the painter asks for

    def begin(self, work: Work, order: Order) -> None:
        """Several instead of the one that was ordered."""
        assert work.edit
        assert work.canvas
        made = VariantSet(work.title, work.document, work.document_name, work.canvas, work.selection, order)
        self._session.end(work)
        self._sets.append(made)
        others = [dataclasses.replace(work.edit, seed=new_seed()) for _ in range(self.count - 1)]
        self._add(made, [(edit, "") for edit in (work.edit, *others)])
        self.began.emit()

    def same_again(self, of: VariantSet) -> None:
        """More of the same request, with other seeds."""
        edit = dataclasses.replace(of.variants[0].edit, variations=())
        strength = of.order.request["edit"]["strength"]
        edits = [dataclasses.replace(edit, seed=new_seed(), strength=strength) for _ in range(max(self.count, 2))]
        self._add(of, [(each, "") for each in edits])

    def more_like(self, of: VariantSet, variant: Variant) -> None:
        """Others near one of them: its noise turned a little."""
        edits = [turned(variant.edit, new_seed()) for _ in range(max(self.count, 2))]
        self._add(of, [(edit, variant.note) for edit in edits])

    def other_strengths(self, of: VariantSet, variant: Variant) -> None:
        """One of them with strengths from weak to strong, its seed the same."""
        shares = strengths(max(self.count, FEWEST_STRENGTHS))
        self._add(of, [(dataclasses.replace(variant.edit, strength=share), percent_text(share)) for share in shares])

    def point_at(self, of: VariantSet | None = None, variant: Variant | None = None) -> None:
        """Show one over the picture; none, or one that has not come yet, shows the picture as it is."""
        if of is None or variant is None or variant.delivery is None:
            return self.showing.show(None)
        try:
            now = self._session.canvas.info(of.document)
        except CanvasError:  # it is being closed
            return self.showing.show(None)
        self.showing.show(variant.run_id, of.document, on_todays_canvas(variant.delivery, now))

    def keep(self, of: VariantSet, variant: Variant) -> None:
        """Lay one in, above those that were kept before; or show its layer, where it was kept already."""
        if variant.delivery is None:
            return
        session = self._session
        with session.telling():
            if not session.canvas.is_open(of.document):
                raise CanvasError(tr("{document} was closed.").format(document=of.document_name))
            if variant.layer and session.canvas.show_layer(of.document, variant.layer):
                return
            kept = tuple(each.layer for each in of.kept)
            delivery = dataclasses.replace(variant.delivery, again_of=variant.run_id)
            self.showing.show(None)
            variant.layer, variant.is_gone = session.arrivals.lay(of.document, of.title, delivery, kept), False
            if variant.edit.kind == "remove":
                session.additions.of_removal(of.document, delivery.result.recipe)
            self.changed.emit()

    def throw_away(self, of: VariantSet, variant: Variant) -> None:
        """Cancel it, or do without it. The history remembers one that has come."""
        self._let_go([variant])
        of.variants.remove(variant)
        self._heed()

    def stop(self, of: VariantSet) -> None:
        """Cancel those that have not come yet."""
        for variant in of.variants:
            if variant.work:
                self._session.cancel(variant.work)

    def close(self, of: VariantSet) -> None:
        """The choice is made: what still runs is cancelled, and what was not kept is in the history alone."""
        self._let_go(of.variants)
        if of in self._sets:
            self._sets.remove(of)
        self.changed.emit()

    def adopt(self, document: Any, of: VariantSet) -> None:
        """A set that waited for its document, and the document that it may be kept in."""
        of.document = document
        for variant in of.ready:
            assert variant.delivery
            self._remember(of, variant)
            variant.picture = small_picture(self._session.canvas, document, variant.delivery)
        self._sets.append(of)
        self.began.emit()
        self.changed.emit()

    def discard(self, of: VariantSet) -> None:
        """A set that waited for its document is not wanted."""
        self._let_go(of.variants)

    @guarded
    def tidy(self) -> None:
        """Undo or redo may have taken a kept one away, or brought one back. Cheap."""
        document = self._session.canvas.document()
        if document is not None:
            self._session.canvas.tidy(document)

    @guarded
    def stepped(self) -> None:
        """A step was taken back, or taken again: see which are kept now."""
        self.tidy()
        canvas = self._session.canvas
        for of in self.of_active() if canvas.has_layers else []:
            for variant in of.kept:
                variant.is_gone = not canvas.layer_name(of.document, variant.layer)
        self.changed.emit()

    # What comes of it

    def take_in(self, work: Work, delivery: Delivery) -> None:
        """One has come."""
        of, variant = work.variant
        variant.delivery, variant.work = delivery, None
        if variant not in of.variants:  # it had failed, and was run again
            of.variants.append(variant)
        if not self._session.canvas.is_open(of.document):
            return self._keep_for_later(of, delivery)
        if of not in self._sets:
            self._sets.append(of)
        self._remember(of, variant)
        variant.picture = small_picture(self._session.canvas, of.document, delivery)
        if all(each.is_ready for each in of.variants):
            told = trn("{count} variant is ready.", "{count} variants are ready: choose one.", len(of.variants))
            self._session.announced.emit(told.format(count=len(of.variants)))
        self.changed.emit()

    @guarded
    def _heed(self) -> None:
        """Those that failed or were cancelled go, and so do the sets of closed documents that nothing comes for."""
        works, canvas = self._session.works, self._session.canvas
        document = canvas.document()
        before = [len(of.variants) for of in self._sets]
        for of in self._sets:
            of.variants = [each for each in of.variants if each.is_ready or each.work in works]
        over = [of for of in self._sets if not of.variants or not (canvas.is_open(of.document) or _is_awaited(of))]
        for of in over:
            self._let_go(of.ready)
            self._sets.remove(of)
        if document != self._document or before != [len(of.variants) for of in self._sets]:
            self._document = document
            self.changed.emit()

    def leave(self) -> None:
        """Krita closes: what was there to choose from is in the histories; what has not come yet waits for the next."""
        self.showing.close()
        for of in self._sets:
            self._let_go(of.ready)

    def _add(self, of: VariantSet, edits: Iterable[tuple[Edit, str]]) -> None:
        room = MOST_IN_A_SET - len(of.variants)
        added = [Variant(edit, note) for edit, note in list(edits)[: max(0, room)]]
        if not added:
            full = tr("There are {count} variants here already.").format(count=MOST_IN_A_SET)
            return self._session.tell(Notice(full, tr("Throw some away first.")))
        count = len(of.variants) + len(added)
        for variant in added:
            told = tr("{title} ({number} of {count})")
            title = told.format(title=translated(of.title), number=len(of.variants) + 1, count=count)
            work = Work(title, of.document_name, of.document, of.canvas, of.selection, variant.edit)
            work.stage, work.variant, variant.work = tr("Waiting…"), (of, variant), work
            of.variants.append(variant)
            self._session.new_work(work)
            order = with_edit(of.order, variant.edit, title)
            self._send(work, lambda errand, order=order: errand.carry(order))  # type: ignore[misc]
        self.changed.emit()

    def _remember(self, of: VariantSet, variant: Variant) -> None:
        """In the document's history, whether it will be kept or not."""
        assert variant.delivery
        recipe = {**kept_recipe(variant.delivery, of.title), "id": variant.run_id}
        self._session.history.laid_in(of.document, recipe, "", variant.delivery)

    def _keep_for_later(self, of: VariantSet, delivery: Delivery) -> None:
        """All that came of a set whose document was closed waits as one."""
        session = self._session
        waiting = next((parcel for parcel in session.parcels if parcel.variants is of), None)
        if waiting is None:
            reason = tr("{document} was closed before this was ready.").format(document=of.document_name)
            parcel = Parcel(of.title, of.document_name, of.canvas, delivery, reason, variants=of)
            session.parcels.append(parcel)
        self._sets = [each for each in self._sets if each is not of]
        session.changed.emit()

    def _let_go(self, variants: Iterable[Variant]) -> None:
        self.showing.show(None)
        for variant in variants:
            self.showing.forget(variant.run_id)
            if variant.work:
                self._session.cancel(variant.work)
            if variant.delivery:
                self._session.arrivals.let_go(variant.delivery.job_id)


def foremost(works: Iterable[Work]) -> list[Work]:
    """Those that are shown one by one: of several that belong to one set, the first alone."""
    shown: dict[int, Work] = {}
    for work in works:
        shown.setdefault(id(work.variant[0]) if work.variant else id(work), work)
    return list(shown.values())


def with_edit(order: Order, edit: Edit, label: str) -> Order:
    """The same picture and selection, otherwise edited."""
    request = {**order.request, "edit": dataclasses.asdict(edit)}
    return dataclasses.replace(order, request=request, label=label)


def turned(edit: Edit, seed: int) -> Edit:
    """An edit whose noise is turned a little towards that of another seed."""
    return dataclasses.replace(edit, variations=(*edit.variations, (seed, NEAR))[-MOST_VARIANTS:])


def strengths(count: int) -> list[float]:
    """So many, evenly from weak to strong, in whole percents."""
    step = (STRONGEST - WEAKEST) / (count - 1)
    return [round(WEAKEST + number * step, 2) for number in range(count)]


def percent_text(share: float) -> str:
    """A strength as people read it."""
    return tr("{percent} %").format(percent=round(100 * share))


def _is_awaited(of: VariantSet) -> bool:
    return any(variant.work for variant in of.variants)
