"""`inlay endpoint`: which server may do edits, and the key for it. Without one, no pixel leaves this machine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import click

from inlay.cli import Refused
from inlay.config import Folders
from inlay.pipelines.parts import endpoint as endpoints

PLACES = {
    endpoints.KeyPlace.KEYRING: "in the system's keyring",
    endpoints.KeyPlace.FILE: "in a file that you alone can read",
    endpoints.KeyPlace.NONE: "none is sent",
}


@click.group(short_help="Let a server do edits: a provider's, or one of your own.")
def command() -> None:
    """Let a server replace and change things: one that speaks OpenAI's `images/edits`.

    \b
    inlay endpoint set https://api.openai.com/v1 --model gpt-image-1
    inlay endpoint set http://127.0.0.1:8000/v1 --no-key
    inlay replace photo.jpg --mask mask.png --prompt "a red door" --model gpt-image-1 -o result.ora

    It is taken where an edit names it, or where nothing installed can do the edit; the plan says so. What it is sent
    leaves this machine: the part of the picture that the edit looks at, the mask and the prompt.
    """


@command.command("set", short_help="Set the server, and be asked for the key.")
@click.argument("address")
@click.option("--model", default="", metavar="NAME", help="What the server calls the model.")
@click.option("--sizes", default="", metavar="WxH,...", help="The only sizes that it takes; else any multiple of 16.")
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="Read the key from the first line.")
@click.option("--no-key", is_flag=True, help="The server wants none.")
def set_endpoint(address: str, model: str, sizes: str, key_file: Path | None, no_key: bool) -> None:
    """Set the server at ADDRESS, which often ends in /v1.

    The key is asked for and not shown, or read from --key-file or from standard input. It is no option, for every
    program can see the options of all others.
    """
    if importlib.util.find_spec("httpx") is None:
        raise Refused('endpoints need httpx, which is not installed: pip install "inlay[hosted]"')
    told = endpoints.Endpoint(
        endpoints.checked_address(address),
        model.strip(),
        endpoints.checked_sizes(sizes) if sizes else endpoints.sizes_of(model.strip()),
    )
    key = "" if no_key else endpoints.checked_key(_read_key(key_file))
    if not key and not no_key:
        raise Refused("no key was given. Say --no-key for a server that wants none.")
    _show(endpoints.save(told, key, Folders.find().data))
    click.echo("An engine that is running learns of it when it starts again.")


@command.command(short_help="Show the server, but not the key.")
def show() -> None:
    """Show which server is set, and where its key lies."""
    told = endpoints.saved(Folders.find().data)
    if told is None:
        click.echo("No endpoint is set: no pixel leaves this machine.")
    else:
        _show(told)


@command.command(short_help="Forget the server and its key.")
def remove() -> None:
    """Forget the server, and delete its key."""
    was_there = endpoints.remove(Folders.find().data)
    click.echo("The endpoint and its key are forgotten." if was_there else "No endpoint was set.")


def _show(told: endpoints.Endpoint) -> None:
    sizes = ", ".join(f"{width} x {height}" for width, height in told.sizes) or "any multiple of 16"
    click.echo(f"address  {told.address}")
    click.echo(f"model    {told.model or '(the only one it has)'}; name it as --model {told.name}")
    click.echo(f"sizes    {sizes}")
    click.echo(f"key      {PLACES[told.key_place]}")


def _read_key(path: Path | None) -> str:
    """From the file, else from whoever pipes it in, else from the keyboard."""
    if path is not None:
        try:
            return path.read_text("utf-8").partition("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} cannot be read: check its name and permissions.") from error
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(click.prompt("Key", hide_input=True, default="", show_default=False))
