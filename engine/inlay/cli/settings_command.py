"""`inlay settings`: what models run on, and how much may be kept."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from inlay import settings
from inlay.catalogue.errors import GB, spelled
from inlay.cli import Refused
from inlay.config import Folders


@click.command(short_help="What models run on, and how much may be kept.")
@click.option(
    "--device", metavar="NAME", help="What models run on, such as cuda, cuda:1, mps or cpu; auto is the best."
)
@click.option("--memory", metavar="GB", help="That loaded models together may take; auto is most of what is free.")
@click.option("--images", metavar="GB", help="That the images which the engine keeps may take.")
def command(device: str | None, memory: str | None, images: str | None) -> None:
    """Show what is set of the engine, or set it. The panel's settings page shows and sets the same.

    An engine that is running heeds the panel at once, and this when it starts again.
    """
    folder = Folders.find().data
    before = wanted = settings.read(folder)
    if device is not None:
        wanted = replace(wanted, device="" if device == "auto" else device)
    if memory is not None:
        wanted = replace(wanted, memory_bytes=0 if memory == "auto" else _bytes(memory))
    if images is not None:
        wanted = replace(wanted, store_bytes=_bytes(images))
    if wanted != wanted.checked():
        raise Refused(_reason(wanted))
    if wanted != before:
        _write(wanted, before)
    _show(wanted)


def _bytes(told: str) -> int:
    try:
        return round(float(told) * GB)
    except (ValueError, OverflowError):
        raise Refused(f"{told!r} is no number of gigabytes.") from None


def _reason(wanted: settings.Settings) -> str:
    good = wanted.checked()
    if good.device != wanted.device:
        return f"{wanted.device!r} is no device: say cuda, cuda:1, mps, xpu, cpu or auto."
    if good.memory_bytes != wanted.memory_bytes:
        return f"Models need {spelled(settings.LEAST_MEMORY)} to {spelled(settings.MOST_MEMORY)}, or auto."
    return f"Images may take {spelled(settings.LEAST_STORE)} to {spelled(settings.MOST_STORE)}."


def _write(wanted: settings.Settings, before: settings.Settings) -> None:
    for name in settings.fixed_by(os.environ):
        if getattr(wanted, name) != getattr(before, name):
            click.echo(f"{settings.VARIABLES[name]} is set here and counts more.", err=True)
    folder = Folders.find().data
    try:
        settings.write(folder, wanted)
    except OSError as error:
        raise Refused(f"{folder} cannot be written: {error.strerror or error}.") from error


def _show(told: settings.Settings) -> None:
    click.echo(f"device  {told.device or 'the best that is here'}")
    click.echo(f"memory  {spelled(told.memory_bytes) if told.memory_bytes else 'most of what is free'}")
    click.echo(f"images  up to {spelled(told.store_bytes)}")
