"""A picture from a file with what was made of it: flat pixels, result layers, annotations, and steps back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from inlay.files.flat import enlarged, flattened
from inlay.files.ora import Layer, result_layer, write_ora
from inlay.files.picture import Picture
from inlay.files.reading import read_picture
from inlay.files.writing import check_output, write_picture
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask

MAX_STEPS = 12  # a step keeps a whole picture


@dataclass(frozen=True)
class Version:
    """The picture at one moment."""

    picture: Picture
    layers: tuple[Layer, ...]  # what `picture` is the sum of, the topmost first
    below: Picture | None = None  # what lies below the topmost, where that is a result
    key: str = ""  # names that result


@dataclass(eq=False)
class Document:
    """An open file. Its key for the session is the object itself."""

    path: Path
    version: Version
    is_saved: bool = True
    changes: int = 0  # counts up
    annotations: dict[str, bytes] = field(default_factory=dict)  # not in the file, and no part of steps back
    _before: list[Version] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> Document:
        """Raises FileError."""
        picture = read_picture(path)
        return cls(path, Version(picture, (Layer(path.name, picture),)))

    @property
    def picture(self) -> Picture:
        return self.version.picture

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    def lay(
        self,
        name: str,
        canvas_box: Box,
        box: Box,
        pixels: Pixels,
        mask: Mask,
        instead_of: Collection[str] = (),
    ) -> str:
        """Put a result over the picture, which grows to `canvas_box`. Where the mask is 0 nothing changes.

        instead_of: keys of results; if the topmost is one of them it is hidden. Gives the new one's key.
        pixels: (h, w, document channels); mask: (h, w) uint8; both boxes in today's canvas space.
        """
        old = self.version
        placed = box.relative_to(canvas_box)
        base, layers = old.picture, old.layers
        if old.below and old.key in instead_of:
            base, layers = old.below, (replace(layers[0], is_visible=False), *layers[1:])
        canvas = enlarged(base.document_pixels, canvas_box)
        picture = old.picture.with_document_pixels(flattened(canvas, pixels, mask, placed))
        moved = (replace(layer, x=layer.x - canvas_box.x, y=layer.y - canvas_box.y) for layer in layers)
        layer = result_layer(old.picture, pixels, mask, name, placed.x, placed.y)
        self._before = [*self._before[1 - MAX_STEPS :], old]
        self._changed()
        self.version = Version(picture, (layer, *moved), old.picture.with_document_pixels(canvas), str(self.changes))
        return self.version.key

    def cut_out(self, name: str, box: Box, mask: Mask) -> None:
        """Make all but a subject transparent, on a layer of its own; the others are kept, hidden.

        box: the subject's, in canvas space; mask: (h, w) uint8, its size. A file without alpha gets one.
        """
        old = self.version
        whole = np.zeros((old.picture.height, old.picture.width), np.uint8)
        whole[box.slices] = mask
        layer = result_layer(old.picture, old.picture.document_pixels, whole, name, 0, 0)
        hidden = (replace(kept, is_visible=False) for kept in old.layers)
        self._before = [*self._before[1 - MAX_STEPS :], old]
        self.version = Version(layer.picture, (layer, *hidden))
        self._changed()

    def undo(self) -> None:
        """Take the last result away, if there is one."""
        if self._before:
            self.version = self._before.pop()
            self._changed()

    def save(self, path: Path) -> None:
        """Write it: flat, or with its layers where the name ends in `.ora`. Raises FileError."""
        check_output(path, self.picture)
        if path.suffix.lower() == ".ora":
            write_ora(path, self.picture, list(self.version.layers))
        else:
            write_picture(path, self.picture)
        self.is_saved = True

    def _changed(self) -> None:
        self.changes += 1
        self.is_saved = False
