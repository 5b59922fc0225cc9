"""What the painter has set in the panel, as values: no widget needed, so that shortcuts work with a hidden docker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from .shapes import FREE, RATIOS, Shape, has_shape, shape_name
from .wire import EDITS, Box, Edit, ExtendEdit, Plan, RemoveEdit, Result
from .wording import around

MAX_WIDTH_PX = 256  # of grow and feather, by the protocol
MOST_VARIANTS = 8  # at once; an edit's variations are as many at most
MAX_STEPS = 150  # of any family (docs/models.md)
MAX_GUIDANCE = 100.0


class Unit(Enum):
    """How the sides of an extension are told."""

    PIXELS = "px"
    PERCENT = "%"


@dataclass(frozen=True)
class SelectSettings:
    """The Select section: the widths are in the selection itself, once it is made."""

    grow_px: int = 0
    feather_px: int = 0
    model: str = ""  # empty: the engine chooses


@dataclass(frozen=True)
class BackgroundSettings:
    """The Background section."""

    is_copy: bool = False  # of the picture, above all its layers; else the active layer gets the mask


@dataclass(frozen=True)
class RemoveSettings:
    """The Remove section."""

    grow_px: int = 0  # these two are heeded by every edit of a selection
    feather_px: int = 0
    model: str = ""  # empty: the plan chooses

    def edit(self, seed: int) -> RemoveEdit:
        return RemoveEdit(seed, self.grow_px, self.feather_px, model=self.model)


@dataclass(frozen=True)
class PromptSettings:
    """The Prompt section: what to paint, and with which model."""

    prompt: str = ""
    negative_prompt: str = ""
    source_prompt: str = ""
    model: str = ""  # empty: the plan chooses
    strength_percent: int = 0  # 0: the model's own
    is_more_shown: bool = False  # what is seldom needed
    family: str = ""  # how the model works; empty: the plan chooses
    steps: int = 0  # 0: the model's own
    guidance: float = 0.0  # 0: the model's own
    control: str = ""  # what a replacement keeps of the picture: "pose", "depth"
    template: str = ""  # a style's words around the prompt
    style: str = ""  # the name of the style that was chosen last

    @property
    def words(self) -> str:
        """What the model is told: the painter's words and the style's."""
        return around(self.template, self.prompt)

    def edit(self, kind: str, seed: int, edge: RemoveSettings) -> Edit:
        """An edit of this kind; kinds that know what the picture shows now are told so."""
        asked: dict[str, Any] = {
            "seed": seed,
            "grow_px": edge.grow_px,
            "feather_px": edge.feather_px,
            "model": self.model,
            "prompt": self.words,
            "negative_prompt": self.negative_prompt.strip(),
            "strength": self.strength_percent / 100 if self.strength_percent else None,
            "family": self.family,
            "num_inference_steps": self.steps,
            "guidance_scale": self.guidance or None,
        }
        if kind == "replace":
            asked["control"] = self.control
        if kind in ("restyle", "instruct"):
            asked["source_prompt"] = self.source_prompt.strip()
        return EDITS[kind](**asked)


@dataclass(frozen=True)
class Sides:
    """New pixels at each side of a canvas."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.left or self.top or self.right or self.bottom)

    def clamped(self, width: int, height: int) -> Sides:
        """At most +100 % a side."""
        return Sides(min(self.left, width), min(self.top, height), min(self.right, width), min(self.bottom, height))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The canvas after the edit."""
        return width + self.left + self.right, height + self.top + self.bottom

    def placed(self, x: int, y: int) -> Sides:
        """The same canvas with the picture elsewhere in it: at its start (0), in the middle (1), at its end (2)."""
        across, down = self.left + self.right, self.top + self.bottom
        left, top = across * x // 2, down * y // 2
        return Sides(left, top, across - left, down - top)

    @property
    def place(self) -> tuple[int, int]:
        """The nearest to where the picture is in its canvas."""
        return _place(self.left, self.right), _place(self.top, self.bottom)


@dataclass(frozen=True)
class PanelSettings:
    """What of the panel is seen."""

    page: str = "edit"
    folds: str = ""  # the names of those that are open, with blanks between them
    variants: int = 1  # so many results at once; of several the painter chooses


def sides_to(reach: Box, width: int, height: int) -> Sides:
    """The sides that bring a box, such as a selection that reaches past the border, into the canvas."""
    left, top, right, bottom = -reach.x, -reach.y, reach.right - width, reach.bottom - height
    return Sides(max(0, left), max(0, top), max(0, right), max(0, bottom)).clamped(width, height)


def _place(before: int, after: int) -> int:
    if bool(before) == bool(after):
        return 1
    return 2 if before else 0


@dataclass(frozen=True)
class ExtendSettings:
    """The Extend section: sides, and a ratio with the place of the picture in it (0 start, 1 middle, 2 end).

    Sides that bring a picture to the ratio are taken as they are; for another picture they are the smallest that do.
    """

    unit: Unit = Unit.PERCENT
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    ratio: str = FREE
    anchor_x: int = 1
    anchor_y: int = 1
    model: str = ""  # empty: the plan chooses

    @property
    def shown_unit(self) -> Unit:
        """A ratio's sides come out in pixels, whatever the painter types in."""
        return self.unit if RATIOS[self.ratio] is None else Unit.PIXELS

    def sides(self, width: int, height: int) -> Sides:
        """Pixels at each side for a canvas of this size."""
        wanted, told = RATIOS[self.ratio], self._told(width, height)
        if wanted and not has_shape(*told.size(width, height), wanted):
            return self._sides_for(wanted, width, height)
        return told

    def framed(self, sides: Sides, width: int, height: int) -> ExtendSettings:
        """With a frame that was drawn around a canvas of this size; the ratio is the one that the frame has."""
        ratio = FREE if sides.is_nothing else shape_name(*sides.size(width, height), self.ratio)
        x, y = sides.place
        framed = replace(self, left=sides.left, top=sides.top, right=sides.right, bottom=sides.bottom)
        return replace(framed, unit=Unit.PIXELS, ratio=ratio, anchor_x=x, anchor_y=y)

    def _told(self, width: int, height: int) -> Sides:
        if self.unit is Unit.PIXELS:
            return Sides(self.left, self.top, self.right, self.bottom).clamped(width, height)
        across, down = width / 100, height / 100
        told = (self.left * across, self.top * down, self.right * across, self.bottom * down)
        return Sides(*map(round, told)).clamped(width, height)

    def reaches_ratio(self, width: int, height: int) -> bool:
        """Whether +100 % a side is enough for the ratio."""
        wanted = RATIOS[self.ratio]
        return wanted is None or has_shape(*self.sides(width, height).size(width, height), wanted)

    def edit(self, seed: int, width: int, height: int) -> ExtendEdit:
        sides = self.sides(width, height)
        return ExtendEdit(seed, sides.left, sides.top, sides.right, sides.bottom, model=self.model)

    def after(self, plan: Plan, result: Result) -> ExtendSettings:
        """Without the sides that a result has brought: what is set is what is still to be done. A ratio stays."""
        if plan.edit != "extend":
            return self
        made = Sides(**{side: result.recipe["edit"][f"{side}_px"] for side in ("left", "top", "right", "bottom")})
        canvas = plan.canvas_box
        before = canvas.width - made.left - made.right, canvas.height - made.top - made.bottom
        return replace(self, left=0, top=0, right=0, bottom=0) if self.sides(*before) == made else self

    def _sides_for(self, ratio: Shape, width: int, height: int) -> Sides:
        """The smallest canvas of that ratio that holds the picture."""
        across, down = ratio
        more_width = max(0, round(height * across / down) - width)
        more_height = max(0, round(width * down / across) - height)
        return Sides(right=more_width, bottom=more_height).placed(self.anchor_x, self.anchor_y).clamped(width, height)
