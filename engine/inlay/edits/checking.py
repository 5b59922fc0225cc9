"""The checklist of an edit that a model does: what was decided before, and what is measured after."""

from __future__ import annotations

import numpy as np

from inlay.edits.asking import Asked
from inlay.edits.edit import Need
from inlay.edits.wearing import few_steps
from inlay.pipelines.card import Settings
from inlay.pipelines.family import Family, Task
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask
from inlay.pixels.seam import seam

READS = {"below": "a layer and what lies below it", "layer": "a layer alone; what is transparent in it stays so"}
SHOWN_PX = 32  # around the result: what its border is compared with


def checklist(edit: Asked, family: Family, settings: Settings | None) -> tuple[str, ...]:
    """What was decided, line by line, in words for people. Empty for the built-in fill: there is nothing to decide."""
    if settings is None:
        return ()
    card = family.card
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
    if settings.variations:
        lines.insert(4, "Noise: near that of an earlier result")
    if settings.tries > 1:
        lines.insert(4, f"Tries: {settings.tries}, of which the best is kept")
    lines[2:2] = _worn(edit, family, settings)
    if edit.references:
        lines.insert(1, f"References: {edit.references}")
    if edit.reads in READS:
        lines.insert(1, f"Reads: {READS[edit.reads]}")
    return tuple(lines)


def _worn(edit: Asked, family: Family, settings: Settings) -> list[str]:
    """What goes onto the model, and what follows from it."""
    lines = [f"LoRA: {name} at {weight:g}" for name, weight in settings.loras]
    distilled = few_steps(edit.prompt, family)
    if distilled and settings.scheduler == distilled.scheduler:
        sampler = settings.scheduler or "the model's own"
        lines.append(f"Sampler: {sampler}, with {settings.num_inference_steps} steps, as {distilled.lora} is made for")
    elif settings.scheduler:
        lines.append(f"Sampler: {settings.scheduler}")
    return [*lines, *(f"Embedding: {name}" for name in settings.embeddings)]


def checked(task: Task, pasted: Pixels, box: Box) -> dict[str, float]:
    """What the run left behind, as the window will look: `seam` (0 = none) and `outside` (pixels changed, 0 always).

    pasted: (h, w, C) over `box`, crop space.
    """
    before = task.pixels
    after = before.copy()
    after[box.slices] = pasted
    outside = (after != before).any(axis=2) & (task.paste_mask == 0)
    return {"seam": _seam(after, task.paste_mask, box), "outside": int(outside.sum())}


def seam_of(pixels: Pixels, pasted: Pixels, mask: Mask, box: Box) -> float:
    """The seam measure of a result that was laid onto a picture. pixels: (H, W, C); pasted, mask: over `box`."""
    after = pixels.copy()
    after[box.slices] = pasted
    whole = np.zeros(pixels.shape[:2], np.uint8)
    whole[box.slices] = mask
    return _seam(after, whole, box)


def _seam(pixels: Pixels, mask: Mask, box: Box) -> float:
    """Measured in the box and a little around it, where the border is."""
    shown = box.grown(SHOWN_PX).intersected(Box(0, 0, mask.shape[1], mask.shape[0])).slices
    colours = pixels[shown][..., :-1]
    if colours.dtype.kind == "f":
        colours = np.clip(np.nan_to_num(colours.astype(np.float32)), 0, 1)
    return round(seam(colours, mask[shown]), 4)
