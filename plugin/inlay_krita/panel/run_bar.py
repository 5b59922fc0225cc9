"""The one button: it says what it will do, a menu beside it has the other ways, and what is in the way stands below."""

from __future__ import annotations

from functools import partial

from ..choosing import Obstacle, Way
from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..settings import MOST_VARIANTS
from ..shapes import TIMES
from ..translation import tr
from .part import MutedWords, Part, PushButton, below_end, show_if, themed_icon

KEY = tr("Ctrl+Enter")
COUNT_TIP = tr("How many variants to make. Of several you choose one; a single one is laid in at once.")
HIGHER = 1.4  # than other buttons
TIPS = {
    Way.REMOVE: tr("Take out what is selected and fill the place."),
    Way.REPLACE: tr("Paint what the prompt says where the selection is."),
    Way.RESTYLE: tr("Keep what is selected, and let it look as the prompt says."),
    Way.INSTRUCT: tr("Change the selection, or the whole picture, as the prompt tells: make it sunset."),
    Way.BACKGROUND: tr("Keep the subject, and paint what the prompt says around it."),
    Way.EXTEND: tr("Make the canvas larger and go on with the picture, as Extend says."),
}


class RunBar(Part):
    """Shows `session.choosing`, and runs it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.button = PushButton(tr(Way.REMOVE.value), Way.REMOVE.kind, "")
        self.button.setObjectName("inlay_run_button")
        font = self.button.font()
        font.setBold(True)
        self.button.setFont(font)
        self.button.setMinimumHeight(round(self.button.sizeHint().height() * HIGHER))
        self.button.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.count = CountBox(session)
        self.ways = WaysButton(session)
        self.why = ObstacleLine(session)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.count)
        row.addWidget(self.ways)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.why)
        self.button.clicked.connect(self.run)
        session.choosing.changed.connect(self.refresh)
        self.refresh()

    @guarded
    def refresh(self) -> None:
        """Say what would be done now, or why it cannot be."""
        way = self.session.choosing.way
        obstacle = self.session.choosing.obstacle(way)
        self.button.dress(tr(way.value), way.kind, f"{TIPS[way]} ({KEY})")
        self.button.setAccessibleDescription(obstacle.text if obstacle else TIPS[way])
        self.button.setEnabled(obstacle is None)
        self.why.say(obstacle)

    @guarded
    def run(self) -> None:
        """Do what the button says, if it can be done."""
        self.session.choosing.run()

    @guarded
    def enterEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        """The mouse comes: let the button know what is selected now."""
        super().enterEvent(event)  # type: ignore[arg-type]
        self.session.choosing.glance()


class CountBox(QtWidgets.QSpinBox):
    """How many results at once."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("inlay_count")
        self.setRange(1, MOST_VARIANTS)
        self.setPrefix(f"{TIMES} ")
        self.setValue(session.variants.count)
        self.setToolTip(COUNT_TIP)
        self.setAccessibleName(tr("Variants"))
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # not by the wheel
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Expanding)
        self.valueChanged.connect(self._choose)
        session.variants.changed.connect(self._refresh)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """The wheel scrolls the panel, unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    @guarded
    def _choose(self, count: int) -> None:
        self._session.variants.choose_count(count)

    @guarded
    def _refresh(self) -> None:
        """Another of Krita's windows may have another panel."""
        if self.value() != self._session.variants.count:
            self.setValue(self._session.variants.count)


class WaysButton(QtWidgets.QToolButton):
    """A narrow arrow with the menu of all ways; what is chosen there is done at once, and not remembered."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("inlay_ways_button")
        self.setAccessibleName(tr("Other ways"))
        self.setToolTip(tr("Other ways: all that can be done."))
        self.setArrowType(QtCore.Qt.ArrowType.DownArrow)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Expanding)
        self.list = QtWidgets.QMenu(self)  # not `setMenu`: styles would draw a second arrow for it
        self.list.setToolTipsVisible(True)
        self.entries = {way: self._entry(way) for way in Way}
        self.clicked.connect(self._open)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def _entry(self, way: Way) -> QtGui.QAction:
        entry = self.list.addAction(tr(way.value))
        entry.setObjectName(f"inlay_way_{way.kind}")
        entry.setToolTip(TIPS[way])
        entry.triggered.connect(partial(self._run, way))
        return entry

    @guarded
    def _open(self) -> None:
        """Below, and flush with the panel's end: the menu is wider than the arrow."""
        self.refresh()
        self.list.popup(below_end(self, self.list))

    @guarded
    def refresh(self) -> None:
        """Say of each way whether it can be gone."""
        choosing = self._session.choosing
        choosing.glance()
        for way, entry in self.entries.items():
            obstacle = choosing.obstacle(way)
            words = tr(way.value)
            entry.setText(f"{words}: {obstacle.short}" if obstacle else words)
            entry.setEnabled(obstacle is None)
            entry.setIcon(themed_icon(way.kind, self.palette()))

    @guarded
    def _run(self, way: Way, _is_checked: bool = False) -> None:
        self._session.choosing.run(way)


class ObstacleLine(Part):
    """Why the button cannot be pressed, and what would help; takes no room where it can."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_obstacle")
        self.words = MutedWords()
        self.show_models = QtWidgets.QPushButton(tr("Show models"))
        self.show_models.setObjectName("inlay_show_models_button")
        self.show_models.setToolTip(tr("What can be installed, what it does, and how large it is."))
        self.show_models.clicked.connect(self._show_models)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.words.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.show_models)

    def say(self, obstacle: Obstacle | None) -> None:
        """Show what is in the way."""
        self.words.say(obstacle.text if obstacle else "")
        show_if(self.show_models, obstacle is not None and obstacle.needs_model)
        show_if(self, obstacle is not None)

    @guarded
    def _show_models(self) -> None:
        self.session.models_wanted.emit()
