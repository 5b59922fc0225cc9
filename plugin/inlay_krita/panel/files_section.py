"""Where files go, what they take, and clearing what is only kept for convenience."""

from __future__ import annotations

from pathlib import Path

from ..engine_setup import EngineFolder, Setup
from ..guard import guarded
from ..library import GB, bytes_text
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..state import Notice
from ..translation import later, tr
from .numbers import DecimalBox
from .part import ElidedLabel, Fields, IconButton, MutedWords, Part, Section, Words, clear_layout, show_if

TITLES = {"models": later("Models"), "images": later("Images of edits"), "logs": later("Logs")}
TIPS = {
    "models": later("Where models are installed. They are deleted one by one, on the page of models."),
    "images": later("What edits read and what came of them, so that a result can be laid in again."),
    "logs": later("What the engine and the panel did. Old ones go by themselves."),
}
OWN_TITLE, OWN_TIP = (
    tr("Styles and prompts"),
    tr("What this panel keeps: styles, earlier prompts, which engine is used."),
)
TAKES = tr("{size} used, {free} free")
EMPTY = tr("Empty, {free} free")
ORDER = ("models", "logs", "images")  # the last one has its limit below
LIMIT_TIP = tr("At most: what images of edits may take, in GB. The oldest go first; what an edit still needs stays.")
ASK_CLEAR = tr(
    "Delete {size} of images? What lies in your documents is not touched. To lay an old result in again, its edit must "
    "run again."
)
LEAST_GB, MOST_GB = 1.1, 1099.0  # 1 GiB to 1 TiB, as the engine takes it
SETTLE_MS = 500  # after the last step of a number


class FilesSection(Part):
    """Shows `session.engine_setup.setup.folders`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.limit = DecimalBox("inlay_image_limit", MOST_GB, LIMIT_TIP)
        self.limit.setRange(LEAST_GB, MOST_GB)
        self.limit.setSuffix("\N{NO-BREAK SPACE}GB")
        self.limit.setSingleStep(1.0)
        self._settling = QtCore.QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._shown: object = None  # what decides which rows and buttons there are
        self._facts: dict[str, MutedWords] = {}
        self._rows = QtWidgets.QVBoxLayout()
        self._rows.setSpacing(6)
        self._fields = Fields()
        self._fields.add(tr("At most"), self.limit)
        self.question = ClearQuestion(session)
        section = Section(tr("Files"))
        section.body.addLayout(self._rows)
        section.body.addWidget(self.question)
        section.body.addLayout(self._fields)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.limit.valueChanged.connect(self._settling.start)
        self._settling.timeout.connect(self._limit_chosen)
        session.engine_setup.changed.connect(self.refresh)
        self.refresh()

    @guarded
    def refresh(self) -> None:
        """Show what there is now."""
        setup = self.session.engine_setup.setup
        folders = [folder for name in ORDER if setup and (folder := setup.folder(name))]
        shape = [(folder.name, folder.path, folder.clearable_bytes > 0) for folder in folders]
        if shape != self._shown:
            self._shown = shape
            self._list(folders)
        for folder in folders:
            self._facts[folder.name].say(_facts(folder))
        is_ours = setup is not None and not self.session.engine_choice.is_remote
        self._fields.show_row(self.limit, is_ours)
        self.question.refresh(setup if is_ours else None)
        if setup and not self._settling.isActive():
            self.limit.blockSignals(True)
            self.limit.setValue(setup.settings.store_bytes / GB)
            self.limit.blockSignals(False)

    def _list(self, folders: list[EngineFolder]) -> None:
        clear_layout(self._rows)
        self._rows.addWidget(FolderRow(self.session, OWN_TITLE, OWN_TIP, str(self.session.reporting.folders.data)))
        is_ours = not self.session.engine_choice.is_remote
        for folder in folders:
            row = FolderRow(self.session, tr(TITLES[folder.name]), tr(TIPS[folder.name]), folder.path)
            self._facts[folder.name] = row.facts
            if folder.name == "images" and is_ours and folder.clearable_bytes:
                clear = row.button("delete", tr("Delete images that no edit needs…"), "inlay_clear_images_button")
                clear.clicked.connect(self.question.ask)
            self._rows.addWidget(row)

    @guarded
    def _limit_chosen(self) -> None:
        self.session.engine_setup.change(store_bytes=round(self.limit.value() * GB))


class FolderRow(Part):
    """What a folder is for and takes, and a button that opens it."""

    def __init__(self, session: Session, title: str, tip: str, path: str | None) -> None:
        super().__init__(session)
        self.setObjectName("inlay_folder")
        self.setToolTip(f"{tip}\n{path}" if path else tip)
        self._path = path
        self.facts = MutedWords()
        self._first = QtWidgets.QHBoxLayout()
        self._first.setSpacing(2)
        self._first.addWidget(ElidedLabel(title), 1)
        if path:
            opener = self.button("folder", tr("Open the folder {path}").format(path=path), "inlay_open_folder_button")
            opener.clicked.connect(self._open)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._first)
        layout.addWidget(self.facts)

    def button(self, icon: str, tip: str, name: str) -> IconButton:
        """One more button at the end of the first line."""
        made = IconButton(icon, tip)
        made.setObjectName(name)
        self._first.addWidget(made)
        return made

    @guarded
    def _open(self) -> None:
        if not open_folder(Path(self._path or "")):
            said = tr("The folder could not be opened: {path}").format(path=self._path)
            self.session.tell(Notice(said, tr("Open it with your file manager.")))


class ClearQuestion(Part):
    """Asks once more before images are deleted; below the list, not in a dialog."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._is_asked = False
        self.words = Words()
        self.delete = QtWidgets.QPushButton(tr("Delete"))
        self.delete.setObjectName("inlay_clear_images_yes_button")
        self.keep = QtWidgets.QPushButton(tr("Keep"))
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.delete, 1)
        buttons.addWidget(self.keep, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.words)
        layout.addLayout(buttons)
        self.delete.clicked.connect(self._clear)
        self.keep.clicked.connect(self._leave)
        show_if(self, False)

    @guarded
    def ask(self) -> None:
        """Show the question."""
        self._is_asked = True
        self.refresh(self.session.engine_setup.setup)
        self.delete.setFocus()

    def refresh(self, setup: Setup | None) -> None:
        """Gone when there is nothing left to delete."""
        images = setup.folder("images") if setup else None
        self._is_asked = self._is_asked and images is not None and images.clearable_bytes > 0
        if images and self._is_asked:
            self.words.say(ASK_CLEAR.format(size=bytes_text(images.clearable_bytes)))
        show_if(self, self._is_asked)

    @guarded
    def _clear(self) -> None:
        self._is_asked = False
        show_if(self, False)
        self.session.engine_setup.clear_images()

    @guarded
    def _leave(self) -> None:
        self._is_asked = False
        show_if(self, False)


def _facts(folder: EngineFolder) -> str:
    free = bytes_text(folder.free_bytes)
    return TAKES.format(size=bytes_text(folder.size_bytes), free=free) if folder.size_bytes else EMPTY.format(free=free)


def open_folder(path: Path) -> bool:
    """Show a folder in the file manager; of one that is not there yet, the nearest above. False if it cannot."""
    there = next((each for each in (path, *path.parents) if each.is_dir()), None)
    return there is not None and bool(QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(there))))
