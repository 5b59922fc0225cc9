"""What every edit is: a request that can be planned without pixels, and performed on them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from inlay.config import Limits
from inlay.edits.plan import Plan
from inlay.errors import Refusal
from inlay.pipelines.family import Families, Family, Watch
from inlay.pixels.colours import Rgb, to_srgb
from inlay.pixels.formats import PixelFormat, Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask

LARGEST_SEED = 2**31 - 1
_LINEAR_PROFILE = re.compile(r"linear|scrgb|g10(?!\d)", re.IGNORECASE)  # Krita's own: sRGB-elle-V2-g10.icc, scRGB ...


class EditError(Refusal):
    """An edit that cannot be planned or performed; names the field that is to blame."""


class Need(StrEnum):
    """Whether an edit takes a selection."""

    MUST = "must"
    MAY = "may"
    NEVER = "never"


@dataclass(frozen=True)
class Canvas:
    """The document, as far as an edit must know it."""

    width: int
    height: int
    format: PixelFormat
    profile: str = ""  # name of its ICC profile; decides only whether values are linear light

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def is_linear(self) -> bool:
        """Whether values are linear light: the profile says so, or, where it has no name, the float depth."""
        if not self.profile:
            return self.format.dtype.kind == "f"
        return _LINEAR_PROFILE.search(self.profile) is not None


@dataclass(frozen=True)
class Scope:
    """What a plan is made for: the canvas, what is selected on it, who could do the work, and how large it may get."""

    canvas: Canvas
    selection_box: Box | None  # canvas space; bounds of the selected pixels
    roster: Families
    limits: Limits


@dataclass(frozen=True)
class Source:
    """The uploaded pixels: the canvas inside the plan's `read_box`."""

    pixels: Pixels  # (H, W, C) of the canvas' format
    mask: Mask | None  # (H, W) uint8, the selection; None where the edit brings its own
    canvas: Canvas
    control: Pixels | None = None  # (H, W, C) like `pixels`: the pose or depth to keep; None where none was sent

    references: tuple[Pixels, ...] = ()  # (h, w, C) of the canvas' format, of any sizes: pictures to be looked at, too

    @property
    def shown_references(self) -> tuple[Rgb, ...]:
        """The references as models see them, over white where they are transparent."""
        canvas, model = self.canvas, self.canvas.format.model
        return tuple(to_srgb(each, model, canvas.is_linear, canvas.profile) for each in self.references)


@dataclass(frozen=True)
class EditResult:
    """A repainted piece, ready to be laid over the document."""

    pixels: Pixels  # (h, w, C) of the canvas' format
    mask: Mask  # (h, w) uint8, the paste mask: 0 where nothing may change
    box: Box  # canvas space, h x w
    checks: dict[str, float] = field(default_factory=dict)  # what was measured after the run: seam, colour, outside


def bounded(default: int, lowest: int, highest: int, meaning: str) -> Any:
    """A whole-number field of an edit with its range; the edge checks it before the edit is made."""
    return field(default=default, metadata={"ge": lowest, "le": highest, "description": meaning})


def seed_field() -> Any:
    """The field that every edit has: the same seed on the same pixels gives the same result."""
    return bounded(0, 0, LARGEST_SEED, "The same seed on the same pixels gives the same result")


class Edit(ABC):
    """A kind of edit: a frozen dataclass whose fields are what the user set."""

    kind: ClassVar[str]  # its name on the wire: "remove"
    selection: ClassVar[Need]

    @abstractmethod
    def plan(self, scope: Scope) -> Plan:
        """What will be done, without touching a pixel. Raises EditError."""

    @abstractmethod
    def perform(self, plan: Plan, source: Source, family: Family, watch: Watch) -> EditResult:
        """Do it. Raises EditError, FamilyError and Cancelled; leaves `source` as it is."""


@cache
def kinds() -> dict[str, type[Edit]]:
    """Every kind of edit by its name: the Edit classes of this package's modules. A new kind is a new file."""
    package = importlib.import_module("inlay.edits")
    for module in pkgutil.iter_modules(package.__path__, "inlay.edits."):
        importlib.import_module(module.name)
    return {kind.kind: kind for kind in sorted(_named(Edit), key=lambda kind: kind.kind)}  # type: ignore[type-abstract]


def _named(kind: type[Edit]) -> list[type[Edit]]:
    """The classes below that have a name on the wire."""
    below = [found for child in kind.__subclasses__() for found in _named(child)]
    return [kind, *below] if "kind" in vars(kind) else below
