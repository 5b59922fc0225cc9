"""A picture of every page, in a dark and a bright theme, narrow and wide, to be looked at.

They go to the folder that INLAY_SCREENSHOTS names, else to one of the test's own. docs/images has `pages-dark-240.png`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from inlay_krita.panel import Panel
from inlay_krita.panel.part import mixed
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import PromptSettings
from inlay_krita.state import Notice, Parcel, Work
from inlay_krita.waitlist import Waitlist
from inlay_krita.wire import InstalledModel, Turn

from tests.plugin.conftest import MemoryDocument, Wait

PAGES = ["edit", "history", "queue", "models", "settings"]
THEMES = {  # Krita's own: window, fields, buttons, letters, highlight
    "dark": ("#474747", "#3a3a3a", "#535353", "#d6d6d6", "#5c7ea8"),
    "bright": ("#dcdcdc", "#f2f2f2", "#e6e6e6", "#1e1e1e", "#7aa3d4"),
}
HEIGHT_PX = 860
GAP_PX = 12
ASKING: dict[str, Callable[[Session], object]] = {  # pages that show nothing before the engine has answered
    "models": lambda session: session.library.models,
    "settings": lambda session: session.engine_setup.setup,
}
SETTLE = 10  # turns of the event loop until words have wrapped and what is around them has moved


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("INLAY_SCREENSHOTS")
    made = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    made.mkdir(parents=True, exist_ok=True)
    return made


def themed(name: str) -> QtGui.QPalette:
    window, base, button, text, highlight = (QtGui.QColor(colour) for colour in THEMES[name])
    roles = QtGui.QPalette.ColorRole
    made = QtGui.QPalette(button, window)
    for role, colour in (
        (roles.WindowText, text),
        (roles.Text, text),
        (roles.ButtonText, text),
        (roles.Base, base),
        (roles.Highlight, highlight),
    ):
        made.setColor(role, colour)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QtGui.QPalette.ColorGroup.Disabled, role, mixed(text, window, 0.5))
    return made


@pytest.fixture
def panel(
    session: Session,
    document: MemoryDocument,
    application: QtWidgets.QApplication,
    monkeypatch: pytest.MonkeyPatch,
    wait: Wait,
) -> Iterator[Panel]:
    """A panel in the middle of a day's work: a run in the history, a queue, a result that waits."""
    session.remove()
    wait(lambda: not session.works)
    lay_out_work(session, monkeypatch)
    before, style = application.palette(), application.style().objectName()
    application.setStyle("fusion")
    made = Panel(session)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    session.works.clear()
    application.setPalette(before)
    application.setStyle(style)


def lay_out_work(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waitlist, "look", lambda _: None)
    kinds = ("remove", "replace", "restyle", "instruct", "background", "extend")
    session.engine.models = [InstalledModel("sdxl", "Stable Diffusion XL", kinds)]
    session.prompt_settings = PromptSettings("a red barn in the fog, early morning", "people")
    running = Work("Replace: a red barn in the fog", "harbour at dawn.kra", stage="Step 12 of 30", fraction=0.4)
    running.errand = SimpleNamespace(job_id="0", cancel=lambda: None)  # type: ignore[assignment]
    session.works.append(running)
    labels = ("Replace: a red barn in the fog", "Remove 640 \u00d7 480 px", "", "Extend to 2400 \u00d7 1600 px")
    session.waitlist._turns = [
        Turn(
            str(place), label, "replace", "queued" if place else "running", place, 0.4, "step 12 of 30", 20.0 * 3**place
        )
        for place, label in enumerate(labels)
    ]
    delivery = SimpleNamespace(job_id="")
    canvas = session.active_info()
    assert canvas
    parcel = Parcel("Remove 60 \u00d7 40 px", "portrait.kra", canvas, delivery, "portrait.kra was closed.")  # type: ignore[arg-type]
    session.parcels.append(parcel)
    session.tell(Notice("The style \u201cInk\u201d was deleted.", action="Undo", act=lambda: None, is_error=False))


@pytest.mark.parametrize("width", [240, 340])
@pytest.mark.parametrize("theme", list(THEMES))
def test_every_page(
    panel: Panel, application: QtWidgets.QApplication, folder: Path, wait: Wait, theme: str, width: int
) -> None:
    application.setPalette(themed(theme))
    panel.resize(width, HEIGHT_PX)
    shots = []
    for page in PAGES:
        panel.show_page(page)
        if page in ASKING:
            wait(lambda page=page: ASKING[page](panel.session))
        for _ in range(SETTLE):
            application.processEvents()
        shot = panel.grab().toImage()
        shots.append(shot)
        assert shot.save(str(folder / f"{page}-{theme}-{width}.png"))
        assert shot.pixelColor(2, shot.height() - 4).name() == THEMES[theme][0]
        assert (panel.width(), panel.height()) == (width, HEIGHT_PX)
        for widget in panel.findChildren(QtWidgets.QWidget):
            if widget.isVisible():
                right = widget.mapTo(panel, QtCore.QPoint(widget.width(), 0)).x()
                assert right <= width, (page, widget.objectName() or type(widget).__name__)
    assert side_by_side(shots).save(str(folder / f"pages-{theme}-{width}.png"))


def side_by_side(shots: list[QtGui.QImage]) -> QtGui.QImage:
    """All of them in one picture, for the docs."""
    width = shots[0].width() + GAP_PX
    sheet = QtGui.QImage(len(shots) * width - GAP_PX, HEIGHT_PX, QtGui.QImage.Format.Format_RGB32)
    sheet.fill(QtCore.Qt.GlobalColor.white)
    painter = QtGui.QPainter(sheet)
    for place, shot in enumerate(shots):
        painter.drawImage(place * width, 0, shot)
    painter.end()
    return sheet
