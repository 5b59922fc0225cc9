"""The contract with the engine, as plain values. The fields' meaning stands in docs/protocol.md."""

from __future__ import annotations

from .basis import PROTOCOL, Box, CanvasInfo, image_digest
from .editing import (
    EDITS,
    Asked,
    BackgroundEdit,
    Edit,
    ExtendEdit,
    InstructEdit,
    Plan,
    RemoveEdit,
    ReplaceEdit,
    RestyleEdit,
    Result,
    caption_request,
    edit_request,
    plan_request,
)
from .jobs import ENDED, Job, Turn
from .models import Install, InstalledAdapter, InstalledModel, ListedModel, Stock, Use
from .selecting import Addition, Point, Selected, Selection, object_request, ready_request, shadow_request

__all__ = [
    "EDITS",
    "ENDED",
    "PROTOCOL",
    "Addition",
    "Asked",
    "BackgroundEdit",
    "Box",
    "CanvasInfo",
    "Edit",
    "ExtendEdit",
    "Install",
    "InstalledAdapter",
    "InstalledModel",
    "InstructEdit",
    "Job",
    "ListedModel",
    "Plan",
    "Point",
    "RemoveEdit",
    "ReplaceEdit",
    "RestyleEdit",
    "Result",
    "Selected",
    "Selection",
    "Stock",
    "Turn",
    "Use",
    "caption_request",
    "edit_request",
    "image_digest",
    "object_request",
    "plan_request",
    "ready_request",
    "shadow_request",
]
