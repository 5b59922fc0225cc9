"""What the painter has set in the panel, as values: no widget needed, so that shortcuts work with a hidden docker."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from .wire import EDITS, Edit, ExtendEdit, RemoveEdit
from .wording import around

MAX_WIDTH_PX = 256  # of grow and feather, by the protocol
MAX_STEPS = 150  # of any family (docs/models.md)
MAX_GUIDANCE = 100.0
RATIOS = {
    "Free": None,
    "16:9": (16, 9),
    "3:2": (3, 2),
    "4:3": (4, 3),
    "5:4": (5, 4),
    "1:1": (1, 1),
    "4:5": (4, 5),
    "3:4": (3, 4),
    "2:3": (2, 3),
    "9:16": (9, 16),
}


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


@dataclass(frozen=True)
class ExtendSettings:
    """The Extend section: sides as typed, or a ratio and the place of the picture in it (0 start, 1 middle, 2 end)."""

    unit: Unit = Unit.PERCENT
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    ratio: str = "Free"
    anchor_x: int = 1
    anchor_y: int = 1
    model: str = ""  # empty: the plan chooses

    @property
    def shown_unit(self) -> Unit:
        """A ratio's sides come out in pixels, whatever the painter types in."""
        return self.unit if RATIOS[self.ratio] is None else Unit.PIXELS

    def sides(self, width: int, height: int) -> Sides:
        """Pixels at each side for a canvas of this size."""
        wanted = RATIOS[self.ratio]
        if wanted:
            return self._sides_for(wanted, width, height)
        if self.unit is Unit.PIXELS:
            return Sides(self.left, self.top, self.right, self.bottom).clamped(width, height)
        across, down = width / 100, height / 100
        told = (self.left * across, self.top * down, self.right * across, self.bottom * down)
        return Sides(*map(round, told)).clamped(width, height)

    def reaches_ratio(self, width: int, height: int) -> bool:
        """Whether +100 % a side is enough for the ratio."""
        wanted = RATIOS[self.ratio]
        if not wanted:
            return True
        got_width, got_height = self.sides(width, height).size(width, height)
        return abs(got_width * wanted[1] - got_height * wanted[0]) <= max(wanted)

    def edit(self, seed: int, width: int, height: int) -> ExtendEdit:
        sides = self.sides(width, height)
        return ExtendEdit(seed, sides.left, sides.top, sides.right, sides.bottom, model=self.model)

    def _sides_for(self, ratio: tuple[int, int], width: int, height: int) -> Sides:
        """The smallest canvas of that ratio that holds the picture."""
        across, down = ratio
        more_width = max(0, round(height * across / down) - width)
        more_height = max(0, round(width * down / across) - height)
        left = more_width * self.anchor_x // 2
        top = more_height * self.anchor_y // 2
        return Sides(left, top, more_width - left, more_height - top).clamped(width, height)
