"""How often `pixels/shadows.py` offers a shadow or a reflection where there is none, and finds one that is there.

    python tests/bench/shadow_offers.py path/to/eval

- mere background: the set's truth cases, whose masks lie over nothing in particular;
- strange masks: masks of removed things, laid over photos in which these things never were;
- laid in: reflections of the removed things, drawn into the photos below them; found if that is what is offered.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from inlay.pixels.masks import Mask, Support, support_box
from inlay.pixels.shadows import shadow_of
from inlay.pixels.smooth import Floats, box_mean

MASKS_A_PHOTO = 6
LARGEST_SHARE = 0.6  # of the photo's sides that a strange mask takes
STRENGTHS = (0.25, 0.4, 0.6)  # of the thing in its reflection, the rest is the water
RIPPLES_PX = (2, 8)
LEAST_ROOM = 0.2  # of the thing's height below it, for a reflection
LIKELY = 0.5
Case = tuple[str, Floats, Mask]  # what it is, (H, W, 3), (H, W)


def cases(folder: Path) -> Iterator[Case]:
    """All pictures and masks, the same at every run."""
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))["cases"]
    things = [_read(folder, case) for case in listed if case["kind"] == "removal"]
    for case in listed:
        if case["kind"] == "truth":
            yield "mere background", *_read(folder, case)
    photos = {case["image"]: _read(folder, case)[0] for case in listed}
    for number, rgb in enumerate(photos.values()):
        rng = np.random.default_rng(number)
        for chosen in rng.choice(len(things), MASKS_A_PHOTO, replace=False):
            yield "strange masks", rgb, _moved(things[chosen][1], rgb.shape[:2], rng)
    for rgb, mask in things:
        box = support_box(mask)
        if rgb.shape[0] - box.bottom >= LEAST_ROOM * box.height:
            for strength in STRENGTHS:
                for ripple_px in RIPPLES_PX:
                    yield "laid in", _reflected(rgb, mask > 0, strength, ripple_px), mask


def _read(folder: Path, case: dict[str, str]) -> tuple[Floats, Mask]:
    rgb = cv2.imread(str(folder / case["image"]))[..., ::-1].astype(np.float32) / 255
    return rgb, cv2.imread(str(folder / case["mask"]), cv2.IMREAD_GRAYSCALE)


def _moved(mask: Mask, shape: tuple[int, ...], rng: np.random.Generator) -> Mask:
    """The mask's part that is not empty, somewhere on a photo of this height and width."""
    box = support_box(mask)
    scale = min(1.0, LARGEST_SHARE * shape[0] / box.height, LARGEST_SHARE * shape[1] / box.width)
    width, height = int(box.width * scale), int(box.height * scale)
    moved = np.zeros(shape, np.uint8)
    y, x = int(rng.integers(0, shape[0] - height + 1)), int(rng.integers(0, shape[1] - width + 1))
    thing = cv2.resize(mask[box.slices], (width, height), interpolation=cv2.INTER_NEAREST)
    moved[y : y + height, x : x + width] = thing
    return moved


def _reflected(rgb: Floats, inside: Support, strength: float, ripple_px: int) -> Floats:
    """The thing upside down below its lowest row, mixed into what lies there, rippled and a little blurred."""
    waterline, mirrored = support_box(inside).bottom, rgb.copy()
    for row in range(waterline, min(rgb.shape[0], 2 * waterline)):
        shift = round(ripple_px * np.sin(row / 3))
        source = 2 * waterline - 1 - row
        seen = np.roll(inside[source], shift)
        thing = np.roll(rgb[source], shift, axis=0)
        mirrored[row, seen] = (1 - strength) * rgb[row, seen] + strength * thing[seen]
    mirrored[waterline:] = box_mean(mirrored, 2)[waterline:]
    return mirrored


def main() -> None:
    """Print a table: offers, and in brackets those that are more likely than not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("eval", type=Path, help="the folder of manifest.json")
    offers, likely, counts = Counter[str](), Counter[str](), Counter[str]()
    for kind, rgb, mask in cases(parser.parse_args().eval):
        counts[kind] += 1
        if offer := shadow_of(rgb, mask):
            row = f"{kind}: {offer.trace}s"
            offers[row] += 1
            likely[row] += offer.confidence >= LIKELY
    print("| | offers |\n|---|---|")
    for row in sorted(offers):
        print(f"| {row} | {offers[row]} ({likely[row]}) of {counts[row.split(':')[0]]} |")


if __name__ == "__main__":
    main()
