"""What the rest of the contract is made of: places, documents, names of images."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

PROTOCOL = 1


@dataclass(frozen=True)
class Box:
    """A rectangle in canvas pixels; `x` and `y` may be negative."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: Box) -> bool:
        """Whether both have a pixel in common."""
        across = min(self.right, other.right) - max(self.x, other.x)
        return across > 0 and min(self.bottom, other.bottom) > max(self.y, other.y)


@dataclass(frozen=True)
class CanvasInfo:
    """What the engine must know about the document; on the wire it is called `canvas`."""

    width: int
    height: int
    model: str
    depth: str
    profile: str = ""


def image_digest(model: str, depth: str, width: int, height: int, raw: Any) -> str:
    """The name of an image: SHA-256 of its declaration and its raw bytes (anything with the buffer protocol)."""
    digest = hashlib.sha256(f"{model} {depth} {width} {height}\n".encode("ascii"))
    digest.update(raw)
    return digest.hexdigest()
