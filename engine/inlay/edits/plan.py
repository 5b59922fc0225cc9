"""A plan: where an edit reads, works and pastes. Pure geometry, no pixels. All boxes are in canvas space."""

from __future__ import annotations

from dataclasses import dataclass

from inlay.pipelines.card import Settings
from inlay.pipelines.family import Family
from inlay.pixels.geometry import Box

LEAST_WINDOW_PX = 512  # what most models were trained at; less shows too little of the scene


@dataclass(frozen=True)
class Plan:
    """What the engine will do; docs/protocol.md says what each field means."""

    edit: str
    model: str
    family: str
    canvas_box: Box
    crop_box: Box
    read_box: Box
    paste_box: Box
    working_width: int
    working_height: int
    grow_px: int
    feather_px: int
    denoise_grow_px: int
    steps: int
    why: str
    settings: Settings | None  # how the model is asked; None for the built-in fill
    checklist: tuple[str, ...]  # what was decided, and what will be looked at after the run, in words


def context_px(hole_box: Box, canvas_box: Box, family: Family) -> int:
    """How far to look around a hole: the most of what the canvas, the hole and the family ask for.

    A sixteenth of the canvas' long side shows the scene, half the hole's mean side what the hole is part of.
    """
    sixteenth = max(canvas_box.width, canvas_box.height) // 16
    half_mean_side = (hole_box.width + hole_box.height) // 4
    return max(sixteenth, half_mean_side, family.context_px(hole_box))


def context_window(hole_box: Box, canvas_box: Box, family: Family) -> Box:
    """The hole and its context, inside the canvas, at least `LEAST_WINDOW_PX` long and wide where the canvas has it."""
    window = hole_box.grown(context_px(hole_box, canvas_box, family)).intersected(canvas_box)
    x, width = _widened(window.x, window.width, canvas_box.x, canvas_box.right)
    y, height = _widened(window.y, window.height, canvas_box.y, canvas_box.bottom)
    return Box(x, y, width, height)


def _widened(start: int, length: int, first: int, end: int) -> tuple[int, int]:
    """A stretch (start, length) made long enough on both sides alike, then pushed back between first and end."""
    wanted = min(max(length, LEAST_WINDOW_PX), end - first)
    start = min(max(start - (wanted - length) // 2, first), end - wanted)
    return start, wanted
