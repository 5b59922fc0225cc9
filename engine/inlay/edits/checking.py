"""The checklist of an edit that a model does: what was decided before, and what is measured after."""

from __future__ import annotations

import numpy as np

from inlay.edits.asking import Asked
from inlay.edits.edit import Need
from inlay.pipelines.card import Card, Settings
from inlay.pipelines.family import Task
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.seam import seam

SHOWN_PX = 32  # around the result: what its border is compared with


def checklist(edit: Asked, card: Card, settings: Settings | None) -> tuple[str, ...]:
    """What was decided, line by line, in words for people. Empty for the built-in fill: there is nothing to decide."""
    if settings is None:
        return ()
    origin = "the selection" if edit.selection is Need.MUST else "the selection, or else the whole picture"
    lines = [
        f"Mask: {origin}",
        f"Model: {card.title}",
        f"Guidance: {settings.guidance_scale:g}"
        + (f", of the picture {settings.image_guidance_scale:g}" if card.image_guidance_scale else ""),
        f"Strength: {settings.strength:g} over {settings.num_inference_steps} steps",
        f"Starts from: {settings.infill}",
        "Afterwards: the seam, the colour beside it, and that nothing changed outside the mask",
    ]
    if settings.tries > 1:
        lines.insert(4, f"Tries: {settings.tries}, of which the best is kept")
    return tuple(lines)


def checked(task: Task, pasted: Pixels, box: Box) -> dict[str, float]:
    """What the run left behind, measured on the window as it will look: seam (0 = none) and outside (pixels changed).

    pasted: (h, w, C) over `box`, crop space.
    """
    before = task.pixels
    after = before.copy()
    after[box.slices] = pasted
    shown = box.grown(SHOWN_PX).intersected(Box(0, 0, before.shape[1], before.shape[0])).slices
    outside = task.paste_mask[shown] == 0
    changed = (after[shown] != before[shown]).any(axis=2) & outside
    colours = after[shown][..., :-1]
    if colours.dtype.kind == "f":
        colours = np.clip(np.nan_to_num(colours.astype(np.float32)), 0, 1)
    return {"seam": round(seam(colours, task.paste_mask[shown]), 4), "outside": int(changed.sum())}
