"""Styles above the prompt: a choice, and a menu to keep, star, delete, import and export them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..session import Session
from ..styles import LONGEST_NAME, NO_STYLE, Style, clean_name
from ..translation import tr
from .numbers import Choice
from .part import IconButton, MutedWords, Part, below_end, show_if

STAR = "\N{BLACK STAR}"
FILTER = tr("Styles (*.json)")
CHOICE_TIP = tr(
    "Style: words around yours, what to keep away, model, LoRAs, strength, steps and guidance, under a name."
)
MENU_TIP = tr("Keep what is set as a style, or do something with styles.")


class StyleRow(Part):
    """Shows `session.styles`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.choice = Choice()
        self.choice.setObjectName("inlay_style")
        self.choice.setAccessibleName(tr("Style"))
        self.choice.setToolTip(CHOICE_TIP)
        self.choice.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.menu = StyleMenu(session, self._begin_naming)
        self.naming = Naming(session)
        self.remark = MutedWords()
        self.remark.setObjectName("inlay_style_remark")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.choice, 1)
        row.addWidget(self.menu)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.naming)
        layout.addWidget(self.remark)
        show_if(self.naming, False)
        self.refresh()
        self.choice.currentIndexChanged.connect(self._choose)
        self.naming.ended.connect(self._end_naming)
        session.styles.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """List what there is, the starred ones first."""
        styles = self.session.styles
        chosen, lines = styles.chosen.name, [(tr("No style"), "")]
        for style in styles.listed:
            star = f"{STAR} " if style.is_starred else ""
            named = f"{star}{style.name}"
            is_changed = style.name == chosen and styles.is_changed  # told in front: ends are cut off
            lines.append((tr("Changed: {name}").format(name=named) if is_changed else named, style.name))
        self.choice.blockSignals(True)
        if lines != [(self.choice.itemText(row), self.choice.itemData(row)) for row in range(self.choice.count())]:
            self.choice.clear()
            for title, name in lines:
                self.choice.addItem(title, name)
            for row, style in enumerate([NO_STYLE, *styles.listed]):
                self.choice.setItemData(row, told(style), QtCore.Qt.ItemDataRole.ToolTipRole)
        self.choice.setCurrentIndex(self.choice.findData(chosen))
        self.choice.blockSignals(False)
        self.remark.say(styles.remark)

    @guarded
    def _choose(self) -> None:
        self.session.styles.choose(self.choice.currentData())

    def _begin_naming(self) -> None:
        show_if(self.naming, True)
        self.naming.begin(self.session.styles.chosen.name)

    @guarded
    def _end_naming(self) -> None:
        show_if(self.naming, False)
        self.choice.setFocus()


class StyleMenu(QtWidgets.QToolButton):
    """What can be done with styles; most of it with the chosen one."""

    def __init__(self, session: Session, begin_naming: Callable[[], None]) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("inlay_style_menu")
        self.setText("…")
        self.setAccessibleName(tr("Styles"))
        self.setToolTip(MENU_TIP)
        self.setAutoRaise(True)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.list = QtWidgets.QMenu(self)
        self.keep = self._entry(tr("Keep as a style…"), begin_naming)
        self.update_it = self._entry(tr("Update"), self._update)
        self.star = self._entry(tr("Star"), self._star)
        self.delete = self._entry(tr("Delete"), self._delete)
        self.list.addSeparator()
        self.bring_in = self._entry(tr("Import…"), self._import)
        self.bring_out = self._entry(tr("Export…"), self._export)
        self.bring_all = self._entry(tr("Export all…"), self._export_all)
        self.clicked.connect(self._open)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def _entry(self, text: str, slot: Callable[[], None]) -> QtGui.QAction:
        entry = self.list.addAction(text)
        entry.triggered.connect(lambda *_: slot())
        return entry

    @guarded
    def _open(self) -> None:
        self.refresh()
        self.list.popup(below_end(self, self.list))

    @guarded
    def refresh(self) -> None:
        """Name the chosen style in what is about it."""
        styles = self._session.styles
        style, is_some = styles.chosen, styles.chosen is not NO_STYLE
        self.update_it.setText(_about(tr("Update"), tr("Update “{name}”"), style))
        self.update_it.setEnabled(is_some and styles.is_changed)
        star = tr("Unstar “{name}”") if style.is_starred else tr("Star “{name}”")
        self.star.setText(_about(tr("Star"), star, style))
        self.delete.setText(_about(tr("Delete"), tr("Delete “{name}”"), style))
        self.bring_out.setText(_about(tr("Export…"), tr("Export “{name}”…"), style))
        for entry in (self.star, self.delete, self.bring_out):
            entry.setEnabled(is_some)
        self.bring_all.setEnabled(bool(styles.listed))

    @guarded
    def _update(self) -> None:
        self._session.styles.save(self._session.styles.chosen.name)

    @guarded
    def _star(self) -> None:
        style = self._session.styles.chosen
        self._session.styles.star(style.name, not style.is_starred)

    @guarded
    def _delete(self) -> None:
        self._session.styles.delete(self._session.styles.chosen.name)

    @guarded
    def _import(self) -> None:
        name, _ = QtWidgets.QFileDialog.getOpenFileName(self.window(), tr("Import styles"), "", FILTER)
        if name:
            self._session.styles.bring_in(Path(name))

    @guarded
    def _export(self) -> None:
        self._bring_out(self._session.styles.chosen.name)

    @guarded
    def _export_all(self) -> None:
        self._bring_out("")

    def _bring_out(self, name: str) -> None:
        proposed = f"{''.join(letter if letter.isalnum() else '-' for letter in name) or 'inlay-styles'}.json"
        path, _ = QtWidgets.QFileDialog.getSaveFileName(self.window(), tr("Export styles"), proposed, FILTER)
        if path:
            self._session.styles.bring_out(Path(path), name)


class Naming(Part):
    """A line for a style's name. A name that is there already is told, and replaced only by a button that says so."""

    ended = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.name = QtWidgets.QLineEdit()
        self.name.setObjectName("inlay_style_name")
        self.name.setPlaceholderText(tr("Name of the style"))
        self.name.setAccessibleName(tr("Name of the style"))
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setMinimumWidth(20)
        self.button = QtWidgets.QPushButton(tr("Keep"))
        self.button.setObjectName("inlay_style_keep_button")
        self.cancel = IconButton("dismiss", tr("Keep nothing (Escape)"))
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.cancel)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.name)
        layout.addLayout(row)
        self.name.textChanged.connect(self._named)
        self.name.returnPressed.connect(self._enter)
        self.button.clicked.connect(self._keep)
        self.cancel.clicked.connect(self.ended)

    def begin(self, proposed: str) -> None:
        """Ask for a name."""
        self.name.setText(proposed)
        self.name.selectAll()
        self.name.setFocus()
        self._named()

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    @property
    def _is_taken(self) -> bool:
        return clean_name(self.name.text()) in [style.name for style in self.session.styles.listed]

    @guarded
    def _named(self) -> None:
        self.button.setEnabled(bool(clean_name(self.name.text())))
        self.button.setText(tr("Replace") if self._is_taken else tr("Keep"))
        self.button.setToolTip(
            tr("There is a style of that name.") if self._is_taken else tr("Keep it under this name.")
        )

    @guarded
    def _enter(self) -> None:
        """Enter keeps what is new; what is there is replaced by its button alone."""
        if self._is_taken:
            self.button.setFocus()
        elif self.button.isEnabled():
            self._keep()

    @guarded
    def _keep(self) -> None:
        self.session.styles.save(clean_name(self.name.text()))
        self.ended.emit()


def told(style: Style) -> str:
    """What a style sets, for a tooltip."""
    lines = [
        style.words,
        _line(tr("Not: {value}"), style.negative_prompt),
        _line(tr("LoRAs: {value}"), ", ".join(f"{name} {weight:g}" for name, weight in style.loras)),
        _line(tr("Model: {value}"), style.model),
        _line(tr("Strength: {value} %"), style.strength_percent),
        _line(tr("Steps: {value}"), style.steps),
        _line(tr("Guidance: {value}"), f"{style.guidance:g}" if style.guidance else ""),
    ]
    return "\n".join(line for line in lines if line) or tr("Sets everything back.")


def _line(text: str, value: object) -> str:
    return text.format(value=value) if value else ""


def _about(alone: str, named: str, style: Style) -> str:
    """A menu's words: about a style, or about none."""
    return alone if style is NO_STYLE else named.format(name=style.name)
