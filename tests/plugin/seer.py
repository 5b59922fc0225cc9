"""Stands for the engine where it is only looked with: it answers when it is let, with what it is told to."""

from __future__ import annotations

import threading
from typing import Any

from inlay_krita.client import EngineError
from inlay_krita.looking import Candidate, Hints, Scene, Sighting
from inlay_krita.qt import QtGui
from inlay_krita.wire import Box, CanvasInfo, Selected


def refusal(code: str, status: int = 400) -> EngineError:
    return EngineError("It cannot be.", "Do something else.", code=code, status=status)


def candidate(box: Box, value: int = 255) -> Candidate:
    coverage = bytes([value]) * (box.width * box.height)
    shape = QtGui.QImage(box.width, box.height, QtGui.QImage.Format.Format_Alpha8)
    shape.fill(value)
    return Candidate(Selected("m", box, 0.9, ""), coverage, shape)


class Seer:
    """Takes the place of `show`, `look` and `make_ready` in a Selecting. Each `go` lets one question be answered."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.asked: list[Hints] = []
        self.widths: list[tuple[int, int]] = []
        self.models: list[str] = []
        self.readied: list[str] = []
        self.go = threading.Semaphore(0)
        self.errors: list[Exception] = []
        self.candidates: tuple[Candidate, ...] = ()

    def show(self, engines: object, canvas: CanvasInfo, box: Box, pixels: Any) -> Scene:
        self.shown.append(bytes(pixels))
        return Scene(canvas, f"image {len(self.shown)}", box)

    def look(
        self, engines: object, scene: dict[str, Any], hints: Hints, widths: tuple[int, int], rough: object = None
    ) -> Sighting:
        self.asked.append(hints)
        self.widths.append(widths)
        self.models.append(scene["model"])
        assert self.go.acquire(timeout=20)
        if self.errors:
            raise self.errors.pop(0)
        x = hints.points[-1].x if hints.points else 7
        return Sighting(self.candidates or (candidate(Box(x, 5, 10, 10)),), "seer", "It is seen.")

    def make_ready(self, engines: object, scene: dict[str, Any]) -> None:
        self.readied.append(scene["image"])
        if self.errors:
            raise self.errors.pop(0)
