"""Variants: small pictures of what there is to choose from. What is pointed at is seen on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from ..guard import guarded
from ..qt import QtWidgets
from ..sentences import translated
from ..session import Session
from ..translation import tr
from ..variants import Variant, VariantSet
from .button_grid import ButtonGrid
from .part import ElidedLabel, IconButton, MutedWords, Part, PushButton, show_if
from .variant_grid import VariantGrid

KEEP_TIP = tr("Lay the chosen one in as a layer with its mask (Enter). Of several that are kept the last is seen.")
CLOSE_TIP = tr("Done. What was kept stays, and the history remembers all of them.")


class VariantsSection(Part):
    """The active document's sets, the newest first; takes no room where there is none."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_variants")
        self._cards: dict[int, SetCard] = {}
        self._box = QtWidgets.QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(10)
        session.variants.changed.connect(self.refresh)
        session.changed.connect(self._progressed)
        self.refresh()

    @guarded
    def refresh(self) -> None:
        """Cards for new sets, none for those that are closed."""
        sets = self.session.variants.of_active()
        numbers = {of.number for of in sets}
        for number in [number for number in self._cards if number not in numbers]:
            card = self._cards.pop(number)
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, of in enumerate(sets):
            if of.number not in self._cards:
                self._cards[of.number] = SetCard(self.session, of)
                self._box.insertWidget(place, self._cards[of.number])
            self._cards[of.number].refresh()
        show_if(self, bool(sets))

    @guarded
    def _progressed(self) -> None:
        for card in self._cards.values():
            card.grid.update_progress()


class SetCard(Part):
    """One set: its pictures, and what can be done with the one that is chosen."""

    def __init__(self, session: Session, of: VariantSet) -> None:
        super().__init__(session)
        self.of = of
        self._chosen: Variant | None = None
        self.setObjectName("inlay_variant_set")
        title = ElidedLabel(translated(of.title))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self.close_button = IconButton("dismiss", CLOSE_TIP)
        self.close_button.setObjectName("inlay_variants_close_button")
        self.close_button.clicked.connect(self._close)
        self.words = MutedWords()
        self.words.setObjectName("inlay_variants_words")
        self.grid = VariantGrid(self.crashed)
        self.grid.pointed.connect(self._point)
        self.grid.chosen.connect(self._choose)
        self.grid.kept.connect(self._keep)
        self.grid.thrown_away.connect(self._throw_away)
        self.keep_button = self._button("keep", tr("Keep"), KEEP_TIP, self._keep_chosen)
        self.near_button = self._button("near", tr("More like this"), tr("Others near the chosen one."), self._near)
        self.again_button = self._button("again", tr("Same again"), tr("More, quite different ones."), self._again)
        sweep = tr("The chosen one from a weak to a strong change.")
        self.strengths_button = self._button("strengths", tr("Strengths"), sweep, self._strengths)
        first = QtWidgets.QHBoxLayout()
        first.addWidget(title, 1)
        first.addWidget(self.close_button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(first)
        buttons = (self.keep_button, self.near_button, self.again_button, self.strengths_button)
        for widget in (self.grid, self.words, ButtonGrid(list(buttons))):
            layout.addWidget(widget)

    @guarded
    def refresh(self) -> None:
        """Show what has come, and say what can be done."""
        of = self.of
        if self._chosen not in of.variants:
            self._chosen = None
        self._chosen = self._chosen or next(iter(of.ready), None)
        self.grid.show_variants(of.variants, self._chosen)
        is_chosen = self._chosen is not None
        self.keep_button.setEnabled(is_chosen)
        self.again_button.setEnabled(bool(of.ready))
        for button in (self.near_button, self.strengths_button):
            button.setEnabled(is_chosen and of.has_model)
        self.words.say(self._told())

    def _told(self) -> str:
        of = self.of
        if not of.ready:
            return tr("They come one by one.")
        kept = self._chosen is not None and self._chosen.is_kept
        return tr("This one is kept: its layer is in the picture.") if kept else tr("Point at one to see it in place.")

    def _button(self, name: str, text: str, tip: str, act: Callable[[], None]) -> PushButton:
        button = PushButton(text, name, tip)
        button.setObjectName(f"inlay_variants_{name}_button")
        button.clicked.connect(act)
        return button

    @guarded
    def _point(self, variant: Variant | None) -> None:
        self.session.variants.point_at(self.of, variant)

    @guarded
    def _choose(self, variant: Variant) -> None:
        self._chosen = variant
        self.refresh()

    @guarded
    def _keep(self, variant: Variant) -> None:
        self._chosen = variant
        self.session.variants.keep(self.of, variant)

    @guarded
    def _throw_away(self, variant: Variant) -> None:
        self.session.variants.throw_away(self.of, variant)

    @guarded
    def _keep_chosen(self) -> None:
        if self._chosen:
            self.session.variants.keep(self.of, self._chosen)

    @guarded
    def _near(self) -> None:
        if self._chosen:
            self.session.variants.more_like(self.of, self._chosen)

    @guarded
    def _again(self) -> None:
        self.session.variants.same_again(self.of)

    @guarded
    def _strengths(self) -> None:
        if self._chosen:
            self.session.variants.other_strengths(self.of, self._chosen)

    @guarded
    def _close(self) -> None:
        self.session.variants.close(self.of)
