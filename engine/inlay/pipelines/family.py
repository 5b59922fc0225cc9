"""What an edit may ask of a model family. An edit sees this protocol and never a family itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inlay.errors import Refusal
from inlay.pixels.formats import Model, Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support


class FamilyError(Refusal):
    """A family cannot repaint this window; the text says why, and what to do."""


class Cancelled(Exception):  # noqa: N818 - it is no error: the user asked for it
    """The work was stopped because `Watch.is_cancelled` said so. There is no result."""


class Watch(Protocol):
    """How work tells where it is, and learns that it is no longer wanted. Called on the working thread."""

    def progress(self, fraction: float, message: str) -> None:
        """How much is done, 0 to 1, and in words."""

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        """What the window looks like so far: (h, w, 3) sRGB of any size, to be stretched over the window."""

    def is_cancelled(self) -> bool:
        """Whether to stop. Asked many times a second; cheap."""


@dataclass(frozen=True)
class Task:
    """One window to be repainted. Spaces: everything here is in crop pixels."""

    pixels: Pixels  # (H, W, C) in the document's model and depth; under `hole` they may be anything
    hole: Support  # (H, W) bool, the denoise mask: True is repainted
    model: Model
    is_linear: bool  # whether the values are linear light
    seed: int


class Family(Protocol):
    """A kind of model that repaints windows. Heavy once (made and loaded), light often (`repaint`)."""

    name: str  # as it stands in plans and recipes: "builtin"
    denoise_grow_px: int  # what it wants to repaint around the paste mask

    def version(self) -> str:
        """What exactly ran, for the recipe: the built-in fill's backend, a checkpoint's digest."""

    def context_px(self, hole_box: Box) -> int:
        """How far it would look around a hole of this size; a plan gives it at least that, where the canvas has it."""

    def working_size(self, crop_box: Box) -> tuple[int, int]:
        """(width, height) in model pixels that it works a window of this size at."""

    def steps(self, crop_box: Box) -> int:
        """How many steps of progress to expect."""

    def repaint(self, task: Task, watch: Watch) -> Pixels:
        """The window repainted: (H, W, C), the same dtype, valid where `task.hole` is True.

        Raises Cancelled, and FamilyError where it cannot be done (nothing known to work from).
        """
