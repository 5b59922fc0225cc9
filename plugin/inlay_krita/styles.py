"""Styles: how to ask a model, under a name. What is read may come from anybody, so every field is checked."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from .settings import MAX_GUIDANCE, MAX_STEPS, PromptSettings
from .translation import numeral, tr
from .wording import LARGEST_WEIGHT, Lora, lora_tag, loras_in, without_loras

VERSION = 1
LARGEST_BYTES = 1 << 20
MOST = 500  # styles
MOST_LORAS = 16  # of one style
LONGEST_NAME, LONGEST_WORDS = 60, 4000  # letters
SHOWN_LETTERS = 30  # of a value that is told of
BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would turn what follows round


class StylesError(Exception):
    """The text is no list of styles that can be read; the message is for people."""


@dataclass(frozen=True)
class Style:
    """All that stands around a prompt. Empty and 0 leave the choice to the plan."""

    name: str
    words: str = ""  # around the painter's, which go where {prompt} stands
    negative_prompt: str = ""
    loras: tuple[Lora, ...] = ()
    model: str = ""
    family: str = ""
    strength_percent: int = 0
    steps: int = 0
    guidance: float = 0.0
    is_starred: bool = False  # listed first

    @classmethod
    def of(cls, name: str, settings: PromptSettings) -> Style:
        """What is set now; a LoRA that the prompt names belongs to it, the prompt's words do not."""
        loras = dict(loras_in(settings.template)) | dict(loras_in(settings.prompt))
        return cls(
            name,
            without_loras(settings.template).strip(),
            settings.negative_prompt.strip(),
            tuple(loras.items())[:MOST_LORAS],
            settings.model,
            settings.family,
            settings.strength_percent,
            settings.steps,
            settings.guidance,
        )

    def applied(self, settings: PromptSettings) -> PromptSettings:
        """The settings with this style's in them."""
        return replace(
            settings,
            style=self.name,
            template=" ".join([self.words, *map(lora_tag, self.loras)]).strip(),
            negative_prompt=self.negative_prompt,
            model=self.model,
            family=self.family,
            strength_percent=self.strength_percent,
            steps=self.steps,
            guidance=self.guidance,
        )


NO_STYLE = Style("")


@dataclass(frozen=True)
class Reading:
    """What a text told: styles, and in plain words what of it was left out or changed."""

    styles: tuple[Style, ...]
    remarks: tuple[str, ...] = ()


def styles_text(styles: Iterable[Style]) -> str:
    """A file's whole text. What says nothing is left out."""
    return json.dumps({"inlay_styles": VERSION, "styles": list(map(_told, styles))}, indent=1) + "\n"


def read_styles(text: str) -> Reading:
    """The styles in a file's text. Raises StylesError where it is none of ours as a whole."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StylesError(tr("It is no file of styles.")) from error
    if not isinstance(told, dict) or type(told.get("inlay_styles")) is not int:
        raise StylesError(tr("It is no file of styles."))
    if told["inlay_styles"] > VERSION:
        raise StylesError(tr("It was written by a later Inlay: update this one."))
    listed = told.get("styles")
    if not isinstance(listed, list):
        raise StylesError(tr("It holds no list of styles."))
    found: dict[str, Style] = {}
    remarks = [tr("Only the first {most} styles were read.").format(most=numeral(MOST))] if len(listed) > MOST else []
    for number, each in enumerate(listed[:MOST], 1):
        style = _read_style(each, number, remarks)
        if style:
            name = free_name(style.name, found)
            found[name] = replace(style, name=name)
    return Reading(tuple(found.values()), tuple(remarks))


def clean(text: str, is_line: bool = True) -> str:
    """Text without what cannot be seen and could mislead; on one line, or on several."""
    kept = "".join(letter for letter in text if letter in "\n\t" or not _is_hidden(letter))
    return " ".join(kept.split()) if is_line else kept.replace("\t", " ").strip()


def clean_name(text: str) -> str:
    """What a style can be called; empty where nothing is left."""
    return clean(text)[:LONGEST_NAME].strip()


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number behind it the first that is not taken."""
    used, number, free = set(taken), 2, name
    while free in used:
        end = f" ({number})"
        free, number = name[: LONGEST_NAME - len(end)] + end, number + 1
    return free


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") or letter in BIDI


def _told(style: Style) -> dict[str, Any]:
    told = {name: value for name, value in dataclasses.asdict(style).items() if value}
    if style.loras:
        told["loras"] = [{"name": name, "weight": weight} for name, weight in style.loras]
    return told


def _read_style(told: Any, number: int, remarks: list[str]) -> Style | None:
    """One style of a list; what is wrong with it is told, and left out."""
    name = clean_name(told["name"]) if isinstance(told, dict) and isinstance(told.get("name"), str) else ""
    if not name:
        remarks.append(tr("Style {number} has no name and was left out.").format(number=number))
        return None
    values: dict[str, Any] = {}
    for field in sorted(told.keys() - {"name"}):
        if field not in CHECKS:
            remarks.append(
                tr("“{name}” has {shown}, which means nothing here: left out.").format(name=name, shown=_shown(field))
            )
            continue
        try:
            values[field] = CHECKS[field](told[field])
        except ValueError as error:
            remarks.append(
                tr("“{name}”: {error}. Left out: {shown}.").format(name=name, error=error, shown=_shown(told[field]))
            )
    return Style(name, **values)


def _shown(value: Any) -> str:
    """A foreign value on one short line."""
    text = clean(value if isinstance(value, str) else repr(value)[: 4 * SHOWN_LETTERS])
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


def _words(what: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_WORDS:
            raise ValueError(tr("{what} must be text of at most {most} letters").format(what=what, most=LONGEST_WORDS))
        return clean(value, is_line=False)

    return check


def _name(what: str, longest: int = 200) -> Callable[[Any], str]:
    """A model's, a family's or a LoRA's name; whether there is one is another question."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest or value != clean(value) or set(value) & set("<>:/\\"):
            raise ValueError(tr("{what} must be a plain name").format(what=what))
        return value

    return check


def _whole(what: str, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise ValueError(tr("{what} must be a whole number from 0 to {most}").format(what=what, most=most))
        return value

    return check


def _guidance(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= MAX_GUIDANCE:  # never true of NaN
        raise ValueError(tr("guidance must be a number from 0 to {most}").format(most=numeral(MAX_GUIDANCE)))
    return float(value)


def _loras(value: Any) -> tuple[Lora, ...]:
    if not isinstance(value, list) or len(value) > MOST_LORAS:
        raise ValueError(tr("LoRAs must be a list of at most {most}").format(most=MOST_LORAS))
    return tuple(dict(map(_lora, value)).items())


def _lora(value: Any) -> Lora:
    if isinstance(value, dict) and value.keys() == {"name", "weight"}:
        name, weight = _name("a LoRA")(value["name"]), value["weight"]
        if name and type(weight) in (int, float) and abs(weight) <= LARGEST_WEIGHT:
            return name, float(weight)
    raise ValueError(
        tr("a LoRA must have a name, and a weight from -{most} to {most}").format(most=numeral(LARGEST_WEIGHT))
    )


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(tr("the star must be true or false"))
    return value


CHECKS: dict[str, Callable[[Any], Any]] = {
    "words": _words(tr("the words")),
    "negative_prompt": _words(tr("what to keep away")),
    "loras": _loras,
    "model": _name(tr("the model")),
    "family": _name(tr("how the model works")),
    "strength_percent": _whole(tr("strength"), 100),
    "steps": _whole(tr("steps"), MAX_STEPS),
    "guidance": _guidance,
    "is_starred": _flag,
}
