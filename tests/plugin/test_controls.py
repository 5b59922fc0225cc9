"""What a replacement keeps: seen before, put into a layer, drawn in one; with tiny real models behind a real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from inlay_krita.contract import Read, Source
from inlay_krita.inputs import DocumentInputs, kept, restored
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session
from inlay_krita.wire import Box

from tests.engine.pipelines import tiny, tiny_control

from .conftest import OWN, MemoryCanvas, MemoryDocument, Wait, end_engine


@pytest.fixture(scope="module")
def launcher_with_nets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    home = tmp_path_factory.mktemp("nets")
    models = home / "data" / "models"
    tiny.save(models / "tiny-sd-plain", 4)
    tiny_control.save_net(models / "controlnet-lines-tiny", models / "tiny-sd-plain")
    made = Launcher({**os.environ, "INLAY_HOME": str(home)}, own=OWN)
    made.ensure()
    yield made
    end_engine(made)


@pytest.fixture
def document() -> MemoryDocument:
    made = MemoryDocument(120, 96)
    made.pixels[..., :3] = 210
    made.pixels[30:60, 40:80, :3] = 30
    made.select(44, 36, 32, 24)
    made.layers.append("{sketch}")
    made.bounds["{sketch}"] = Box(40, 30, 40, 40)
    return made


@pytest.fixture
def session(
    launcher_with_nets: Launcher, document: MemoryDocument, application: QtWidgets.QApplication
) -> Iterator[Session]:
    made = Session(MemoryCanvas(document), launcher_with_nets)
    made.prompt_settings = replace(made.prompt_settings, prompt="a boat", control="lines", steps=2)
    yield made
    made.close()


def test_what_would_be_kept_is_seen_and_put_into_a_layer(
    session: Session, document: MemoryDocument, wait: Wait
) -> None:
    session.prompt_settings = replace(session.prompt_settings, prompt="")
    session.controls.look()
    wait(lambda: not session.works)
    assert session.notices == []
    seen = session.controls.seen
    assert seen is not None
    drawn = np.frombuffer(seen.raw, np.uint8).reshape(seen.box.height, seen.box.width, 4)
    assert drawn[28:33, 50:70, 0].max() > 200  # the dark thing's upper edge is white
    assert drawn[:10, :30, 0].max() < 40
    session.controls.lay()
    assert session.controls.seen is None
    assert session.inputs.now.control_layer == "{Inlay: lines}"
    assert document.drawn["{Inlay: lines}"] == seen.raw


def test_a_layer_that_is_drawn_is_kept_and_not_read(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.inputs.choose(control_layer="{sketch}", scale_percent=80, from_percent=10, until_percent=90)
    session.ask("replace")
    wait(lambda: not session.works)
    assert session.notices == []
    assert document.read == [Read(without=("{sketch}",)), Read(Source.LAYER, "{sketch}")]
    recipe = document.placements[0].result.recipe
    assert recipe["control_image"]
    edit = recipe["edit"]
    assert (edit["control"], edit["control_scale"], edit["control_from"], edit["control_until"]) == (
        "lines",
        0.8,
        0.1,
        0.9,
    )


def test_it_is_read_off_the_picture_unless_a_layer_is_chosen(
    session: Session, document: MemoryDocument, wait: Wait
) -> None:
    session.ask("replace")
    wait(lambda: not session.works)
    assert document.read == [Read()]
    assert document.placements[0].result.recipe["control_image"] is None


def test_a_layer_that_is_gone_is_told(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.inputs.choose(control_layer="{gone}")
    session.ask("replace")
    wait(lambda: session.notices)
    assert "not in the picture any more" in session.notices[0].message
    assert not session.works


def test_a_layer_that_is_empty_there_is_told(session: Session, document: MemoryDocument, wait: Wait) -> None:
    document.bounds["{sketch}"] = Box(0, 0, 0, 0)
    session.inputs.choose(control_layer="{sketch}")
    session.ask("replace")
    wait(lambda: session.notices)
    assert session.notices[0].message == "The layer “sketch” is empty around the selection."


def test_the_layer_that_is_kept_cannot_be_the_one_that_is_read(session: Session, document: MemoryDocument) -> None:
    document.active_layer = "{sketch}"
    session.inputs.choose(control_layer="{sketch}", source=Source.LAYER)
    session.ask("replace")
    assert "shows what is to be kept" in session.notices[0].message


def test_without_a_net_for_it_the_panel_says_what_to_install(session: Session, wait: Wait) -> None:
    session.prompt_settings = replace(session.prompt_settings, control="pose")
    session.controls.look()
    wait(lambda: session.notices)
    notice = session.notices[0]
    assert "No ControlNet for pose" in notice.message
    assert "controlnet-pose-sd15 (0.7 GB)" in notice.remedy
    assert notice.action == "Show models"


def test_what_was_seen_goes_when_something_else_is_kept(session: Session, wait: Wait) -> None:
    session.controls.look()
    wait(lambda: session.controls.seen)
    panel = Panel(session)
    panel.show()
    rows = panel.inputs.control
    panel.inputs.fold.setChecked(True)
    assert rows.preview.isVisible()
    rows.kind.setCurrentIndex(rows.kind.findData("depth"))
    assert session.controls.seen is None
    assert not rows.preview.isVisible()


def test_the_rows_set_how_it_is_kept(session: Session, document: MemoryDocument) -> None:
    panel = Panel(session)
    panel.show()
    assert panel.inputs.used.text() == "keeps: Lines"
    panel.inputs.fold.setChecked(True)
    rows = panel.inputs.control
    document.active_layer = "{sketch}"
    rows.take.click()
    assert session.inputs.now.control_layer == "{sketch}"
    row = panel.findChild(QtWidgets.QWidget, "inlay_layer_row")
    assert row.name.text() == "sketch"
    rows.scale.setValue(70)
    rows.end.setValue(40)
    rows.begin.setValue(60)
    assert session.inputs.now == DocumentInputs(
        control_layer="{sketch}", scale_percent=70, from_percent=60, until_percent=61
    )
    panel.findChild(QtWidgets.QWidget, "inlay_control_read_button").click()
    assert session.inputs.now.control_layer == ""
    assert not any(row.isVisible() for row in panel.findChildren(QtWidgets.QWidget, "inlay_layer_row"))
    rows.kind.setCurrentIndex(0)
    assert not rows.scale.isVisible()


def test_over_a_file_it_can_be_seen_but_not_drawn(session: Session, wait: Wait) -> None:
    session.canvas.has_layers = False
    panel = Panel(session)
    panel.show()
    panel.inputs.fold.setChecked(True)
    session.controls.look()
    wait(lambda: session.controls.seen)
    rows = panel.inputs.control
    assert rows.preview.isVisible() and rows.look.isVisible()
    assert not (rows.lay.isVisible() or rows.take.isVisible() or panel.inputs.reads.isVisible())


def test_what_is_kept_in_the_document_comes_back_within_bounds() -> None:
    inputs = DocumentInputs(Source.BELOW, ("{face}",), "{sketch}", 80, 10, 90)
    assert restored(kept(inputs)) == inputs
    odd = b'{"control_layer": 7, "scale_percent": 900, "from_percent": 70, "until_percent": 20, "source": []}'
    assert restored(odd) == DocumentInputs(from_percent=70, until_percent=71)
    assert restored(kept(inputs), has_layers=False) == DocumentInputs(
        scale_percent=80, from_percent=10, until_percent=90
    )
