"""What every edit refuses, in words for people, before work begins."""

from __future__ import annotations

from inlay.config import GIB, Limits
from inlay.edits.edit import Canvas, EditError, Scope, Source
from inlay.edits.plan import Plan
from inlay.pixels.composite import first_not_finite
from inlay.pixels.coverage import covered
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support


def check_canvas(canvas: Canvas, limits: Limits) -> None:
    """Refuse canvases that are too long, too wide, or a single pixel."""
    for name, side_px in (("width", canvas.width), ("height", canvas.height)):
        if side_px > limits.side_px:
            raise EditError(
                "canvas_size",
                f"The picture's {name} is {side_px} px, and Inlay works up to {limits.side_px} px.",
                field=f"canvas.{name}",
                remedy="Crop or scale the picture, or edit it in parts.",
            )
    if canvas.width * canvas.height == 1:
        raise EditError(
            "canvas_size",
            "The picture has one pixel, and there is nothing around it to work from.",
            field="canvas",
            remedy="Work on a larger picture.",
        )


def check_window(box: Box, canvas: Canvas, limits: Limits, field: str, remedy: str) -> None:
    """Refuse windows whose pixels would not fit in memory."""
    size_bytes = canvas.format.size_bytes(box.width, box.height)
    if size_bytes > limits.window_bytes:
        raise EditError(
            "too_large",
            f"The edit would work on {box.width} x {box.height} px, {size_bytes / GIB:.2f} GiB, "
            f"and {limits.window_bytes / GIB:.2f} GiB is the most.",
            field=field,
            remedy=remedy,
        )


def selection_on_canvas(scope: Scope) -> Box:
    """The part of the selection's bounds that lies on the canvas. Refuses where there is none."""
    if scope.selection_box is None or scope.selection_box.is_empty:
        raise EditError("no_selection", "Nothing is selected.", field="selection", remedy="Select something first.")
    selected = scope.selection_box.intersected(scope.canvas.box)
    if selected.is_empty:
        raise EditError(
            "selection_outside",
            "The selection lies wholly outside the canvas.",
            field="selection",
            remedy="Select something on the canvas.",
        )
    return selected


def refuse_selection(scope: Scope, kind: str) -> None:
    """Refuse a selection for an edit that takes none, so that nobody believes it was heeded."""
    if scope.selection_box is not None:
        raise EditError(
            "selection_unused",
            f"A selection was sent, and {kind} works on the whole canvas.",
            field="selection",
            remedy="Send null as `selection`.",
        )


def check_source(plan: Plan, source: Source) -> None:
    """Refuse uploads that do not have the size of the window that the plan reads."""
    expected = (plan.read_box.height, plan.read_box.width)
    sent = (("image", source.pixels), ("mask", source.mask), ("control_image", source.control))
    for field, array in sent:
        if array is not None and array.shape[:2] != expected:
            raise EditError(
                f"{field}_size",
                f"The {field} is {array.shape[1]} x {array.shape[0]} px, the window {expected[1]} x {expected[0]}.",
                field=field,
                remedy="Read and upload exactly the plan's `read_box`.",
            )


def check_layer(pixels: Pixels, mask: Mask) -> None:
    """Refuse a layer by itself that has nothing where the mask is."""
    if not covered(pixels)[mask > 0].any():
        raise EditError(
            "layer_empty",
            "The layer is empty where the selection is.",
            field="image",
            remedy="Choose another layer, or let the edit read the whole picture.",
        )


def check_control(control: Pixels) -> None:
    """Refuse a picture of a pose, a depth or lines that shows nothing."""
    if not covered(control).any():
        raise EditError(
            "control_empty",
            "The picture of what is to be kept is empty here.",
            field="control_image",
            remedy="Draw it where the selection is, or let it be read off the picture.",
        )


def check_known(pixels: Pixels, known: Support) -> None:
    """Refuse where nothing is left to work from, or where what is left holds NaN or infinity."""
    if not known.any():
        raise EditError(
            "nothing_known",
            "Everything is selected, and no pixel is left to work from.",
            field="mask",
            remedy="Select less of the picture.",
        )
    if place := first_not_finite(pixels, known):
        raise EditError(
            "not_finite",
            f"The picture holds a value that is not finite (NaN or inf), first at {place[0]}, {place[1]} of the crop.",
            field="image",
            remedy="Select such pixels too, so that they are repainted, or clamp the picture's values first.",
        )
