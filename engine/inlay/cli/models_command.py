"""`inlay models`: what is installed and what can be, installing, removing, verifying, and folders of the user's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inlay.catalogue.errors import spelled
from inlay.catalogue.installed import Catalogue, Found
from inlay.cli.options import as_json
from inlay.config import Folders

if TYPE_CHECKING:
    from inlay.catalogue.listing import Entry

STOPPED = 130  # what shells say of a program that Ctrl+C ended
MOST_REFUSED = 10  # files that are left out and named
FILE = click.Path(path_type=Path)
name = click.argument("name")


@click.group(short_help="Show, install and remove models.")
def command() -> None:
    """Show, install and remove models, and use those that are here already.

    \b
    inlay models list
    inlay models install sdxl-inpaint
    inlay models add ~/other-program/models

    Only `install` uses the network.
    """


@command.command("list", short_help="What is installed, and what can be.")
@as_json
def list_(is_json: bool) -> None:
    """What is installed, and what can be: edits, size, memory, licence."""
    catalogue = _catalogue()
    entries = _entries(catalogue)
    folders = [str(folder) for folder in catalogue.user_folders()]
    adapters = [asdict(each) | {"path": str(each.path)} for each in catalogue.adapters()]
    if is_json:
        told = {"models": [asdict(entry) for entry in entries], "adapters": adapters, "folders": folders}
        click.echo(json.dumps(told))
        return
    _say_list("Installed", [entry for entry in entries if entry.state == "installed"])
    _say_list("Can be installed", [entry for entry in entries if entry.state == "offered"])
    _say_lines("LoRAs, embeddings and ControlNets", [_adapter_line(each) for each in adapters])
    _say_lines("Folders that are also looked into", folders)


@command.command(short_help="Download a model; goes on where it stopped.")
@name
def install(name: str) -> None:
    """Download a model, verify it, and have it ready. A download that stopped goes on; a damaged model is mended."""
    from inlay.catalogue import installing
    from inlay.catalogue.listing import find_offer
    from inlay.pipelines.roster import all_cards

    offer = find_offer(name, all_cards())
    click.echo(f"{offer.title} from {offer.repository}, licence: {offer.licence} ({offer.licence_url})", err=True)
    try:
        with _bar(name) as watch:
            folder = installing.install(_catalogue(), offer, watch)
    except KeyboardInterrupt:
        click.echo(f"\nStopped. `inlay models install {name}` goes on from here.", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    click.echo(f"{name} is installed in {folder}.")


@command.command(short_help="Delete a model that Inlay installed.")
@name
def remove(name: str) -> None:
    """Delete a model that Inlay installed, or what there is of a half one. Your own folders are never touched."""
    from inlay.catalogue import installing

    installing.remove(_catalogue(), name)
    click.echo(f"{name} is removed.")


@command.command(short_help="Look whether models are whole.")
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Look whether a model, or every model, is whole: every byte of those that Inlay installed.

    Ends with status 1 if one is damaged.
    """
    from inlay.catalogue.verifying import damages

    is_damaged = False
    for path in _catalogue().paths(name):
        with _bar(path.name) as watch:
            found = damages(path, watch)
        click.echo(f"{path}: {'damaged' if found else 'whole'}")
        for damage in found:
            click.echo(f"  {damage.path} {damage.message}".rstrip())
        is_damaged |= bool(found)
    if is_damaged:
        click.echo("Install a damaged model again: only its damaged files are downloaded.")
        raise click.exceptions.Exit(1)


@command.command(short_help="Use models that are here already.")
@click.argument("folder", type=FILE)
def add(folder: Path) -> None:
    """Also look into a folder of models, or use a single .safetensors file. Nothing in it is copied or changed."""
    _say_found(_catalogue().add_folder(folder))


@command.command(short_help="Do not look into a folder any more.")
@click.argument("folder", type=FILE)
def drop(folder: Path) -> None:
    """Do not look into a folder any more. Nothing in it is touched."""
    _catalogue().drop_folder(folder)
    click.echo(f"{folder} is not looked into any more.")


def _catalogue() -> Catalogue:
    return Catalogue(Folders.find())


def _entries(catalogue: Catalogue) -> Sequence[Entry]:
    from inlay.catalogue.listing import entries
    from inlay.pipelines.roster import Roster

    roster = Roster(catalogue.installed)
    return entries(catalogue, roster.uses, roster.cards)


def _say_list(title: str, entries: Sequence[Entry]) -> None:
    lines = []
    for entry in entries:
        begun = f", {spelled(entry.begun_bytes)} here already" if entry.begun_bytes else ""
        gated = ", gated: its licence must be accepted first" if entry.is_gated else ""
        memory = f"takes {spelled(entry.memory_bytes)} of memory"
        lines += [
            f"{entry.id}: {', '.join(entry.edits) or entry.title}",
            f"  {spelled(entry.size_bytes)}{begun}; {memory}; licence: {entry.licence or 'not told'}{gated}",
        ]
        lines += [f"  {entry.path}"] if entry.path else []
    _say_lines(title, lines or ["none"])


def _say_lines(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo("\n".join([title, *(f"  {line}" for line in lines), ""]))


def _adapter_line(adapter: dict[str, Any]) -> str:
    made_for = adapter["architecture"] or "not told what for"
    return f"{adapter['name']}: {adapter['kind']}, {made_for}, {adapter['path']}"


def _say_found(found: Found) -> None:
    for model in found.models:
        click.echo(f"{model.id}: {spelled(model.size_bytes)}, {model.path}")
    for adapter in found.adapters:
        click.echo(f"{adapter.name}: {adapter.kind}, {adapter.path}")
    for error in found.refused[:MOST_REFUSED]:
        click.echo(f"left out: {error}", err=True)
    if len(found.refused) > MOST_REFUSED:
        click.echo(f"left out: {len(found.refused) - MOST_REFUSED} more", err=True)


@dataclass
class _Bar:
    """A watch that moves a progress bar. Ctrl+C ends the command, so nothing is ever cancelled here."""

    bar: Any

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        self.bar.total = total_bytes
        self.bar.update(done_bytes - self.bar.n)

    def is_cancelled(self) -> bool:
        return False


@contextmanager
def _bar(title: str) -> Iterator[_Bar]:
    """Bytes on stderr, where somebody is looking."""
    from tqdm import tqdm

    with tqdm(desc=title, unit="B", unit_scale=True, disable=not sys.stderr.isatty()) as bar:
        yield _Bar(bar)
