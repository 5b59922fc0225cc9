"""`GET /models`: what is installed, and what could be."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.services import Engine

router = APIRouter(tags=["models"])


@router.get("/models")
async def models(engine: Engine) -> wire.Models:
    """Installed models with the edits they do, then what can be installed."""
    return wire.Models(models=[*_installed(engine), *_offered(engine)])


def _installed(engine: Engine) -> list[wire.ModelInfo]:
    """One entry a model; its families' edits together."""
    found: dict[str, wire.ModelInfo] = {}
    for family in engine.queue.roster.families:
        if family.name == "builtin":
            continue
        card, known = family.card, found.get(family.name)
        found[family.name] = wire.ModelInfo(
            id=family.name,
            title=known.title if known else f"{family.name} ({card.title})",
            state="installed",
            edits=sorted({*(known.edits if known else ()), *card.edits}),
            families=[*(known.families if known else ()), card.family],
            size_bytes=None,
            memory_bytes=max(card.memory_bytes, known.memory_bytes if known else 0),
            licence=card.licence,
            is_gated=False,
        )
    return list(found.values())


def _offered(engine: Engine) -> list[wire.ModelInfo]:
    here = {family.name for family in engine.queue.roster.families}
    return [
        wire.ModelInfo(
            id=offer.id,
            title=offer.title,
            state="offered",
            edits=sorted(card.edits),
            families=[card.family],
            size_bytes=offer.size_bytes,
            memory_bytes=card.memory_bytes,
            licence=offer.licence,
            is_gated=offer.is_gated,
        )
        for card in engine.queue.roster.cards
        for offer in card.offers
        if offer.id not in here
    ]
