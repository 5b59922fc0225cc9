"""What the edits' commands share: from files to an edit, and from its result to a file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from inlay import settings
from inlay.catalogue.installed import Catalogue
from inlay.cli import Refused, progress
from inlay.config import Folders, Limits
from inlay.edits import asking
from inlay.edits.edit import Canvas, Edit, EditResult, Scope, Source
from inlay.edits.plan import Plan
from inlay.edits.selecting import Asked, Selected, Selection
from inlay.edits.selecting import selected as found_by
from inlay.edits.views import Shown, Views
from inlay.files.flat import enlarged, flattened
from inlay.files.icc import profile_name
from inlay.files.picture import Picture
from inlay.files.reading import read_mask, read_picture, sniffed
from inlay.files.writing import check_output, write_picture
from inlay.pipelines.hosted import hosted_families
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, support_box


@dataclass(frozen=True)
class Reporting:
    """A watch that moves a progress bar. Ctrl+C ends the command, so nothing is ever cancelled here."""

    report: progress.Report

    def progress(self, fraction: float, message: str) -> None:
        self.report(fraction, message)

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        pass

    def note(self, text: str) -> None:
        click.echo(f"Note: {text}.", err=True)

    def is_cancelled(self) -> bool:
        return False


def _roster() -> Roster:
    """Who can work here: the built-in fill, and what is installed; on what is set to be worked on."""
    folders = Folders.find()
    settings.apply(settings.read(folders.data), os.environ, settings.fixed_by(os.environ))
    catalogue = Catalogue(folders)
    hosted = partial(hosted_families, folders.data)
    return Roster(catalogue.installed, adapters=catalogue.adapters, hosted=hosted)


@dataclass(frozen=True)
class Job:
    """A picture, what is to be done to it, and where."""

    picture: Picture
    edit: Edit
    mask: Mask | None
    roster: Roster = field(default_factory=_roster)
    control: Pixels | None = None  # (H, W, C) like the picture's: the pose, depth or lines to keep
    references: tuple[Pixels, ...] = ()  # (h, w, C) in the picture's model and depth: to be looked at

    @property
    def canvas(self) -> Canvas:
        return _canvas(self.picture)

    def changed(self, edit: Edit) -> Job:
        """The same with another edit."""
        return replace(self, edit=edit)

    def plan(self) -> Plan:
        selection = None if self.mask is None else support_box(self.mask)
        return self.edit.plan(Scope(self.canvas, selection, self.roster, Limits()))


def _canvas(picture: Picture) -> Canvas:
    return Canvas(picture.width, picture.height, picture.format, profile_name(picture.origin.profile))


def open_picture(path: Path, out: Path, force: bool) -> Picture:
    """The picture, once it is known that its result can be written."""
    picture = read_picture(path)
    check_output(out, picture)
    if out.exists() and out.samefile(path) and not force:
        raise Refused(f"--out {out} is the picture itself: choose another name, or say --force to replace it.")
    return picture


def selected(
    picture: Picture, mask: Path | None, box: tuple[int, int, int, int] | None, words: str | None = None
) -> Mask:
    """What --mask, --box or --select selects, (H, W) uint8."""
    if sum(given is not None for given in (mask, box, words)) != 1:
        raise Refused('say what to work on, with one of --mask FILE, --box X,Y,W,H and --select "WORDS".')
    if words is not None:
        if not words.strip():
            raise Refused('--select is empty: say what it is, such as --select "the car".')
        return best(picture, Asked(words=words))
    if mask is not None:
        return read_mask(mask, picture.width, picture.height)
    assert box is not None
    part = Box(*box).intersected(Box(0, 0, picture.width, picture.height))
    if part.is_empty:
        raise Refused(f"--box {','.join(map(str, box))} selects nothing of {picture.width} x {picture.height} pixels.")
    drawn = np.zeros((picture.height, picture.width), np.uint8)
    drawn[part.slices] = 255
    return drawn


def subject(picture: Picture) -> Mask:
    """What stands out, (H, W) uint8."""
    return best(picture, Asked())


def best(picture: Picture, asked: Asked) -> Mask:
    """What is most likely meant, (H, W) uint8; how it was found is shown."""
    told = selection(picture, asked)
    click.echo(told.why, err=True)
    return on_canvas(told.choices[0], picture)


def selection(picture: Picture, asked: Asked, rough: Mask | None = None) -> Selection:
    """What is meant, at the picture's full size. Refused where nothing is found."""
    canvas = _canvas(picture)
    shown = Shown(Source(picture.document_pixels, rough, canvas), canvas.box, "picture")
    return found_by(asked, shown, _roster(), Views())


def on_canvas(chosen: Selected, picture: Picture) -> Mask:
    """A mask of the picture's size, (H, W) uint8."""
    whole = np.zeros((picture.height, picture.width), np.uint8)
    whole[chosen.box.slices] = chosen.mask
    return whole


def controlling(path: Path, picture: Picture) -> Pixels:
    """A picture of a pose, a depth or lines, in the model and depth of the picture that is edited: (H, W, C)."""
    given = read_picture(path)
    if (given.width, given.height) != (picture.width, picture.height):
        raise Refused(
            f"--control-image {path} is {given.width} x {given.height} pixels and the picture "
            f"{picture.width} x {picture.height}: make it in the picture's size."
        )
    return in_colours_of(picture, given)


def in_colours_of(picture: Picture, given: Picture) -> Pixels:
    """Another picture in a picture's model and depth, (h, w, C), over white where it is transparent."""
    from inlay.pixels import colours

    from_canvas, to_canvas = _canvas(given), _canvas(picture)
    rgb = colours.to_srgb(given.document_pixels, given.format.model, from_canvas.is_linear, from_canvas.profile)
    like = np.zeros((given.height, given.width, picture.document_pixels.shape[2]), picture.document_pixels.dtype)
    return colours.from_srgb(rgb, like, picture.format.model, to_canvas.is_linear, to_canvas.profile)


def described(job: Job) -> Job:
    """The same, with what surrounds the selection in its prompt; the prompt is shown."""
    from inlay.edits.describing import surroundings, with_surroundings
    from inlay.pipelines.parts.captioning import caption

    assert isinstance(job.edit, asking.Asked)
    read = job.plan().read_box.slices
    source = Source(job.picture.document_pixels[read], None if job.mask is None else job.mask[read], job.canvas)
    said = caption(surroundings(source), job.roster.adapters, job.roster.shelf)
    prompt = with_surroundings(job.edit.prompt, said)
    click.echo(f"Prompt: {prompt}", err=True)
    return job.changed(replace(job.edit, prompt=prompt))


def performed(job: Job, plan: Plan, title: str) -> EditResult:
    """Do it, with a progress bar."""
    read = plan.read_box.slices
    mask = None if job.mask is None else job.mask[read]
    control = None if job.control is None else job.control[read]
    source = Source(job.picture.document_pixels[read], mask, job.canvas, control, job.references)
    with progress.shown(title) as report:
        return job.edit.perform(plan, source, job.roster.find(plan.model, plan.family), Reporting(report))


def flat(job: Job, plan: Plan, result: EditResult) -> Picture:
    """The picture with the result laid onto it, in the canvas that it has then."""
    canvas = enlarged(job.picture.document_pixels, plan.canvas_box)
    box = result.box.relative_to(plan.canvas_box)
    return job.picture.with_document_pixels(flattened(canvas, result.pixels, result.mask, box))


def save(job: Job, plan: Plan, result: EditResult, image: Path, out: Path) -> None:
    """Write the result: flat, or as a layer over the picture (over its own layers, if it has any) in an `.ora`."""
    box = result.box.relative_to(plan.canvas_box)
    whole = flat(job, plan, result)
    if out.suffix.lower() != ".ora":
        write_picture(out, whole)
        return
    from inlay.files import ora

    layer = ora.result_layer(job.picture, result.pixels, result.mask, f"Inlay: {plan.edit} {image.name}", box.x, box.y)
    moved = (-plan.canvas_box.x, -plan.canvas_box.y)
    if sniffed(image) == "ora":
        ora.write_with_layer_on_top(out, image, whole, layer, moved)
    else:
        below = ora.Layer(image.name, job.picture, *moved)
        ora.write_ora(out, whole, [layer, below])
