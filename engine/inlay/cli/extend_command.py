"""`inlay extend`."""

from __future__ import annotations

from pathlib import Path

import click

from inlay.cli import options
from inlay.cli.sides import Side


@click.command(short_help="Make the canvas larger, and go on with the picture.")
@options.image
@options.sides
@options.seed
@options.output
def command(
    image: Path,
    left: Side,
    top: Side,
    right: Side,
    bottom: Side,
    aspect: tuple[int, int] | None,
    anchor: str,
    seed: int,
    out: Path,
    force: bool,
) -> None:
    """Make the canvas larger and go on with the picture.

    \b
    inlay extend photo.jpg --left 200 --right 25% -o wider.png
    inlay extend photo.tif --aspect 16:9 --anchor left -o wide.ora

    Old pixels never change. One side grows by at most its own length (+100 %).
    """
    from inlay.cli import performing, sides
    from inlay.edits.extend import ExtendEdit

    picture = performing.open_picture(image, out, force)
    growth = sides.asked(picture.width, picture.height, (left, top, right, bottom), aspect, anchor)
    edit = ExtendEdit(seed, growth.left_px, growth.top_px, growth.right_px, growth.bottom_px)
    job = performing.Job(picture, edit, None)
    plan = job.plan()
    result = performing.performed(job, plan, "Extending")
    performing.save(job, plan, result, image, out)
