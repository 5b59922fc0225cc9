"""Shapes that a picture can be given: its width to its height."""

from __future__ import annotations

from .translation import later

Shape = tuple[int, int]  # across, down

FREE = later("Free")
TIMES = "\N{MULTIPLICATION SIGN}"
GROUPS: dict[str, dict[str, Shape]] = {
    later("Pictures"): {
        "1:1": (1, 1),
        "3:2": (3, 2),
        "4:3": (4, 3),
        "5:4": (5, 4),
        "2:3": (2, 3),
        "3:4": (3, 4),
        "4:5": (4, 5),
    },
    later("Prints"): {
        later("A5, A4, A3 upright"): (70, 99),  # A4 is 210 mm by 297 mm (ISO 216); all of them are 1 to the root of 2
        later("A5, A4, A3 across"): (99, 70),
        f"10 {TIMES} 15 cm, 4 {TIMES} 6 in": (2, 3),
        f"15 {TIMES} 10 cm, 6 {TIMES} 4 in": (3, 2),
        f"5 {TIMES} 7 in": (5, 7),
        f"7 {TIMES} 5 in": (7, 5),
        f"8 {TIMES} 10 in": (4, 5),
        f"10 {TIMES} 8 in": (5, 4),
    },
    later("Screens"): {"16:9": (16, 9), "9:16": (9, 16), "21:9": (21, 9)},
}
RATIOS: dict[str, Shape | None] = {
    FREE: None,
    **{name: shape for group in GROUPS.values() for name, shape in group.items()},
}


def has_shape(width: int, height: int, shape: Shape) -> bool:
    """Whether a size in pixels is as near to a shape as whole pixels come: one of them at most is amiss."""
    across, down = shape
    return abs(width * down - height * across) <= max(shape)


def shape_name(width: int, height: int, preferred: str = FREE) -> str:
    """What a size's shape is called: by the preferred name where it fits, else by the first; `FREE` if by none."""
    for name in (preferred, *RATIOS):
        shape = RATIOS[name]
        if shape and has_shape(width, height, shape):
            return name
    return FREE
