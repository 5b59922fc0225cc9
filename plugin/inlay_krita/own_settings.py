"""What each picture has set: while it is open all of it, in its file all but words.

A prompt is private. It is in the file where a run was made by it, in the history, and comes back from there.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .contract import CanvasError
from .guard import guarded
from .qt import QtCore, Signal
from .recipes import MAX_SIDE_PX, RecipeError, told_of
from .settings import MAX_GUIDANCE, MAX_STEPS, MAX_WIDTH_PX, ExtendSettings, PromptSettings, RemoveSettings, Unit
from .shapes import RATIOS
from .wire import Plan, Result
from .wording import inside

if TYPE_CHECKING:
    from .session import Session

ANNOTATION, ABOUT = "inlay-settings", "Inlay: how its panel was set, without words"
VERSION = 1
LARGEST_BYTES = 4096
LONGEST_NAME = 200
KINDS = ("remove", "extend", "prompt")
SIDES = ("left", "top", "right", "bottom")
HIGHEST: dict[str, float] = {
    "grow_px": MAX_WIDTH_PX,
    "feather_px": MAX_WIDTH_PX,
    "strength_percent": 100,
    "steps": MAX_STEPS,
    "guidance": MAX_GUIDANCE,
    **dict.fromkeys(SIDES, MAX_SIDE_PX),
    "anchor_x": 2,
    "anchor_y": 2,
}
CHOICES = {"unit": [unit.value for unit in Unit], "ratio": list(RATIOS), "control": ["", "pose", "depth", "lines"]}
NAMES: dict[str, tuple[str, ...]] = {
    "remove": ("grow_px", "feather_px", "model"),
    "extend": ("unit", *SIDES, "ratio", "anchor_x", "anchor_y", "model"),
    "prompt": ("model", "family", "strength_percent", "steps", "guidance", "control"),
}


@dataclass(frozen=True)
class Own:
    """One picture's."""

    remove: RemoveSettings
    extend: ExtendSettings
    prompt: PromptSettings


class OwnSettings(QtCore.QObject):
    """Lives on the UI thread. `applied` when the session's settings have become those of another picture."""

    applied = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Any = None
        self._left: dict[Any, Own] = {}  # as they were when the painter went to another picture
        self._met: Own | None = None  # as they were when the active one came
        session.refreshed.connect(self.follow)
        for told in (session.styles.applied, session.styles.changed):
            self.applied.connect(told)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def follow(self) -> None:
        """Another picture may be active: set what it had."""
        session = self._session
        document = session.canvas.document()
        if document == self._document:
            return
        before, self._document = self._document, document
        if before is not None:
            self._left[before] = self._now()
        self._left = {left: own for left, own in self._left.items() if session.canvas.is_open(left)}
        known = self._left.get(document)
        if known is None and before is not None:
            self._forget_words()
        session.styles.meet(document, known is not None)
        if document is not None:
            self._set(known or self._kept())
        self._met = self._now()

    @guarded
    def note_down(self, is_used: bool = False) -> None:
        """Let the picture's file remember what is set. One that is only looked at is not written into.

        is_used: an edit begins.
        """
        now = self._now()
        if self._document is None or (now == self._met and not is_used):
            return
        self._met = now
        canvas, text = self._session.canvas, kept_text(now)
        try:
            kept = bytes(canvas.annotation(self._document, ANNOTATION)[:LARGEST_BYTES])
            if kept != text and not is_of_later_version(kept):
                canvas.annotate(self._document, ANNOTATION, ABOUT, text)
        except CanvasError:  # it is being closed
            return

    def laid_in(self, document: Any, plan: Plan, result: Result) -> None:
        """A result is in its picture: sides that it has brought are not to be done once more."""
        left = self._left.get(document)
        if document == self._document or left is None:
            self._session.extend_settings = self._session.extend_settings.after(plan, result)
        else:
            self._left[document] = dataclasses.replace(left, extend=left.extend.after(plan, result))

    def _now(self) -> Own:
        session = self._session
        return Own(session.remove_settings, session.extend_settings, session.prompt_settings)

    def _set(self, own: Own) -> None:
        session, shown = self._session, self._session.prompt_settings.is_more_shown
        session.remove_settings, session.extend_settings = own.remove, own.extend
        session.prompt_settings = dataclasses.replace(own.prompt, is_more_shown=shown)
        self.applied.emit()

    def _forget_words(self) -> None:
        """What was written about one picture is not about the next."""
        session = self._session
        session.prompt_settings = dataclasses.replace(session.prompt_settings, prompt="", source_prompt="")

    def _kept(self) -> Own:
        """What a picture's file says, that was not seen before: anybody's text. What it does not say stays as it is."""
        now = self._now()
        try:
            raw = self._session.canvas.annotation(self._document, ANNOTATION)
            own = restored(bytes(raw), now) if len(raw) <= LARGEST_BYTES else now
            return own if own.prompt.prompt else self._with_last_words(own)
        except CanvasError:  # it is being closed
            return now

    def _with_last_words(self, own: Own) -> Own:
        """With the words of the newest run."""
        runs = self._session.history.runs()
        try:
            edit = told_of(runs[0].recipe).edit if runs else None
        except RecipeError:  # by a later version, or damaged
            return own
        words = inside(own.prompt.template, getattr(edit, "prompt", ""))
        if not words:
            return own
        avoided = getattr(edit, "negative_prompt", "")
        return dataclasses.replace(own, prompt=dataclasses.replace(own.prompt, prompt=words, negative_prompt=avoided))


def kept_text(own: Own) -> bytes:
    """All but words, as JSON."""
    told: dict[str, Any] = {"version": VERSION}
    for kind in KINDS:
        values = {name: getattr(getattr(own, kind), name) for name in NAMES[kind]}
        told[kind] = {name: value.value if isinstance(value, Unit) else value for name, value in values.items()}
    return json.dumps(told, separators=(",", ":")).encode()


def restored(raw: bytes, own: Own) -> Own:
    """What was kept; what is missing, or odd, stays as it is."""
    told = _read(raw)
    if told.get("version") != VERSION:
        return own
    return Own(*(_restored(told.get(kind), getattr(own, kind), NAMES[kind]) for kind in KINDS))


def is_of_later_version(raw: bytes) -> bool:
    """Whether a later Inlay wrote it: that is never written over."""
    version = _read(raw).get("version")
    return type(version) is int and version > VERSION


def _read(raw: bytes) -> dict[str, Any]:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _restored(told: Any, settings: Any, names: tuple[str, ...]) -> Any:
    if not isinstance(told, dict):
        return settings
    fitting = {name: told[name] for name in names if name in told and _fits(name, told[name], getattr(settings, name))}
    values = {name: Unit(value) if name == "unit" else value for name, value in fitting.items()}
    return dataclasses.replace(settings, **values)


def _fits(name: str, value: Any, now: Any) -> bool:
    """Whether a value is one that we could have written."""
    if name in CHOICES:
        return value in CHOICES[name]
    if name in HIGHEST:
        is_number = type(value) is type(now) or (type(now) is float and type(value) is int)
        return bool(is_number and 0 <= value <= HIGHEST[name])
    return isinstance(value, str) and len(value) <= LONGEST_NAME and value.isprintable()
