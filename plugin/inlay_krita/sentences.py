"""English sentences that arrive finished, from the engine or out of a document, in the painter's language.

The engine speaks English alone, and what is kept in documents stays as it was written. A sentence that is listed here
is recognised, whatever values stand in it; any other is shown as it came. A test compares the list with the engine's.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterable

from .translation import later, tr

# Titles of edits (state.title_of)
REMOVE = later("Remove {size}")
EXTEND = later("Extend to {size}")
BY_WORDS = {
    "replace": later("Replace: {prompt}"),
    "restyle": later("Restyle: {prompt}"),
    "instruct": later("Instruct: {prompt}"),
    "background": later("Background: {prompt}"),
}
EDITS = {  # what models do
    "remove": later("remove"),
    "replace": later("replace"),
    "restyle": later("restyle"),
    "instruct": later("edit"),
    "background": later("background"),
    "extend": later("extend"),
    "select": later("select"),
}
ALONE = (later("Remove"), later("Replace"), later("Restyle"), later("Instruct"), later("Background"), later("Result"))
ENGINE = (later("The edit failed."),)
VALUE = "(.+?)"


def translated(text: str) -> str:
    """The sentence in the painter's language, its values as they are; itself where nobody has translated it."""
    whole = tr(text)
    if whole != text:
        return whole
    for pattern, names, template in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return tr(template).format(**dict(zip(names, found.groups(), strict=True)))
    return text


def edits_text(edits: Iterable[str]) -> str:
    """What a model does, in a painter's words."""
    return ", ".join(tr(EDITS.get(edit, edit)) for edit in edits)


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """(what recognises it, the names of its values, the template) of each that is translated."""
    return tuple(
        (_pattern(template), _names(template), template)
        for template in (REMOVE, EXTEND, *BY_WORDS.values(), *ENGINE)
        if _names(template) and tr(template) != template
    )


def _names(template: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _pattern(template: str) -> re.Pattern[str]:
    """Matches all that a template can become."""
    parts = (re.escape(words) + (VALUE if name else "") for words, name, _, _ in string.Formatter().parse(template))
    return re.compile("".join(parts), re.DOTALL)
