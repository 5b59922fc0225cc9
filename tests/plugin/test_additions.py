"""What is offered for the selection, and what is not."""

from __future__ import annotations

import pytest
from inlay_krita.additions import Found, find_addition
from inlay_krita.client import Image
from inlay_krita.wire import Addition, Box

RECIPE = {
    "image": "1" * 64,
    "mask": "2" * 64,
    "canvas": {"width": 9, "height": 9, "model": "RGBA", "depth": "U8", "profile": ""},
    "plan": {"read_box": {"x": 1, "y": 2, "width": 3, "height": 4}},
    "edit": {"kind": "remove"},
}


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

    def download(self, digest: str) -> Image:
        return Image("MASK", "U8", 2, 1, digest.encode())


def shadow(confidence: float, kind: str = "shadow") -> Addition:
    return Addition(kind, "ab", Box(5, 6, 2, 1), confidence, "It is dark.")


def test_it_looks_at_what_the_removal_was_made_from() -> None:
    seer = Seer(shadow(0.8))
    assert find_addition(seer, RECIPE) == Found(shadow(0.8), b"ab")  # type: ignore[arg-type]
    assert seer.asked == {
        "kind": "shadow",
        "image": RECIPE["image"],
        "mask": RECIPE["mask"],
        "canvas": RECIPE["canvas"],
        "box": {"x": 1, "y": 2, "width": 3, "height": 4},
    }


@pytest.mark.parametrize("seen", [None, shadow(0.49)])
def test_unlikely_shadows_are_not_offered(seen: Addition | None) -> None:
    assert find_addition(Seer(seen), RECIPE) is None  # type: ignore[arg-type]


def test_the_offer_is_a_question() -> None:
    said: list[str] = []
    notice = Found(shadow(0.8, "reflection"), b"ab").offer(lambda: said.append("yes"))
    assert notice.message == "A reflection may belong to what was removed."
    assert (notice.action, notice.is_error, notice.tip) == ("Add to selection", False, "It is dark.")
    assert said == []
    assert notice.act
    notice.act()
    assert said == ["yes"]
