"""What all values of the contract are made of, and errors."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)

from inlay.edits import edit as edits
from inlay.errors import Fault
from inlay.pixels import geometry
from inlay.pixels.formats import Depth, Model, PixelFormat

FAR_PX = 2**31 - 1  # no canvas reaches so far; keeps sums inside what JSON readers hold exactly
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
OfferId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
ModelId = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,200}$")]  # a folder's or file's name
DocumentModel = Literal["RGBA", "GRAYA", "CMYKA", "LABA", "XYZA", "YCbCrA"]


class Wire(BaseModel):
    """What all of them share: no unknown fields, no silent conversions, no changes after."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Box(Wire):
    """A rectangle in canvas pixels; corners may be negative."""

    x: int = Field(ge=-FAR_PX, le=FAR_PX)
    y: int = Field(ge=-FAR_PX, le=FAR_PX)
    width: int = Field(ge=0, le=FAR_PX)
    height: int = Field(ge=0, le=FAR_PX)

    def plain(self) -> geometry.Box:
        """The engine's own value."""
        return geometry.Box(self.x, self.y, self.width, self.height)


class Canvas(Wire):
    """The document, as far as an edit must know it."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    model: DocumentModel
    depth: Annotated[Depth, Strict(False)]
    profile: str = Field(default="", max_length=1000)

    def plain(self) -> edits.Canvas:
        """The engine's own value."""
        return edits.Canvas(self.width, self.height, PixelFormat(Model(self.model), self.depth), self.profile)


class Error(Wire):
    """What happened, and what to do."""

    code: str
    message: str
    field: str | None
    remedy: str

    @classmethod
    def of(cls, fault: Fault) -> Error:
        return cls(**dataclasses.asdict(fault))


class ErrorReply(Wire):
    """The one form of every error."""

    error: Error


class Health(Wire):
    """Who answers."""

    name: Literal["inlay"] = "inlay"
    version: str
    protocol: int
    pid: int
    instance: str
    fill: Literal["native", "portable"]
    jobs: int
