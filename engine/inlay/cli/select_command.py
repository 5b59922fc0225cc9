"""`inlay select`: from clicks, boxes, words or a rough selection to a mask."""

from __future__ import annotations

from pathlib import Path

import click

from inlay.cli import Refused, options

CLICK = options.PointType()


@click.command(short_help="Select a thing, and write the mask.")
@options.image
@click.option("--at", "on", type=CLICK, multiple=True, help="A pixel on the thing; again for more of it.")
@click.option("--not-at", "off", type=CLICK, multiple=True, help="A pixel that does not belong to it.")
@click.option("--box", "boxes", type=options.BoxType(), multiple=True, help="Drawn around it; again for another thing.")
@click.option(
    "--mask", "rough", type=options.FILE, help="A rough selection, to be made tight: a mask of the same size."
)
@click.option("--words", default="", help='What it is, in English: "the car", "all people".')
@click.option("--model", default="", metavar="NAME", help="Who looks; left out, the best that is here.")
@click.option("--choice", type=click.IntRange(1, 16), default=1, help="2 is the next best thing that could be meant.")
@click.option("--invert", is_flag=True, help="Select everything else.")
@options.edge
@click.option("-o", "--out", type=options.FILE, required=True, help="The mask: a grey .png or .tif, white is selected.")
def command(
    image: Path,
    on: tuple[tuple[int, int], ...],
    off: tuple[tuple[int, int], ...],
    boxes: tuple[tuple[int, int, int, int], ...],
    rough: Path | None,
    words: str,
    model: str,
    choice: int,
    invert: bool,
    grow_px: int,
    feather_px: int,
    out: Path,
) -> None:
    """Select a thing by pointing at it, and write its mask: white is selected, grey partly.

    \b
    inlay select photo.jpg --at 420,300 --not-at 10,10 -o mask.png
    inlay select photo.jpg --box 120,80,200,150 -o mask.png
    inlay select photo.jpg --mask rough.png -o tight.png
    inlay select photo.jpg --words "the car" -o car.png

    Without any of these it is the picture's subject. Works without a model; SAM selects better, and words need a
    finder: see `inlay models list`.
    """
    import numpy as np

    from inlay.cli import performing
    from inlay.edits.selecting import Asked
    from inlay.files.picture import Picture
    from inlay.files.reading import read_mask, read_picture
    from inlay.files.writing import check_output, write_picture
    from inlay.pixels.formats import Model
    from inlay.pixels.geometry import Box
    from inlay.pixels.selecting.prompts import Point

    picture = read_picture(image)
    _check_name(out)
    check_output(out, picture)
    drawn = None if rough is None else read_mask(rough, picture.width, picture.height)
    points = [Point(x + 0.5, y + 0.5, is_on) for is_on, each in ((True, on), (False, off)) for x, y in each]
    asked = Asked(tuple(points), tuple(Box(*box) for box in boxes), words, model, grow_px, feather_px)
    selection = performing.selection(picture, asked, drawn)
    if choice > len(selection.choices):
        raise Refused(f"--choice {choice}: only {len(selection.choices)} could be meant. Choose a lower number.")
    chosen = selection.choices[choice - 1]
    mask = performing.on_canvas(chosen, picture)
    write_picture(out, Picture((np.uint8(255) - mask if invert else mask)[..., None], Model.GRAYA))
    click.echo(f"{selection.why} Score {chosen.score:.2f}.", err=True)


def _check_name(out: Path) -> None:
    if out.suffix.lower() == ".ora":
        raise Refused(f"--out {out}: a mask has no layers. End the name in .png or .tif.")
