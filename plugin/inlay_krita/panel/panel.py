"""The whole panel: its pages, what is under way below them, and the engine's line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..translation import direction, tr
from .activity import Activity
from .background_section import BackgroundSection
from .edge_section import EdgeSection
from .engine_line import EngineLine
from .extend_section import ExtendSection
from .history_section import HistorySection
from .inputs_section import InputsSection
from .layer_section import LayerSection
from .models_section import ModelsSection
from .pages import MARGIN_PX, MIN_WIDTH_PX, FittedScroll, Page, Pages, stacked
from .part import Fold, Part, rule
from .prompt_section import PromptSection
from .queue_page import QueuePage
from .select_section import SelectSection
from .settings_page import SettingsPage
from .tab_order import order_tabs
from .variants_section import VariantsSection

GLANCE_MS = 1000  # a picture's size has no signal: read it this often while the panel is seen
LOOK_EVERY = 30  # glances between two looks for the engine
FOOTER_SHARE = 0.6
FIRST_PAGE = "edit"
OWN_FOLDS = ("inlay_why", "inlay_prompt_more")  # one is of a result alone, the other goes with the prompt's settings


class Panel(Part):
    """Put it into a docker or a window."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._glances = 0
        self._glimpse: object = None
        self.setObjectName("inlay_panel")
        self.setMinimumWidth(MIN_WIDTH_PX)
        self.setLayoutDirection(direction())  # of its own words; Krita may speak another language
        self.select = SelectSection(session)
        self.prompt = PromptSection(session)
        self.inputs = InputsSection(session)
        self.variants = VariantsSection(session)
        self.background = BackgroundSection(session)
        self.edge = EdgeSection(session)
        self.extend = ExtendSection(session)
        self.layer = LayerSection(session)
        self.history = HistorySection(session)
        self.queue = QueuePage(session)
        self.models = ModelsSection(session)
        self.settings = SettingsPage(session)
        self.activity = Activity(session)
        self.engine = EngineLine(session)
        self.pages = Pages(session, self._made_pages())
        self._footer = FittedScroll(self.activity)
        self._footer.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Maximum)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self._footer)
        self.engine.setContentsMargins(MARGIN_PX, 3, MARGIN_PX, 3)
        layout.addWidget(self.engine)
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(GLANCE_MS)
        self._timer.timeout.connect(self._glance)
        session.models_wanted.connect(self._show_models)
        session.selecting.wanted.connect(self._show_picture)
        session.history.filled.connect(self._show_fields)
        session.variants.began.connect(self._show_variants)
        kept = session.panel_settings.page
        self.pages.chosen.connect(self._page_chosen)
        self.show_page(kept if kept in self.pages.buttons else FIRST_PAGE)
        self._folds = [fold for fold in self.findChildren(Fold) if fold.objectName() not in OWN_FOLDS]
        for fold in self._folds:
            fold.setChecked(fold.objectName() in session.panel_settings.folds.split())
            fold.toggled.connect(self._fold_toggled)
        session.changed.connect(self._count)
        self._count()

    def show_page(self, name: str) -> None:
        """Show one of the pages: "edit", "history", "queue", "models", "settings"."""
        self.pages.show_page(name)

    def show_part(self, part: QtWidgets.QWidget) -> None:
        """Show the page that a section or one of its widgets is on, scrolled to it."""
        self.pages.show_part(part)

    def _made_pages(self) -> list[Page]:
        """In the order of their buttons."""
        groups: list[list[QtWidgets.QWidget]] = [
            [self.select],
            [self.prompt, self.inputs, self.variants],
            [self.background],
            [self.edge],
            [self.extend],
        ]
        ruled = [widget for group in groups for widget in (*group, rule())][:-1]
        return [
            Page("edit", tr("Edit"), stacked(self.layer, *ruled)),
            Page("history", tr("History"), stacked(self.history)),
            Page("queue", tr("Queue"), stacked(self.queue)),
            Page("models", tr("Models"), stacked(self.models)),
            Page("settings", tr("Settings"), stacked(self.settings)),
        ]

    @guarded
    def _count(self) -> None:
        """Say on the queue's button how much is under way, and waits for its picture."""
        self.pages.buttons["queue"].show_count(len(self.session.works) + len(self.session.parcels))

    @guarded
    def _page_chosen(self, name: str) -> None:
        """The next panel, or the next start, begins with it."""
        self.activity.leave_to_queue(name == "queue")
        self.session.panel_settings = dataclasses.replace(self.session.panel_settings, page=name)

    @guarded
    def _fold_toggled(self) -> None:
        """The next panel, or the next start, has the same ones open."""
        names = " ".join(fold.objectName() for fold in self._folds if fold.isChecked())
        self.session.panel_settings = dataclasses.replace(self.session.panel_settings, folds=names)

    @guarded
    def _show_picture(self) -> None:
        """Bring the picture that is clicked into to where it can be seen."""
        self.show_page(FIRST_PAGE)
        self.select.unfold()
        self.pages.scroll_to_top()

    @guarded
    def _show_models(self) -> None:
        self.show_page("models")

    @guarded
    def _show_variants(self) -> None:
        """Bring what will come to where it can be seen, once it has its place."""
        QtCore.QTimer.singleShot(0, self._go_to_variants)

    @guarded
    def _go_to_variants(self) -> None:
        self.show_part(self.variants)

    @guarded
    def _show_fields(self) -> None:
        """What was made before is in the fields again, to be changed."""
        self.show_page(FIRST_PAGE)

    @guarded
    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._glances = 0
        self._timer.start()
        self.session.choosing.glance()
        self.session.look()

    @guarded
    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: N802 - Qt's name
        order_tabs(self)  # cards and rows come and go
        return bool(super().focusNextPrevChild(is_next))

    def event(self, event: QtCore.QEvent) -> bool:
        return bool(self._keep_key(event)) or bool(super().event(event))

    @guarded
    def _keep_key(self, event: QtCore.QEvent) -> bool:
        """Let no shortcut of Krita's take a key that is ours while the panel has the focus."""
        if event.type() != QtCore.QEvent.Type.ShortcutOverride:
            return False
        tabs = (QtCore.Qt.Key.Key_Tab, QtCore.Qt.Key.Key_Backtab)  # Krita's own Tab hides all dockers
        is_ours = event.key() in tabs or self._meant_by(event) is not None  # type: ignore[attr-defined, arg-type]
        if is_ours:
            event.accept()
        return is_ours

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        meant = self._meant_by(event)
        if meant:
            meant()
        else:
            super().keyPressEvent(event)

    def _meant_by(self, event: QtGui.QKeyEvent) -> Callable[[], None] | None:
        """What a key asks of the whole panel."""
        keys, control = QtCore.Qt.Key, QtCore.Qt.KeyboardModifier.ControlModifier
        modifiers = event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier
        if event.key() in (keys.Key_Return, keys.Key_Enter) and modifiers == control:
            return self._run
        is_cancel = event.key() == keys.Key_Escape and modifiers == QtCore.Qt.KeyboardModifier.NoModifier
        return self.session.cancel_active if is_cancel and self.session.active_works() else None

    def _run(self) -> None:
        """As the button does; where it cannot, why not is brought into view."""
        if not self.session.choosing.run():
            self.show_part(self.prompt.run.why)

    @guarded
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._footer.setMaximumHeight(int(self.height() * FOOTER_SHARE))

    @guarded
    def _glance(self) -> None:
        """Have everything read anew if the document or its size changed; now and then look for the engine."""
        glimpse = (self.session.canvas.document(), self.session.active_info())
        if glimpse != self._glimpse:
            self._glimpse = glimpse
            self.session.refresh()
        else:
            self.session.choosing.glance()  # what is selected has no signal either
        self.session.history.glance()
        self.session.own.note_down()
        self.session.variants.tidy()
        self._glances += 1
        if self._glances % LOOK_EVERY == 0 and not self.session.works:
            self.session.look()
