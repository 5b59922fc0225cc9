"""Selections, from uploaded images to stored masks."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace

from inlay.edits.edit import Source
from inlay.edits.selecting import Asked, Selected, Selection
from inlay.edits.views import Shown
from inlay.jobs.additions import Scene, kept_mask
from inlay.jobs.intake import load_mask, load_picture
from inlay.jobs.store import ImageStore

KEPT_S = 60.0  # between two clicks on a picture, which may be a gigabyte


@dataclass(frozen=True)
class Selecting:
    """One request, as plain values that can be sent elsewhere."""

    asked: Asked
    shown: Shown


@dataclass(frozen=True)
class KeptSelected:
    """Something that could be meant, whose mask can be fetched."""

    mask: str  # digest, of the size of its box
    selected: Selected


@dataclass(frozen=True)
class KeptSelection:
    """What is meant first, then what else could be."""

    choices: tuple[KeptSelected, ...]
    model: str
    why: str


class Recent:
    """The picture that was selected in last, for its next click; let go of when none comes. Used on the event loop."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._kept: tuple[str, Source] | None = None
        self._end: asyncio.TimerHandle | None = None

    async def shown(self, scene: Scene, images: ImageStore) -> Shown:
        """The scene's pixels, and its rough selection. Raises JobError where an image is gone."""
        key = f"{scene.image} {scene.canvas}"
        source = self._kept[1] if self._kept and self._kept[0] == key else None
        if source is None:
            source = await asyncio.to_thread(load_picture, scene.image, None, scene.canvas, images)
        self._keep(key, source)
        mask = None if scene.mask is None else await asyncio.to_thread(load_mask, scene.mask, images)
        return Shown(replace(source, mask=mask), scene.box, scene.image)

    def forget(self) -> None:
        """Let go of it."""
        self._kept = None
        if self._end:
            self._end.cancel()

    def _keep(self, key: str, source: Source) -> None:
        self.forget()
        self._kept = key, source
        self._end = asyncio.get_running_loop().call_later(self._kept_s, self.forget)


def kept_selection(selection: Selection, scene: Scene, images: ImageStore, keep: Collection[str]) -> KeptSelection:
    """The selection with its masks stored. Raises JobError where the disk is full."""
    needed = {*keep, *scene.images}
    choices = []
    for one in selection.choices:
        digest = kept_mask(one.mask, images, needed)
        needed.add(digest)
        choices.append(KeptSelected(digest, one))
    return KeptSelection(tuple(choices), selection.model, selection.why)
