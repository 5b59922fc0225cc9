"""What each picture has set: while it is open, and in its file; and what is never in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.logbook import RECIPES
from inlay_krita.own_settings import ANNOTATION, LARGEST_BYTES, Own, is_of_later_version, kept_text, restored
from inlay_krita.panel import Panel
from inlay_krita.qt import QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings, PromptSettings, RemoveSettings, Unit
from inlay_krita.style_shelf import ANNOTATION as STYLE
from inlay_krita.styles import Style, styles_text
from inlay_krita.wording import inside

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait
from tests.plugin.test_history import told

OWN = Own(
    RemoveSettings(3, 4, "lama"),
    ExtendSettings(Unit.PIXELS, 5, 6, 7, 8, "16:9", 0, 2, "sdxl"),
    PromptSettings("a barn", "people", "a field", "sdxl", 40, True, "repaint", 12, 4.5, "pose", "in ink", "Ink"),
)
BARE = Own(RemoveSettings(), ExtendSettings(), PromptSettings())


@pytest.fixture
def begin(environ: dict[str, str]) -> Iterator[Callable[..., Session]]:
    """Begins a session over documents; no engine is looked for."""
    begun: list[Session] = []

    def start(*documents: MemoryDocument) -> Session:
        made = Session(MemoryCanvas(*documents), Launcher(environ))
        made.engine.look = lambda: None  # type: ignore[method-assign]
        begun.append(made)
        made.refresh()
        return made

    yield start
    for made in begun:
        made.close()


def go_to(session: Session, document: MemoryDocument | None) -> None:
    session.canvas.active = document  # type: ignore[attr-defined]
    session.refresh()


def own(session: Session) -> Own:
    return Own(session.remove_settings, session.extend_settings, session.prompt_settings)


def write(session: Session, **values: Any) -> None:
    session.prompt_settings = replace(session.prompt_settings, **values)


def test_each_open_picture_has_its_own(begin: Callable[..., Session]) -> None:
    first, second = MemoryDocument(), MemoryDocument(seed=1)
    session = begin(first, second)
    write(session, prompt="a barn", negative_prompt="people", steps=20)
    session.remove_settings = RemoveSettings(3, 4)
    session.extend_settings = ExtendSettings(Unit.PIXELS, 10)
    before = own(session)
    go_to(session, second)
    write(session, prompt="the sea", steps=5)
    session.remove_settings = RemoveSettings()
    session.extend_settings = ExtendSettings(ratio="1:1")
    other = own(session)
    go_to(session, first)
    assert own(session) == before
    go_to(session, None)
    go_to(session, second)
    assert own(session) == other


def test_a_new_picture_takes_numbers_over_and_no_words(begin: Callable[..., Session]) -> None:
    first, second = MemoryDocument(), MemoryDocument(seed=1)
    session = begin(first, second)
    write(session, prompt="a barn", source_prompt="a field", negative_prompt="people", steps=20)
    session.remove_settings = RemoveSettings(3, 4)
    go_to(session, second)
    assert session.prompt_settings == PromptSettings(negative_prompt="people", steps=20)
    assert session.remove_settings == RemoveSettings(3, 4)


def test_what_was_written_before_any_picture_was_open_goes_to_the_first(begin: Callable[..., Session]) -> None:
    session = begin()
    write(session, prompt="a barn")
    document = MemoryDocument()
    document.annotations[RECIPES] = json.dumps([told("replace", prompt="the sea").recipe]).encode()
    session.canvas.opened.append(document)  # type: ignore[attr-defined]
    go_to(session, document)
    assert session.prompt_settings.prompt == "a barn"


def test_a_picture_that_is_opened_again_is_set_as_it_was_and_knows_its_last_words(
    begin: Callable[..., Session],
) -> None:
    document = MemoryDocument()
    document.annotations[ANNOTATION] = kept_text(OWN)
    recipes = [told("replace", prompt="the sea").recipe, told("restyle", prompt="a barn", negative_prompt="fog").recipe]
    document.annotations[RECIPES] = json.dumps(recipes).encode()
    session = begin(document)
    assert session.remove_settings == OWN.remove
    assert session.extend_settings == OWN.extend
    expected = replace(OWN.prompt, negative_prompt="fog", source_prompt="", is_more_shown=False, template="", style="")
    assert session.prompt_settings == expected


def test_a_styles_words_are_not_doubled(begin: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "home" / "data" / "styles.json"
    path.parent.mkdir(parents=True)
    path.write_text(styles_text([Style("Ink", words="{prompt}, in ink")]), "utf-8")
    document = MemoryDocument()
    document.annotations[STYLE] = b"Ink"
    document.annotations[RECIPES] = json.dumps([told("replace", prompt="a barn, in ink").recipe]).encode()
    session = begin(document)
    assert session.prompt_settings.prompt == "a barn"
    assert session.prompt_settings.words == "a barn, in ink"


@pytest.mark.parametrize(
    ("template", "words", "prompt"),
    [
        ("", "a barn", "a barn"),
        ("{prompt}, in ink", "a barn, in ink", "a barn"),
        ("ink of {prompt}", "ink of a barn", "a barn"),
        ("in ink", "a barn, in ink", "a barn"),
        ("in ink", "a barn", ""),
        ("{prompt}, in ink", "in ink", ""),
        ("in ink <lora:pen:0.8>", "a barn, in ink <lora:pen:0.8>", "a barn"),
    ],
)
def test_a_prompt_is_found_among_a_styles_words(template: str, words: str, prompt: str) -> None:
    assert inside(template, words) == prompt


def test_words_stay_out_of_the_file(begin: Callable[..., Session]) -> None:
    document = MemoryDocument()
    session = begin(document)
    session.remove_settings, session.extend_settings, session.prompt_settings = OWN.remove, OWN.extend, OWN.prompt
    session.own.note_down()
    kept = document.annotations[ANNOTATION]
    assert not any(word in kept for word in (b"barn", b"people", b"field", b"ink"))
    assert restored(kept, BARE) == Own(
        OWN.remove,
        OWN.extend,
        replace(
            BARE.prompt, model="sdxl", strength_percent=40, family="repaint", steps=12, guidance=4.5, control="pose"
        ),
    )


def test_a_picture_that_is_only_looked_at_is_not_written_into(begin: Callable[..., Session]) -> None:
    first, second = MemoryDocument(), MemoryDocument(seed=1)
    session = begin(first, second)
    write(session, steps=20)
    session.own.note_down()
    go_to(session, second)
    session.own.note_down()
    assert ANNOTATION in first.annotations
    assert ANNOTATION not in second.annotations


def test_one_that_is_edited_is(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.refresh()
    session.remove()
    wait(lambda: not session.works)
    assert restored(document.annotations[ANNOTATION], OWN).remove == RemoveSettings()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 4000,
        b'{"version": 1, "remove": 3, "extend": [], "prompt": null}',
        b'{"version": 1, "remove": {"grow_px": -1, "feather_px": 9999, "model": 3}}',
        b'{"version": 1, "remove": {"grow_px": true, "feather_px": 1.5, "model": "a\\u0000b"}}',
        b'{"version": 1, "extend": {"unit": "miles", "left": 1e9, "ratio": ["16:9"], "anchor_x": 7}}',
        b'{"version": 1, "prompt": {"guidance": NaN, "steps": 151, "control": "hologram", "strength_percent": "40"}}',
        b'{"version": 1, "prompt": {"prompt": "buy this", "negative_prompt": "x", "template": "y", "style": "z"}}',
        b'{"version": 2, "remove": {"grow_px": 9}}',
        b'{"version": 1, "remove": {"grow_px": 9}}' + b" " * LARGEST_BYTES,
    ],
)
def test_odd_values_change_nothing(begin: Callable[..., Session], raw: bytes) -> None:
    document = MemoryDocument()
    document.annotations[ANNOTATION] = raw
    session = begin(document)
    assert own(session) == BARE
    assert session.notices == []


def test_what_fits_is_taken_though_the_rest_is_odd() -> None:
    raw = b'{"version": 1, "remove": {"grow_px": 5, "feather_px": -5, "depth": 1}, "prompt": {"guidance": 7}}'
    assert restored(raw, BARE) == Own(RemoveSettings(5), ExtendSettings(), PromptSettings(guidance=7))


def test_what_a_later_version_wrote_stays(begin: Callable[..., Session]) -> None:
    later = b'{"version": 2, "remove": {"grow_px": 9}}'
    assert is_of_later_version(later)
    assert not any(map(is_of_later_version, (b"", b'{"version": "2"}', b'{"version": true}', kept_text(OWN))))
    document = MemoryDocument()
    document.annotations[ANNOTATION] = later
    session = begin(document)
    write(session, steps=20)
    session.own.note_down(True)
    assert document.annotations[ANNOTATION] == later


def test_runs_that_cannot_be_read_bring_no_words(begin: Callable[..., Session]) -> None:
    document = MemoryDocument()
    document.annotations[RECIPES] = json.dumps([{"edit": {"kind": "hologram", "prompt": "a barn"}}]).encode()
    assert begin(document).prompt_settings.prompt == ""


def test_sides_that_a_result_has_brought_are_taken_off_its_own_picture(
    session: Session, document: MemoryDocument, wait: Wait
) -> None:
    other = MemoryDocument(100, 80)
    session.canvas.opened.append(other)  # type: ignore[attr-defined]
    session.refresh()
    session.extend_settings = ExtendSettings(Unit.PIXELS, right=32)
    session.extend()
    wait(lambda: session.works[0].errand)
    go_to(session, other)
    assert session.extend_settings.right == 32
    wait(lambda: not session.works)
    assert session.extend_settings.right == 32
    go_to(session, document)
    assert session.extend_settings.right == 0


def test_the_fields_follow(session: Session, document: MemoryDocument, application: QtWidgets.QApplication) -> None:
    other = MemoryDocument(seed=1)
    session.canvas.opened.append(other)  # type: ignore[attr-defined]
    session.refresh()
    panel = Panel(session)
    panel.edge.grow.setValue(5)
    panel.prompt.prompt.setPlainText("a barn")
    panel.prompt.fold.setChecked(True)
    go_to(session, other)
    panel.edge.grow.setValue(9)
    assert panel.prompt.prompt.toPlainText() == ""
    go_to(session, document)
    assert (panel.edge.grow.value(), panel.prompt.prompt.toPlainText()) == (5, "a barn")
    assert panel.prompt.fold.isChecked()
    go_to(session, other)
    assert panel.edge.grow.value() == 9
    panel.deleteLater()
