"""`inlay plan remove` and `inlay plan extend`: what would be done, without doing it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inlay.cli import options
from inlay.cli.sides import Side

if TYPE_CHECKING:
    from inlay.edits.plan import Plan

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Every field, for programs; docs/protocol.md explains them."
)


@click.group(short_help="Show what an edit would do, without doing it.")
def command() -> None:
    """Show what an edit would do, without doing it.

    Takes the same options as the edit itself, and --json.
    """


@command.command()
@options.image
@options.selection
@options.edge
@as_json
def remove(
    image: Path,
    mask: Path | None,
    box: tuple[int, int, int, int] | None,
    grow_px: int,
    feather_px: int,
    is_json: bool,
) -> None:
    """Where `inlay remove` would read, work and paste."""
    from inlay.cli import performing
    from inlay.edits.remove import RemoveEdit
    from inlay.files.reading import read_picture

    picture = read_picture(image)
    selection = performing.selected(picture, mask, box)
    show(performing.Job(picture, RemoveEdit(0, grow_px, feather_px), selection).plan(), is_json)


@command.command()
@options.image
@options.sides
@as_json
def extend(
    image: Path,
    left: Side,
    top: Side,
    right: Side,
    bottom: Side,
    aspect: tuple[int, int] | None,
    anchor: str,
    is_json: bool,
) -> None:
    """What `inlay extend` would add, and what it would look at."""
    from inlay.cli import performing, sides
    from inlay.edits.extend import ExtendEdit
    from inlay.files.reading import read_picture

    picture = read_picture(image)
    growth = sides.asked(picture.width, picture.height, (left, top, right, bottom), aspect, anchor)
    edit = ExtendEdit(0, growth.left_px, growth.top_px, growth.right_px, growth.bottom_px)
    show(performing.Job(picture, edit, None).plan(), is_json)


def show(plan: Plan, is_json: bool) -> None:
    """Print a plan: as JSON, or a line a field."""
    fields = asdict(plan)
    if is_json:
        click.echo(json.dumps(fields))
        return
    click.echo(fields.pop("why"))
    for name, value in fields.items():
        if isinstance(value, dict):
            value = f"{value['width']} x {value['height']} at {value['x']}, {value['y']}"
        click.echo(f"  {name.replace('_', ' '):16} {value}")
