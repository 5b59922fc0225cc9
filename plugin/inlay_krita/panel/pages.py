"""Pages: a row of icons, and below it one page at a time, each with a scroll bar of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..session import Session
from ..translation import numeral, tr
from .part import IconButton, Part, mixed, show_if, small_font

MIN_WIDTH_PX = 150
MARGIN_PX = 8
BUTTON_HEIGHT_PX = 26
LINE_PX = 2  # below the button of the page that is seen
MOST_COUNTED = 99
COUNTED = tr("{page}: {count}")
TINT = 0.1  # of the letters' colour, behind that button


@dataclass(frozen=True)
class Page:
    """What a page is called in code, what people call it, and what is on it. Its icon is `page_NAME`."""

    name: str
    title: str
    content: QtWidgets.QWidget


class Pages(Part):
    """Shows one of several pages. `chosen` tells which, when it is another one."""

    chosen = Signal(str)

    def __init__(self, session: Session, pages: list[Page]) -> None:
        super().__init__(session)
        self.buttons = {page.name: PageButton(page) for page in pages}
        self._scrolls = {page.name: FittedScroll(page.content) for page in pages}
        self._group = QtWidgets.QButtonGroup(self)  # exclusive, and arrow keys go from one to the next
        row = QtWidgets.QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for name, button in self.buttons.items():
            self._group.addButton(button)
            row.addWidget(button, 1)
            button.toggled.connect(partial(self._toggled, name))
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        for scroll in self._scrolls.values():
            show_if(scroll, False)
            layout.addWidget(scroll, 1)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Expanding)

    @property
    def current(self) -> str:
        """The name of the page that is seen."""
        return next((name for name, button in self.buttons.items() if button.isChecked()), "")

    def show_page(self, name: str) -> None:
        """Show a page; one that is not there is none."""
        if name in self.buttons:
            self.buttons[name].setChecked(True)

    def show_part(self, part: QtWidgets.QWidget) -> None:
        """Show the page that a widget is on, scrolled to it."""
        for name, scroll in self._scrolls.items():
            if scroll.isAncestorOf(part):
                self.show_page(name)
                QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.LayoutRequest)  # now it has a place
                scroll.ensureWidgetVisible(part)

    def scroll_to_top(self) -> None:
        """Show the beginning of the page that is seen."""
        self._scrolls[self.current].verticalScrollBar().setValue(0)

    @guarded
    def _toggled(self, name: str, is_chosen: bool) -> None:
        show_if(self._scrolls[name], is_chosen)
        if is_chosen:
            self.chosen.emit(name)


class PageButton(IconButton):
    """The icon of a page; a line below tells that it is the one that is seen."""

    def __init__(self, page: Page) -> None:
        super().__init__(f"page_{page.name}", page.title)
        self.setObjectName(f"inlay_page_{page.name}_button")
        self.setCheckable(True)
        self.setFixedHeight(BUTTON_HEIGHT_PX)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self._title, self._count = page.title, 0

    def show_count(self, count: int) -> None:
        """A number beside the icon; none for 0."""
        if count != self._count:
            self._count = count
            told = COUNTED.format(page=self._title, count=numeral(count)) if count else self._title
            self.setToolTip(told)
            self.setAccessibleName(told)
            self.update()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, palette = QtGui.QPainter(self), self.palette()
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), mixed(palette.window().color(), palette.windowText().color(), TINT))
        if self.isChecked():
            painter.fillRect(self.rect().adjusted(0, self.height() - LINE_PX, 0, 0), palette.highlight())
        place = QtCore.QRect(QtCore.QPoint(0, 0), self.iconSize())
        place.moveCenter(self.rect().center())
        self.icon().paint(painter, place)
        if self._count:
            self._paint_count(painter, place)
        if self.hasFocus():
            painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
            painter.setPen(palette.highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_count(self, painter: QtGui.QPainter, icon: QtCore.QRect) -> None:
        """The number on a disc in the letters' own colour: readable in every theme that is."""
        palette, told = (
            self.palette(),
            numeral(self._count) if self._count <= MOST_COUNTED else "\N{HORIZONTAL ELLIPSIS}",
        )
        font = small_font(self.font())
        font.setBold(True)
        words = QtGui.QFontMetrics(font)
        width = max(words.height(), words.horizontalAdvance(told) + 6)
        disc = QtCore.QRect(0, 0, width, words.height())
        disc.moveCenter(QtCore.QPoint(icon.right() + width // 2, icon.top() + 3))
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(palette.windowText())
        painter.drawRoundedRect(disc, disc.height() / 2, disc.height() / 2)
        painter.setFont(font)
        painter.setPen(palette.window().color())
        painter.drawText(disc, QtCore.Qt.AlignmentFlag.AlignCenter, told)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)

    def enterEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().enterEvent(event)  # type: ignore[arg-type]
        self.update()

    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self.update()

    def crashed(self, error: Exception) -> None:
        """Nothing more can be shown here; the log has it."""


class FittedScroll(QtWidgets.QScrollArea):
    """Scrolls up and down only, and is as high as its content where there is room."""

    def __init__(self, content: QtWidgets.QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        content.installEventFilter(self)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        content = self.widget()
        if content is None or content.isHidden():
            return QtCore.QSize(0, 0)
        height = content.heightForWidth(max(self.viewport().width(), MIN_WIDTH_PX))
        return QtCore.QSize(content.sizeHint().width(), height if height > 0 else content.sizeHint().height())

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(0, 0)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        changes = (QtCore.QEvent.Type.LayoutRequest, QtCore.QEvent.Type.ShowToParent, QtCore.QEvent.Type.HideToParent)
        if event.type() in changes:
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))


def stacked(*widgets: QtWidgets.QWidget) -> QtWidgets.QWidget:
    """Widgets below each other, with the panel's margins."""
    whole = QtWidgets.QWidget()
    layout = QtWidgets.QVBoxLayout(whole)
    layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return whole
