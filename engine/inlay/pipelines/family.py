"""What an edit may ask of a model family. An edit sees this protocol and never a family itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inlay.errors import Refusal
from inlay.pipelines.card import Card, Settings
from inlay.pipelines.models import Adapter
from inlay.pixels.colours import Rgb
from inlay.pixels.formats import Model, Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support


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

    def note(self, text: str) -> None:
        """How it was done where that was not the plan, in words: kept in the result's recipe."""

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
    profile: str = ""  # name of the document's ICC profile
    paste: Mask | None = None  # (H, W) uint8, the paste mask; None pastes the hole
    settings: Settings | None = None  # how a model is asked; None for the built-in fill
    control: Pixels | None = None  # (H, W, C) like `pixels`: the pose or depth to keep, as a picture; None reads it off
    references: tuple[Rgb, ...] = ()  # (h, w, 3) sRGB in [0, 1], of any sizes: other pictures to be looked at
    bare: Support | None = None  # (H, W) bool, where a layer by itself is empty: its colours there are made up

    @property
    def paste_mask(self) -> Mask:
        """The paste mask, (H, W) uint8."""
        return self.hole * np.uint8(255) if self.paste is None else self.paste

    def reseeded(self, number: int) -> Task:
        """The same with other noise: so many seeds further, and so are those of the variations."""
        settings = self.settings
        if settings and settings.variations:
            moved = tuple((seed + number, strength) for seed, strength in settings.variations)
            settings = replace(settings, variations=moved)
        return replace(self, seed=self.seed + number, settings=settings)

    def cut(self, window: Box) -> Task:
        """The part of it inside a window, crop space."""
        paste = None if self.paste is None else self.paste[window.slices]
        control = None if self.control is None else self.control[window.slices]
        bare = None if self.bare is None else self.bare[window.slices]
        hole = self.hole[window.slices]
        return replace(self, pixels=self.pixels[window.slices], hole=hole, paste=paste, control=control, bare=bare)


class Family(Protocol):
    """A kind of model that repaints windows. Heavy once (made and loaded), light often (`repaint`)."""

    @property
    def name(self) -> str:
        """The model, as it stands in plans and recipes: "builtin", "sdxl-inpaint"."""

    @property
    def card(self) -> Card:
        """What its kind of model can do."""

    @property
    def architecture(self) -> str:
        """What its adapters are made for, as in `models.ARCHITECTURES`; "" where it takes none."""

    @property
    def adapters(self) -> Sequence[Adapter]:
        """The LoRAs, embeddings and ControlNets on this machine that fit it."""

    @property
    def largest_part_px(self) -> int:
        """How many crop pixels it takes at once; more are worked on in parts."""

    def version(self) -> str:
        """What exactly ran, for the recipe: the built-in fill's backend, a checkpoint's revision."""

    def context_px(self, hole_box: Box) -> int:
        """How far it would look around a hole of this size; a plan gives it at least that, where the canvas has it."""

    def working_size(self, crop_box: Box) -> tuple[int, int]:
        """(width, height) in model pixels that it works a window of this size at."""

    def steps(self, crop_box: Box, settings: Settings | None) -> int:
        """How many steps of progress to expect."""

    def repaint(self, task: Task, watch: Watch) -> Pixels:
        """The window repainted: (H, W, C), the same dtype, valid where `task.paste_mask` is above 0.

        Raises Cancelled, and FamilyError where it cannot be done (nothing known to work from).
        """


class Families(Protocol):
    """Who could do an edit: what plans choose from."""

    @property
    def families(self) -> Sequence[Family]:
        """All that can work on this machine now."""

    @property
    def cards(self) -> Sequence[Card]:
        """Every kind of model that could be installed, too; the best first."""

    @property
    def adapters(self) -> Sequence[Adapter]:
        """Every LoRA, embedding and ControlNet on this machine, whatever it is made for."""
