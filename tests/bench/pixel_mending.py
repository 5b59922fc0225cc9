"""How well `pixels/mending.py` mends what a model does to a window: errors before (naive paste) and after, by fault.

    python tests/bench/pixel_mending.py path/to/eval [--weights path/to/weights] [--core] [--only 'stones-*'] [--steps]
                                        [--keep FOLDER]

The truth cases of the evaluation set play the picture, and the photo with a fault on it plays what a model returned:
so the answer is known. `--weights` holds the autoencoders (taef2_*.pth, vaelight_*.onnx); without it those two faults
are left out. `--steps` shows every step alone, too. `--keep` writes pictures: before, after, truth.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np
from inlay.edits.plan import LEAST_WINDOW_PX
from inlay.pixels.blending import blended
from inlay.pixels.colour_field import colour_matched
from inlay.pixels.geometry import Box
from inlay.pixels.grain import grained
from inlay.pixels.masks import grown, support_box
from inlay.pixels.mending import TRUSTED_PX, mended
from inlay.pixels.registration import registered
from inlay.pixels.seam import seam
from inlay.pixels.sharpness import sharpened

HIDDEN = (1.0, 0.0, 1.0)  # under the mask of what the mending is given: if it is read, it is seen
RING_PX = 8  # the part of the mask beside its border
MEASURES = ("error", "ring", "colour", "seam", "detail")
Row = dict[str, Any]


def through_taef2(rgb: np.ndarray, folder: Path) -> np.ndarray:
    """A real round trip through FLUX.2's tiny autoencoder."""
    import torch
    from inlay.pipelines.parts.taef2 import of_weights

    torch.set_num_threads(1)
    halves = [torch.load(folder / f"taef2_{half}.pth", weights_only=True) for half in ("encoder", "decoder")]
    coder = of_weights(*halves)
    return coder.decoded(coder.encoded(rgb))


def through_vaelight(rgb: np.ndarray, folder: Path) -> np.ndarray:
    """A real round trip through a rough autoencoder for SD 1.x, run by OpenCV."""
    encoder, decoder = (
        cv2.dnn.readNetFromONNX(str(folder / f"vaelight_sd1_{half}.onnx"), cv2.dnn.ENGINE_CLASSIC)
        for half in ("encoder", "decoder")
    )
    encoder.setInput(np.ascontiguousarray(rgb.transpose(2, 0, 1)[None] * 2 - 1))
    decoder.setInput(encoder.forward())
    # The decoder gives a pyramid: a small picture, and what each larger level adds to it.
    levels = [level[0].transpose(1, 2, 0) for level in decoder.forward(["output", "101", "92", "77"])]
    whole = sum(cv2.resize(level, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR) for level in levels)
    return np.clip(whole / 2 + 0.5, 0, 1)


def shifted_colours(rgb: np.ndarray) -> np.ndarray:
    """A slow shift of up to 5 % of white that differs over the picture and by channel."""
    rows, columns = (np.linspace(0, 1, side, dtype=np.float32) for side in rgb.shape[:2])
    rows, columns = rows[:, None], columns[None, :]
    waves = [np.sin(3 * rows + columns), np.cos(4 * columns - rows), np.sin(5 * rows * columns)]
    return rgb + 0.05 * np.stack(waves, axis=2)


def blurred(rgb: np.ndarray, sigma_px: float = 1.0) -> np.ndarray:
    return cv2.GaussianBlur(rgb, (0, 0), sigma_px)


def moved(rgb: np.ndarray, dx: float, dy: float, scale: float = 1.0) -> np.ndarray:
    """Shifted and scaled about the middle, as edit models do."""
    height, width = rgb.shape[:2]
    x, y = (width - 1) / 2, (height - 1) / 2
    matrix = np.array([[scale, 0, x - scale * x + dx], [0, scale, y - scale * y + dy]])
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def grainy(rgb: np.ndarray) -> np.ndarray:
    """The photo with film grain of 2.5 % of white."""
    noise = np.random.default_rng(12345).normal(0, 1, rgb.shape).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 0.6)
    return np.clip(rgb + 0.025 * soft / soft.std(), 0, 1)


def fringed(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The photo with what a mask drawn too tight leaves outside it: 3 px of something dark, fading."""
    share = np.zeros(mask.shape, np.float32)
    for reach in (1, 2, 3):
        share += grown(mask.astype(np.uint8), reach).astype(np.float32) / 4
    return rgb * (1 - 0.6 * np.where(mask, 0, share)[..., None])


def faults(truth: np.ndarray, mask: np.ndarray, weights: Path | None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By name: the document's picture, and what the model makes of it."""
    known = {
        "nothing": (truth, truth),
        "colour": (truth, shifted_colours(truth)),
        "blur": (truth, blurred(truth)),
        "2 px shift": (truth, moved(truth, 2.0, -1.0)),
        "1 % scale": (truth, moved(truth, 0.3, 0.6, 1.01)),
        "grain": (grainy(truth), truth),
        "fringe": (fringed(truth, mask), truth),
    }
    if weights is not None:
        taef2, vaelight = through_taef2(truth, weights), through_vaelight(truth, weights)
        known |= {"TAEF2": (truth, taef2), "VAE-light": (truth, vaelight)}
        known["all"] = (grainy(truth), moved(shifted_colours(taef2), 2.0, -1.0))
    return known


def pasted(painted: np.ndarray, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], np.clip(painted, 0, 1), picture).astype(np.float32)


def ways(painted: np.ndarray, picture: np.ndarray, mask: np.ndarray, is_every_step: bool) -> dict[str, np.ndarray]:
    """The window as it is pasted: naively, mended, and by every step alone."""
    paste = mask.astype(np.float32)
    known = grown(mask.astype(np.uint8), TRUSTED_PX) == 0
    done = {
        "before": pasted(painted, picture, mask),
        "after": mended(painted, picture, paste, may_move=True, seed=0).picture,
    }
    if is_every_step:
        done |= {
            "motion": pasted(registered(painted, picture, known)[0], picture, mask),
            "colour": pasted(colour_matched(painted, picture, known), picture, mask),
            "sharpness": pasted(sharpened(painted, picture, known)[0], picture, mask),
            "grain": pasted(grained(painted, picture, known, mask, 0)[0], picture, mask),
            "border": pasted(blended(painted, picture, paste), picture, mask),
        }
    return done


def lab(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.clip(rgb, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB)


def fine(rgb: np.ndarray) -> np.ndarray:
    """What a blur of 1 px takes away."""
    return rgb - cv2.GaussianBlur(rgb, (0, 0), 1.0)


def measured(result: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> Row:
    """error, ring: mean distance in levels of 255, inside and beside the border; colour: distance in L*a*b* of means
    over 9 x 9 px; seam: see pixels/seam.py, less the truth's own; detail: fine contrast against the truth's, log 2."""
    border = mask & (grown((~mask).astype(np.uint8), RING_PX) > 0)
    distance = np.abs(result - truth).mean(axis=2) * 255
    tone = np.sqrt(np.square(cv2.blur(lab(result), (9, 9)) - cv2.blur(lab(truth), (9, 9))).sum(axis=2))
    support = mask.astype(np.uint8) * np.uint8(255)
    contrast = [np.abs(fine(rgb))[mask].mean() + 1e-4 for rgb in (result, truth)]
    return {
        "error": distance[mask].mean(),
        "ring": distance[border].mean(),
        "colour": tone[mask].mean(),
        "seam": seam(np.clip(result, 0, 1), support) - seam(np.clip(truth, 0, 1), support),
        "detail": np.log2(contrast[0] / contrast[1]),
    }


def window_of(mask: np.ndarray) -> tuple[slice, slice]:
    """The context that an edit would look at, cut to what the autoencoders take."""
    hole, whole = support_box(mask), Box(0, 0, mask.shape[1] // 8 * 8, mask.shape[0] // 8 * 8)
    side = max(LEAST_WINDOW_PX, hole.width * 3 // 2, hole.height * 3 // 2)
    x, y = hole.x + hole.width // 2 - side // 2, hole.y + hole.height // 2 - side // 2
    window = Box(max(0, min(x, whole.right - side)), max(0, min(y, whole.bottom - side)), side, side).intersected(whole)
    return Box(window.x, window.y, window.width // 8 * 8, window.height // 8 * 8).slices


def run_case(folder: Path, case: Row, args: argparse.Namespace) -> list[Row]:
    cv2.setNumThreads(1)
    truth = cv2.imread(str(folder / case["image"]))[..., ::-1].astype(np.float32) / 255
    mask = cv2.imread(str(folder / case["mask"]), cv2.IMREAD_GRAYSCALE) > 127
    window = window_of(mask)
    truth, mask = np.ascontiguousarray(truth[window]), mask[window]
    rows = []
    for name, (picture, painted) in faults(truth, mask, args.weights).items():
        given = np.where(mask[..., None], np.float32(HIDDEN), picture).astype(np.float32)
        for way, result in ways(painted, given, mask, args.steps).items():
            assert np.array_equal(result[~mask], given[~mask])
            wanted = np.where(mask[..., None], truth if name == "fringe" else picture, given)
            rows.append({"id": case["id"], "fault": name, "way": way} | measured(result, wanted, mask))
            if args.keep:
                path = args.keep / f"{case['id']}-{name.replace(' ', '')}-{way}.png"
                cv2.imwrite(str(path), np.rint(np.clip(result, 0, 1) * 255).astype(np.uint8)[..., ::-1])
    return rows


def table(rows: list[Row]) -> str:
    """Markdown: a line for each fault and way, means over the cases."""
    lines = [f"| fault | {' | '.join(('way', *MEASURES))} |", "|" + " --- |" * (len(MEASURES) + 2)]
    for fault in dict.fromkeys(row["fault"] for row in rows):
        for way in dict.fromkeys(row["way"] for row in rows):
            part = [row for row in rows if (row["fault"], row["way"]) == (fault, way)]
            error, ring, colour, border, detail = (np.mean([row[key] for row in part]) for key in MEASURES)
            lines.append(
                f"| {fault} | {way} | {error:.2f} | {ring:.2f} | {colour:.2f} | {border:+.3f} | {detail:+.2f} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, help="the folder of the autoencoders")
    parser.add_argument("--only", default="*", help="glob over case ids")
    parser.add_argument("--core", action="store_true", help="the core cases alone")
    parser.add_argument("--steps", action="store_true", help="every step alone, too")
    parser.add_argument("--keep", type=Path, help="write the pictures into this folder")
    parser.add_argument("--json", type=Path, help="write every case's figures here")
    args = parser.parse_args()
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
    cases = [
        case
        for case in json.loads((args.folder / "manifest.json").read_text())["cases"]
        if case["kind"] == "truth" and fnmatch.fnmatch(case["id"], args.only) and (case["core"] or not args.core)
    ]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.starmap(run_case, [(args.folder, case, args) for case in cases], chunksize=1)
    rows = [row for part in done for row in part]
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=1, default=float) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
