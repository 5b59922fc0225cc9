"""Styles as text: what is kept, what is read of somebody else's file, and what is said of the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from inlay_krita.settings import PromptSettings
from inlay_krita.styles import (
    LONGEST_NAME,
    MOST,
    NO_STYLE,
    Style,
    StylesError,
    clean_name,
    free_name,
    read_styles,
    styles_text,
)
from inlay_krita.wording import around, loras_in, without_loras

INK = Style("Ink", "{prompt}, in ink", "colour", (("pen", 0.8), ("hatch", -1.0)), "sd15", "sdedit", 40, 12, 4.5, True)


@pytest.mark.parametrize(
    ("template", "prompt", "words"),
    [
        ("", " a barn ", "a barn"),
        ("{prompt}, in oil", "a barn", "a barn, in oil"),
        ("an oil painting of {prompt}, {prompt}", "a barn", "an oil painting of a barn, a barn"),
        ("in oil", "a barn", "a barn, in oil"),
        ("{prompt}, in oil", "", "in oil"),
        ("in oil", "", "in oil"),
        ("", "", ""),
        ("{prompt} <lora:gouache:0.8>", "a barn", "a barn <lora:gouache:0.8>"),
        ("<lora:gouache:0.8>, {prompt}", "a barn <lora:gouache:0.3>", "a barn <lora:gouache:0.3>"),
        ("<lora:gouache>", "", "<lora:gouache>"),
        ("<lora:gouache:0.8>", "a barn", "a barn, <lora:gouache:0.8>"),
        ("in oil <lora:gouache:99>", "a barn", "a barn, in oil <lora:gouache:99>"),  # the engine says what is wrong
        ("{prompt!r} {0.__class__}", "a barn", "a barn, {prompt!r} {0.__class__}"),
        ("{prompt}", "{prompt}", "{prompt}"),
    ],
)
def test_a_styles_words_stand_around_the_prompt(template: str, prompt: str, words: str) -> None:
    assert around(template, prompt) == words
    assert PromptSettings(prompt, template=template).words == words


def test_loras_are_found_as_the_engine_finds_them() -> None:
    words = "a barn, <lora: gouache : 0.5>, dusk <LoRA:pen:x> <lora:far:99> <lora:gouache:2>"
    assert loras_in(words) == (("gouache", 0.5),)
    assert without_loras("a barn, <lora:gouache:0.5>") == "a barn"


def test_what_is_set_becomes_a_style_and_comes_back() -> None:
    template = "{prompt}, in ink <lora:pen:0.3>"
    set_now = PromptSettings(
        "a barn <lora:pen:0.8>", " colour ", "a field", "sd15", 40, True, "sdedit", 12, 4.5, "pose", template
    )
    style = Style.of("Ink", set_now)
    assert style == Style("Ink", "{prompt}, in ink", "colour", (("pen", 0.8),), "sd15", "sdedit", 40, 12, 4.5)
    applied = style.applied(PromptSettings("a boat", source_prompt="the sea", control="depth"))
    assert applied == PromptSettings(
        "a boat",
        "colour",
        "the sea",
        "sd15",
        40,
        False,
        "sdedit",
        12,
        4.5,
        "depth",
        "{prompt}, in ink <lora:pen:0.8>",
        "Ink",
    )
    assert NO_STYLE.applied(applied) == PromptSettings("a boat", source_prompt="the sea", control="depth")


def test_styles_survive_their_file() -> None:
    styles = (INK, Style("Nothing set"), Style("Fälscher ✏", "用水墨"))
    reading = read_styles(styles_text(styles))
    assert reading.styles == styles
    assert reading.remarks == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no file of styles"),
        ("{", "no file of styles"),
        ("[" * 200_000, "no file of styles"),
        ("[]", "no file of styles"),
        ('"styles"', "no file of styles"),
        ('{"styles": []}', "no file of styles"),
        ('{"inlay_styles": true, "styles": []}', "no file of styles"),
        ('{"inlay_styles": "1", "styles": []}', "no file of styles"),
        ('{"inlay_styles": 2, "styles": []}', "by a later Inlay"),
        ('{"inlay_styles": 1}', "holds no list"),
        ('{"inlay_styles": 1, "styles": {"a": 1}}', "holds no list"),
    ],
)
def test_what_is_no_file_of_styles(text: str, why: str) -> None:
    with pytest.raises(StylesError, match=why):
        read_styles(text)


def read(*styles: object) -> tuple[tuple[Style, ...], tuple[str, ...]]:
    reading = read_styles(json.dumps({"inlay_styles": 1, "styles": styles}))
    return reading.styles, reading.remarks


@pytest.mark.parametrize(
    ("field", "value", "remark"),
    [
        ("steps", 9999, "steps must be a whole number from 0 to 150. Left out: 9999."),
        ("steps", -1, "steps must be a whole number from 0 to 150. Left out: -1."),
        ("steps", 12.0, "steps must be a whole number from 0 to 150. Left out: 12.0."),
        ("steps", True, "steps must be a whole number from 0 to 150. Left out: True."),
        ("strength_percent", 101, "strength must be a whole number from 0 to 100. Left out: 101."),
        ("guidance", float("nan"), "guidance must be a number from 0 to 100. Left out: nan."),
        ("guidance", float("inf"), "guidance must be a number from 0 to 100. Left out: inf."),
        ("guidance", "7", "guidance must be a number from 0 to 100. Left out: 7."),
        ("guidance", 10**400, f"guidance must be a number from 0 to 100. Left out: 1{'0' * 28}…."),
        ("words", ["a"], "the words must be text of at most 4000 letters. Left out: ['a']."),
        ("words", "x" * 4001, f"the words must be text of at most 4000 letters. Left out: {'x' * 29}…."),
        ("negative_prompt", None, "what to keep away must be text of at most 4000 letters. Left out: None."),
        ("model", "../../etc/passwd", "the model must be a plain name. Left out: ../../etc/passwd."),
        ("model", "a\nb", "the model must be a plain name. Left out: a b."),
        ("family", {"a": 1}, "how the model works must be a plain name. Left out: {'a': 1}."),
        ("loras", {"pen": 1}, "LoRAs must be a list of at most 16. Left out: {'pen': 1}."),
        ("loras", [{}] * 17, f"LoRAs must be a list of at most 16. Left out: {'[{}, {}, {}, {}, {}, {}, {}, '[:29]}…."),
        (
            "loras",
            [{"name": "pen", "weight": 9}],
            "a LoRA must have a name, and a weight from -4 to 4. Left out: [{'name': 'pen', 'weight': 9}].",
        ),
        ("is_starred", 1, "the star must be true or false. Left out: 1."),
    ],
)
def test_odd_values_are_left_out_and_said(field: str, value: Any, remark: str) -> None:
    styles, remarks = read({"name": "Ink", "strength_percent": 40, "words": "in ink", field: value})
    expected = {"words": "in ink", "strength_percent": 40}
    expected.pop(field, None)
    assert styles == (Style("Ink", **expected),)  # type: ignore[arg-type]
    assert remarks == (f"“Ink”: {remark}",)


def test_what_means_nothing_is_left_out_and_said() -> None:
    styles, remarks = read({"name": "Ink", "__class__": "os.system", "steps": 12})
    assert styles == (Style("Ink", steps=12),)
    assert remarks == ("“Ink” has __class__, which means nothing here: left out.",)


@pytest.mark.parametrize("told", [3, "Ink", None, [], {}, {"name": ""}, {"name": 3}, {"name": " \n\u202e"}])
def test_a_style_without_a_name_is_left_out(told: object) -> None:
    styles, remarks = read(told, {"name": "Ink"})
    assert styles == (Style("Ink"),)
    assert remarks == ("Style 1 has no name and was left out.",)


def test_styles_of_one_name_are_told_apart() -> None:
    styles, _ = read({"name": "Ink", "steps": 1}, {"name": "Ink", "steps": 2}, {"name": " Ink\n", "steps": 3})
    assert [(style.name, style.steps) for style in styles] == [("Ink", 1), ("Ink (2)", 2), ("Ink (3)", 3)]


def test_there_is_an_end_to_them() -> None:
    styles, remarks = read(*({"name": f"{number}"} for number in range(MOST + 3)))
    assert len(styles) == MOST
    assert remarks == (f"Only the first {MOST} styles were read.",)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("  Ink\t and\nwash ", "Ink and wash"),
        ("Ink\u202egpj.exe", "Inkgpj.exe"),
        ("Ink\x00\x1b[31m", "Ink[31m"),
        ("\ud800Ink", "Ink"),
        ("x" * 100, "x" * LONGEST_NAME),
        ("水墨 ✏", "水墨 ✏"),
        ("\u200f", ""),
    ],
)
def test_names_are_plain(told: str, name: str) -> None:
    assert clean_name(told) == name


def test_a_free_name_is_no_longer_than_names_are() -> None:
    long = "x" * LONGEST_NAME
    assert free_name("Ink", []) == "Ink"
    assert free_name("Ink", ["Ink", "Ink (2)"]) == "Ink (3)"
    assert free_name(long, [long]) == f"{long[:-4]} (2)"


def test_words_with_what_cannot_be_written_can_be_kept() -> None:
    styles, remarks = read({"name": "Ink", "words": "a\ud800b\n c"})
    assert styles == (Style("Ink", "ab\n c"),)
    assert remarks == ()
    styles_text(styles).encode("utf-8")
