"""Imports the plugin's zip with Krita's own importer, as Tools > Scripts > Import Python Plugin does."""

import shutil
from pathlib import Path

from inlay_krita.qt import QtCore, QtWidgets


def main(t):
    """t.args: the zip. What was imported is copied into `imported`, for a second start to load."""
    from plugin_importer.plugin_importer_extension import PluginImporterExtension

    resources = Path(t.krita.getAppDataLocation())
    pykrita = resources / "pykrita"
    shutil.rmtree(pykrita / "inlay_krita")  # the bench has put it there; it is loaded already
    (pykrita / "inlay_krita.desktop").unlink()
    t.krita.writeSetting("python", "enable_inlay_krita", "false")
    asked = []
    QtCore.QTimer.singleShot(500, lambda: answer_yes(asked))
    PluginImporterExtension(t.krita).do_import(t.args[0])
    t.check("asked whether to switch it on", len(asked) == 1 and "Inlay" in asked[0], asked)
    t.check("switched on", t.krita.readSetting("python", "enable_inlay_krita", "") == "true")
    t.check("the action file", (resources / "actions" / "inlay_krita.action").is_file())
    imported = Path(t.out) / "imported"
    shutil.rmtree(imported, ignore_errors=True)
    shutil.copytree(pykrita / "inlay_krita", imported / "inlay_krita", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(pykrita / "inlay_krita.desktop", imported)
    yield 0.1


def answer_yes(asked):
    """Press Yes in the message box that is open; one that only tells something is closed."""
    box = QtWidgets.QApplication.activeModalWidget()
    asked.append(box.text())
    yes = box.button(QtWidgets.QMessageBox.StandardButton.Yes)
    (yes or box.buttons()[0]).click()
