"""The window: a toolbar, the picture, and the panel beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from inlay_krita.guard import guarded
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.qt import QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.state import notice_of
from inlay_krita.translation import tr

from inlay.files.errors import FileError
from inlay.files.reading import READABLE, read_mask
from inlay.files.writing import WRITABLE
from inlay.panel.canvas import FileCanvas
from inlay.panel.display import shown
from inlay.panel.document import Document
from inlay.panel.keeper import FileKeeper
from inlay.panel.selection import Selection, Tool
from inlay.panel.view import View
from inlay.pixels.masks import Mask

PANEL_WIDTH_PX = 260
NATIVE = QtGui.QKeySequence.SequenceFormat.NativeText
T = TypeVar("T")
TIPS = {
    Tool.BRUSH: tr("Paint what is to be removed"),
    Tool.ERASER: tr("Take away from what is painted"),
    Tool.RECTANGLE: tr("Drag a rectangle over what is to be removed"),
}


class Window(QtWidgets.QMainWindow):
    """One picture at a time."""

    def __init__(self, launcher: Launcher | None = None, log_path: Path | None = None) -> None:
        super().__init__()
        launcher = launcher or Launcher()
        self.view = View()
        self._selections: list[Selection] = []  # as they were before each result
        view = self.view
        self.canvas = FileCanvas(lambda: view.selection.mask, self._placed, self._select, lambda: view.image)
        self.session = Session(self.canvas, launcher, log_path, FileKeeper(launcher.folders.data / "panel.json"))
        self.panel = Panel(self.session)
        self.session.variants.showing.changed.connect(self._show_result)
        self.undo_action = self._action(tr("Undo"), "Ctrl+Z", tr("Take the last result away"), self._undo)
        write_tip = tr("Write the picture as {endings}").format(endings=WRITABLE)
        self.save_action = self._action(tr("Save as…"), "Ctrl+S", write_tip, self._ask_save)
        self._lay_out()
        self._show_document()
        self.resize(1100, 760)
        self.view.setFocus()  # so that B, E and R choose a tool

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def open(self, path: Path) -> None:
        """Open a picture; a notice in the panel says why if it cannot be."""
        document = self._reading(lambda: Document.open(path))
        if document:
            self.canvas.opened = document
            self._selections = []
            self.view.selection.clear()
            self._show_document()

    def load_mask(self, path: Path) -> None:
        """Select what a mask file of the picture's size selects."""
        document = self.canvas.opened
        if document:
            mask = self._reading(lambda: read_mask(path, document.picture.width, document.picture.height))
            if mask is not None:
                self._select(mask.view("uint8"))

    def save(self, path: Path) -> bool:
        """Write the picture. False, with a notice, where that cannot be done."""
        document = self.canvas.opened
        if document is None:
            return False
        self._reading(lambda: document.save(path))
        self._show_title()
        return document.is_saved

    @guarded
    def closeEvent(self, event: QtGui.QCloseEvent) -> None:  # noqa: N802 - Qt's name
        document = self.canvas.opened
        if document and not document.is_saved and not self._may_lose(document):
            event.ignore()
            return
        self.session.close()
        super().closeEvent(event)

    @guarded
    def _show_result(self) -> None:
        shown = self.session.variants.showing.shown
        self.view.show_over(shown if shown and shown.document is self.canvas.opened else None)

    def _may_lose(self, document: Document) -> bool:
        """Ask whether to save first. False: stay."""
        buttons = QtWidgets.QMessageBox.StandardButton
        answer = QtWidgets.QMessageBox.question(
            self,
            "Inlay",
            tr("{name} has changes that are not saved.").format(name=document.path.name),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            self._ask_save()
            return document.is_saved
        return answer == buttons.Discard

    def _reading(self, work: Callable[[], T]) -> T | None:
        """What `work` gives; None, and a notice, for a file that cannot be read or written."""
        try:
            return work()
        except FileError as error:
            self.session.tell(notice_of(str(error)))
            return None

    @guarded
    def _show_document(self) -> None:
        document = self.canvas.opened
        if document:
            self.view.show_image(shown(document.picture))
        self._show_title()
        self.session.refresh()

    def _show_title(self) -> None:
        document = self.canvas.opened
        self.undo_action.setEnabled(bool(document and document.can_undo))
        self.save_action.setEnabled(document is not None)
        mark = "" if document is None or document.is_saved else " *"
        self.setWindowTitle(f"{document.path.name}{mark} - Inlay" if document else "Inlay")

    @guarded
    def _placed(self) -> None:
        """A result is in the picture: what was selected is gone, so the selection makes room for a look at it."""
        self._selections.append(self.view.selection)
        self.view.selection = Selection(self.view.selection.image.width(), self.view.selection.image.height())
        self._show_document()

    def _select(self, mask: Mask) -> None:
        self.view.selection.load(mask)
        self.view.update()

    @guarded
    def _undo(self) -> None:
        if self.canvas.opened and self.canvas.opened.can_undo:
            self.canvas.opened.undo()
            self.view.selection = self._selections.pop()
            self._show_document()

    @guarded
    def _ask_open(self) -> None:
        name = self._ask_file(tr("Open a picture"))
        if name:
            self.open(Path(name))

    @guarded
    def _ask_mask(self) -> None:
        name = self._ask_file(tr("Load a mask"))
        if name:
            self.load_mask(Path(name))

    @guarded
    def _ask_save(self) -> None:
        document = self.canvas.opened
        if document:
            proposed = document.path.with_name(f"{document.path.stem}-inlay.png")
            title = tr("Save the picture")
            name, _ = QtWidgets.QFileDialog.getSaveFileName(self, title, str(proposed), _filter(WRITABLE))
            if name:
                self.save(Path(name))

    def _ask_file(self, title: str) -> str:
        folder = str(self.canvas.opened.path.parent) if self.canvas.opened else ""
        return QtWidgets.QFileDialog.getOpenFileName(self, title, folder, _filter(READABLE))[0]

    @guarded
    def _clear(self) -> None:
        self.view.selection.clear()
        self.view.update()

    @guarded
    def _choose_tool(self, action: QtGui.QAction) -> None:
        self.view.tool = action.data()
        self.view.update()

    @guarded
    def _choose_size(self, size_px: int) -> None:
        self.view.size_px = size_px

    def _lay_out(self) -> None:
        bar = self.addToolBar(tr("Tools"))
        bar.setMovable(False)
        open_tip = tr("Open a picture: {endings}").format(endings=READABLE)
        bar.addAction(self._action(tr("Open…"), "Ctrl+O", open_tip, self._ask_open))
        bar.addAction(self.save_action)
        bar.addAction(self.undo_action)
        bar.addSeparator()
        self._add_tools(bar)
        mask_tip = tr("Select what is white in another picture")
        bar.addAction(self._action(tr("Load mask…"), "Ctrl+M", mask_tip, self._ask_mask))
        bar.addAction(self._action(tr("Clear"), "Ctrl+Shift+A", tr("Select nothing"), self._clear))
        bar.addAction(self._action(tr("Fit"), "Ctrl+0", tr("Show the whole picture"), self.view.fit))
        splitter = QtWidgets.QSplitter()
        splitter.addWidget(self.view)
        splitter.addWidget(self.panel)
        splitter.setStretchFactor(0, 1)
        splitter.setCollapsible(1, False)
        splitter.setSizes([1100 - PANEL_WIDTH_PX, PANEL_WIDTH_PX])
        self.setCentralWidget(splitter)

    def _add_tools(self, bar: QtWidgets.QToolBar) -> None:
        group = QtGui.QActionGroup(self)
        for tool, key in zip(Tool, "BER", strict=True):
            action = QtGui.QAction(tr(tool.value), self)
            action.setCheckable(True)
            action.setChecked(tool is self.view.tool)
            action.setShortcut(key)
            action.setToolTip(f"{TIPS[tool]} ({key})")
            action.setData(tool)
            bar.addAction(group.addAction(action))
        group.triggered.connect(self._choose_tool)
        size = QtWidgets.QSpinBox()
        size.setRange(1, 1000)
        size.setValue(self.view.size_px)
        size.setSuffix(" px")
        size.setToolTip(tr("Size of the brush and the eraser, in pixels"))
        size.setAccessibleName(size.toolTip())
        size.valueChanged.connect(self._choose_size)
        bar.addWidget(size)

    def _action(self, text: str, key: str, tip: str, slot: Callable[[], object]) -> QtGui.QAction:
        action = QtGui.QAction(text, self)
        action.setShortcut(QtGui.QKeySequence(key))
        action.setToolTip(f"{tip} ({action.shortcut().toString(NATIVE)})")
        action.triggered.connect(slot)
        return action


def _filter(suffixes: str) -> str:
    """A file dialog's filter: ".png .tif" gives "Pictures (*.png *.tif)"."""
    also = {".tif": ".tif .tiff", ".jpg": ".jpg .jpeg"}
    names = " ".join(f"*{each}" for suffix in suffixes.split() for each in also.get(suffix, suffix).split())
    return tr("Pictures ({names})").format(names=names)
