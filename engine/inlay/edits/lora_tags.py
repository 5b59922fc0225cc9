"""`<lora:name:0.8>` in a prompt, as other tools write it: a LoRA to be put on, and its weight."""

from __future__ import annotations

import re

from inlay.edits.edit import EditError

LARGEST_WEIGHT = 4.0  # far beyond what any LoRA is made for; a slip of the finger is more likely
FORM = "<lora:name:0.8>"
_TAG = re.compile(r"<\s*lora\s*:\s*([^<>:]+?)\s*(?::\s*([^<>]*?)\s*)?>", re.IGNORECASE)
_BEGINNING = re.compile(r"<\s*lora\b[^<>]*>?", re.IGNORECASE)
Weighted = tuple[str, float]  # a LoRA's name, and its weight: 1 as it was made


def loras_in(prompt: str, field: str = "edit.prompt") -> tuple[Weighted, ...]:
    """The LoRAs that a prompt names, in its order. One that is named twice has both weights together.

    field: the part of the request that the prompt came in. Raises EditError where a tag cannot be read.
    """
    weights: dict[str, float] = {}
    for name, weight in _TAG.findall(prompt):
        weights[name] = weights.get(name, 0.0) + _weight(name, weight, field)
    unread = _BEGINNING.search(_TAG.sub("", prompt))
    if unread:
        raise EditError(
            "lora_tag", f"{unread[0]!r} is no LoRA as a prompt names it.", field=field, remedy=f"Write {FORM}."
        )
    return tuple(weights.items())


def without_loras(prompt: str) -> str:
    """The words of a prompt alone: no model is told a LoRA's tag."""
    if not _TAG.search(prompt):
        return prompt
    words = re.sub(r"[ \t]+", " ", _TAG.sub(" ", prompt))
    return re.sub(r"( ?,)+", ",", words).strip(" ,")  # the tag's own comma goes with it


def refuse_loras(prompt: str, field: str) -> None:
    """Refuse tags where they would mean nothing, so that nobody believes they were heeded."""
    if _BEGINNING.search(prompt):
        raise EditError(
            "lora_tag",
            "A LoRA is named where it has no meaning: it goes on the model, not on some of the words.",
            field=field,
            remedy=f"Name it in the prompt: {FORM}; a weight below 0 takes away what it does.",
        )


def _weight(name: str, told: str, field: str) -> float:
    """A number within bounds; 1 where none is told."""
    try:
        weight = float(told or "1")
    except ValueError:
        weight = float("nan")
    if not abs(weight) <= LARGEST_WEIGHT:  # also true of what is no number
        raise EditError(
            "lora_weight",
            f"The LoRA {name} has the weight {told!r}, and it must be a number from"
            f" -{LARGEST_WEIGHT:g} to {LARGEST_WEIGHT:g}.",
            field=field,
            remedy=f"Write {FORM}; 1 is as it was made, 0 leaves it out.",
        )
    return weight
