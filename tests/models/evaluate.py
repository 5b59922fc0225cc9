"""Prints what the toy models do, as README.md's table: `python -m tests.models.evaluate [SCENES]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.models import Kind, rewording, trials
from tests.models.trials import Toys

SCENES = 12
Row = tuple[str, str, str]  # family, what was done, figure


def rows(toys: Toys, count: int) -> Iterator[Row]:
    """All figures, each a mean over `count` unseen scenes."""
    yield from inpainting(toys, count)
    yield from blending(toys, count)
    yield from repainting(toys, count)
    yield from restyling(toys, count)
    yield from retelling(toys, count)
    yield from instructing(toys, count)


def inpainting(toys: Toys, count: int) -> Iterator[Row]:
    family = toys.family("sd15-inpaint", Kind.INPAINT)
    yield "sd15-inpaint", "asked colour in the hole", f"{trials.shown(family, count):.0%}"
    yield "sd15-inpaint", "the same with an empty prompt", f"{trials.shown(family, count, ''):.0%}"
    yield "sd15-inpaint", '"empty background": things left in the hole', f"{trials.left_over(family, count):.1%}"
    for strength in (0.1, 0.25, 0.5):
        what = f"noise turned by {strength} towards another seed's: distance, of that one's"
        yield "sd15-inpaint", what, f"{trials.varied(family, count, strength):.0%}"
    bare = Toys(toys.folder / "untrained")
    bare.untrain(Kind.INPAINT)
    family = bare.family("sd15-inpaint", Kind.INPAINT)
    yield "sd15-inpaint", "untrained: asked colour in the hole", f"{trials.shown(family, count):.0%}"
    yield "sd15-inpaint", "untrained: things left in the hole", f"{trials.left_over(family, count):.1%}"


def blending(toys: Toys, count: int) -> Iterator[Row]:
    family = toys.family("blended", Kind.PLAIN)
    yield "blended", "asked colour in the hole", f"{trials.shown(family, count):.0%}"
    yield "blended", "the same with an empty prompt", f"{trials.shown(family, count, ''):.0%}"
    for is_masked, how in ((True, "with the mask"), (False, "without a mask")):
        kept = trials.kept_db(family, count, is_masked=is_masked)
        yield "blended", f"PSNR outside the hole, strength 0.8, {how}", f"{kept:.1f} dB"
    bands = " ".join(f"{distance:.3f}" for distance in trials.graded(family, count, 4))
    yield "blended, soft mask", "distance to the scene in four bands, mask 0 to 1", bands


def repainting(toys: Toys, count: int) -> Iterator[Row]:
    for name, family in (("repaint", toys.family("repaint", Kind.PLAIN)), ("repaint, no jumps", toys.repaint_once())):
        distance, step = trials.filled_apart(family, count)
        yield name, "ground filled in: distance to it in the hole", f"{distance:.3f}"
        yield name, "step across the border beyond the ground's own", f"{step:.4f}"


def restyling(toys: Toys, count: int) -> Iterator[Row]:
    family = toys.family("sdedit", Kind.PLAIN)
    for strength in (0.2, 0.4, 0.6, 0.8, 1.0):
        distance, share = trials.restyled(family, count, strength)
        yield "sdedit", f"strength {strength}: distance to the scene, asked colour", f"{distance:.3f}, {share:.0%}"


def retelling(toys: Toys, count: int) -> Iterator[Row]:
    family = toys.family("prompt-to-prompt", Kind.PLAIN)
    ways = {
        "prompt-to-prompt": family,
        "the same, no attention kept": rewording.forgetful(family),
        "sdedit": toys.family("sdedit", Kind.PLAIN),
    }
    for name, way in ways.items():
        yield name, "the same words, strength 0.8, no guidance: PSNR", f"{rewording.led_back(way, count):.1f} dB"
        share, overlap, likeness = rewording.swapped(way, count)
        what = "another colour's word: asked colour, overlap of the things, likeness around"
        yield name, what, f"{share:.0%}, {overlap:.2f}, {likeness:.2f}"
        for ground in ("plain", "stripes"):
            deviation, overlap, share = rewording.refined(way, count, ground)
            what = f'"on {ground}" added: deviation of the ground, overlap of the things, own colour'
            yield name, what, f"{deviation:.3f}, {overlap:.2f}, {share:.0%}"
    shares = " ".join(f"{share:.3f}" for share in rewording.weighed(family, count, (0, 0.5, 1, 2, 3)))
    yield "prompt-to-prompt", "another colour's word at 0, 0.5, 1, 2, 3: share of the box in that colour", shares


def instructing(toys: Toys, count: int) -> Iterator[Row]:
    family = toys.family("instruct-pix2pix", Kind.INSTRUCT)
    for words, picture in ((1.0, 1.5), (5.0, 1.5), (2.0, 1.0), (2.0, 3.0)):
        share, likeness = trials.instructed(family, count, words, picture)
        what = f"text {words}, picture {picture}: asked colour most, likeness around the thing"
        yield "instruct-pix2pix", what, f"{share:.0%}, {likeness:.2f}"


def main(arguments: list[str]) -> None:
    """Print the table."""
    print("| family | what | figure |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Toys(Path(folder)), int(arguments[0]) if arguments else SCENES):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
