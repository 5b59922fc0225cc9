"""The commands that edit a picture, and `inlay plan`'s for the same edits: one table, made into click commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inlay.cli import Refused, options

if TYPE_CHECKING:
    from inlay.cli.performing import Job
    from inlay.edits.edit import Edit
    from inlay.files.picture import Picture
    from inlay.pixels.masks import Mask

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class EditCommand:
    """What a kind of edit is called, takes and says."""

    doing: str  # over the progress bar
    short_help: str
    help: str
    takes: tuple[Option, ...]
    selects: bool = True  # whether it takes --mask and --box
    must_select: bool = True


KINDS: dict[str, EditCommand] = {
    "remove": EditCommand(
        "Removing",
        "Take something out of a picture.",
        """Take out what --mask or --box selects, and go on with what surrounds it.

        \b
        inlay remove photo.jpg --mask mask.png -o result.png
        inlay remove photo.tif --box 120,80,200,150 --feather 8 -o result.ora

        Where the mask is 0, not one bit of the picture changes. Without a GPU the built-in fill does it, unless
        --model or --prompt is given.
        """,
        (options.selection, options.edge, options.asking, options.tries),
    ),
    "replace": EditCommand(
        "Replacing",
        "Let something else stand where the selection is.",
        """Paint what --prompt says into what --mask, --box or --select selects.

        \b
        inlay replace photo.jpg --mask mask.png --prompt "a red brick wall in the sun" -o result.ora
        inlay replace photo.jpg --select "the car" --prompt "a bus in a street" -o result.ora

        Describe the whole picture as it shall be, not only the new thing. Needs a model: see `inlay models list`.
        """,
        (options.selection, options.edge, options.asking, options.control, options.references, options.describe),
    ),
    "restyle": EditCommand(
        "Restyling",
        "Let what is selected look different.",
        """Keep what --mask or --box selects, and let it look as --prompt says.

        \b
        inlay restyle photo.jpg --box 0,0,800,300 --prompt "a stormy sky, oil painting" --strength 0.5 -o result.ora

        --strength says how much may change: 0.3 keeps shapes, 0.7 keeps little. Needs a model.
        """,
        (options.selection, options.edge, options.asking, options.source_prompt),
    ),
    "instruct": EditCommand(
        "Changing",
        "Change the picture, or the selection, as told.",
        """Change the whole picture, or what --mask or --box selects, as --prompt tells.

        \b
        inlay instruct photo.jpg --prompt "make it sunset" -o result.ora

        Needs a model that follows instructions.
        """,
        (
            options.selection,
            options.edge,
            options.asking,
            options.references,
            options.source_prompt,
            options.image_guidance,
        ),
        must_select=False,
    ),
    "background": EditCommand(
        "Replacing the background",
        "Keep what is selected, and replace the rest.",
        """Keep the subject, and paint what --prompt says around it; or let what is around it be transparent.

        \b
        inlay background portrait.jpg --prompt "a portrait on a beach" -o result.ora
        inlay background portrait.jpg --transparent -o cut-out.png

        The subject is what --mask, --box or --select selects, or else what stands out. --grow widens it. --prompt
        needs a model.
        """,
        (options.selection, options.edge, options.asking, options.transparent),
    ),
    "extend": EditCommand(
        "Extending",
        "Make the canvas larger, and go on with the picture.",
        """Make the canvas larger and go on with the picture.

        \b
        inlay extend photo.jpg --left 200 --right 25% -o wider.png
        inlay extend photo.tif --aspect 16:9 --anchor left -o wide.ora

        Old pixels never change. One side grows by at most its own length (+100 %).
        """,
        (options.sides, options.asking),
        selects=False,
        must_select=False,
    ),
}


def edit_command(kind: str) -> click.Command:
    """`inlay KIND`: does it, and writes the result."""
    told = KINDS[kind]

    def run(image: Path, out: Path, force: bool, **asked: Any) -> None:
        from inlay.cli import performing

        picture = performing.open_picture(image, out, force)
        if asked.get("transparent"):
            return cut_out(picture, image, out, asked)
        asked_job = job(kind, picture, asked)
        if asked.get("describe"):
            asked_job = performing.described(asked_job)
        plan = asked_job.plan()
        result = performing.performed(asked_job, plan, told.doing)
        performing.save(asked_job, plan, result, image, out)
        for name, value in result.checks.items():
            click.echo(f"{name}: {value:g}", err=True)

    decorated = options.applied(options.image, *told.takes, options.seed, options.output)(run)
    return click.command(kind, short_help=told.short_help, help=told.help)(decorated)


def cut_out(picture: Picture, image: Path, out: Path, asked: dict[str, Any]) -> None:
    """Write the subject alone; in an `.ora` over the picture, which is hidden there."""
    from inlay.files import ora
    from inlay.files.writing import write_picture
    from inlay.pixels.masks import feathered, grown

    if asked["prompt"]:
        raise Refused("--transparent paints nothing: leave out --prompt, or --transparent.")
    selection = _selection("background", picture, asked)
    assert selection is not None
    mask = feathered(grown(selection, asked["grow_px"]), asked["feather_px"])
    layer = ora.result_layer(picture, picture.document_pixels, mask, "Inlay: background removed", 0, 0)
    if out.suffix.lower() == ".ora":
        ora.write_ora(out, layer.picture, [layer, ora.Layer(image.name, picture, is_visible=False)])
    else:
        write_picture(out, layer.picture)


def plan_command(kind: str) -> click.Command:
    """`inlay plan KIND`: says what would be done."""
    told = KINDS[kind]

    def run(image: Path, is_json: bool, **asked: Any) -> None:
        from inlay.cli.plan_command import show
        from inlay.files.reading import read_picture

        show(job(kind, read_picture(image), asked).plan(), is_json)

    decorated = options.applied(options.image, *told.takes, options.seed, options.as_json)(run)
    return click.command(kind, short_help=told.short_help, help=f"What `inlay {kind}` would do.")(decorated)


def job(kind: str, picture: Picture, asked: dict[str, Any]) -> Job:
    """The picture, the edit that the options ask for, and what they select."""
    from inlay.cli import performing
    from inlay.files.reading import read_picture

    selection = _selection(kind, picture, asked)
    control = asked.get("control_image")
    if control and not asked["control"]:
        raise Refused("--control-image needs --control: say whether it shows a pose, a depth or lines.")
    kept = performing.controlling(control, picture) if control else None
    files = asked.get("references", ())
    references = tuple(performing.in_colours_of(picture, read_picture(each)) for each in files)
    edit = _edit(kind, picture, asked | {"references": len(files)})
    return performing.Job(picture, edit, selection, control=kept, references=references)


def _selection(kind: str, picture: Picture, asked: dict[str, Any]) -> Mask | None:
    from inlay.cli import performing

    told = KINDS[kind]
    given = (asked.get("mask"), asked.get("box"), asked.get("words"))
    if not told.selects or (not told.must_select and not any(given)):
        return None
    if kind == "background" and not any(given):
        return performing.subject(picture)
    return performing.selected(picture, *given)


def _edit(kind: str, picture: Picture, asked: dict[str, Any]) -> Edit:
    """The edit with every field that an option of its name was given for."""
    from inlay.cli import sides
    from inlay.edits.edit import kinds

    edit = kinds()[kind]
    if kind == "extend":
        each = (asked["left"], asked["top"], asked["right"], asked["bottom"])
        growth = sides.asked(picture.width, picture.height, each, asked["aspect"], asked["anchor"])
        asked = asked | dataclasses.asdict(growth)
    fields = {field.name for field in dataclasses.fields(edit)}  # type: ignore[arg-type]  # every kind is a dataclass
    return edit(**{name: value for name, value in asked.items() if name in fields})
