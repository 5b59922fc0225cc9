"""History: the runs that the document remembers and what can be done with each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..contract import CanvasError
from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..sentences import translated
from ..session import Session
from ..state import PastResult
from ..thumbnails import decoded
from ..translation import numeral, tr, trn
from ..wire import EDITS
from .fitting import draw_fitted
from .layer_section import AGAIN_TIP
from .part import (
    ElidedLabel,
    IconButton,
    MutedLabel,
    MutedWords,
    Part,
    Section,
    Words,
    clear_layout,
    mixed,
    show_if,
    themed_icon,
)
from .why import Why

FIRST_SHOWN = 8
MORE_SHOWN = 20  # whenever older ones are asked for
THUMBNAIL_PX = 36  # two lines of words
FRAME = 0.35  # of the words' colour, around thumbnails
SHOW_TIP = tr("Show its layer")


class HistorySection(Part):
    """Shows `session.history`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_history")
        self._runs: tuple[PastResult, ...] = ()
        self._count = FIRST_SHOWN
        self.empty = MutedWords()
        self.said, self.problem = Words(is_small=True), MutedWords()
        self.said.setObjectName("inlay_history_said")
        self.problem.setObjectName("inlay_history_problem")
        self._newest, self._older = QtWidgets.QVBoxLayout(), QtWidgets.QVBoxLayout()
        self._older.setSpacing(4)
        self.why = Why(session)
        self.more = QtWidgets.QPushButton(tr("Show older"))
        self.more.setObjectName("inlay_history_older_button")
        self.more.setFlat(True)
        self.more.clicked.connect(self._show_more)
        show_if(self.more, False)
        section = Section(tr("History"))
        for widget in (self.empty, self.said, self.problem):
            section.body.addWidget(widget)
        section.body.addLayout(self._newest)
        section.body.addWidget(self.why)
        section.body.addLayout(self._older)
        section.body.addWidget(self.more)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.refresh()
        session.refreshed.connect(self.refresh)
        session.history.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """List the active document's runs."""
        history = self.session.history
        try:
            runs, problems = history.runs(), history.problems()
        except CanvasError:  # it is being closed
            runs, problems = (), ()
        if runs is not self._runs:
            self._runs, self._count = runs, FIRST_SHOWN
            self._list()
        self.said.say(history.said)
        self.problem.say("\n".join(problems))
        self.empty.say("" if runs or problems else self._nothing())

    def _nothing(self) -> str:
        """What an empty list says."""
        if self.session.canvas.document() is None:
            return tr("No picture is open.")
        return tr("What Inlay makes in this picture is listed here, to be run again or changed; the file remembers it.")

    @guarded
    def _show_more(self) -> None:
        self._count += MORE_SHOWN
        self._list()

    def _list(self) -> None:
        clear_layout(self._newest)
        clear_layout(self._older)
        for past in self._runs[: self._count]:
            (self._older if self._newest.count() else self._newest).addWidget(RunRow(self.session, past))
        self.why.say(self._runs[0].reasons if self._runs else ())
        older = len(self._runs) - self._count
        shown = trn("Show {count} older", "Show {count} older", older)
        if older > MORE_SHOWN:
            shown = trn("Show {most} of {count} older", "Show {most} of {count} older", older)
        self.more.setText(shown.format(count=numeral(older), most=numeral(MORE_SHOWN)))
        show_if(self.more, older > 0)


class RunRow(Part):
    """One run: what it looks like, what and when, once more, and a menu with the rest."""

    def __init__(self, session: Session, past: PastResult) -> None:
        super().__init__(session)
        self._past, self.title = past, translated(past.title)
        self.setObjectName("inlay_result")
        self.setToolTip("\n".join((f"{self.title}, {past.made}", *past.reasons)))
        picture = Thumbnail(past)
        picture.setEnabled(session.canvas.has_layers)
        picture.clicked.connect(self._show)
        again = IconButton("again", AGAIN_TIP)
        again.setObjectName("inlay_again_button")
        again.clicked.connect(self._again)
        more = MenuButton("more", tr("More to do with it"))
        more.setObjectName("inlay_result_menu_button")
        more.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = self._menu()
        more.setMenu(self.menu)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(MutedLabel(past.made), 1)
        below.addWidget(again)
        below.addWidget(more)
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(self.title))
        words.addLayout(below)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(picture)
        layout.addLayout(words, 1)

    @guarded
    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        self.menu.popup(event.globalPos())

    def _menu(self) -> QtWidgets.QMenu:
        menu, history = QtWidgets.QMenu(self), self.session.history
        entries: list[tuple[str, str, Callable[[], None]]] = [
            ("show", tr("Show its layer"), self._show),
            ("keep", tr("Keep again"), partial(history.keep, self._past)),
            ("again", tr("Run again"), self._again),
            ("change", tr("Edit and run"), partial(history.change, self._past)),
            ("copy", tr("Copy as a command line"), self._copy),
        ]
        for name, words, act in entries if self.session.canvas.has_layers else entries[1:]:
            action = menu.addAction(words)
            action.setObjectName(f"inlay_history_{name}")
            action.triggered.connect(partial(self._do, act))
        return menu

    @guarded
    def _do(self, act: Callable[[], None]) -> None:
        act()

    @guarded
    def _show(self) -> None:
        self.session.history.show(self._past)

    @guarded
    def _again(self) -> None:
        self.session.history.again(self._past)

    @guarded
    def _copy(self) -> None:
        command = self.session.history.command(self._past)
        if command:
            QtWidgets.QApplication.clipboard().setText(command)


class MenuButton(IconButton):
    """Opens a menu, and shows its icon alone: styles draw an arrow beside it."""

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        option = QtWidgets.QStyleOptionToolButton()
        self.initStyleOption(option)
        option.features &= ~QtWidgets.QStyleOptionToolButton.ToolButtonFeature.HasMenu
        painter = QtWidgets.QStylePainter(self)
        painter.drawComplexControl(QtWidgets.QStyle.ComplexControl.CC_ToolButton, option)

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""


class Thumbnail(QtWidgets.QAbstractButton):
    """A small picture of what came of a run, or the edit's icon where the document keeps none; shows the layer."""

    def __init__(self, past: PastResult) -> None:
        super().__init__()
        self._icon_name = past.kind if past.kind in EDITS else "inlay"
        self._image = decoded(past.thumbnail)
        self.setObjectName("inlay_thumbnail")
        self.setAccessibleName(f"{SHOW_TIP}: {translated(past.title)}")
        self.setToolTip(SHOW_TIP)
        self.setFixedSize(THUMBNAIL_PX, THUMBNAIL_PX)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)

    @property
    def has_picture(self) -> bool:
        return not self._image.isNull()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, palette = QtGui.QPainter(self), self.palette()
        place = self.rect()
        if self.has_picture:
            place = draw_fitted(painter, self._image, place)
        else:
            icon = themed_icon(self._icon_name, palette)
            icon.paint(painter, self.rect().adjusted(10, 10, -10, -10))
        is_marked = self.hasFocus() or self.underMouse()
        edge = palette.highlight().color()
        painter.setPen(edge if is_marked else mixed(palette.window().color(), palette.windowText().color(), FRAME))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def enterEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().enterEvent(event)  # type: ignore[arg-type]
        self.update()

    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self.update()
