"""What the plugin's tests share: Qt whose warnings fail, a real engine, and documents in memory."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inlay_krita.client import Engine, EngineError
from inlay_krita.contract import WHOLE_PICTURE, CanvasError, Capture, Mode, Placement, Read
from inlay_krita.launcher import Installed, Launcher
from inlay_krita.qt import QtCore, QtGui, QtWidgets, image_from_bgra
from inlay_krita.session import Session
from inlay_krita.wire import Box, CanvasInfo

from tests.certificates import made
from tests.elsewhere import Elsewhere
from tests.plugin.seer import Seer

OWN = Installed((sys.executable, "-m", "inlay"))
HARMLESS = ("propagateSizeHints", "raise()", "grabbing the keyboard")  # Qt's offscreen platform cannot, and says so


@pytest.fixture(scope="session")
def application() -> QtWidgets.QApplication:
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture(autouse=True)
def no_qt_warnings(application: QtWidgets.QApplication) -> Iterator[None]:
    heard: list[str] = []

    def hear(kind: QtCore.QtMsgType, context: object, message: str) -> None:
        if kind != QtCore.QtMsgType.QtDebugMsg and not any(word in message for word in HARMLESS):
            heard.append(message)

    before = QtCore.qInstallMessageHandler(hear)
    yield
    application.processEvents()
    QtCore.qInstallMessageHandler(before)
    assert heard == []


Wait = Callable[..., None]


@pytest.fixture
def wait(application: QtWidgets.QApplication) -> Wait:
    """Let Qt work until something is so."""

    def until(is_so: Callable[[], object], timeout_s: float = 30.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < deadline, "waited in vain"
            application.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 10)
            time.sleep(0.002)

    return until


def end_engine(launcher: Launcher) -> None:
    """End the engine of a launcher's folders, whatever it does."""
    endpoint = launcher.find()
    if endpoint:
        with contextlib.suppress(EngineError), contextlib.closing(Engine(endpoint)) as engine:
            engine._request("POST", "/shutdown?force=true")
    if launcher.process:
        launcher.process.wait(10)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment whose engine lives below a folder of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INLAY_", "XDG_"))}
    return {**kept, "INLAY_HOME": str(tmp_path / "home")}


@pytest.fixture
def launcher(environ: dict[str, str]) -> Iterator[Launcher]:
    """Starts an engine of this test's own when one is needed."""
    made = Launcher(environ, own=OWN)
    yield made
    end_engine(made)


@pytest.fixture(scope="session")
def shared_launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """One engine for all tests that leave it alive and well."""
    home = tmp_path_factory.mktemp("engine")
    made = Launcher({**os.environ, "INLAY_HOME": str(home)}, own=OWN)
    made.ensure()
    yield made
    end_engine(made)


@pytest.fixture
def engine(shared_launcher: Launcher) -> Iterator[Engine]:
    with contextlib.closing(Engine(shared_launcher.ensure())) as made:
        yield made


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """An engine elsewhere that all tests of a module leave alive."""
    folder = tmp_path_factory.mktemp("elsewhere")
    engine = Elsewhere(folder / "home", made(folder))
    engine.start()
    yield engine
    engine.stop()


class MemoryDocument:
    """A picture with a selection; lays results in as Krita does."""

    def __init__(self, width: int = 320, height: int = 240, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 4), np.uint8)
        self.pixels = np.kron(coarse, np.ones((8, 8, 1), np.uint8))[:height, :width]
        self.pixels[..., 3] = 255
        self.mask = np.zeros((height, width), np.uint8)
        self.placements: list[Placement] = []
        self.layers: list[str] = []
        self.active_layer = ""
        self.annotations: dict[str, bytes] = {}
        self.cuts: list[tuple[np.ndarray, bool]] = []
        self.reads: list[Box] = []
        self.read: list[Read] = []
        self.bounds: dict[str, Box] = {}  # of layers
        self.drawn: dict[str, bytes] = {}  # on layers, over their bounds
        self.settled = 0
        self.tidied = 0
        self.reach: Box | None = None  # of a selection that goes on past the border

    def select(self, x: int, y: int, width: int, height: int, value: int = 255) -> None:
        self.mask[y : y + height, x : x + width] = value


class MemoryCanvas:
    """Implements the session's Canvas over documents in memory."""

    has_layers = True

    def __init__(self, *documents: MemoryDocument) -> None:
        self.opened = list(documents)
        self.active: MemoryDocument | None = self.opened[0] if documents else None

    def close(self, document: MemoryDocument) -> None:
        self.opened.remove(document)
        self.active = self.opened[0] if self.opened else None

    def host(self) -> str:
        return "tests"

    def document(self) -> MemoryDocument | None:
        return self.active

    def is_open(self, document: MemoryDocument) -> bool:
        return document in self.opened

    def name(self, document: MemoryDocument) -> str:
        return "photo.kra"

    def info(self, document: MemoryDocument) -> CanvasInfo:
        height, width = document.pixels.shape[:2]
        return CanvasInfo(width, height, "RGBA", "U8", "sRGB")

    def selection_bounds(self, document: MemoryDocument) -> Box | None:
        rows, columns = np.nonzero(document.mask)
        if not rows.size:
            return None
        x, y = int(columns.min()), int(rows.min())
        return Box(x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y)

    def selection_reach(self, document: MemoryDocument) -> Box | None:
        return document.reach or self.selection_bounds(document)

    def capture(
        self, document: MemoryDocument, box: Box, with_selection: bool, wanted: Read = WHOLE_PICTURE
    ) -> Capture:
        document.read.append(wanted)
        if with_selection and not document.mask.any():
            raise CanvasError("Nothing is selected any more: select again, then repeat the edit.")
        window = slice(box.y, box.bottom), slice(box.x, box.right)
        mask = document.mask[window].tobytes() if with_selection else None
        return Capture(box, memoryview(document.pixels[window].tobytes()), mask)

    def place(self, document: MemoryDocument, placement: Placement) -> str:
        if document not in self.opened:
            raise CanvasError("The document was closed: open it again and repeat the edit.")
        document.placements.append(placement)
        document.active_layer = f"layer {len(document.placements)}"
        document.layers.append(document.active_layer)
        return document.active_layer

    def select(self, document: MemoryDocument, box: Box, coverage: bytes, mode: Mode) -> bool:
        made = np.zeros_like(document.mask)
        made[box.y : box.bottom, box.x : box.right] = np.frombuffer(coverage, np.uint8).reshape(box.height, box.width)
        if mode in (Mode.SUBTRACT, Mode.INTERSECT) and not document.mask.any():
            raise CanvasError("Nothing is selected yet: choose New or Add, or select something first.")
        document.mask = {
            Mode.NEW: lambda old: made,
            Mode.ADD: lambda old: np.maximum(old, made),
            Mode.SUBTRACT: lambda old: np.where(made > 0, 0, old).astype(np.uint8),
            Mode.INTERSECT: lambda old: np.minimum(old, made),
        }[mode](document.mask)
        return bool(document.mask.any())

    def cut_out(self, document: MemoryDocument, box: Box, coverage: bytes, is_copy: bool) -> str:
        mask = np.zeros_like(document.mask)
        mask[box.y : box.bottom, box.x : box.right] = np.frombuffer(coverage, np.uint8).reshape(box.height, box.width)
        document.cuts.append((mask, is_copy))
        return "The background is hidden."

    def settle(self, document: MemoryDocument) -> None:
        document.settled += 1

    def pixels(self, document: MemoryDocument, box: Box) -> bytes:
        document.reads.append(box)
        return document.pixels[box.y : box.bottom, box.x : box.right].tobytes()

    def glimpse(self, document: MemoryDocument) -> object:
        return document.pixels[::4].tobytes()

    def strip(self, document: MemoryDocument, box: Box) -> QtGui.QImage:
        window = np.ascontiguousarray(document.pixels[box.y : box.bottom, box.x : box.right])
        return image_from_bgra(window.tobytes(), box.width, box.height)

    def seen(self, document: MemoryDocument, width: int, height: int, pixels: Any) -> QtGui.QImage:
        return image_from_bgra(bytes(pixels), width, height)

    def tidy(self, document: MemoryDocument) -> None:
        document.tidied += 1

    def annotation(self, document: MemoryDocument, name: str) -> bytes:
        return document.annotations.get(name, b"")

    def annotate(self, document: MemoryDocument, name: str, about: str, text: bytes) -> None:
        document.annotations[name] = text

    def active_layer(self, document: MemoryDocument) -> str:
        return document.active_layer

    def layer_name(self, document: MemoryDocument, layer: str) -> str:
        return layer.strip("{}") if layer in document.layers else ""

    def layer_bounds(self, document: MemoryDocument, layer: str) -> Box:
        return document.bounds.get(layer, Box(0, 0, 0, 0))

    def layer_picture(self, document: MemoryDocument, layer: str, side_px: int) -> QtGui.QImage:
        return QtGui.QImage(side_px, side_px, QtGui.QImage.Format.Format_ARGB32)

    def lay_picture(self, document: MemoryDocument, name: str, box: Box, pixels: bytes) -> str:
        document.layers.append(f"{{{name}}}")
        document.bounds[document.layers[-1]] = box
        document.drawn[document.layers[-1]] = pixels
        return document.layers[-1]

    def show_layer(self, document: MemoryDocument, layer: str) -> bool:
        if layer in document.layers:
            document.active_layer = layer
        return layer in document.layers


@pytest.fixture
def seer(monkeypatch: pytest.MonkeyPatch) -> Seer:
    """Looks instead of the engine."""
    made = Seer()
    for name in ("show", "look", "make_ready"):
        monkeypatch.setattr(f"inlay_krita.selecting.{name}", getattr(made, name))
    return made


@pytest.fixture
def document() -> MemoryDocument:
    made = MemoryDocument()
    made.select(100, 80, 60, 40)
    return made


@pytest.fixture
def session(document: MemoryDocument, shared_launcher: Launcher) -> Iterator[Session]:
    made = Session(MemoryCanvas(document), shared_launcher)
    yield made
    assert made.close()
