"""What the session knows, as values that the panel shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .client import Image
from .errand import Delivery, Errand
from .sentences import BY_WORDS, EXTEND, REMOVE
from .shapes import TIMES
from .translation import later, tr
from .wire import Box, CanvasInfo, Edit, Plan

PROMPT_LETTERS = 40  # of a prompt in a title
_numbers = itertools.count(1)


class EngineState(Enum):
    """How it stands with the engine, and what the panel says about it (by `tr`)."""

    UNKNOWN = later("Looking for the engine…")
    IDLE = later("Engine starts when needed")
    STARTING = later("Starting the engine…")
    READY = later("Engine ready")
    MISSING = later("Engine not installed")
    TROUBLE = later("Engine not available")


@dataclass(eq=False)
class Work:
    """One edit under way."""

    title: str  # "Remove 240 x 180 px", in English; shown by `translated`
    document_name: str
    document: Any = None  # the canvas's key; None for work that an earlier Krita began
    canvas: CanvasInfo | None = None
    selection: Box | None = None
    edit: Edit | None = None
    stage: str = tr("Planning…")
    fraction: float | None = None
    preview: Image | None = None
    plan: Plan | None = None
    errand: Errand | None = None
    is_cancelled: bool = False
    variant: Any = None  # where it is one of several: their set, and itself
    ahead: int = 0  # how many the engine does before it
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(eq=False)
class Notice:
    """Something to tell in plain words: what happened, what to do, and perhaps a button that does it."""

    message: str
    remedy: str = ""
    is_error: bool = True
    action: str = ""
    act: Callable[[], None] | None = None
    tip: str = ""  # more, for who wants to know
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(eq=False)
class Parcel:
    """A finished result whose document is not open: it waits to be laid into one of the same kind."""

    title: str
    document_name: str
    canvas: CanvasInfo  # of the document it was made for, before the edit
    delivery: Delivery
    reason: str
    variants: Any = None  # the set that waits, of which the delivery is one
    number: int = field(default_factory=lambda: next(_numbers))

    def fits(self, canvas: CanvasInfo) -> bool:
        """Whether a document of this kind can take it."""
        ours = self.canvas
        return (ours.width, ours.height, ours.model, ours.depth) == (
            canvas.width,
            canvas.height,
            canvas.model,
            canvas.depth,
        )


@dataclass(frozen=True)
class PastResult:
    """A run that the document remembers."""

    title: str
    made: str  # local time, "14:32" or "3 Mar, 14:32"
    recipe: dict[str, Any]
    reasons: tuple[str, ...] = ()  # why it was done as it was, line by line
    id: str = ""  # the run's; empty where it was made before runs had one
    layers: tuple[str, ...] = ()  # unique ids of the layers that it was laid into, newest last
    thumbnail: str = ""  # base64 of a small file
    kind: str = ""  # of edit


def title_of(edit: Edit, canvas: CanvasInfo, selection: Box | None) -> str:
    """What to call an edit: "Remove 240 x 180 px". English, as it names layers and is kept; `translated` shows it."""
    if edit.kind == "remove":
        return REMOVE.format(size=size_text(selection.width, selection.height)) if selection else "Remove"
    if edit.kind != "extend":
        return BY_WORDS[edit.kind].format(prompt=shortened(edit.prompt)) if edit.prompt else edit.kind.capitalize()
    left, top, right, bottom = (getattr(edit, f"{side}_px", 0) for side in ("left", "top", "right", "bottom"))
    return EXTEND.format(size=size_text(canvas.width + left + right, canvas.height + top + bottom))


def shortened(text: str) -> str:
    """The first words of a prompt, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= PROMPT_LETTERS else line[: PROMPT_LETTERS - 1].rstrip() + "…"


def layer_name(title: str) -> str:
    """The result layer's name, "Inlay: remove 240 x 180 px", in plain ASCII: scripts and older file formats read it."""
    plain = title.replace(TIMES, "x").replace("…", "...").replace(": ", " ", 1)
    return f"Inlay: {plain[:1].lower()}{plain[1:]}".encode("ascii", "replace").decode("ascii")


def size_text(width: int, height: int) -> str:
    """A size for people."""
    return f"{width} {TIMES} {height} px"


def notice_of(text: str) -> Notice:
    """An error whose text says "what happened: what to do", as two sentences."""
    message, _, remedy = text.partition(": ")
    return Notice(message if not remedy else f"{message}.", remedy[:1].upper() + remedy[1:])
