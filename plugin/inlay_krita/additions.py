"""What may belong to a removed thing and lies outside its selection: found by the engine, offered by the panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errand import Engines
from .state import Notice
from .wire import Addition, shadow_request

LEAST_CONFIDENCE = 0.5  # docs/pixels.md: an offer below is rarely right


@dataclass(frozen=True)
class Found:
    """An addition with its coverage, one byte a pixel of its box."""

    addition: Addition
    coverage: bytes

    def offer(self, accept: Callable[[], None]) -> Notice:
        """The question to the painter; nothing happens without a yes."""
        return Notice(
            f"A {self.addition.kind} may belong to what was removed.",
            "Add it to the selection, then press Remove again.",
            is_error=False,
            action="Add to selection",
            act=accept,
            tip=self.addition.why,
        )


def find_addition(engines: Engines, recipe: dict[str, Any]) -> Found | None:
    """Look at the images that a removal was made from; None where nothing is seen, or hardly anything.

    For a worker thread; raises EngineError.
    """
    engine = engines.connect()
    addition = engine.addition(shadow_request(recipe))
    if addition is None or addition.confidence < LEAST_CONFIDENCE:
        return None
    return Found(addition, engine.download(addition.mask).raw)
