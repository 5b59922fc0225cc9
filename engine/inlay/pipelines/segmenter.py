"""What a selection may ask of those who find things in pictures. `edits` sees these and never a model itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from inlay.pipelines.card import Offer
from inlay.pixels.geometry import Box
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.smooth import Floats


@dataclass(frozen=True)
class SegmenterCard:
    """What must be known of a kind of segmenter before any of it is loaded."""

    family: str  # "sam"
    title: str  # "Segment Anything"
    rank: int  # among those that are here, the highest is taken
    working_px: int  # the long side of what it looks at
    looks_close: bool  # it is given a window around what the prompts point at; else whole pictures, prepared once
    memory_bytes: int
    licence: str
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, eq=False)
class View:
    """A picture, or a window of one, as a segmenter sees it."""

    key: str  # names these pixels: what is computed for them is kept by it
    picture: Floats  # (h, w, 3) float32 sRGB in [0, 1]; its long side is at most the card's working_px


@dataclass(frozen=True, eq=False)
class Candidate:
    """What could be meant."""

    mask: Floats  # (h, w) float32 in [0, 1], of the view's size: how likely each pixel belongs; the edge is at 0.5
    score: float  # 0 to 1: the segmenter's own estimate of its IoU


class Segmenter(Protocol):
    """Heavy once (`prepare`), light often (`candidates`). Used on the device's thread, but for GrabCut."""

    @property
    def name(self) -> str:
        """The model, as users name it: "grabcut", "sam-vit-b"."""

    @property
    def card(self) -> SegmenterCard:
        """What its kind can do."""

    def prepare(self, view: View) -> None:
        """Compute what every prompt on this view needs, and keep it. Raises FamilyError."""

    def candidates(self, view: View, prompts: Prompts) -> list[Candidate]:
        """What the prompts (in the view's pixels) may mean, the best first, at least one. Raises FamilyError.

        Prepares the view where that was not done. Without prompts: the picture's subject.
        """


@dataclass(frozen=True)
class Sighting:
    """Something that words describe."""

    box: Box  # in the view's pixels
    score: float  # 0 to 1
    label: str  # the words that it fits


class Finder(Protocol):
    """Finds what words describe."""

    @property
    def name(self) -> str:
        """The model, as users name it."""

    @property
    def working_px(self) -> int:
        """The long side of what it looks at."""

    def sightings(self, view: View, words: str) -> list[Sighting]:
        """Everything that may be meant, the best first, unsure ones too. Raises FamilyError."""


class Matter(Protocol):
    """Says how much of each pixel at a soft edge belongs to the thing: hair, glass."""

    @property
    def name(self) -> str:
        """The model, as users name it."""

    def alpha(self, picture: Floats, trimap: Floats) -> Floats:
        """(h, w) float32 in [0, 1]. picture: (h, w, 3) sRGB; trimap: (h, w), 0 not, 1 wholly, 0.5 to be found out.

        Raises FamilyError.
        """


class Selectors(Protocol):
    """Who is here to select things."""

    def segmenter(self, name: str) -> Segmenter:
        """The one of this name, or the best for "". Raises RosterError where there is none."""

    def finder(self) -> Finder | None:
        """The best finder of words that is installed."""

    def matter(self) -> Matter | None:
        """The best that is installed."""
