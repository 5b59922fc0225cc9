"""`inlay panel`: the application around the window."""

from __future__ import annotations

import sys
from pathlib import Path

from inlay_krita.guard import keep_log
from inlay_krita.launcher import Installed, Launcher
from inlay_krita.qt import QtCore, QtWidgets
from inlay_krita.translation import direction

from inlay import __version__
from inlay.panel.window import Window


def run(path: Path | None = None, mask: Path | None = None) -> int:
    """Show the window, with a picture and a mask if they are told, until it is closed. Gives the exit status."""
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(sys.argv[:1])
    application.setApplicationName("Inlay")
    _speak(application)
    launcher = Launcher(own=Installed((sys.executable, "-m", "inlay"), __version__))
    window = Window(launcher, keep_log(launcher.folders.log))
    if path:
        window.open(path)
    if mask:
        window.load_mask(mask)
    window.show()
    return int(application.exec())


def _speak(application: QtCore.QCoreApplication) -> None:
    """Read as the painter's language does, and let Qt's own words, as on the buttons of its dialogs, be in it, too."""
    QtWidgets.QApplication.setLayoutDirection(direction())
    folder = QtCore.QLibraryInfo.path(QtCore.QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QtCore.QTranslator(application)
    if translator.load(QtCore.QLocale(), "qtbase", "_", folder):
        application.installTranslator(translator)
