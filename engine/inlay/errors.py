"""What a refusal looks like: every room's errors are one of these, and the edge turns them into JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """An error as people and programs read it."""

    code: str  # stable, for programs: "mask_size"
    message: str  # what happened
    field: str | None = None  # which part of the request is meant: "mask"
    remedy: str = ""  # what to do next


class Refusal(Exception):  # noqa: N818 - what it is, and its children are called errors
    """Something that cannot be done, and what to do instead. Rooms derive their own base error from it."""

    def __init__(self, code: str, message: str, *, field: str | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(code, message, field, remedy)

    def __str__(self) -> str:
        return f"{self.fault.message} {self.fault.remedy}".strip()
