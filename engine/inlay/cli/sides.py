"""What `inlay extend` adds at each side, from what the user gave."""

from __future__ import annotations

from dataclasses import dataclass

from inlay.cli import Refused

Side = tuple[float, bool] | None


@dataclass(frozen=True)
class Growth:
    """New pixels at each side."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    def __post_init__(self) -> None:
        assert min(self.left_px, self.top_px, self.right_px, self.bottom_px) >= 0


def asked(
    width: int, height: int, each: tuple[Side, Side, Side, Side], aspect: tuple[int, int] | None, anchor: str
) -> Growth:
    """What the options ask for: four sides (left, top, right, bottom), or a shape."""
    if aspect is None:
        growth = from_sides(width, height, *each)
    elif any(each):
        raise Refused("--aspect decides all four sides: leave out --left, --top, --right and --bottom.")
    else:
        growth = from_aspect(width, height, aspect, anchor)
    if growth == Growth(0, 0, 0, 0):
        what = "--aspect is the picture's own shape" if aspect else "no side is to grow"
        raise Refused(f"{what}: say --left, --top, --right or --bottom with PX or N%, or another --aspect W:H.")
    return growth


def from_sides(width: int, height: int, left: Side, top: Side, right: Side, bottom: Side) -> Growth:
    """Pixels and percentages, each side on its own; each at most +100 %."""
    named = (("left", left, width), ("top", top, height), ("right", right, width), ("bottom", bottom, height))
    return Growth(*(checked(f"--{name}", pixels(side, length), length) for name, side, length in named))


def pixels(side: Side, length: int) -> int:
    if side is None:
        return 0
    amount, is_percentage = side
    return round(amount * length / 100) if is_percentage else int(amount)


def from_aspect(width: int, height: int, aspect: tuple[int, int], anchor: str) -> Growth:
    """The smallest canvas of this shape that holds the picture; `anchor` says where the picture lies in it."""
    across, down = aspect
    new_width = max(width, -(-height * across // down))
    new_height = max(height, -(-width * down // across))
    left, right = split(new_width - width, anchor, "left", "right")
    top, bottom = split(new_height - height, anchor, "top", "bottom")
    sides = zip((left, top, right, bottom), (width, height, width, height), strict=True)
    return Growth(*(checked("--aspect", side, length) for side, length in sides))


def split(extra: int, anchor: str, low: str, high: str) -> tuple[int, int]:
    """New pixels before and after a picture that is kept at `anchor`."""
    if low in anchor:
        return 0, extra
    if high in anchor:
        return extra, 0
    return extra // 2, extra - extra // 2


def checked(option: str, side_px: int, length: int) -> int:
    if side_px > length:
        raise Refused(f"{option} asks for {side_px} new pixels at a side of {length}: at most +100 % fits in one go.")
    return side_px
