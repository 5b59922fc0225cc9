"""Recipes: what a document remembers of its results, and how one is run again."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .errand import Delivery, Order
from .state import PastResult
from .wire import Box, CanvasInfo


class RecipeError(Exception):
    """A recipe cannot be run again; the text is for people."""


def new_seed() -> int:
    """A seed that was not asked for: undo, press again, and something else comes."""
    return secrets.randbelow(2**31)


def past_result(recipe: dict[str, Any]) -> PastResult:
    """A recipe as the panel lists it."""
    edit = recipe.get("edit")
    kind = str(edit.get("kind", "")) if isinstance(edit, dict) else ""
    title = str(recipe.get("title") or recipe.get("label") or kind.capitalize() or "Result")
    return PastResult(title, _told_time(str(recipe.get("made", ""))), recipe, _reasons_of(recipe))


def reasons(
    why: str, checklist: Iterable[str], checks: Mapping[str, Any] | None = None, notes: Iterable[str] = ()
) -> tuple[str, ...]:
    """Why an edit is done as it is, line by line: the plan's sentence, what was decided, otherwise done, measured."""
    told = (f"Note: {note}" for note in notes)
    return tuple(filter(None, (why, *checklist, *told, *_told_checks(checks or {}))))


def order_again(past: PastResult, now: CanvasInfo, document_name: str) -> Order:
    """The recipe's own request with a new seed, on the images that the engine still keeps.

    now: the document today; it must be what it was when the edit began, or what the edit made of it.
    """
    recipe = past.recipe
    try:
        canvas = CanvasInfo(**recipe["canvas"])
        request = {
            "edit": {**recipe["edit"], "seed": new_seed()},
            "canvas": recipe["canvas"],
            "selection": recipe.get("selection") or selection_of(recipe),
        }
        image, mask = str(recipe["image"]), recipe["mask"]
    except (KeyError, TypeError) as error:
        raise RecipeError("This result's recipe cannot be read: it was made by another version of Inlay.") from error
    sizes = [(canvas.width, canvas.height), extended_size(recipe["edit"], canvas)]
    if (now.width, now.height) not in sizes or (now.model, now.depth) != (canvas.model, canvas.depth):
        raise RecipeError("The picture's size or colour space has changed since: select again and repeat the edit.")
    nowhere = Box(0, 0, 0, 0)  # nothing is uploaded
    return Order(request, canvas, document_name, past.title, nowhere, image_digest=image, mask_digest=mask)


def extended_size(edit: dict[str, Any], canvas: CanvasInfo) -> tuple[int, int]:
    """The canvas after an edit."""
    across = int(edit.get("left_px", 0)) + int(edit.get("right_px", 0))
    down = int(edit.get("top_px", 0)) + int(edit.get("bottom_px", 0))
    return canvas.width + across, canvas.height + down


def selection_of(recipe: dict[str, Any]) -> dict[str, int] | None:
    """The selection's bounds for a recipe that does not tell them: what is pasted, less what was grown."""
    if recipe["mask"] is None:
        return None
    box, grow_px = Box(**recipe["plan"]["paste_box"]), int(recipe["plan"]["grow_px"])
    width, height = max(1, box.width - 2 * grow_px), max(1, box.height - 2 * grow_px)
    return {"x": box.x + grow_px, "y": box.y + grow_px, "width": width, "height": height}


def on_todays_canvas(delivery: Delivery, now: CanvasInfo) -> Delivery:
    """The delivery as it is, or, where the document was extended already, in the extended canvas's coordinates."""
    canvas, box = delivery.plan.canvas_box, delivery.result.box
    if delivery.plan.edit != "extend" or (canvas.width, canvas.height) != (now.width, now.height):
        return delivery
    plan = dataclasses.replace(delivery.plan, edit="remove", canvas_box=Box(0, 0, canvas.width, canvas.height))
    moved = Box(box.x - canvas.x, box.y - canvas.y, box.width, box.height)
    return dataclasses.replace(delivery, plan=plan, result=dataclasses.replace(delivery.result, box=moved))


def _reasons_of(recipe: dict[str, Any]) -> tuple[str, ...]:
    """What a model's recipe tells; nothing for the built-in fill's, and where another version wrote another form."""
    plan, checks = recipe.get("plan"), recipe.get("checks")
    checklist = plan.get("checklist") if isinstance(plan, dict) else None
    if not plan or not isinstance(checklist, list) or not checklist:
        return ()
    notes = recipe.get("notes")
    return reasons(
        str(plan.get("why", "")),
        map(str, checklist),
        checks if isinstance(checks, dict) else None,
        map(str, notes if isinstance(notes, list) else ()),
    )


def _told_checks(checks: Mapping[str, Any]) -> Iterable[str]:
    """What was measured after the run, in words."""
    seam, outside = checks.get("seam"), checks.get("outside")
    if isinstance(seam, (int, float)):
        share = f"{100 * seam:.0f} %" if seam >= 0.005 else "nothing"
        yield f"Measured: {share} of the border stands out"
    if isinstance(outside, int):
        yield f"Measured: {outside or 'no'} pixel{'s' * (outside > 1)} changed outside the mask"


def _told_time(made: str) -> str:
    """The time of day, with the date unless it is today."""
    try:
        when = datetime.fromisoformat(made).astimezone()
    except ValueError:
        return ""
    is_today = when.date() == datetime.now().astimezone().date()
    return when.strftime("%H:%M") if is_today else f"{when.day} {when.strftime('%b, %H:%M')}"
