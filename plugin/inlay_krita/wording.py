"""A style's words around the painter's own, and LoRAs as both name them: `<lora:name:0.8>`."""

from __future__ import annotations

import re

PLACE = "{prompt}"  # in a style's words: where the painter's go
LARGEST_WEIGHT = 4.0  # of a LoRA, by the engine
TAG = re.compile(r"<\s*lora\s*:\s*([^<>:]+?)\s*(?::\s*([^<>]*?)\s*)?>", re.IGNORECASE)
Lora = tuple[str, float]  # its name, and its weight: 1 as it was made


def lora_tag(lora: Lora) -> str:
    """As a prompt names it."""
    return f"<lora:{lora[0]}:{lora[1]:g}>"


def loras_in(words: str) -> tuple[Lora, ...]:
    """The LoRAs that words name, the first weight of each; those whose weight is no number in bounds are left out."""
    found: dict[str, float] = {}
    for name, told in TAG.findall(words):
        try:
            weight = float(told or "1")
        except ValueError:
            continue
        if abs(weight) <= LARGEST_WEIGHT:  # never true of what is no number
            found.setdefault(name, weight)
    return tuple(found.items())


def without_loras(words: str) -> str:
    """The words alone."""
    return TAG.sub("", words).strip(" ,") if TAG.search(words) else words


def around(template: str, prompt: str) -> str:
    """What is asked for: the prompt in its place among a style's words, or before them where they have none.

    A LoRA that the prompt names, too, has the prompt's weight alone.
    """
    prompt = prompt.strip()
    named = {name for name, _ in TAG.findall(prompt)}
    words = TAG.sub(lambda tag: "" if tag[1] in named else tag[0], template).strip(" ,\n")
    if PLACE in words:
        return words.replace(PLACE, prompt).strip(" ,\n")
    return ", ".join(part for part in (prompt, words) if part)


def inside(template: str, words: str) -> str:
    """The prompt that `around` made these words of; empty where they were made otherwise."""
    before, place, after = template.strip(" ,\n").partition(PLACE)
    if not place:
        before, after = "", f", {before}" if before else ""
    start, end = before.lstrip(" ,\n"), after.rstrip(" ,\n")
    prompt = words.removeprefix(start).removesuffix(end).strip()
    return prompt if prompt and around(template, prompt) == words.strip() else ""
