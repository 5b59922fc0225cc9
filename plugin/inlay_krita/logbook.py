"""What a document remembers of Inlay's runs: recipes, and small pictures of what came, in two annotations.

Both are JSON: a list of recipes, oldest first, and an object of thumbnails by run. What cannot be read (a later version
wrote it, it is damaged, or far larger than we write) is never touched: what is new is kept beside it.
"""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from .translation import numeral, tr

RECIPES, THUMBNAILS = "inlay-recipes", "inlay-thumbnails"
ABOUT = {RECIPES: "Inlay: how each result was made", THUMBNAILS: "Inlay: what each result looks like"}
MOST_BYTES = 512 << 10  # of each: some 250 recipes, some 100 thumbnails
ROOM = 1 / 8  # of that is made at once where it is full: encoding all anew takes 30 ms, adding to the end none
RECIPE_BYTES = 64 << 10  # of one: 20 times what a model's takes
THUMBNAIL_BYTES = 24 << 10  # of one
PLACES = 3  # one, and two beside it


class Annotations(Protocol):
    """One document's annotations."""

    def read(self, name: str) -> Any:
        """A buffer of bytes; an empty one where there is no such annotation."""

    def write(self, name: str, about: str, text: bytes) -> None:
        """Set it. No undo step."""


class UnreadableError(Exception):
    """An annotation that stays as it is; the text says why."""


@dataclass(frozen=True)
class Run:
    """One run as it was found."""

    recipe: dict[str, Any]
    place: int
    index: int  # in its place's list
    thumbnail: str = ""  # base64

    @property
    def id(self) -> str:
        """Empty where it was made before runs had ids."""
        told = self.recipe.get("id")
        return told if isinstance(told, str) else ""

    @property
    def layers(self) -> tuple[str, ...]:
        """The unique ids of the layers that it was laid into; newest last."""
        told = self.recipe.get("layers")
        return tuple(layer for layer in told if isinstance(layer, str)) if isinstance(told, list) else ()


@dataclass
class _Place:
    """An annotation: what was read, and what came of it."""

    raw: bytes | int = b""  # its length alone where it is too long
    items: Any = None
    problem: str = ""


@dataclass
class Logbook:
    """One document's. Reading compares bytes, and parses only what has changed."""

    annotations: Annotations
    runs: tuple[Run, ...] = ()  # oldest first; another tuple whenever they changed
    problems: tuple[str, ...] = ()
    _places: dict[str, _Place] = field(default_factory=dict)

    def look(self) -> None:
        """Bring `runs` and `problems` up to date."""
        names = [_name(kind, number) for kind in (RECIPES, THUMBNAILS) for number in range(PLACES)]
        changed = [name for name in names if self._look_at(name)]
        if changed:
            self._settle()

    def add(self, recipe: dict[str, Any], thumbnail: bytes) -> bool:
        """Keep a run. False where there is no place for it. thumbnail: an encoded picture, or nothing."""
        self.look()
        told = {"id": uuid.uuid4().hex, **recipe}
        name = self._open_place(RECIPES)
        if name is None or len(_encoded(None, told)) > RECIPE_BYTES:
            return False
        self._append(name, None, told)
        pictures = self._open_place(THUMBNAILS) if 0 < len(thumbnail) <= THUMBNAIL_BYTES else None
        if pictures:
            text = base64.b64encode(thumbnail).decode("ascii")
            self._append(pictures, told["id"], text)
        self._settle()
        return True

    def link(self, run_id: str, layer: str) -> bool:
        """Remember that a run was laid in again. False where this document does not know it."""
        self.look()
        for run in self.runs:
            if run.id == run_id:
                name = _name(RECIPES, run.place)
                items = list(self._places[name].items)
                items[run.index] = {**run.recipe, "layers": [*run.layers, layer]}
                self._write(name, items)
                self._settle()
                return True
        return False

    def _look_at(self, name: str) -> bool:
        """Read one annotation; whether it has changed."""
        raw, kind = self.annotations.read(name), list if name.startswith(RECIPES) else dict
        seen: bytes | int = bytes(raw) if len(raw) <= MOST_BYTES else len(raw)
        known = self._places.setdefault(name, _Place())
        if seen == known.raw:
            return False
        try:
            self._places[name] = _Place(seen, _parsed(seen, kind))
        except UnreadableError as error:
            self._places[name] = _Place(seen, None, str(error))
        return True

    def _open_place(self, base: str) -> str | None:
        """The first annotation that can be added to."""
        names = [_name(base, number) for number in range(PLACES)]
        return next((name for name in names if not self._places[name].problem), None)

    def _append(self, name: str, key: str | None, value: Any) -> None:
        """Add one item at the end; the oldest go where it would be too much. key: None in a list."""
        place, text = self._places[name], _encoded(key, value)
        items = {**(place.items or {}), key: value} if key else [*(place.items or []), value]
        if not place.items or not isinstance(place.raw, bytes) or len(place.raw) + len(text) + 2 > MOST_BYTES:
            return self._write(name, items)
        before = place.raw.rstrip()
        self._keep(name, before[:-1].rstrip() + b",\n" + text + before[-1:], items)

    def _write(self, name: str, items: Any) -> None:
        """Write all anew."""
        self._keep(name, *_bounded(items))

    def _keep(self, name: str, text: bytes, items: Any) -> None:
        self.annotations.write(name, ABOUT[RECIPES if name.startswith(RECIPES) else THUMBNAILS], text)
        self._places[name] = _Place(text, items)

    def _settle(self) -> None:
        pictures: dict[str, str] = {}
        runs: list[Run] = []
        for number in range(PLACES):
            pictures |= self._places[_name(THUMBNAILS, number)].items or {}
        for number in range(PLACES):
            items = self._places[_name(RECIPES, number)].items or []
            runs += [Run(item, number, index) for index, item in enumerate(items) if isinstance(item, dict)]
        self.runs = tuple(Run(run.recipe, run.place, run.index, _text(pictures.get(run.id))) for run in runs)
        self.problems = tuple(place.problem for place in self._places.values() if place.problem)


def _name(base: str, number: int) -> str:
    return f"{base}-{number + 1}" if number else base


def _text(told: Any) -> str:
    return told if isinstance(told, str) else ""


def _parsed(seen: bytes | int, kind: type) -> Any:
    """A list or an object; None for nothing. Raises UnreadableError."""
    if isinstance(seen, int):
        size = numeral(seen / 1e6, 1)
        raise UnreadableError(
            tr("The history in this picture is {size} MB large, more than Inlay writes.").format(size=size)
        )
    if not seen:
        return None
    try:
        told = json.loads(seen.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(tr("The history in this picture is damaged.")) from error
    if not isinstance(told, kind):
        raise UnreadableError(tr("The history in this picture was written by another version of Inlay."))
    if isinstance(told, dict) and "version" in told:
        raise UnreadableError(tr("The history in this picture was written by a later version of Inlay."))
    return told


def _bounded(items: Any) -> tuple[bytes, Any]:
    """As JSON of at most `MOST_BYTES`, and what is in it; where that is too much, the newest with `ROOM` for more."""
    pairs = list(items.items()) if isinstance(items, dict) else [(None, item) for item in items]
    texts = [_encoded(key, value) for key, value in pairs]
    sizes = [len(text) + 2 for text in texts]
    spare = MOST_BYTES if sum(sizes) <= MOST_BYTES else round(MOST_BYTES * (1 - ROOM))
    first, kept_bytes = len(pairs), 0
    while first and kept_bytes + sizes[first - 1] <= spare:
        first -= 1
        kept_bytes += sizes[first]
    kept = pairs[first:]
    start, end = (b"{", b"}") if isinstance(items, dict) else (b"[", b"]")
    whole = start + b",\n".join(texts[first:]) + end
    return whole, dict(kept) if isinstance(items, dict) else [value for _, value in kept]


def _encoded(key: str | None, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    whole = text if key is None else f"{json.dumps(key)}: {text}"
    return whole.encode("utf-8", "backslashreplace")  # half a surrogate pair becomes JSON's own escape
