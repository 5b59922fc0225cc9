"""What is offered for the selection, and what is not."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from inlay_krita.additions import REMOVED, Found, find_addition, find_beside
from inlay_krita.client import Image
from inlay_krita.contract import Capture
from inlay_krita.wire import Addition, Box, CanvasInfo, shadow_request

CANVAS = CanvasInfo(9, 9, "RGBA", "U8")
REQUEST = shadow_request("1" * 64, "2" * 64, asdict(CANVAS), asdict(Box(1, 2, 3, 4)))


class Seer:
    """An engine that sees a shadow; also what finds it."""

    def __init__(self, addition: Addition | None) -> None:
        self.seen = addition
        self.asked: dict[str, object] = {}

    def connect(self) -> Seer:
        return self

    def addition(self, request: dict[str, object]) -> Addition | None:
        self.asked = request
        return self.seen

    def upload(self, model: str, depth: str, width: int, height: int, raw: bytes) -> str:
        return f"{model} {depth} {width} {height} {raw.decode()}"

    def download(self, digest: str) -> Image:
        return Image("MASK", "U8", 2, 1, digest.encode())


def shadow(confidence: float, kind: str = "shadow") -> Addition:
    return Addition(kind, "ab", Box(5, 6, 2, 1), confidence, "It is dark.")


def test_it_looks_at_what_it_is_told() -> None:
    seer = Seer(shadow(0.8))
    assert find_addition(seer, REQUEST) == Found(shadow(0.8), b"ab")  # type: ignore[arg-type]
    assert seer.asked == REQUEST


def test_a_selection_is_sent_first() -> None:
    seer = Seer(shadow(0.8))
    assert find_beside(seer, CANVAS, Capture(Box(1, 2, 3, 4), b"pixels", b"mask"))  # type: ignore[arg-type]
    assert (seer.asked["image"], seer.asked["mask"]) == ("RGBA U8 3 4 pixels", "MASK U8 3 4 mask")
    assert {**seer.asked, "image": "1" * 64, "mask": "2" * 64} == REQUEST


@pytest.mark.parametrize("seen", [None, shadow(0.49)])
def test_unlikely_shadows_are_not_offered(seen: Addition | None) -> None:
    assert find_addition(Seer(seen), REQUEST) is None  # type: ignore[arg-type]


def test_the_offer_is_a_question() -> None:
    said: list[str] = []
    notice = Found(shadow(0.8, "reflection"), b"ab").offer(REMOVED, lambda: said.append("yes"))
    assert notice.message == "A reflection may belong to what was removed."
    assert (notice.action, notice.is_error, notice.tip) == ("Add to selection", False, "It is dark.")
    assert said == []
    assert notice.act
    notice.act()
    assert said == ["yes"]
