"""How well things are selected: beside outlines drawn by hand on photos, and beside cut-outs whose alpha is known.

    python tests/bench/select_quality.py path/to/shared [--prompts lasso,box] [--group held-out] [--segmenter grabcut]

`path/to/shared` holds eval/ and samples/. Every selection goes through `inlay.edits.selecting`. Measured are the IoU at
half alpha, the boundary F of DAVIS (Perazzi et al. 2016: outlines that lie within 0.8 % of the picture's diagonal of
each other count as found), and for the edge the sum of absolute differences of alpha in thousands of pixels (SAD) and
the mean square within 8 px of where the true alpha is soft (MSE). `plain` is cv2.grabCut, five rounds at 512 px, and
nothing of ours. `best` is the best of the candidates, chosen by someone who knows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.edit import Canvas, Source
from inlay.edits.selecting import Asked, Shown, Views, selected
from inlay.errors import Refusal
from inlay.pipelines.roster import Roster
from inlay.pipelines.segmenter import Selectors
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support
from inlay.pixels.selecting.prompts import Prompts
from inlay.pixels.selecting.refining import refined
from inlay.pixels.smooth import Floats
from select_scenes import GROUPS, Scene, box, click, composites, corrected, lasso, photos, scribble, subject

PROMPTS: dict[str, Callable[[Scene, np.random.Generator], Prompts]] = {
    "lasso": lasso,
    "box": box,
    "scribble": scribble,
    "click": click,
    "clicks": click,
    "subject": subject,
}
SEED = 7  # the first hand's
CORRECTIONS = 2  # clicks after the first one, in "clicks"
TOLERANCE = 0.008  # of the diagonal
PLAIN_PX, PLAIN_ROUNDS = 512, 5
COARSE = 3  # full pixels for one of the coarse mask whose edge is refined
SOFT_PX = 8
Candidates = list[Floats]  # (H, W) in [0, 1] each, the best first


def ours(scene: Scene, prompts: Prompts, selectors: Selectors, name: str) -> Candidates:
    """What Inlay selects; nothing where it refuses."""
    height, width = scene.alpha.shape
    pixels = np.dstack([scene.picture, np.full((height, width), 255, np.uint8)])
    canvas = Canvas(width, height, PixelFormat(Model.RGBA, Depth.U8), "sRGB")
    shown = Shown(Source(pixels, prompts.rough, canvas), Box(0, 0, width, height), scene.name)
    try:
        found = selected(Asked(prompts.points, prompts.boxes, model=name), shown, selectors, Views())
    except Refusal:
        return [np.zeros((height, width), np.float32)]
    masks = []
    for choice in found.choices:
        mask = np.zeros((height, width), np.float32)
        mask[choice.box.slices] = choice.mask.astype(np.float32) / 255
        masks.append(mask)
    return masks


def plain(scene: Scene, prompts: Prompts) -> Candidates:
    """OpenCV's GrabCut as its tutorial uses it."""
    height, width = scene.alpha.shape
    scale = min(1.0, PLAIN_PX / max(height, width))
    size = round(width * scale), round(height * scale)
    picture = cv2.resize(scene.picture, size, interpolation=cv2.INTER_AREA)
    guess = _plain_guess(prompts.scaled((width, height), size), size)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, guess, (0, 0, 0, 0), *models, PLAIN_ROUNDS, cv2.GC_INIT_WITH_MASK)
    inside = ((guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)).astype(np.float32)
    return [cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR)]


def _plain_guess(prompts: Prompts, size: tuple[int, int]) -> Mask:
    guess = np.full(size[::-1], cv2.GC_BGD, np.uint8)
    if prompts.rough is not None:
        guess[prompts.rough > 127] = cv2.GC_PR_FGD
    elif prompts.boxes:
        for each in prompts.boxes:
            guess[each.slices] = cv2.GC_PR_FGD
    elif prompts.points:
        guess[:] = cv2.GC_PR_BGD
    else:
        guess[size[1] // 10 : -size[1] // 10, size[0] // 10 : -size[0] // 10] = cv2.GC_PR_FGD
    for point in prompts.points:
        value = cv2.GC_FGD if point.is_on else cv2.GC_BGD
        cv2.circle(guess, (int(point.x), int(point.y)), 5, value, -1)
    return guess


def iou(one: Support, other: Support) -> float:
    """What two masks share of what they cover."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def boundary_f(found: Support, truth: Support) -> float:
    """The harmonic mean of how much of each outline lies near the other."""
    reach = max(1, round(TOLERANCE * float(np.hypot(*truth.shape))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    lines = [_outline(mask) for mask in (found, truth)]
    near = [cv2.dilate(line.astype(np.uint8), disc) > 0 for line in lines]
    precision, recall = ((lines[i] & near[1 - i]).sum() / max(1, lines[i].sum()) for i in (0, 1))
    return float(2 * precision * recall / max(precision + recall, 1e-9))


def _outline(mask: Support) -> Support:
    return mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)


def asked(
    scene: Scene, kind: str, seed: int, select: Callable[[Scene, Prompts], Candidates]
) -> tuple[Candidates, float]:
    """What is found at last, and the CPU seconds that the last answer took."""
    prompts = PROMPTS[kind](scene, np.random.default_rng(seed))
    for _ in range(CORRECTIONS if kind == "clicks" else 0):
        prompts = corrected(prompts, scene, select(scene, prompts)[0] > 0.5)
    started = time.process_time()
    return select(scene, prompts), time.process_time() - started


def prompts_table(
    scenes: list[Scene], kinds: list[str], select: Callable[[Scene, Prompts], Candidates], seeds: int
) -> Iterator[str]:
    """Markdown, line by line: one for each kind of prompt."""
    yield "| prompt | IoU | boundary F | IoU of the best | plain: IoU | plain: boundary F | CPU s |"
    yield "|---|---|---|---|---|---|---|"
    for kind in kinds:
        rows = []
        for scene, seed in product(scenes, range(SEED, SEED + seeds)):
            found, seconds = asked(scene, kind, seed, select)
            bare = asked(scene, kind, seed, plain)[0][0] > 0.5
            ious = [iou(mask > 0.5, scene.inside) for mask in found]
            rows.append((ious[0], boundary_f(found[0] > 0.5, scene.inside), max(ious)))
            rows[-1] += iou(bare, scene.inside), boundary_f(bare, scene.inside), seconds
        yield f"| {kind} | {' | '.join(f'{value:.3f}' for value in np.mean(rows, axis=0))} |"


def edge_table(scenes: list[Scene]) -> str:
    """Markdown: how near alpha comes from a mask a third of the size, and that mask stretched, by kind of edge.

    The kind is the first word of a scene's name.
    """
    lines = ["| edge | stretched: SAD | MSE | ours: SAD | MSE | CPU s |", "|---|---|---|---|---|---|"]
    rows: dict[str, list[tuple[float, ...]]] = {}
    for scene in scenes:
        height, width = scene.alpha.shape
        size = width // COARSE, height // COARSE
        coarse = (cv2.resize(scene.alpha, size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.float32)
        started = time.process_time()
        found = _edge(scene, coarse)
        seconds = time.process_time() - started
        stretched = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        row = (*_misses(stretched, scene.alpha), *_misses(found, scene.alpha), seconds)
        rows.setdefault(scene.name.split()[0], []).append(row)
    for kind, measured in rows.items():
        lines.append(f"| {kind} | {' | '.join(f'{value:.4f}' for value in np.mean(measured, axis=0))} |")
    return "\n".join(lines)


def _edge(scene: Scene, coarse: Floats) -> Floats:
    picture = scene.picture.astype(np.float32) / 255
    height, width = scene.alpha.shape
    mask, box = refined(lambda part: picture[part.slices], (width, height), coarse, Box(0, 0, width, height))
    alpha = np.zeros((height, width), np.float32)
    alpha[box.slices] = mask.astype(np.float32) / 255
    return alpha


def _misses(found: Floats, alpha: Floats) -> tuple[float, float]:
    """SAD and MSE."""
    soft = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    near = cv2.dilate(soft, np.ones((2 * SOFT_PX + 1, 2 * SOFT_PX + 1), np.uint8)) > 0
    return float(np.abs(found - alpha).sum() / 1000), float(np.square(found - alpha)[near].mean())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="the folder of eval/ and samples/")
    parser.add_argument(
        "--prompts", default=",".join(PROMPTS), help="of " + ", ".join(PROMPTS) + "; none: the edges alone"
    )
    parser.add_argument("--group", choices=GROUPS, default=GROUPS[0], help="which of the things")
    parser.add_argument("--seeds", type=int, default=1, help="how many different hands draw")
    parser.add_argument("--segmenter", default="grabcut", help="GrabCut, or an installed model by its name")
    given = parser.parse_args()
    roster = Roster(Catalogue(Folders.find()).installed)

    def select(scene: Scene, prompts: Prompts) -> Candidates:
        return ours(scene, prompts, roster, given.segmenter)

    scenes = [scene for scene in photos(given.shared) if scene.group == given.group]
    for line in prompts_table(scenes, [kind for kind in given.prompts.split(",") if kind], select, given.seeds):
        print(line, flush=True)
    print()
    edges = [scene for scene in composites(given.shared) if scene.group == given.group]
    print(edge_table([*edges, *(replace(scene, name=f"photo {scene.name}") for scene in scenes)]))


if __name__ == "__main__":
    main()
