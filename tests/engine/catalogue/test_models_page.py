"""docs/models.md says of every family and offer what their cards say."""

import importlib.util
from pathlib import Path

import pytest
from inlay.pipelines.roster import all_cards

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def tables():
    """`docs/models_tables.py` as a module."""
    spec = importlib.util.spec_from_file_location("models_tables", DOCS / "models_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_tables_are_those_of_the_cards(tables):
    page = (DOCS / "models.md").read_text("utf-8")
    assert page == tables.written(page, all_cards()), "run: python docs/models_tables.py"


def test_every_family_has_a_row_with_all_that_matters(tables):
    rows = {row.split("`")[1]: row for row in tables.families(all_cards()).splitlines()[2:]}
    painters = [card for card in all_cards() if set(card.edits) - {"select"}]
    assert set(rows) == {card.family for card in painters}
    for card in painters:
        row = rows[card.family]
        for said in (*card.edits, f"multiples of {card.multiple}", f"{card.native_px} px", card.licence):
            assert said in row
        assert row.count("|") == 9


def test_every_offer_has_a_row(tables):
    rows = tables.offers(all_cards())
    for card in all_cards():
        for offer in card.offers:
            assert f"| `{offer.id}` | {offer.title} | {offer.repository} |" in rows


def test_old_tables_are_noticed(tables):
    page = (DOCS / "models.md").read_text("utf-8")
    assert tables.written(page.replace("multiples of 8", "multiples of 7"), all_cards()) == page
