"""Writes the tables of docs/models.md from the families' cards: `.venv/bin/python docs/models_tables.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from inlay.catalogue.errors import spelled
from inlay.pipelines.card import Card, Offer, Range
from inlay.pipelines.roster import all_cards

PAGE = Path(__file__).with_name("models.md")


def families(cards: Iterable[Card]) -> str:
    """A row for every family that paints."""
    titles = (
        "family",
        "edits",
        "sides",
        "trained at",
        "memory",
        "licence",
        "defaults, and where they come from",
        "install",
    )
    rows = [
        (
            f"`{card.family}`: {card.title}",
            ", ".join(card.edits) + _references(card),
            f"multiples of {card.multiple}",
            f"{card.native_px} px",
            spelled(card.memory_bytes),
            card.licence,
            f"{_defaults(card)}. {_sentence(card.source)}",
            ", ".join(f"`{offer.id}` ({spelled(offer.size_bytes)})" for offer in card.offers) or "your own checkpoint",
        )
        for card in cards
        if set(card.edits) - {"select"}
    ]
    return _table(titles, rows)


def _references(card: Card) -> str:
    """That it looks at other pictures, too."""
    if not card.references:
        return ""
    return f"; {card.references} reference{'s' if card.references > 1 else ''}"


def selecting(cards: Iterable[Card]) -> str:
    """A row for everything that helps to select."""
    titles = ("what", "memory", "install", "licence")
    rows = [
        (
            card.title,
            spelled(card.memory_bytes),
            ", ".join(f"`{offer.id}` ({spelled(offer.size_bytes)})" for offer in card.offers),
            card.offers[0].licence,
        )
        for card in cards
        if any(signature.architecture for signature in card.signatures)
    ]
    return _table(titles, rows)


def offers(cards: Iterable[Card]) -> str:
    """A row for everything that can be installed."""
    found: dict[str, Offer] = {}
    for card in cards:
        for offer in card.offers:
            found.setdefault(offer.id, offer)
    titles = ("`inlay models install`", "what", "from", "download", "licence")
    rows = [
        (
            f"`{offer.id}`",
            offer.title,
            offer.repository,
            spelled(offer.size_bytes),
            f"[{offer.licence}]({offer.licence_url})" + (", gated" if offer.is_gated else ""),
        )
        for offer in found.values()
    ]
    return _table(titles, rows)


def written(page: str, cards: Sequence[Card]) -> str:
    """The page with its tables as the cards have them now."""
    for name, table in (("families", families(cards)), ("selecting", selecting(cards)), ("offers", offers(cards))):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        page = page[: page.index(begin) + len(begin)] + table + page[page.index(end) :]
    return page


def _defaults(card: Card) -> str:
    said = [f"{_spelled(card.num_inference_steps)} steps", f"guidance {_spelled(card.guidance_scale)}"]
    if card.image_guidance_scale:
        said.append(f"picture's guidance {_spelled(card.image_guidance_scale)}")
    if card.strength.lowest < card.strength.highest:
        said.append(f"strength {_spelled(card.strength)}")
    return ", ".join(said)


def _spelled(setting: Range) -> str:
    """`20 (1 to 150)`; alone where nothing else is possible."""
    if setting.lowest == setting.highest:
        return f"{setting.default:g}"
    return f"{setting.default:g} ({setting.lowest:g} to {setting.highest:g})"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(re.sub(r"\s*\|\s*", "/", cell) for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), all_cards()), encoding="utf-8")
