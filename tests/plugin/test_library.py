"""The model library in the panel: listed, installed, cancelled, gone on with, and deleted, on a hub of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay.catalogue.listing import find_offer
from inlay.pipelines.roster import all_cards
from inlay_krita.launcher import Launcher
from inlay_krita.library import bytes_text
from inlay_krita.panel import Panel
from inlay_krita.panel.model_row import ModelRow
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session

from tests.engine.catalogue.loopback_hub import LoopbackHub, serving
from tests.plugin.conftest import OWN, MemoryCanvas, MemoryDocument, Wait, end_engine

ID = "sd15-inpaint"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny pipeline with the file names of the real one that the offer stands for."""
    tiny = pytest.importorskip("tests.engine.pipelines.tiny")
    folder: Path = tiny.save(tmp_path_factory.mktemp("hub") / "model", 9)
    for weights in folder.rglob("*.safetensors"):
        weights.rename(weights.with_name(weights.stem + ".fp16.safetensors"))
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[LoopbackHub]:
    with serving(published, find_offer(ID, all_cards()).repository) as made:
        yield made
        made.go_on.set()


@pytest.fixture
def session(hub: LoopbackHub, environ: dict[str, str], document: MemoryDocument) -> Iterator[Session]:
    launcher = Launcher({**environ, "HF_ENDPOINT": hub.endpoint}, own=OWN)
    made = Session(MemoryCanvas(document), launcher)
    yield made
    assert made.close()
    end_engine(launcher)


@pytest.fixture
def panel(session: Session, application: QtWidgets.QApplication, wait: Wait) -> Iterator[Panel]:
    made = Panel(session)
    made.resize(260, 800)
    made.show()
    made.show_page("models")
    wait(lambda: ID in made.models._rows and row(made).isVisible())
    yield made
    made.close()
    made.deleteLater()
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def row(panel: Panel, model: str = ID) -> ModelRow:
    """Rows are made anew when the list changes."""
    return panel.models._rows[model]


def accept(panel: Panel, model: str = ID) -> None:
    """Install, and accept the licence, which is not a free one."""
    row(panel, model).install.click()
    assert row(panel, model).card.isVisible()
    row(panel, model).card.go.click()


def facts(panel: Panel) -> str:
    return row(panel).facts.text().replace("\u200b", "")


def test_a_model_is_installed_offered_to_edits_and_deleted(panel: Panel, session: Session, wait: Wait) -> None:
    assert (row(panel).install.isVisible(), row(panel).remove.isVisible()) == (True, False)
    assert facts(panel).startswith("Extend, remove, replace \N{MIDDLE DOT} ")
    assert row(panel, "controlnet-depth-sd15").facts.text().startswith("Goes beside a model \N{MIDDLE DOT} ")
    accept(panel)
    wait(lambda: row(panel).remove.isVisible() and not session.library.install_of(row(panel)._model))
    assert facts(panel).endswith("installed")
    assert not row(panel).install.isVisible()
    wait(lambda: panel.prompt.model.findData(ID) > 0)
    panel.prompt.model.setCurrentIndex(panel.prompt.model.findData(ID))
    assert panel.prompt.how.findData(ID) > 0
    row(panel).remove.click()
    (asked,) = session.notices
    assert asked.message.startswith("Delete ")
    assert asked.act
    asked.act()
    wait(lambda: row(panel).install.isVisible())
    wait(lambda: not session.engine.models)
    assert panel.prompt.model.findData(ID) < 0


def test_cancel_keeps_what_has_arrived_and_it_goes_on(
    panel: Panel, session: Session, hub: LoopbackHub, wait: Wait
) -> None:
    hub.hold_after = 65_536
    accept(panel)
    assert row(panel).cancel.isVisible()
    assert not row(panel).install.isVisible()
    wait(hub.is_held.is_set)
    wait(lambda: " of " in facts(panel))
    row(panel).cancel.click()
    wait(lambda: row(panel).install.isVisible())
    wait(lambda: "are here already" in facts(panel))
    wait(lambda: row(panel).remove.isVisible())
    assert session.notices == []
    hub.hold_after = None
    hub.go_on.set()
    row(panel).install.click()
    wait(lambda: facts(panel).endswith("installed"))


def test_nothing_is_downloaded_before_a_licence_that_is_not_free_is_accepted(
    panel: Panel, session: Session, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QtGui.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    mine = row(panel)
    assert mine.licence.isVisible()
    assert mine.licence.text() == "Licence: CreativeML OpenRAIL-M"
    mine.licence.open()
    assert opened == [find_offer(ID, all_cards()).licence_url]
    mine.install.click()
    assert "no free licence (CreativeML OpenRAIL-M)" in mine.card.licence.text()
    assert "downloaded" in mine.card.space.text()
    assert not mine.card.gated.isVisible()
    assert mine.card.go.text() == "Accept and install"
    mine.card.leave.click()
    assert not mine.card.isVisible()
    assert session.library.install_of(mine._model) is None
    assert hub.requests == []


def test_a_gated_model_says_that_it_wants_an_account(panel: Panel) -> None:
    row(panel, "flux-fill").install.click()
    assert "an account" in row(panel, "flux-fill").card.gated.text()


def test_a_free_licence_is_named_and_asks_for_nothing(panel: Panel, session: Session) -> None:
    free = row(panel, "sam-vit-b")
    assert free.licence.text() == "Licence: Apache-2.0"
    free.install.click()
    assert not free.card.isVisible()
    assert session.library.install_of(free._model)
    free.cancel.click()


@pytest.mark.parametrize("model", [ID, "sam-vit-b"])
def test_what_does_not_fit_is_not_begun(panel: Panel, session: Session, hub: LoopbackHub, model: str) -> None:
    session.library.free_bytes = 90 * 10**6
    row(panel, model).install.click()
    card = row(panel, model).card
    assert "90\N{NO-BREAK SPACE}MB are free where models are kept" in card.space.text()
    assert not card.go.isVisible()
    assert session.library.install_of(row(panel, model)._model) is None
    assert hub.requests == []


def test_the_engine_tells_how_much_is_free(panel: Panel, session: Session) -> None:
    assert session.library.free_bytes
    assert session.library.free_bytes > 0


def test_models_of_an_engine_that_wants_them_left_alone_are_only_shown(panel: Panel, session: Session) -> None:
    session.library.may_change = False
    session.library.changed.emit()
    mine = row(panel)
    assert not any(button.isVisible() for button in (mine.install, mine.cancel, mine.remove, panel.models.add))
    assert "where it runs" in panel.models.elsewhere.text()


def test_an_installation_that_another_panel_began_is_followed(
    panel: Panel, session: Session, hub: LoopbackHub, wait: Wait
) -> None:
    hub.hold_after = 65_536
    session._engines.connect().install(ID)
    wait(hub.is_held.is_set)
    session.library.look()
    wait(lambda: row(panel).cancel.isVisible())
    hub.hold_after = None
    hub.go_on.set()
    wait(lambda: facts(panel).endswith("installed"))


def test_a_fault_is_told_and_can_be_gone_on_from(panel: Panel, session: Session, hub: LoopbackHub, wait: Wait) -> None:
    hub.status = 404
    accept(panel)
    wait(lambda: session.notices)
    (notice,) = session.notices
    assert (notice.is_error, notice.action) == (True, "Go on")
    assert row(panel).install.isVisible()
    hub.status = 0
    assert notice.act
    notice.act()
    wait(lambda: facts(panel).endswith("installed"))


def test_a_folder_of_the_painters_own(panel: Panel, session: Session, published: Path, wait: Wait) -> None:
    session.library.add_folder(str(published))
    wait(lambda: published.name in panel.models._rows)
    mine = row(panel, published.name)
    assert not mine.remove.isVisible()
    assert mine.facts.text().endswith("in a folder of yours")
    session.library.add_folder(str(published / "nowhere"))
    wait(lambda: session.notices)
    assert session.notices[0].message.startswith("That folder cannot be used: ")


def test_models_are_shown_where_they_are_missing(panel: Panel, session: Session, wait: Wait) -> None:
    panel.show_page("edit")
    session.prompt_settings = session.prompt_settings.__class__("a red barn")
    session.ask("replace")
    wait(lambda: session.notices)
    (notice,) = session.notices
    assert notice.action == "Show models"
    assert notice.act
    notice.act()
    assert panel.pages.current == "models"


def test_sizes_for_people() -> None:
    assert [bytes_text(count) for count in (1, 1_400_000, 2_300_000_000)] == [
        "1\N{NO-BREAK SPACE}MB",
        "1\N{NO-BREAK SPACE}MB",
        "2.3\N{NO-BREAK SPACE}GB",
    ]
