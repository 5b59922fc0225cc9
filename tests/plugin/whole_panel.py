"""A panel with everything that it can show, and what a look at it finds: cut words, nameless fields, a wrong order.

As a program it looks at a panel in another language, at another scale or with larger letters: Qt takes these once.

    LANGUAGE=de LC_ALL=de_DE.UTF-8 QT_SCALE_FACTOR=2 python -m tests.plugin.whole_panel --width 240 --pictures DIR
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from inlay_krita.client import Engine
from inlay_krita.errand import Order
from inlay_krita.launcher import Installed, Launcher
from inlay_krita.listening import LeftError
from inlay_krita.panel import Panel
from inlay_krita.panel.part import ElidedLabel, Fold
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import PromptSettings
from inlay_krita.shapes import TIMES
from inlay_krita.state import EngineState, Notice, Parcel, PastResult, Work
from inlay_krita.translation import direction
from inlay_krita.variants import Variant, VariantSet
from inlay_krita.wire import Box, CanvasInfo, Install, InstalledModel, ListedModel, ReplaceEdit

from tests.plugin.conftest import MemoryCanvas, MemoryDocument

THEMES = {"dark": ("#474747", "#3a3a3a", "#d6d6d6"), "bright": ("#dcdcdc", "#f2f2f2", "#1e1e1e")}  # as Krita's
HEIGHT_PX = 900
SETTLE = 12  # turns of the event loop until words have wrapped and what is around them has moved
ROUNDING_PX = 1  # of letters' widths, at scales such as 1.25
MOST_STOPS = 300
EDITS = ("remove", "replace", "restyle", "instruct", "background", "extend")


def palette(theme: str) -> QtGui.QPalette:
    window, base, text = (QtGui.QColor(colour) for colour in THEMES[theme])
    made = QtGui.QPalette(window)
    roles = QtGui.QPalette.ColorRole
    for role, colour in ((roles.WindowText, text), (roles.Text, text), (roles.ButtonText, text), (roles.Base, base)):
        made.setColor(role, colour)
    return made


def listed(number: int, **changes: Any) -> ListedModel:
    told: dict[str, Any] = {
        "id": f"model-{number}",
        "title": "Stable Diffusion XL inpainting",
        "is_installed": False,
        "edits": EDITS,
        "size_bytes": 6_900_000_000,
        "licence": "openrail++",
        "licence_url": "https://example.org/licence",
        "is_gated": False,
        "path": "",
        "is_removable": False,
        "begun_bytes": 0,
        "install": None,
        "is_alone": True,
        "is_on_server": False,
    }
    return ListedModel(**told | changes)


MODELS = [
    listed(1, is_installed=True, is_removable=True),
    listed(2, is_gated=True, licence="FLUX.1 [dev] Non-Commercial License"),
    listed(3, begun_bytes=1_200_000_000),
    listed(4, is_alone=False, edits=()),
    listed(5, is_on_server=True),
]


def whole_panel(folder: Path) -> Panel:
    """A panel of a session that starts no engine. folder: an empty one, for its files."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("INLAY_", "XDG_"))}
    launcher = Launcher(environ | {"INLAY_HOME": str(folder)}, own=Installed(()))
    document = MemoryDocument()
    document.select(100, 80, 60, 40)
    session = Session(MemoryCanvas(document), launcher)
    session.prompt_settings = PromptSettings("a red barn in the fog, early in the morning", is_more_shown=True)
    _fill(session)
    made = Panel(session)
    for fold in made.findChildren(Fold):
        fold.setChecked(True)
    made.findChild(QtWidgets.QRadioButton, "inlay_engine_elsewhere").click()
    return made


def _fill(session: Session) -> None:
    session.engine.models = [InstalledModel("sdxl", "Stable Diffusion XL inpainting", EDITS)]
    session.engine.state = EngineState.TROUBLE
    session._engines.connect = _without_engine  # type: ignore[method-assign]
    session.engine.look = lambda: None  # type: ignore[method-assign]
    session.library.look = lambda: None  # type: ignore[method-assign]
    session.library.models = MODELS
    session.library._under_way = {"model-3": Install("model-3", "running", 1_200_000_000, 6_900_000_000)}
    work = Work(f"Remove 60 {TIMES} 40 px", "harbour.kra", stage="Planning…", fraction=0.4)
    work.errand = SimpleNamespace(job_id="0", cancel=lambda: None)  # type: ignore[assignment]
    session.works += [work, Work("Replace: a red barn in the fog", "harbour.kra", fraction=0.0, ahead=1)]
    canvas, delivery = CanvasInfo(320, 240, "RGBA", "U8"), SimpleNamespace(job_id="")
    session.parcels.append(Parcel(f"Remove 60 {TIMES} 40 px", "portrait.kra", canvas, delivery, ""))  # type: ignore[arg-type]
    session.tell(Notice("The engine ended at once.", "Try again.", action="Run again", act=lambda: None))
    session.variants._sets.append(_variants(session.canvas.document(), canvas))
    runs = tuple(PastResult("Replace: a red barn", "14:32", {}, ("Because.",), str(at)) for at in range(12))
    session.history.runs = lambda: runs  # type: ignore[method-assign]
    session.history.of_layer = lambda: runs[0]  # type: ignore[method-assign]


def _variants(document: object, canvas: CanvasInfo) -> VariantSet:
    """One of three has come."""
    order = Order({}, canvas, "photo.kra", "", Box(0, 0, 320, 240))
    made = VariantSet("Replace: a red barn in the fog", document, "photo.kra", canvas, None, order)
    made.variants += [Variant(ReplaceEdit(), note="40 %"), Variant(ReplaceEdit()), Variant(ReplaceEdit(), layer="kept")]
    return made


def _without_engine() -> Engine:
    raise LeftError


def settle() -> None:
    for _ in range(SETTLE):
        QtCore.QCoreApplication.processEvents()


def pages(panel: Panel) -> Iterator[str]:
    """Show one page after the other."""
    for name in panel.pages.buttons:
        panel.show_page(name)
        settle()
        if name == "models":
            panel.models._rows["model-2"].install.click()  # a licence to be read first
            settle()
        yield name


def seen(panel: Panel, kind: type[QtWidgets.QWidget]) -> list[Any]:
    return [widget for widget in panel.findChildren(kind) if widget.isVisible()]


def cut_words(panel: Panel) -> list[str]:
    """Labels and buttons on the page that is seen which have less room than their words need."""
    found = [_told(label) for label in seen(panel, QtWidgets.QLabel) if _is_cut_label(label)]
    for kind in (QtWidgets.QPushButton, QtWidgets.QCheckBox, QtWidgets.QRadioButton, Fold):
        found += [_told(button) for button in seen(panel, kind) if _lacks(button, button.minimumSizeHint())]
    return found


def _is_cut_label(label: QtWidgets.QLabel) -> bool:
    if isinstance(label, ElidedLabel) or not label.text():
        return False  # its tooltip has the rest
    if label.wordWrap():
        is_low = label.height() + ROUNDING_PX < label.heightForWidth(label.width())
        return is_low or _longest_word(label) > label.width()
    return _lacks(label, label.minimumSizeHint())


def _lacks(widget: QtWidgets.QWidget, needed: QtCore.QSize) -> bool:
    is_outside = not widget.parentWidget().rect().contains(widget.geometry())
    is_narrow = widget.width() + ROUNDING_PX < needed.width()
    return is_outside or is_narrow or widget.height() + ROUNDING_PX < needed.height()


def _longest_word(label: QtWidgets.QLabel) -> int:
    words = label.text().replace("\u200b", " ").split()
    return max(label.fontMetrics().horizontalAdvance(word) for word in words) - ROUNDING_PX


def _told(widget: Any) -> str:
    return f"{type(widget).__name__} {widget.objectName()}: {widget.text()}"


def focusable(panel: Panel) -> list[QtWidgets.QWidget]:
    """What Tab leads to on the page that is seen, one after the other."""
    first = panel.pages.buttons[panel.pages.current]
    first.setFocus()
    found = [first]
    while len(found) < MOST_STOPS:
        press(QtWidgets.QApplication.focusWidget(), QtCore.Qt.Key.Key_Tab)
        widget = QtWidgets.QApplication.focusWidget()
        if widget is first:
            return found
        found.append(widget)
    raise AssertionError("Tab does not come round")


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key) -> None:
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, QtCore.Qt.KeyboardModifier.NoModifier)
    QtCore.QCoreApplication.sendEvent(widget, event)


def nameless(panel: Panel) -> list[str]:
    """What takes the focus and has nothing that a screen reader could read out."""
    return [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in focusable(panel)
        if not widget.accessibleName() and not (isinstance(widget, QtWidgets.QAbstractButton) and widget.text())
    ]


def out_of_order(panel: Panel) -> list[str]:
    """Steps of Tab that lead to something wholly above, in what scrolls together."""
    steps = itertools.pairwise((each, *_place(each)) for each in focusable(panel))
    return [
        f"{before.objectName()} -> {after.objectName()}"
        for (before, where, place), (after, then_where, then_place) in steps
        if where is then_where and then_place.bottom() < place.top()
    ]


def _place(widget: QtWidgets.QWidget) -> tuple[QtWidgets.QWidget, QtCore.QRect]:
    """What it scrolls with, and where it is in that."""
    around = widget
    while around.parentWidget() and not isinstance(around.parentWidget().parentWidget(), QtWidgets.QScrollArea):
        around = around.parentWidget()
    return around, QtCore.QRect(widget.mapTo(around, QtCore.QPoint()), widget.size())


def look(panel: Panel, pictures: Path | None = None) -> dict[str, list[str]]:
    """What is amiss on any page."""
    found: dict[str, list[str]] = {"cut": [], "nameless": [], "order": []}
    for name in pages(panel):
        for what, amiss in (("cut", cut_words), ("nameless", nameless), ("order", out_of_order)):
            found[what] += [f"{name}: {each}" for each in amiss(panel)]
        if pictures:
            panel.grab().save(str(pictures / f"{name}.png"))
    return found


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--width", type=int, default=240)
    options.add_argument("--letters", type=float, default=0.0, help="of the application's font, in points")
    options.add_argument("--theme", default="dark")
    options.add_argument("--pictures", type=Path)
    told = options.parse_args()
    application = QtWidgets.QApplication([])
    application.setStyle("fusion")
    application.setLayoutDirection(direction())
    application.setPalette(palette(told.theme))
    if told.letters:
        font = application.font()
        font.setPointSizeF(told.letters)
        application.setFont(font)
    if told.pictures:
        told.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        panel = whole_panel(Path(folder))
        panel.resize(told.width, HEIGHT_PX)
        panel.show()
        settle()
        print(json.dumps(look(panel, told.pictures)))
        panel.session.works.clear()
        panel.session.close()


if __name__ == "__main__":
    main()
