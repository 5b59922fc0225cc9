"""The demo itself; runs in the venv, and goes through a real engine the way Krita's panel does."""

from __future__ import annotations

import importlib.util
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from inlay.errors import Refusal
from inlay.files.flat import flattened
from inlay.files.ora import Layer, result_layer, write_ora
from inlay.files.picture import Picture
from inlay.files.reading import read_mask, read_picture
from inlay.files.writing import write_picture
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, support_box
from inlay.pixels.seam import seam
from tqdm import tqdm

from installer.engine import Engine, refusal, running
from installer.places import ROOT, InstallError, program

MASK = ROOT / "installer" / "demo_mask.png"
PHOTO = "rocket.jpg"  # SpaceX's DSCOVR on its launch pad, CC0, inside scikit-image
GAP_PX = 8


@dataclass(frozen=True)
class Repainted:
    """What came back from the engine."""

    pixels: Pixels
    mask: Mask
    box: Box
    seconds: float
    """From the request to the last byte of the result."""
    fill: str


def main(out: Path, image: Path | None = None, mask: Path | None = None) -> int:
    """Read, repaint, write, report. Gives the exit status."""
    try:
        picture = read_picture(image or sample())
        selection = read_mask(mask or MASK, picture.width, picture.height)
        out.mkdir(parents=True, exist_ok=True)
        repainted = through_engine(picture, selection, out / "engine")
        report(picture, repainted, write_results(picture, repainted, out, (image or sample()).name))
    except (Refusal, InstallError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 2
    return 0


def sample() -> Path:
    """The photograph that comes with scikit-image (found without importing it)."""
    package = importlib.util.find_spec("skimage")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "data" / PHOTO


def through_engine(picture: Picture, selection: Mask, home: Path) -> Repainted:
    """Start an engine, have it repaint, and end it."""
    with running(program(Path(sys.prefix), "inlay"), home) as engine:
        health = engine.ask_json("GET", "/health")
        print(f"The engine is running: Inlay {health['version']}, built-in fill: {health['fill']}.")
        return repaint(engine, picture, selection, health["fill"])


def repaint(engine: Engine, picture: Picture, selection: Mask, fill: str) -> Repainted:
    """One edit over the protocol: plan, upload, start, follow, download."""
    start = time.monotonic()
    canvas = {"width": picture.width, "height": picture.height, "profile": "", **format_of(picture)}
    request = {"edit": {"kind": "remove"}, "canvas": canvas, "selection": asdict(support_box(selection))}
    plan = engine.ask_json("POST", "/plan", request)
    uploaded = upload(engine, picture, selection, Box(**plan["read_box"]))
    job = engine.ask_json("POST", "/edits", {**request, **uploaded, "label": "demo"})
    result = followed(engine, job["id"])
    box = Box(**result["box"])
    pixels = picture.format.from_bytes(engine.ask("GET", f"/images/{result['pixels']}"), box.width, box.height)
    mask = np.frombuffer(engine.ask("GET", f"/images/{result['mask']}"), np.uint8).reshape(box.height, box.width)
    return Repainted(pixels, mask, box, time.monotonic() - start, fill)


def followed(engine: Engine, job: str) -> Any:
    """The job's result; a progress bar shows the way there."""
    with tqdm(total=100, desc="Repainting", bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}") as bar:
        for name, data in engine.events(job):
            if name == "progress":
                bar.update(round(data["fraction"] * 100) - bar.n)
            elif name == "done":
                bar.update(100 - bar.n)
                return data["result"]
            elif name in ("failed", "cancelled", "interrupted"):
                raise refusal(data["error"] or {"message": f"the job was {name}."})
    raise InstallError("the engine ended in the middle of the job.")


def upload(engine: Engine, picture: Picture, selection: Mask, read: Box) -> dict[str, str]:
    """The window that the plan reads: its pixels and its part of the selection."""
    size = (read.width, read.height)
    pixels = picture.format.to_bytes(picture.document_pixels[read.slices])
    return {
        "image": engine.upload(picture.format.model, picture.format.depth, *size, pixels),
        "mask": engine.upload("MASK", "U8", *size, selection[read.slices].tobytes()),
    }


def format_of(picture: Picture) -> dict[str, str]:
    return {"model": str(picture.format.model), "depth": str(picture.format.depth)}


def write_results(picture: Picture, repainted: Repainted, out: Path, name: str) -> Picture:
    """before, after, both side by side, and layers. Gives the picture after."""
    whole = flattened(picture.document_pixels, repainted.pixels, repainted.mask, repainted.box)
    after = picture.with_document_pixels(whole)
    suffix = ".tif" if picture.model == "CMYKA" or picture.format.depth == "F32" else ".png"
    write_picture(out / f"before{suffix}", picture)
    write_picture(out / f"after{suffix}", after)
    gap = np.full((picture.height, GAP_PX, picture.pixels.shape[2]), picture.opaque, picture.pixels.dtype)
    both = Picture(np.concatenate([picture.pixels, gap, after.pixels], axis=1), picture.model, picture.origin)
    write_picture(out / f"side-by-side{suffix}", both)
    if suffix == ".png":
        layer = result_layer(
            picture, repainted.pixels, repainted.mask, f"Inlay: remove from {name}", repainted.box.x, repainted.box.y
        )
        write_ora(out / "layers.ora", after, [layer, Layer(name, picture)])
    return after


def report(picture: Picture, repainted: Repainted, after: Picture) -> None:
    """What was done, how well, and where to look."""
    mask = np.zeros((picture.height, picture.width), np.uint8)
    mask[repainted.box.slices] = repainted.mask
    changed = (picture.pixels != after.pixels).any(axis=2)
    colours = after.pixels[..., :-1] if after.has_alpha else after.pixels
    print(
        f"{picture.width} x {picture.height} pixels, {(mask > 0).mean():.1%} of them selected, "
        f"repainted in {repainted.seconds:.2f} s ({repainted.fill} fill, the way to the engine and back included).\n"
        f"Pixels changed outside the mask: {int((changed & (mask == 0)).sum())}. "
        f"Seam: {seam(colours, mask):.3f} (0 = the border cannot be told from the picture, 0.95 = all of it shows)."
    )


if __name__ == "__main__":
    folder, *own = (Path(argument) for argument in sys.argv[1:])
    status = main(folder, *own)
    if status == 0:
        print(
            f"\nLook at {folder}:\n"
            + "\n".join(f"  {path.name}" for path in sorted(folder.iterdir()) if path.is_file())
        )
    sys.exit(status)
