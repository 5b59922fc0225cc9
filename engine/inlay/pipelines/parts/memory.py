"""Where memory runs out, the same work is done again with less of it, step by step, and the result says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from inlay.pipelines.card import GB
from inlay.pipelines.family import FamilyError, Watch
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import chosen_device
from inlay.pipelines.parts.faults import is_device_lost, is_of_device, tried_bytes
from inlay.pipelines.parts.residency import cut_into_tiles, is_in_tiles, residencies
from inlay.pipelines.shelf import Shelf, free_bytes, give_back_memory

T = TypeVar("T")
SMALLER = (0.75, 0.5)  # shares of the working size's sides: a half needs a quarter of the memory
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why the device did not do it. Plain values: the error itself would keep what it worked on in memory."""

    is_lost: bool
    tried_bytes: int | None


def within_memory(paint: Callable[[float], T], model: Model, needed_bytes: int, shelf: Shelf, watch: Watch) -> T:
    """What `paint` gives, at the working size where that can be.

    paint: gets the share of the working size's sides, 1 or less. needed_bytes: what the model is known to need.
    Raises FamilyError where there is not enough memory for the least, and where the device is lost.
    """
    share = 1.0
    outcome = _attempted(paint, share)
    steps = _steps(model, shelf)
    while isinstance(outcome, Failure) and not outcome.is_lost:
        give_back_memory()
        step = next(steps, None)
        if step is None:
            raise _out_of_memory(model, outcome.tried_bytes or needed_bytes)
        words, share = step
        _log.warning("%s is out of memory: again, %s", model.id, words)
        watch.progress(0.0, f"out of memory: again, {words}")
        outcome = _attempted(paint, share)
    if isinstance(outcome, Failure):
        shelf.drop()
        raise _device_lost(model)
    for note in _notes(model, shelf, share):
        watch.note(note)
    return outcome


def _attempted(paint: Callable[[float], T], share: float) -> T | Failure:
    try:
        return paint(share)
    except (MemoryError, RuntimeError) as error:
        if not is_of_device(error):
            raise
        _log.warning("The device gave up: %s", error)
        return Failure(is_device_lost(error), tried_bytes(error))


def _steps(model: Model, shelf: Shelf) -> Iterator[tuple[str, float]]:
    """(what was done about it, share of the size), from what costs nothing to what costs detail.

    Tiles and a tighter budget stay for the jobs that follow; the size is each job's own.
    """
    if shelf.clear_around(model.id):
        yield "with room made for it", 1.0
    parts = shelf.peek(model.id)
    if parts and cut_into_tiles(parts):
        yield "decoding in tiles", 1.0
    least = residencies(chosen_device())[-1]
    while (parts := shelf.peek(model.id)) and parts["residency"] != least and shelf.tighten(model.id):
        yield "with less of the model on the device", 1.0
    for share in SMALLER:
        yield f"at {share:.0%} of the size", share


def _notes(model: Model, shelf: Shelf, share: float) -> Iterator[str]:
    """What was not as planned, for the result's recipe."""
    parts = shelf.peek(model.id)
    if parts:
        if note := parts["residency"].note:
            yield f"low memory: {note}"
        if is_in_tiles(parts):
            yield "low memory: decoded in tiles"
    if share < 1:
        yield f"low memory: worked on at {share:.0%} of the planned size"


def _out_of_memory(model: Model, needed_bytes: int) -> FamilyError:
    return FamilyError(
        "out_of_memory",
        f"{model.id} asked for {needed_bytes / GB:.1f} GB, and {free_bytes() / GB:.1f} GB are free.",
        field="edit.model",
        remedy="Close other programs that use the GPU, select less, or choose a smaller model.",
    )


def _device_lost(model: Model) -> FamilyError:
    return FamilyError(
        "device_lost",
        f"The GPU stopped answering while {model.id} worked on it.",
        field="edit.model",
        remedy="Start the engine again. If it happens again, restart the machine, or set INLAY_DEVICE=cpu.",
    )
