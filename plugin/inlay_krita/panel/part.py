"""What the panel's widgets have in common: guarded slots, themed icons, words that fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..translation import tr

if TYPE_CHECKING:
    from ..session import Session

ICONS = Path(__file__).parent.parent / "icons"
ARROW_PX = 14  # of a fold, with the gap behind it
LONG_WORD = 18  # letters; longer ones may be broken after a separator
WIDEST_LABELS = (tr("Guidance"), tr("Feather"), tr("Strength"))  # which of them differs between languages
OPPOSITE = {"previous": "next", "next": "previous"}  # of icons that point along the line
MARK = "\N{RIGHT-TO-LEFT MARK}"
SMALL = 0.9  # of the normal letters' height
ICON_PX = 16
FADED = 0.35  # of an icon that cannot be pressed: plainly less than 1, and still to be made out
MUTED = 0.15  # of the background in the letters' colour: more than 4:1 in Krita's dark and bright themes


class Part(QtWidgets.QWidget):
    """A piece of the panel that shows the session."""

    def __init__(self, session: Session, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)


class PushButton(QtWidgets.QPushButton):
    """A button with words and an icon in the theme's colour; narrow enough for any docker."""

    def __init__(self, text: str, icon_name: str, tip: str) -> None:
        super().__init__(text)
        self._icon_name = icon_name
        self.setToolTip(tip)
        self.setIcon(themed_icon(icon_name, self.palette()))

    def dress(self, text: str, icon_name: str, tip: str) -> None:
        """Say something else."""
        self._icon_name = icon_name
        self.setText(text)
        self.setToolTip(tip)
        self.setIcon(themed_icon(icon_name, self.palette()))

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.PaletteChange:
            self.setIcon(themed_icon(self._icon_name, self.palette()))

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """WORKAROUND Qt 5: its styles mirror the words twice, so that they lie far from their icon."""
        if not self.isRightToLeft():
            return super().paintEvent(event)
        option, painter = QtWidgets.QStyleOptionButton(), QtWidgets.QStylePainter(self)
        self.initStyleOption(option)
        option.text = f"{MARK}{option.text}{MARK}"  # the words themselves go on reading from the right
        painter.setLayoutDirection(QtCore.Qt.LayoutDirection.LeftToRight)
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButton, option)

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""


class IconButton(QtWidgets.QToolButton):
    """A flat button with an icon alone."""

    def __init__(self, icon_name: str, tip: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self.setAutoRaise(True)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QtCore.QSize(ICON_PX, ICON_PX))
        self._dress()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QtCore.QEvent.Type.PaletteChange, QtCore.QEvent.Type.LayoutDirectionChange):
            self._dress()

    def _dress(self) -> None:
        name = self._icon_name
        self.setIcon(themed_icon(OPPOSITE.get(name, name) if self.isRightToLeft() else name, self.palette()))


class Fold(QtWidgets.QToolButton):
    """An arrow and a word that open and close what is below; as plain as a label, and flush with labels."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        words = self.fontMetrics()
        return QtCore.QSize(ARROW_PX + words.horizontalAdvance(self.text()) + 4, words.height() + 4)

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, styles, option = QtGui.QPainter(self), QtWidgets.QStyle, QtWidgets.QStyleOption()
        option.initFrom(self)
        option.rect = visual(self, QtCore.QRect(0, 0, ARROW_PX - 4, self.height()))
        arrows = styles.PrimitiveElement
        onward = arrows.PE_IndicatorArrowLeft if self.isRightToLeft() else arrows.PE_IndicatorArrowRight
        arrow = arrows.PE_IndicatorArrowDown if self.isChecked() else onward
        self.style().drawPrimitive(arrow, option, painter, self)
        painter.setPen(self.palette().windowText().color())
        painter.setLayoutDirection(self.layoutDirection())  # else the application's
        place = visual(self, self.rect().adjusted(ARROW_PX, 0, 0, 0))
        painter.drawText(place, QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""


class MutedLabel(QtWidgets.QLabel):
    """Small words that stand back; a theme's colour for what is disabled would be too faint to read."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setFont(small_font(self.font()))
        self._mute()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QtCore.QEvent.Type.PaletteChange, QtCore.QEvent.Type.ParentChange):
            self._mute()

    def _mute(self) -> None:
        around = QtWidgets.QApplication.palette()
        colour = mixed(around.windowText().color(), around.window().color(), MUTED)
        if self.palette().windowText().color() != colour:  # setting it comes back here
            palette = QtGui.QPalette()
            palette.setColor(QtGui.QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


class Words(QtWidgets.QLabel):
    """Words that wrap, in the panel's width whatever they say."""

    def __init__(self, text: str = "", is_small: bool = False) -> None:
        super().__init__()
        let_wrap(self)
        if is_small:
            self.setFont(small_font(self.font()))
        self.say(text)

    def say(self, text: str) -> None:
        """Show other words; none hide the label."""
        self.setText(breakable(text))
        show_if(self, bool(text))


class MutedWords(MutedLabel):
    """Muted words that wrap."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        let_wrap(self)
        self.say(text)

    def say(self, text: str) -> None:
        """Show other words; none hide the label."""
        self.setText(breakable(text))
        show_if(self, bool(text))


class ElidedLabel(QtWidgets.QLabel):
    """One line that ends in "…" where there is no room; the tooltip tells the rest."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        shown = self.fontMetrics().elidedText(self.text(), QtCore.Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter = QtGui.QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())  # else the application's
        role = QtGui.QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        painter.drawText(self.rect(), QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignLeft, shown)

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""


class Section(QtWidgets.QWidget):
    """A titled group of the panel; `body` takes its content."""

    def __init__(self, title: str) -> None:
        super().__init__()
        label = QtWidgets.QLabel(title)
        let_wrap(label)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        self.body = QtWidgets.QVBoxLayout()
        self.body.setSpacing(5)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label)
        layout.addLayout(self.body)


class Fields(QtWidgets.QGridLayout):
    """Labelled fields below each other; they begin at the same place in all sections."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(6)
        self.setVerticalSpacing(4)
        self.setColumnStretch(1, 1)
        self.setColumnMinimumWidth(0, label_width_px())
        self._labels: dict[QtWidgets.QWidget, QtWidgets.QLabel] = {}

    def add(self, name: str, field: QtWidgets.QWidget) -> None:
        """A field with its label."""
        row = len(self._labels)
        self._labels[field] = label = QtWidgets.QLabel(name)
        label.setBuddy(field)
        label.setToolTip(field.toolTip())
        field.setAccessibleName(name)
        field.setAccessibleDescription(field.toolTip())
        self.addWidget(label, row, 0)
        self.addWidget(field, row, 1)

    def show_row(self, field: QtWidgets.QWidget, is_shown: bool) -> None:
        """Show or hide a field with its label."""
        show_if(self._labels[field], is_shown)
        show_if(field, is_shown)


class Card(QtWidgets.QFrame):
    """A tinted box with a bar of colour where its lines begin."""

    def __init__(self, bar: QtGui.QColor | None = None) -> None:
        super().__init__()
        self._bar = bar
        self.box = QtWidgets.QVBoxLayout(self)
        self.box.setSpacing(4)
        self._indent()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.LayoutDirectionChange:
            self._indent()

    def _indent(self) -> None:
        """Make room for the bar; layouts do not mirror their margins."""
        self.box.setContentsMargins(*((6, 6, 10, 6) if self.isRightToLeft() else (10, 6, 6, 6)))

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        palette = self.palette()
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(mixed(palette.window().color(), palette.windowText().color(), 0.08))
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.setBrush(self._bar or palette.highlight().color())
        painter.drawRoundedRect(visual(self, QtCore.QRect(0, 0, 4, self.height())), 2, 2)


def label_width_px() -> int:
    """The width of all labels before fields."""
    letters = QtGui.QFontMetrics(QtWidgets.QApplication.font())
    return max(map(letters.horizontalAdvance, WIDEST_LABELS))


def visual(widget: QtWidgets.QWidget, place: QtCore.QRect) -> QtCore.QRect:
    """Where that place is for a widget whose lines may begin at the right."""
    return QtWidgets.QStyle.visualRect(widget.layoutDirection(), widget.rect(), place)


def below_end(button: QtWidgets.QWidget, menu: QtWidgets.QMenu) -> QtCore.QPoint:
    """Where on the screen a menu opens that is wider than its button at the end of a line."""
    left = 0 if button.isRightToLeft() else button.width() - menu.sizeHint().width()
    return button.mapToGlobal(QtCore.QPoint(left, button.height()))


def let_wrap(label: QtWidgets.QLabel) -> None:
    """Make a label that wraps and never asks for more width than there is."""
    label.setWordWrap(True)
    label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)
    label.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignTop)


def themed_icon(name: str, palette: QtGui.QPalette) -> QtGui.QIcon:
    """Our icon for the theme: `-light` has light strokes, for dark themes; `-dark` the other way round."""
    kind = "dark" if is_light(palette) else "light"
    icon = QtGui.QIcon(str(ICONS / f"{name}-{kind}.svg"))
    icon.addPixmap(_faded(icon), QtGui.QIcon.Mode.Disabled)  # as Qt's styles grey it, it is as bright as before
    return icon


def _faded(icon: QtGui.QIcon) -> QtGui.QPixmap:
    """What of an icon is seen on a button that cannot be pressed."""
    whole = icon.pixmap(ICON_PX, ICON_PX)
    made = QtGui.QPixmap(whole.size())
    made.setDevicePixelRatio(whole.devicePixelRatio())
    made.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(made)
    painter.setOpacity(FADED)
    painter.drawPixmap(0, 0, whole)
    painter.end()
    return made


def is_light(palette: QtGui.QPalette) -> bool:
    """Whether it is a light theme. Krita's own rule."""
    return palette.window().color().value() > 100


def mixed(first: QtGui.QColor, second: QtGui.QColor, share: float) -> QtGui.QColor:
    """`first` with a share of `second` in it."""
    kept = 1.0 - share
    return QtGui.QColor(
        round(first.red() * kept + second.red() * share),
        round(first.green() * kept + second.green() * share),
        round(first.blue() * kept + second.blue() * share),
    )


def small_font(font: QtGui.QFont) -> QtGui.QFont:
    smaller = QtGui.QFont(font)
    if font.pointSizeF() > 0:
        smaller.setPointSizeF(font.pointSizeF() * SMALL)
    return smaller


def breakable(text: str) -> str:
    """Text whose long words (paths, mostly) may be broken after a separator."""
    return " ".join(_broken(word) if len(word) > LONG_WORD else word for word in text.split(" "))


def _broken(word: str) -> str:
    for separator in "/\\_-.":
        word = word.replace(separator, f"{separator}\u200b")
    return word


def show_if(widget: QtWidgets.QWidget, is_shown: bool) -> None:
    """Show or hide. A widget without a parent is only hidden: shown, it would be a window."""
    if not is_shown or widget.parentWidget():
        widget.setVisible(is_shown)


def rule() -> QtWidgets.QFrame:
    """A thin line between two sections."""
    line = QtWidgets.QFrame()
    line.setFrameShape(QtWidgets.QFrame.Shape.HLine)
    line.setFrameShadow(QtWidgets.QFrame.Shadow.Sunken)
    return line


def clear_layout(layout: QtWidgets.QLayout) -> None:
    """Take all widgets out of a layout and let them go."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget:
            widget.hide()
            widget.deleteLater()
