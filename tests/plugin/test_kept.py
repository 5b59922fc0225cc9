"""What one start leaves for the next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from inlay.panel.keeper import FileKeeper
from inlay_krita.kept import kept_text, restored, restored_adapters, restored_models
from inlay_krita.launcher import Launcher
from inlay_krita.session import Session
from inlay_krita.settings import MAX_GUIDANCE, ExtendSettings, PromptSettings, RemoveSettings, SelectSettings
from inlay_krita.wire import InstalledAdapter, InstalledModel, Use

from tests.plugin.conftest import MemoryCanvas, MemoryDocument

PROMPT = PromptSettings("a red barn", "people", "a field", "sdxl", 40, True, "repaint", 12, 4.5, "pose")
USE = Use("repaint", "RePaint", ("replace", "remove"))
ADAPTERS = [InstalledAdapter("gouache", "lora", "sdxl")]
MODELS = [InstalledModel("sdxl", "Stable Diffusion XL", ("replace", "remove"), (USE,))]


def test_settings_come_back_without_prompts() -> None:
    text = kept_text((RemoveSettings(3, 4, "a"), ExtendSettings(left=5, model="b"), PROMPT), MODELS, ADAPTERS)
    assert restored(text, RemoveSettings()) == RemoveSettings(3, 4, "a")
    assert restored(text, ExtendSettings()) == ExtendSettings(model="b")
    assert restored(text, PromptSettings()) == replace(PROMPT, prompt="", negative_prompt="", source_prompt="")
    assert restored_models(text) == MODELS
    assert restored_adapters(text) == ADAPTERS
    assert not any(word in text for word in ("barn", "people", "field"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"RemoveSettings": 3, "models": 4}',
        '{"RemoveSettings": {"grow_px": "3", "feather_px": true, "model": null}, "models": [{}]}',
    ],
)
def test_what_cannot_be_read_changes_nothing(text: str) -> None:
    assert restored(text, RemoveSettings(1, 2)) == RemoveSettings(1, 2)
    assert restored_models(text) is None
    assert restored_adapters(text) == []


def test_how_things_are_selected_comes_back() -> None:
    text = kept_text((SelectSettings(9, 8, "sam"), RemoveSettings(1, 2)), MODELS, ADAPTERS)
    assert restored(text, SelectSettings()) == SelectSettings(9, 8, "sam")
    assert restored(text.replace("9,", "999,"), SelectSettings()).grow_px == 256


def test_what_is_no_number_is_left_out() -> None:
    text = '{"PromptSettings": {"guidance": NaN, "steps": 7}}'
    assert restored(text, PromptSettings()) == PromptSettings(steps=7)
    assert restored(text.replace("NaN", "Infinity"), PromptSettings()).guidance == MAX_GUIDANCE


def test_numbers_stay_within_their_bounds() -> None:
    text = json.dumps({"RemoveSettings": {"grow_px": 9999, "feather_px": -3}})
    assert restored(text, RemoveSettings()) == RemoveSettings(256, 0)


def test_a_file_keeps_them(tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path / "data" / "panel.json")
    assert keeper.read() == ""
    keeper.write("one")
    keeper.write("two")
    assert keeper.read() == "two"
    assert [path.name for path in keeper.path.parent.iterdir()] == ["panel.json"]


def test_a_file_that_cannot_be_written_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", "utf-8")
    keeper = FileKeeper(tmp_path / "data" / "panel.json")
    with pytest.raises(OSError, match=r"exists|directory"):
        keeper.write("one")
    assert keeper.read() == ""


def test_the_next_session_begins_as_the_last_one_ended(shared_launcher: Launcher, tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path / "panel.json")
    first = Session(MemoryCanvas(), shared_launcher, keeper=keeper)
    first.remove_settings, first.prompt_settings, first.engine.models = RemoveSettings(7, 8), PROMPT, MODELS
    first.engine.adapters = ADAPTERS
    first.close()
    second = Session(MemoryCanvas(), shared_launcher, keeper=keeper)
    assert second.remove_settings == RemoveSettings(7, 8)
    assert second.prompt_settings.strength_percent == 40
    assert (second.engine.models, second.engine.adapters) == (MODELS, ADAPTERS)
    second.close()


def test_an_edit_that_begins_keeps_the_settings(shared_launcher: Launcher, tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path / "panel.json")
    document = MemoryDocument()
    document.select(40, 40, 30, 30)
    session = Session(MemoryCanvas(document), shared_launcher, keeper=keeper)
    session.remove_settings = RemoveSettings(5, 6)
    session.remove()
    assert restored(keeper.read(), RemoveSettings()) == RemoveSettings(5, 6)
    session.cancel_active()
    session.close()
