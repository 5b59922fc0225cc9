"""A plan: where an edit reads, works and pastes. Pure geometry, no pixels. All boxes are in canvas space."""

from __future__ import annotations

from dataclasses import dataclass

from inlay.pixels.geometry import Box


@dataclass(frozen=True)
class Plan:
    """What the engine will do; docs/protocol.md says what each field means."""

    edit: str
    model: str
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


def context_px(hole_box: Box, canvas_box: Box) -> int:
    """How far to look around a hole: a sixteenth of the canvas, or half the hole's mean side if that is more."""
    sixteenth = max(canvas_box.width, canvas_box.height) // 16
    half_mean_side = (hole_box.width + hole_box.height) // 4
    return max(sixteenth, half_mean_side)


def context_window(hole_box: Box, canvas_box: Box, least_px: int) -> Box:
    """The hole and its context, inside the canvas, at least `least_px` long and wide where the canvas has it."""
    window = hole_box.grown(context_px(hole_box, canvas_box)).intersected(canvas_box)
    x, width = _widened(window.x, window.width, least_px, canvas_box.x, canvas_box.right)
    y, height = _widened(window.y, window.height, least_px, canvas_box.y, canvas_box.bottom)
    return Box(x, y, width, height)


def _widened(start: int, length: int, least: int, first: int, end: int) -> tuple[int, int]:
    """A stretch (start, length) made at least `least` long on both sides alike, pushed back inside first..end."""
    wanted = min(max(length, least), end - first)
    start = min(max(start - (wanted - length) // 2, first), end - wanted)
    return start, wanted
