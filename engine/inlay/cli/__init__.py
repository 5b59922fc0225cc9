"""The `inlay` command. A subcommand's module is imported when it is asked for, and what it needs when it runs."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from inlay import __version__
from inlay.errors import Refusal

# numpy's BLAS starts a thread per core on import, which costs 0.1 s of processor time here and is used for nothing.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

EDITS = ("remove", "replace", "restyle", "instruct", "background", "extend")
COMMANDS = (*EDITS, "select", "compare", "plan", "models", "panel", "serve", "settings", "endpoint", "doctor")


class Refused(click.ClickException):
    """Bad input or a state that the user can mend: the message says how."""

    exit_code = 2


class LazyGroup(click.Group):
    """An edit is made by `inlay.cli.editing`; any other NAME is `command` in `inlay.cli.NAME_command`."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if name in EDITS:
            return importlib.import_module("inlay.cli.editing").edit_command(name)  # type: ignore[no-any-return]
        command = importlib.import_module(f"inlay.cli.{name}_command").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Refusal as refusal:
            raise Refused(str(refusal)) from refusal


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="inlay", message="%(prog)s %(version)s")
def main() -> None:
    """Take things out of a picture, put others in, restyle it, or make its canvas larger.

    \b
    inlay remove photo.jpg --mask mask.png -o result.png
    inlay extend photo.tif --aspect 16:9 -o wide.ora

    Pixels outside the mask stay bit for bit what they were. Reads .png .tif .jpg .webp .ora, writes
    .png .tif .ora; 16-bit and float pictures, grey, CMYK and ICC profiles survive.
    """
