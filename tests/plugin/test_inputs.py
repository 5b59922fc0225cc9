"""What edits read: told to the engine, kept in the document, and shown only where it is not the whole picture."""

from __future__ import annotations

import pytest
from inlay_krita.command_line import what_it_lacks
from inlay_krita.contract import Read, Source
from inlay_krita.inputs import ANNOTATION, DocumentInputs, restored
from inlay_krita.launcher import Launcher
from inlay_krita.panel.inputs_section import InputsSection
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session
from inlay_krita.wire import ReplaceEdit

from .conftest import MemoryCanvas, MemoryDocument, Wait


@pytest.fixture
def session(shared_launcher: Launcher, application: QtWidgets.QApplication) -> Session:
    document = MemoryDocument()
    document.select(100, 80, 40, 40)
    document.active_layer = "{sky}"
    document.layers.append("{sky}")
    made = Session(MemoryCanvas(document), shared_launcher)
    yield made
    made.close()


def test_an_edit_is_read_from_the_layer_and_the_recipe_says_so(session: Session, wait: Wait) -> None:
    document = session.canvas.opened[0]
    session.inputs.choose(source=Source.LAYER)
    session.remove()
    wait(lambda: not session.works)
    assert session.notices == []
    assert document.read == [Read(Source.LAYER, "{sky}")]
    recipe = document.placements[0].result.recipe
    assert (recipe["edit"]["reads"], recipe["edit"]["layer"]) == ("layer", "{sky}")


def test_the_whole_picture_is_read_unless_told_otherwise(session: Session, wait: Wait) -> None:
    document = session.canvas.opened[0]
    session.remove()
    wait(lambda: not session.works)
    assert document.read == [Read()]
    assert document.placements[0].result.recipe["edit"]["reads"] == ""
    assert ANNOTATION not in document.annotations


def test_without_an_active_layer_nothing_is_sent(session: Session) -> None:
    session.canvas.opened[0].active_layer = ""
    session.inputs.choose(source=Source.BELOW)
    session.remove()
    assert not session.works
    assert "No layer is active" in session.notices[0].message


def test_each_document_has_its_own_and_keeps_it(session: Session) -> None:
    session.inputs.choose(source=Source.BELOW)
    first, second = session.canvas.opened[0], MemoryDocument(seed=1)
    session.canvas.opened.append(second)
    session.canvas.active = second
    session.refresh()
    assert session.inputs.now == DocumentInputs()
    session.canvas.active = first
    session.refresh()
    assert session.inputs.now.source is Source.BELOW
    assert restored(first.annotations[ANNOTATION]).source is Source.BELOW


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"source": 7}', b'{"source": "above"}', b"\xff", b" " * 20_000])
def test_what_somebody_else_wrote_is_the_whole_picture(raw: bytes) -> None:
    assert restored(raw) == DocumentInputs()


def test_the_choice_is_folded_and_tells_what_differs(session: Session) -> None:
    section = InputsSection(session)
    section.show()
    assert not section.reads.isVisible()
    assert not section.used.isVisible()
    session.inputs.choose(source=Source.LAYER)
    assert (section.used.isVisible(), section.used.text()) == (True, "Only this layer")
    section.fold.setChecked(True)
    assert section.reads.currentText() == "Only this layer"
    section.reads.setCurrentIndex(section.reads.findText("This layer and below"))
    assert session.inputs.now.source is Source.BELOW
    assert not section.used.isVisible()


def test_a_file_without_layers_has_no_choice(session: Session) -> None:
    session.inputs.choose(source=Source.LAYER)
    session.canvas.has_layers = False
    section = InputsSection(session)
    session.refresh()
    assert session.inputs.applied(session.canvas.opened[0], session.remove_settings.edit(1)).reads == ""
    assert section.isHidden()


def test_what_a_run_read_comes_back_with_its_settings(session: Session, wait: Wait) -> None:
    session.inputs.choose(source=Source.LAYER)
    session.remove()
    wait(lambda: not session.works)
    session.inputs.choose(source=Source.PICTURE)
    session.history.change(session.history.runs()[0])
    assert session.inputs.now.source is Source.LAYER


def test_a_command_says_that_it_reads_the_whole_picture(session: Session, wait: Wait) -> None:
    session.inputs.choose(source=Source.LAYER)
    session.remove()
    wait(lambda: not session.works)
    assert "this run read one layer" in what_it_lacks(session.history.runs()[0], "photo.png")


def test_odd_values_of_a_run_from_elsewhere_are_kept_within_bounds(session: Session) -> None:
    odd = {"control_scale": float("nan"), "control_from": 0.9, "control_until": 0.1}
    edit = ReplaceEdit(reads="above", control="pose", **odd)
    session.inputs.restore(edit)
    assert session.inputs.now == DocumentInputs(from_percent=90, until_percent=91)
