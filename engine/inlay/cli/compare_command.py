"""`inlay compare KIND`: the same edit on several models or settings, side by side."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inlay.cli import Refused, editing, options

if TYPE_CHECKING:
    from inlay.cli.performing import Job
    from inlay.edits.edit import Edit
    from inlay.edits.plan import Plan
    from inlay.files.sheet import Tile
    from inlay.pixels.geometry import Box

MOST_RUNS = 64
vary = click.option(
    "--vary", multiple=True, required=True, metavar="FIELD=A,B,...",
    help="Run with each of these values, such as strength=0.3,0.5,0.7 or model=one,two. May be given more than once.",
)  # fmt: skip
sheet = options.applied(
    click.option("-o", "--out", type=options.FILE, required=True, help="The contact sheet: .png or .jpg."),
    click.option("--columns", type=click.IntRange(1, 16), default=4, show_default=True, help="Pictures in a row."),
)


class Comparisons(click.Group):
    """A subcommand for every kind of edit."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(editing.KINDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return _comparison(name) if name in editing.KINDS else None


@click.command(cls=Comparisons, short_help="Try an edit with several models or settings, side by side.")
def command() -> None:
    """Try an edit with several models or settings, and lay the results side by side on one sheet.

    \b
    inlay compare restyle photo.jpg --box 0,0,800,300 --prompt "oil painting" --vary strength=0.3,0.5,0.7 -o sheet.png
    inlay compare remove photo.jpg --mask mask.png --vary seed=1,2,3 --vary model=builtin,sdxl-inpaint -o sheet.png

    Each picture says what was set, the seam measure (0 = not to be seen) and the seconds it took.
    """


def _comparison(kind: str) -> click.Command:
    told = editing.KINDS[kind]

    def run(image: Path, out: Path, columns: int, vary: tuple[str, ...], **asked: Any) -> None:
        from inlay.files.reading import read_picture
        from inlay.files.sheet import write_sheet

        job = editing.job(kind, read_picture(image), asked)
        runs = [(job.changed(edit), settings) for edit, settings in _edits(job.edit, vary)]
        plans = [one.plan() for one, _ in runs]  # all of them first: a wrong value is found before an hour of work
        tiles = [_original(job, plans[0])]
        for (one, settings), plan in zip(runs, plans, strict=True):
            tiles.append(_tile(one, plan, settings, told.doing))
        write_sheet(out, tiles, columns)

    decorated = options.applied(options.image, *told.takes, options.seed, vary, sheet)(run)
    return click.command(kind, short_help=told.short_help, help=f"Compare settings of `inlay {kind}`.")(decorated)


def _edits(edit: Edit, vary: tuple[str, ...]) -> Iterator[tuple[Edit, str]]:
    """The edit with every combination of the values, and what was set."""
    axes = [_axis(edit, given) for given in vary]
    combinations = list(itertools.product(*(values for _, values in axes)))
    if len(combinations) > MOST_RUNS:
        raise Refused(f"--vary asks for {len(combinations)} runs, and {MOST_RUNS} is the most: leave some values out.")
    for values in combinations:
        changes = dict(zip((name for name, _ in axes), values, strict=True))
        spelled = ", ".join(f"{name} {value}" for name, value in changes.items())
        yield dataclasses.replace(edit, **changes), spelled  # type: ignore[type-var]  # every kind is a dataclass


def _axis(edit: Edit, given: str) -> tuple[str, list[Any]]:
    """The field's name and its values, as the field's own type, within its bounds."""
    name, _, told = given.partition("=")
    fields = {field.name: field for field in dataclasses.fields(edit)}  # type: ignore[arg-type]
    if name not in fields or not told:
        raise Refused(f"--vary {given}: give one of {', '.join(fields)}, then = and values with commas between them.")
    field = fields[name]
    if isinstance(field.default, str):
        return name, told.split(",")
    is_whole = isinstance(field.default, int)
    try:
        values = [int(value) if is_whole else float(value) for value in told.split(",")]
    except ValueError as error:
        raise Refused(f"--vary {given}: {name} takes numbers.") from error
    lowest, highest = field.metadata["ge"], field.metadata["le"]
    if not all(lowest <= value <= highest for value in values):
        raise Refused(f"--vary {given}: {name} goes from {lowest} to {highest}.")
    return name, list(values)


def _original(job: Job, plan: Plan) -> Tile:
    from inlay.files.screen import screen_image
    from inlay.files.sheet import Tile

    return Tile(_shown(screen_image(job.picture), plan.crop_box.intersected(plan.read_box)), "before")


def _tile(job: Job, plan: Plan, settings: str, title: str) -> Tile:
    """One run, shown in its window."""
    from inlay.cli import performing
    from inlay.edits.checking import seam_of
    from inlay.files.screen import screen_image
    from inlay.files.sheet import Tile

    started = time.perf_counter()
    result = performing.performed(job, plan, f"{title}: {settings}")
    seconds = time.perf_counter() - started
    flat = performing.flat(job, plan, result)
    seam = seam_of(flat.document_pixels, result.pixels, result.mask, result.box.relative_to(plan.canvas_box))
    window = plan.crop_box.relative_to(plan.canvas_box)
    return Tile(_shown(screen_image(flat), window), f"{settings}\nseam {seam:.3f}, {seconds:.1f} s")


def _shown(image: Any, window: Box) -> Any:
    return image.crop(window.x, window.y, window.width, window.height)
