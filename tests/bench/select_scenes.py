"""Pictures in which it is known what belongs to a thing, and how people would point at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, support_box
from inlay.pixels.selecting.prompts import Point, Prompts
from inlay.pixels.smooth import Floats

OUTLINES = Path(__file__).with_name("select_outlines.json")
FINE = 8  # places inside each pixel, a way: outlines and hairs are drawn so much larger
SIDE_PX = 768  # of a composite
PAIRS = (
    ("wall", "meadow"),
    ("leaves", "beach"),
    ("gravel", "stream"),
    ("stones", "shutters"),
)  # what is cut out, over what
GROUPS = ("tuned", "held-out", "fresh")  # the last: drawn, and put aside, before anything was tuned on the second


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture with a thing in it."""

    name: str
    group: str  # one of GROUPS
    picture: Mask  # (H, W, 3) uint8 sRGB
    alpha: Floats  # (H, W) float32 in [0, 1]

    @property
    def inside(self) -> Support:
        return self.alpha > 0.5


def photos(shared: Path) -> Iterator[Scene]:
    """Things in photos, their outlines drawn by hand, good to about 2 px. `shared` holds eval/ and samples/."""
    for name, thing in json.loads(OUTLINES.read_text("utf-8")).items():
        picture = _read(shared / thing["image"])
        fine = np.zeros(tuple(FINE * side for side in picture.shape[:2]), np.uint8)
        cv2.fillPoly(fine, [np.rint(np.array(thing["outline"]) * FINE).astype(np.int32)], 255)
        yield Scene(name, thing["group"], picture, _reduced(fine))


def composites(shared: Path) -> Iterator[Scene]:
    """Cut-outs of one photo over another: the alpha is known exactly. The second half is held out."""
    for number, (above, below) in enumerate(PAIRS):
        textures = (_square(_read(shared / f"eval/images/{name}.png")) for name in (above, below))
        front, back = (texture.astype(np.float32) for texture in textures)
        for kind, draw in (("hard", _hard), ("blurred", _blurred), ("hairy", _hairy), ("glassy", _glassy)):
            alpha = draw(np.random.default_rng(number))
            mixed = back + alpha[..., None] * (front - back)
            yield Scene(f"{kind} {above}", GROUPS[number // (len(PAIRS) // 2)], np.rint(mixed).astype(np.uint8), alpha)


def _read(path: Path) -> Mask:
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def _square(picture: Mask) -> Mask:
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return cv2.resize(picture[top : top + side, left : left + side], (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)


def _reduced(fine: Mask) -> Floats:
    size = fine.shape[1] // FINE, fine.shape[0] // FINE
    return cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _outline(rng: np.random.Generator) -> np.ndarray:
    """A closed wavy line, (N, 2) places of x and y in pixels."""
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = np.full(400, 0.27)
    for waves in (2, 3, 5, 9):
        radius += rng.normal(0, 0.09 / waves) * np.cos(waves * angles + rng.uniform(0, 2 * np.pi))
    return SIDE_PX * (0.5 + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _filled(outline: np.ndarray) -> Mask:
    fine = np.zeros((SIDE_PX * FINE, SIDE_PX * FINE), np.uint8)
    cv2.fillPoly(fine, [np.rint(outline * FINE).astype(np.int32)], 255)
    return fine


def _hard(rng: np.random.Generator) -> Floats:
    return _reduced(_filled(_outline(rng)))


def _blurred(rng: np.random.Generator) -> Floats:
    """Out of focus on one side, and sharp on the other."""
    sharp = _hard(rng)
    share = np.clip(np.linspace(-1, 2, SIDE_PX, dtype=np.float32), 0, 1)
    return sharp + share * (cv2.GaussianBlur(sharp, (0, 0), 7) - sharp)


def _hairy(rng: np.random.Generator) -> Floats:
    """Curved hairs of 0.6 to 2 px all around."""
    outline = _outline(rng)
    fine = _filled(outline)
    for start in outline[rng.integers(0, len(outline), 500)]:
        out = start - SIDE_PX / 2
        heading = np.arctan2(out[1], out[0]) + rng.normal(0, 0.5)
        bend, length = rng.normal(0, 0.02), rng.uniform(10, 45)
        steps = heading + bend * np.arange(int(length))
        line = start + np.cumsum(np.stack([np.cos(steps), np.sin(steps)], axis=1), axis=0)
        width = int(rng.uniform(0.6, 2) * FINE)
        cv2.polylines(fine, [np.rint(line * FINE).astype(np.int32)], False, 255, width)
    return _reduced(fine)


def _glassy(rng: np.random.Generator) -> Floats:
    """A rim of 14 px through which half of what is behind is seen."""
    fine = _filled(_outline(rng))
    sharp = _reduced(fine)
    depth = cv2.distanceTransform((sharp > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return sharp * (0.5 + 0.5 * np.clip((depth - 12) / 4, 0, 1)).astype(np.float32)


def lasso(scene: Scene, rng: np.random.Generator) -> Prompts:
    """Drawn around the thing by a quick hand: 4 to 16 % of its size too wide, and wobbly."""
    box = support_box(scene.inside)
    wide = max(2.0, 0.1 * (box.width * box.height) ** 0.5)
    wobble = cv2.GaussianBlur(rng.normal(0, 1, scene.alpha.shape).astype(np.float32), (0, 0), 2 * wide)
    margin = wide * (1 + 0.6 * np.clip(wobble / max(float(wobble.std()), 1e-6), -1, 1))
    distance = cv2.distanceTransform((~scene.inside).astype(np.uint8), cv2.DIST_L2, 5)
    return Prompts(rough=np.where(distance <= margin, 255, 0).astype(np.uint8))


def scribble(scene: Scene, rng: np.random.Generator) -> Prompts:
    """Painted over the thing's middle, which leaves its outer third out."""
    depth = cv2.distanceTransform(np.pad(scene.inside, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return Prompts(rough=np.where(depth >= 0.4 * depth.max(), 255, 0).astype(np.uint8))


def box(scene: Scene, rng: np.random.Generator) -> Prompts:
    """A box around the thing, its sides off by up to 3 % of the thing's."""
    tight = support_box(scene.inside)
    sides = [round(rng.uniform(-0.005, 0.03) * length) for length in (tight.width, tight.height) * 2]
    return Prompts(boxes=(tight.grown(*sides).intersected(Box(0, 0, *scene.alpha.shape[::-1])),))


def click(scene: Scene, rng: np.random.Generator) -> Prompts:
    """One click, deepest inside the thing."""
    return Prompts(points=(_deepest(scene.inside, is_on=True),))


def corrected(prompts: Prompts, scene: Scene, found: Support) -> Prompts:
    """One more click, in the middle of the largest mistake (Xu et al. 2016)."""
    missing, extra = (_deepest_depth(wrong) for wrong in (scene.inside & ~found, found & ~scene.inside))
    is_on = missing[0] >= extra[0]
    point = _deepest(scene.inside & ~found if is_on else found & ~scene.inside, is_on)
    return Prompts((*prompts.points, point), prompts.boxes, prompts.rough)


def subject(scene: Scene, rng: np.random.Generator) -> Prompts:
    """Nothing is said: the picture's subject."""
    return Prompts()


def _deepest_depth(area: Support) -> tuple[float, tuple[int, int]]:
    depth = cv2.distanceTransform(np.pad(area, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(depth[y, x]), (int(x), int(y))


def _deepest(area: Support, is_on: bool) -> Point:
    x, y = _deepest_depth(area)[1]
    return Point(x + 0.5, y + 0.5, is_on)
