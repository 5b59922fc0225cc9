"""Names of LoRAs and embeddings, offered in the prompt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.panel.completing import Completing, offer_for
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.wire import InstalledAdapter

from tests.plugin.conftest import MemoryCanvas, Wait

ADAPTERS = [
    InstalledAdapter("Gouache", "lora", "sdxl"),
    InstalledAdapter("grain 2", "lora"),
    InstalledAdapter("dusk", "embedding", "sd1"),
    InstalledAdapter("dusky", "embedding", "sd1"),
]
KEYS = QtCore.Qt.Key


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("a barn <lora:", ["Gouache", "grain 2"]),
        ("a barn < LoRA : go", ["Gouache"]),
        ("<lora:grain ", ["grain 2"]),
        ("<lora:x", []),
        ("<lora:Gouache:", []),
        ("<lora:Gouache:0.8>", []),
        ("<lor", []),
        ("a barn at du", ["dusk", "dusky"]),
        ("(Dus", ["dusk", "dusky"]),
        ("a barn at dusk", []),
        ("a barn at d", []),
        ("", []),
        ("go", []),
    ],
)
def test_what_is_offered(before: str, names: list[str]) -> None:
    offer = offer_for(before, ADAPTERS)
    assert ([adapter.name for adapter in offer.adapters] if offer else []) == names


@pytest.fixture
def panel(shared_launcher: Launcher, application: QtWidgets.QApplication) -> Iterator[Panel]:
    session = Session(MemoryCanvas(), shared_launcher)
    session.engine.look = lambda: None  # type: ignore[method-assign]
    session.engine.adapters = ADAPTERS
    made = Panel(session)
    made.resize(240, 800)
    made.show()
    application.processEvents()
    made.prompt.prompt.setFocus()
    yield made
    made.prompt.prompt.completing.popup.hide()
    made.close()
    made.deleteLater()
    session.close()


@pytest.fixture
def completing(panel: Panel) -> Completing:
    return panel.prompt.prompt.completing


def type_in(panel: Panel, text: str) -> None:
    for letter in text:
        press(panel, QtCore.Qt.Key(0), letter)


def press(panel: Panel, key: QtCore.Qt.Key, text: str = "") -> None:
    """As the keyboard does: to the list while it is open, which hands on what it does not want."""
    edit = panel.prompt.prompt
    popup = edit.completing.popup
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, QtCore.Qt.KeyboardModifier.NoModifier, text)
    QtWidgets.QApplication.sendEvent(popup if popup.isVisible() else edit, event)
    QtWidgets.QApplication.processEvents()


def seen(completing: Completing) -> list[str]:
    rows = range(completing.names.rowCount())
    return [completing.names.item(row).text() for row in rows] if completing.is_open else []


def test_a_lora_is_typed_in_full(panel: Panel, completing: Completing) -> None:
    type_in(panel, "a barn <lora:")
    assert seen(completing) == ["Gouache  (sdxl)", "grain 2"]
    type_in(panel, "gr")
    assert seen(completing) == ["grain 2"]
    press(panel, KEYS.Key_Return, "\r")
    assert panel.prompt.prompt.toPlainText() == "a barn <lora:grain 2:1>"
    assert not completing.is_open
    type_in(panel, ", fog")
    assert panel.session.prompt_settings.prompt == "a barn <lora:grain 2:1>, fog"


def test_another_name_of_the_list(panel: Panel, completing: Completing) -> None:
    type_in(panel, "at du")
    press(panel, KEYS.Key_Down)
    press(panel, KEYS.Key_Tab, "\t")
    assert panel.prompt.prompt.toPlainText() == "at dusky"


def test_escape_closes_the_list_alone(panel: Panel, completing: Completing, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[bool] = []
    monkeypatch.setattr(panel.session, "cancel_active", lambda: cancelled.append(True))
    monkeypatch.setattr(panel.session, "active_works", lambda: [True])
    type_in(panel, "<lora:")
    assert completing.is_open
    press(panel, KEYS.Key_Escape, "\x1b")
    assert not completing.is_open
    assert panel.prompt.prompt.toPlainText() == "<lora:"
    assert cancelled == []
    press(panel, KEYS.Key_Escape, "\x1b")
    assert cancelled == [True]


def test_what_is_put_there_offers_nothing(panel: Panel, completing: Completing) -> None:
    panel.prompt.prompt.put("a barn at du")
    QtWidgets.QApplication.processEvents()
    assert not completing.is_open


def test_the_engine_tells_what_there_is(launcher: Launcher, tmp_path: Path, wait: Wait) -> None:
    from safetensors.numpy import save_file

    pytest.importorskip("diffusers")
    from tests.engine.pipelines import tiny

    models = tmp_path / "home" / "data" / "models"
    tiny.save(models / "tiny", 4)
    lora = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"
    save_file({lora: np.zeros((4, 768), np.float32)}, models / "gouache.safetensors")
    launcher.ensure()
    session = Session(MemoryCanvas(), launcher)
    session.look()
    wait(lambda: session.engine.adapters)
    assert session.engine.adapters == [InstalledAdapter("gouache", "lora", "sd1")]
    session.close()
