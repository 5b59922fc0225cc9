"""Embeddings that a prompt names: each is a word of its own. No torch: plans look for them, too."""

from __future__ import annotations

import re
from collections.abc import Iterable


def parted(prompt: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """The prompt as (words, embedding) in its order; the embedding that follows the words is "" at the end.

    A name counts where it stands as a word of its own, in capitals or not: CLIP's tokenizers do not tell them apart.
    """
    by_word = {name.lower(): name for name in names}
    if not by_word:
        return [(prompt, "")]
    longest_first = sorted(by_word, key=len, reverse=True)
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)
    pieces = word.split(prompt)  # words, name, words, name, ..., words
    found = [by_word[name.lower()] for name in pieces[1::2]]
    return list(zip(pieces[::2], [*found, ""], strict=True))


def spoken_in(prompt: str, names: Iterable[str]) -> list[str]:
    """The embeddings that a prompt names, each once, in its order."""
    return list(dict.fromkeys(name for _, name in parted(prompt, names) if name))
