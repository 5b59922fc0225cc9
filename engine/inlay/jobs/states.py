"""What a job is, and the states that it goes through."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inlay.edits.edit import Canvas, Edit
from inlay.edits.plan import Plan
from inlay.errors import Fault, Refusal
from inlay.pixels.geometry import Box


class JobError(Refusal):
    """A job or an image that cannot be taken, found or changed."""


class State(StrEnum):
    """queued -> running -> done | failed | cancelled; `interrupted` where the engine ended first."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_open(self) -> bool:
        return self in (State.QUEUED, State.RUNNING)

    @property
    def is_rerunnable(self) -> bool:
        return self in (State.INTERRUPTED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Reference:
    """Another picture that is to be looked at, and where it lay on the canvas."""

    image: str
    box: Box


@dataclass(frozen=True)
class Request:
    """What a client asked for. Images are named by digest."""

    edit: Edit
    canvas: Canvas
    selection_box: Box | None
    image: str
    mask: str | None
    label: str
    control_image: str | None = None  # the pose, depth or lines to keep, as a picture
    references: tuple[Reference, ...] = ()

    @property
    def images(self) -> list[str]:
        own = [digest for digest in (self.image, self.mask, self.control_image) if digest]
        return own + [reference.image for reference in self.references]


@dataclass(frozen=True)
class Result:
    """What a finished job gives: two stored images, where they belong, and how to make them again."""

    pixels: str
    mask: str
    box: Box
    seconds: float
    recipe: dict[str, Any]

    @property
    def images(self) -> list[str]:
        return [self.pixels, self.mask]


@dataclass(frozen=True)
class Job:
    """A request on its way. Changed by `dataclasses.replace`, on the event loop alone."""

    id: str
    request: Request
    plan: Plan
    created: float  # seconds since 1970
    state: State = State.QUEUED
    ended: float | None = None
    progress: float = 0.0
    message: str = ""
    result: Result | None = None
    error: Fault | None = None
    fetched: frozenset[str] = frozenset()  # which of the result's images a client has read

    @property
    def images(self) -> list[str]:
        """Every image that this job still needs or gives."""
        return [*self.request.images, *(self.result.images if self.result else [])]

    @property
    def is_fetched(self) -> bool:
        return self.result is not None and self.fetched.issuperset(self.result.images)


def new_job_id() -> str:
    """32 lower-case hex digits."""
    return secrets.token_hex(16)
