"""`inlay remove`."""

from __future__ import annotations

from pathlib import Path

import click

from inlay.cli import options


@click.command(short_help="Take something out of a picture.")
@options.image
@options.selection
@options.edge
@options.seed
@options.output
def command(
    image: Path,
    mask: Path | None,
    box: tuple[int, int, int, int] | None,
    grow_px: int,
    feather_px: int,
    seed: int,
    out: Path,
    force: bool,
) -> None:
    """Take out what --mask or --box selects, and go on with what surrounds it.

    \b
    inlay remove photo.jpg --mask mask.png -o result.png
    inlay remove photo.tif --box 120,80,200,150 --feather 8 -o result.ora

    Where the mask is 0, not one bit of the picture changes.
    """
    from inlay.cli import performing
    from inlay.edits.remove import RemoveEdit

    picture = performing.open_picture(image, out, force)
    selection = performing.selected(picture, mask, box)
    job = performing.Job(picture, RemoveEdit(seed, grow_px, feather_px), selection)
    plan = job.plan()
    result = performing.performed(job, plan, "Removing")
    performing.save(job, plan, result, image, out)
