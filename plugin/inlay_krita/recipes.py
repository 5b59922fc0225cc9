"""Recipes: what a document remembers of its results, and how one is run again."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .errand import Delivery, Order
from .logbook import Run
from .sentences import translated
from .settings import (
    MAX_GUIDANCE,
    MAX_STEPS,
    MAX_WIDTH_PX,
    ExtendSettings,
    PromptSettings,
    RemoveSettings,
    Unit,
)
from .state import PastResult
from .translation import local_moment, local_time, numeral, tr, trn
from .wire import EDITS, Box, CanvasInfo, Edit, ExtendEdit, Plan, RemoveEdit, Result

UNREADABLE = tr("This result's recipe cannot be read: it was made by another version of Inlay.")
CHANGED = tr("The picture's size or colour space has changed since: select again and repeat the edit.")
SIDES = ("left", "top", "right", "bottom")
MAX_SIDE_PX = 32_768  # of a canvas, by the protocol
UNFIT = (KeyError, TypeError, ValueError, AttributeError)  # what reading a recipe of another form raises
FIELD_TYPES = {
    "int": (int,),
    "str": (str,),
    "float | None": (int, float, type(None)),
    "tuple[tuple[int, float], ...]": (tuple,),
}


class RecipeError(Exception):
    """A recipe cannot be run again; the text is for people."""


@dataclass(frozen=True)
class Told:
    """What a recipe tells, with every value of the kind that it should be."""

    edit: Edit
    canvas: CanvasInfo
    selection: Box | None
    model: str
    family: str


def told_of(recipe: dict[str, Any]) -> Told:
    """Raises RecipeError where anything is missing, or is not what we would have written."""
    try:
        canvas = _typed(CanvasInfo, recipe["canvas"])
        selection = recipe.get("selection") or selection_of(recipe)
        return Told(
            _typed(EDITS[recipe["edit"]["kind"]], recipe["edit"]),
            canvas,
            _typed(Box, selection) if selection else None,
            str(recipe.get("model") or ""),
            str(recipe.get("family") or ""),
        )
    except UNFIT as error:
        raise RecipeError(UNREADABLE) from error


def _typed(kind: Any, told: Mapping[str, Any]) -> Any:
    """A dataclass from what is told of its fields; others are left out. Raises TypeError for another type's value."""
    values = {each.name: told[each.name] for each in dataclasses.fields(kind) if each.init and each.name in told}
    if "variations" in values:
        values["variations"] = tuple((_exact(int, seed), _exact(float, share)) for seed, share in values["variations"])
    for each in dataclasses.fields(kind):
        if each.name in values and type(values[each.name]) not in FIELD_TYPES[str(each.type)]:
            raise TypeError(each.name)
    return kind(**values)


def _exact(kind: type, value: Any) -> Any:
    """A number of that type and no other. Raises TypeError."""
    if type(value) is not kind:
        raise TypeError(value)
    return value


def new_seed() -> int:
    """A seed that was not asked for: undo, press again, and something else comes."""
    return secrets.randbelow(2**31)


def past_result(run: Run) -> PastResult:
    """A run as the panel lists it."""
    recipe = run.recipe
    edit = recipe.get("edit")
    kind = str(edit.get("kind", "")) if isinstance(edit, dict) else ""
    title = str(recipe.get("title") or recipe.get("label") or kind.capitalize() or "Result")
    made = _told_time(str(recipe.get("made", "")))
    return PastResult(title, made, recipe, _reasons_of(recipe), run.id, run.layers, run.thumbnail, kind)


def kept_recipe(delivery: Delivery, title: str) -> dict[str, Any]:
    """What a document keeps of a result: the engine's recipe, what it was called, when, and where its pixels are."""
    result = delivery.result
    return {
        **result.recipe,
        "title": title,
        "made": datetime.now().astimezone().isoformat(timespec="seconds"),
        "result": {"pixels": result.pixels, "mask": result.mask, "box": dataclasses.asdict(result.box)},
    }


def kept_result(past: PastResult) -> tuple[Plan, Result] | None:
    """The plan and the result as they came from the engine; None where the recipe does not tell."""
    try:
        told = past.recipe["result"]
        pixels, mask = _digest(told["pixels"]), _digest(told["mask"])
        return Plan.from_json(past.recipe["plan"]), Result(pixels, mask, _typed(Box, told["box"]), 0.0, past.recipe)
    except UNFIT:
        return None


def kept_mask(past: PastResult) -> tuple[str, Box] | None:
    """The selection that a run was made with, by digest, and where it lies; None where the recipe does not tell."""
    try:
        return _digest(past.recipe["mask"]), _typed(Box, past.recipe["plan"]["read_box"])
    except UNFIT:
        return None


def _digest(told: Any) -> str:
    """An image's name, which becomes a part of an address. Raises ValueError for anything else."""
    if not isinstance(told, str) or not re.fullmatch("[0-9a-f]{64}", told):
        raise ValueError(told)
    return told


def reasons(
    why: str, checklist: Iterable[str], checks: Mapping[str, Any] | None = None, notes: Iterable[str] = ()
) -> tuple[str, ...]:
    """Why an edit is done as it is, line by line: the plan's sentence, what was decided, otherwise done, measured."""
    noted = (tr("Note: {note}").format(note=translated(note)) for note in notes)
    return tuple(filter(None, (*map(translated, (why, *checklist)), *noted, *_told_checks(checks or {}))))


def order_again(past: PastResult, now: CanvasInfo, document_name: str, seed: int | None = None) -> Order:
    """The recipe's own request on the images that the engine still keeps. seed: None keeps the recipe's.

    now: the document today; it must be what it was when the edit began, or what the edit made of it.
    """
    recipe, told = past.recipe, told_of(past.recipe)
    canvas = told.canvas
    try:
        image, mask = str(recipe["image"]), recipe["mask"]
        beside = {name: recipe[name] for name in ("control_image", "references") if recipe.get(name)}
        sizes = [(canvas.width, canvas.height), extended_size(recipe["edit"], canvas)]
    except UNFIT as error:
        raise RecipeError(UNREADABLE) from error
    request = {
        "edit": {**recipe["edit"], "seed": told.edit.seed if seed is None else seed},
        "canvas": recipe["canvas"],
        "selection": dataclasses.asdict(told.selection) if told.selection else None,
    }
    request |= beside
    if (now.width, now.height) not in sizes or (now.model, now.depth) != (canvas.model, canvas.depth):
        raise RecipeError(CHANGED)
    nowhere = Box(0, 0, 0, 0)  # nothing is uploaded
    return Order(request, canvas, document_name, past.title, nowhere, image_digest=image, mask_digest=mask)


def settings_of(
    past: PastResult, prompt: PromptSettings, remove: RemoveSettings, extend: ExtendSettings
) -> tuple[PromptSettings, RemoveSettings, ExtendSettings]:
    """The panel's settings, with those of a run in the place of what they tell. Raises RecipeError."""
    edit = told_of(past.recipe).edit
    if isinstance(edit, ExtendEdit):
        left, top, right, bottom = (int(_within(getattr(edit, f"{side}_px"), MAX_SIDE_PX)) for side in SIDES)
        return prompt, remove, ExtendSettings(Unit.PIXELS, left, top, right, bottom, model=edit.model)
    grow_px, feather_px = (int(_within(width, MAX_WIDTH_PX)) for width in (edit.grow_px, edit.feather_px))
    remove = dataclasses.replace(remove, grow_px=grow_px, feather_px=feather_px)
    if isinstance(edit, RemoveEdit):
        remove = dataclasses.replace(remove, model=edit.model)
        return dataclasses.replace(prompt, prompt=""), remove, extend
    asked = PromptSettings(
        prompt=edit.prompt,
        negative_prompt=edit.negative_prompt,
        source_prompt=getattr(edit, "source_prompt", ""),
        model=edit.model,
        strength_percent=round(100 * _within(edit.strength or 0, 1)),
        is_more_shown=prompt.is_more_shown,
        family=edit.family,
        steps=int(_within(edit.num_inference_steps, MAX_STEPS)),
        guidance=float(_within(edit.guidance_scale or 0, MAX_GUIDANCE)),
        control=getattr(edit, "control", ""),
    )
    return asked, remove, extend


def _within(value: float, most: float) -> float:
    """A document from somebody else may tell anything, NaN too."""
    return min(max(value, 0), most) if value == value else 0


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
        share = tr("Measured: {share} % of the border stands out").format(share=numeral(100 * seam))
        yield share if seam >= 0.005 else tr("Measured: nothing of the border stands out")
    if isinstance(outside, int):
        changed = trn(
            "Measured: {count} pixel changed outside the mask",
            "Measured: {count} pixels changed outside the mask",
            outside,
        )
        none = tr("Measured: no pixel changed outside the mask")
        yield changed.format(count=numeral(outside)) if outside else none


def _told_time(made: str) -> str:
    """The time of day, with the date unless it is today."""
    try:
        when = datetime.fromisoformat(made).astimezone()
    except ValueError:
        return ""
    is_today = when.date() == datetime.now().astimezone().date()
    return local_time(when.hour, when.minute) if is_today else local_moment(when)
