"""How well the toy SAM selects, on scenes that it never saw: `python -m tests.models.toy_sam.evaluate`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.roster import Roster
from inlay.pipelines.segmenter import Segmenter, View
from inlay.pixels.geometry import Box
from inlay.pixels.masks import grown
from inlay.pixels.selecting.prompts import Point, Prompts
from numpy.random import Generator
from safetensors.torch import save_file

from tests.models.toy_sam.scenes import Scene, Support, drawn_scene, drawn_subject
from tests.models.toy_sam.train import WEIGHTS, box_of, clicked, untrained

SEED = 2026  # training drew from another
ROUGH_PX = 5  # how far a hand draws around a thing
ASKED = 2  # things of a scene, at most
APART_PX = 20  # between two things that are selected roughly, so that the selections stay apart


def segmenter_of(folder: Path, is_trained: bool = True) -> Segmenter:
    """The toy as users have a model: a file in the models folder below, found by the catalogue."""
    path = folder / "data" / "models" / "toy-sam.safetensors"
    path.parent.mkdir(parents=True)
    if is_trained:
        shutil.copy(WEIGHTS, path)
    else:
        torch.manual_seed(0)
        save_file(untrained().state_dict(), path)
    catalogue = Catalogue(Folders(*(folder / name for name in ("run", "data", "cache", "log"))))
    return Roster(catalogue.installed).segmenter("toy-sam")


def clicks(segmenter: Segmenter, count: int) -> tuple[list[float], list[float]]:
    """One click anywhere on a thing: IoU of what comes first, and of the best of the three."""
    first, best = [], []
    for view, thing, rng in _things(count):
        ious = [iou(one.mask, thing) for one in segmenter.candidates(view, Prompts((on(thing, rng),)))]
        first.append(ious[0])
        best.append(max(ious))
    return first, best


def boxes(segmenter: Segmenter, count: int) -> list[float]:
    """A box around a thing: IoU."""
    return [
        iou(segmenter.candidates(view, Prompts(boxes=(boxed(thing),)))[0].mask, thing)
        for view, thing, _ in _things(count)
    ]


def corrections(segmenter: Segmenter, count: int) -> tuple[list[float], list[float], list[bool]]:
    """One click, then two more where the mask is wrong: IoU before and after; and whether each click was obeyed."""
    before, after, obeyed = [], [], []
    for view, thing, rng in _things(count):
        points = (on(thing, rng),)
        mask = segmenter.candidates(view, Prompts(points))[0].mask
        before.append(iou(mask, thing))
        for _ in range(2):
            wrong = (mask > 0.5) != thing
            if wrong.any():
                x, y = clicked(wrong, rng)
                points += (Point(x + 0.5, y + 0.5, bool(thing[int(y), int(x)])),)
                mask = segmenter.candidates(view, Prompts(points))[0].mask
        after.append(iou(mask, thing))
        obeyed += [(mask[int(point.y), int(point.x)] >= 0.5) == point.is_on for point in points]
    return before, after, obeyed


def roughs(segmenter: Segmenter, count: int) -> tuple[list[float], list[float]]:
    """A selection drawn loosely around a thing: its own IoU, and that of what is made of it."""
    drawn, made = [], []
    for view, thing, _ in _things(count):
        rough = loosely(thing)
        drawn.append(iou(rough, thing))
        made.append(iou(segmenter.candidates(view, Prompts(rough=rough))[0].mask, thing))
    return drawn, made


def pairs(segmenter: Segmenter, count: int) -> tuple[list[float], list[float]]:
    """Two things of a scene that are apart, by a box each and selected loosely together: IoU with both of them."""
    by_boxes, by_rough = [], []
    for scene, view, _ in scenes(count):
        pair = next((pair for pair in _pairs(scene) if _gap_px(*map(boxed, pair)) > APART_PX), None)
        if pair is None:
            continue
        both = pair[0] | pair[1]
        around = Prompts(boxes=tuple(map(boxed, pair)))
        by_boxes.append(iou(segmenter.candidates(view, around)[0].mask, both))
        by_rough.append(iou(segmenter.candidates(view, Prompts(rough=loosely(both)))[0].mask, both))
    return by_boxes, by_rough


def subjects(segmenter: Segmenter, count: int) -> list[float]:
    """Nothing points at the one large thing: IoU of what comes first."""
    rng, found = np.random.default_rng(SEED), []
    for at in range(count):
        scene = drawn_subject(rng)
        mask = segmenter.candidates(View(f"subject {at}", scene.picture), Prompts())[0].mask
        found.append(iou(mask, scene.things[0]))
    return found


def iou(mask: np.ndarray, thing: Support) -> float:
    """Of a mask, in [0, 1] or uint8, with what is true."""
    inside = mask > (0.5 if mask.dtype.kind == "f" else 127)
    return float((inside & thing).sum() / max(1, (inside | thing).sum()))


def boxed(thing: Support) -> Box:
    left, top, right, bottom = box_of(thing)
    return Box.from_edges(left, top, right + 1, bottom + 1)


def loosely(thing: Support) -> np.ndarray:
    """As a hand selects it, uint8."""
    return grown(thing.astype(np.uint8) * 255, ROUGH_PX)


def scenes(count: int) -> Iterator[tuple[Scene, View, Generator]]:
    for at in range(count):
        rng = np.random.default_rng((SEED, at))
        scene = drawn_scene(rng)
        yield scene, View(f"scene {at}", scene.picture), rng


def _things(count: int) -> Iterator[tuple[View, Support, Generator]]:
    for scene, view, rng in scenes(count):
        yield from ((view, thing, rng) for thing in scene.things[:ASKED])


def on(thing: Support, rng: Generator) -> Point:
    x, y = clicked(thing, rng)
    return Point(x + 0.5, y + 0.5, True)


def _pairs(scene: Scene) -> Iterator[tuple[Support, Support]]:
    for at, one in enumerate(scene.things):
        yield from ((one, other) for other in scene.things[at + 1 :])


def _gap_px(one: Box, other: Box) -> int:
    across = max(one.x, other.x) - min(one.right, other.right)
    down = max(one.y, other.y) - min(one.bottom, other.bottom)
    return max(across, down)


def main(count: int = 60) -> None:
    """The table of the README."""
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        for name, is_trained in (("trained", True), ("untrained", False)):
            toy = segmenter_of(Path(folder) / name, is_trained)
            first, best = clicks(toy, count)
            before, after, obeyed = corrections(toy, count)
            drawn, made = roughs(toy, count)
            by_boxes, by_rough = pairs(toy, count)
            rows = {
                "one click": first,
                "one click, the best of three": best,
                "a box": boxes(toy, count),
                "one click, before corrections": before,
                "and two more where it was wrong": after,
                "share of these clicks that are obeyed": obeyed,
                "a rough selection itself": drawn,
                "what is made of it": made,
                "two things, a box each": by_boxes,
                "two things, one rough selection": by_rough,
                "the subject": subjects(toy, count),
            }
            for what, values in rows.items():
                print(f"| {name} | {what} | {np.mean(values):.2f} | {np.median(values):.2f} | {len(values)} |")


if __name__ == "__main__":
    main()
