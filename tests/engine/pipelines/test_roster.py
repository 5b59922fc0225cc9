"""Who can work now, as models come and go."""

from dataclasses import replace
from pathlib import Path

import pytest
from inlay.pipelines.card import Description
from inlay.pipelines.models import Model, pipeline_index
from inlay.pipelines.roster import Roster, RosterError
from inlay.pipelines.shelf import Shelf

MODEL = Model("painter", Path("painter"), Description("StableDiffusionInpaintPipeline", 9, 768), 1, revision="a" * 40)


@pytest.fixture
def models():
    return [MODEL]


@pytest.fixture
def roster(models):
    return Roster(lambda: models, Shelf(budget_bytes=10**9))


def test_every_use_of_a_model_is_listed(roster):
    assert {model.id for model, _ in roster.uses} == {"painter"}
    families = [card.family for _, card in roster.uses]
    assert "sd15-inpaint" in families
    assert families == [family.card.family for family in roster.families if family.name == "painter"]


def test_a_model_that_was_removed_leaves_the_shelf_with_the_next_edit(roster, models):
    loads = []
    roster.shelf.take("painter", lambda: loads.append("painter"))
    models.clear()
    roster.refresh()
    with pytest.raises(RosterError, match="not installed any more"):
        roster.find("painter", "sd15-inpaint")
    roster.shelf.take("painter", lambda: loads.append("painter"))
    assert len(loads) == 2


def test_a_model_that_was_replaced_is_loaded_anew_and_the_others_are_not(roster, models):
    loads = []
    models.append(replace(MODEL, id="other"))
    roster.refresh()
    for name in ("painter", "other"):
        roster.shelf.take(name, lambda name=name: loads.append(name))
    models[0] = replace(MODEL, revision="b" * 40)
    roster.refresh()
    roster.find("painter", "sd15-inpaint")
    for name in ("painter", "other"):
        roster.shelf.take(name, lambda name=name: loads.append(name))
    assert loads == ["painter", "other", "painter"]


@pytest.mark.parametrize("told", ['["a list"]', "{", None])
def test_an_index_that_cannot_be_read_says_nothing(tmp_path, told):
    if told is not None:
        (tmp_path / "model_index.json").write_text(told, encoding="utf-8")
    assert pipeline_index(tmp_path) == {}


def test_an_index_says_what_it_holds(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "Flux2KleinPipeline"}', encoding="utf-8")
    assert pipeline_index(tmp_path) == {"_class_name": "Flux2KleinPipeline"}
