"""Reference layers: listed, ordered, sent with their boxes; a tiny real model behind a real engine looks at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from inlay_krita.contract import Read, Source
from inlay_krita.inputs import ANNOTATION, DocumentInputs, kept, restored
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session
from inlay_krita.wire import Box, InstalledModel, Use

from tests.engine.pipelines import tiny_transformers

from .conftest import OWN, MemoryCanvas, MemoryDocument, Wait, end_engine

FACE, CLOTH = "{face}", "{cloth}"


@pytest.fixture(scope="module")
def launcher_with_klein(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    home = tmp_path_factory.mktemp("klein")
    tiny_transformers.save(home / "data" / "models" / "tiny-klein", "tiny-klein")
    made = Launcher({**os.environ, "INLAY_HOME": str(home)}, own=OWN)
    made.ensure()
    yield made
    end_engine(made)


@pytest.fixture
def document() -> MemoryDocument:
    made = MemoryDocument(120, 96)
    made.layers += [FACE, CLOTH]
    made.bounds |= {FACE: Box(8, 4, 70, 80), CLOTH: Box(30, 20, 80, 70)}
    return made


@pytest.fixture
def session(
    launcher_with_klein: Launcher, document: MemoryDocument, application: QtWidgets.QApplication
) -> Iterator[Session]:
    made = Session(MemoryCanvas(document), launcher_with_klein)
    made.prompt_settings = replace(made.prompt_settings, prompt="a boat", steps=2)
    yield made
    made.close()


def test_they_are_sent_with_their_boxes_in_their_order(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.inputs.choose(references=(CLOTH, FACE))
    session.ask("instruct")
    wait(lambda: not session.works, 120)
    assert session.notices == []
    assert document.read == [Read(), Read(Source.LAYER, CLOTH), Read(Source.LAYER, FACE)]
    recipe = document.placements[0].result.recipe
    assert recipe["edit"]["references"] == 2
    boxes = [reference["box"] for reference in recipe["references"]]
    assert [Box(**box) for box in boxes] == [document.bounds[CLOTH], document.bounds[FACE]]
    session.history.again(session.history.runs()[0])
    wait(lambda: len(document.placements) == 2, 120)
    assert document.placements[1].result.recipe["references"] == recipe["references"]


def test_what_removes_is_not_troubled_by_them(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.inputs.choose(references=(FACE,))
    document.select(40, 40, 20, 20)
    session.remove()
    wait(lambda: not session.works)
    assert session.notices == []
    assert document.placements[0].result.recipe["references"] == []


def test_a_layer_that_is_gone_or_empty_is_told(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.inputs.choose(references=("{gone}",))
    session.ask("instruct")
    wait(lambda: session.notices)
    assert "A reference layer is not in the picture any more" in session.notices[0].message
    document.bounds[FACE] = Box(0, 0, 0, 0)
    session.inputs.choose(references=(FACE,))
    session.ask("instruct")
    wait(lambda: len(session.notices) == 2)
    assert session.notices[1].message == "The reference layer “face” is empty."


def test_too_many_for_a_model_are_refused_in_words(session: Session, document: MemoryDocument, wait: Wait) -> None:
    layers = [f"{{layer {number}}}" for number in range(4)]
    document.layers += layers
    document.bounds |= {layer: Box(0, 0, 70, 70) for layer in layers}
    session.inputs.choose(references=tuple(layers))
    session.ask("instruct")
    wait(lambda: session.notices)
    assert "takes at most 3" in session.notices[0].message


@pytest.fixture
def panel(session: Session) -> Panel:
    session.engine.models = [
        InstalledModel("klein", "FLUX.2 klein", ("instruct",), (Use("flux2-klein", "klein", ("instruct",), (), 3),)),
        InstalledModel("sd", "SD", ("replace",), (Use("sd15-inpaint", "SD", ("replace",)),)),
    ]
    made = Panel(session)
    made.show()
    made.inputs.fold.setChecked(True)
    return made


def shown(panel: Panel) -> list[str]:
    """The names of the rows, first to last."""
    rows = panel.inputs.references.findChildren(QtWidgets.QWidget, "inlay_layer_row")
    return [row.name.text() for row in sorted(rows, key=lambda row: row.y()) if row.isVisible()]


def press(panel: Panel, name: str, place: int) -> None:
    rows = panel.inputs.references.findChildren(QtWidgets.QWidget, "inlay_layer_row")
    row = [row for row in rows if row.isVisible()][place]
    row.findChild(QtWidgets.QToolButton, f"inlay_reference_{name}_button").click()


def test_layers_are_added_ordered_and_taken_off(
    panel: Panel, document: MemoryDocument, application: QtWidgets.QApplication
) -> None:
    inputs, rows = panel.session.inputs, panel.inputs.references
    for layer in (FACE, CLOTH, FACE):
        document.active_layer = layer
        rows.add.click()
    assert inputs.now.references == (FACE, CLOTH)
    application.processEvents()
    assert shown(panel) == ["face", "cloth"]
    press(panel, "later", 0)
    assert inputs.now.references == (CLOTH, FACE)
    press(panel, "remove", 0)
    assert inputs.now.references == (FACE,)
    panel.inputs.fold.setChecked(False)
    assert panel.inputs.used.text() == "1 reference"


def test_one_that_is_gone_says_so(panel: Panel, document: MemoryDocument) -> None:
    panel.session.inputs.choose(references=(FACE,))
    document.layers.remove(FACE)
    panel.session.refresh()
    assert shown(panel) == ["That layer is gone: take it off."]


def test_a_model_that_takes_none_is_told(panel: Panel) -> None:
    session, rows = panel.session, panel.inputs.references
    assert rows.said.text() == ""
    assert rows.add.isEnabled()
    session.prompt_settings = replace(session.prompt_settings, model="sd")
    session.changed.emit()
    assert "SD takes no references" in rows.said.text()
    assert not rows.add.isEnabled()
    session.engine.models = session.engine.models[1:]
    session.prompt_settings = replace(session.prompt_settings, model="")
    session.changed.emit()
    assert "No model that is installed takes references" in rows.said.text()


def test_more_than_it_takes_are_told(panel: Panel, document: MemoryDocument) -> None:
    panel.session.inputs.choose(references=tuple(f"{{{number}}}" for number in range(4)))
    assert panel.inputs.references.said.text() == "At most 3 references are taken here."


def test_over_a_file_there_are_none(panel: Panel) -> None:
    panel.session.canvas.has_layers = False
    panel.session.refresh()
    assert panel.inputs.references.isHidden()


def test_they_stand_in_the_document_without_what_cannot_be(session: Session, document: MemoryDocument) -> None:
    session.inputs.choose(references=(FACE, CLOTH))
    assert restored(document.annotations[ANNOTATION]).references == (FACE, CLOTH)
    odd = b'{"references": ["{a}", 7, "{a}", "", null, "{b}"]}'
    assert restored(odd) == DocumentInputs(references=("{a}", "{b}"))
    assert restored(b'{"references": "all"}') == DocumentInputs()
    assert len(restored(kept(DocumentInputs(references=tuple(map(str, range(20)))))).references) == 8
