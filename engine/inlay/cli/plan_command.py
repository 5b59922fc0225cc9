"""`inlay plan KIND`: what would be done, without doing it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from inlay.cli import editing

if TYPE_CHECKING:
    from inlay.edits.plan import Plan


class Plans(click.Group):
    """A subcommand for every kind of edit."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(editing.KINDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return editing.plan_command(name) if name in editing.KINDS else None


@click.command(cls=Plans, short_help="Show what an edit would do, without doing it.")
def command() -> None:
    """Show what an edit would do, without doing it.

    Takes the same options as the edit itself, and --json.
    """


def show(plan: Plan, is_json: bool) -> None:
    """Print a plan: as JSON, or a line a field; then the checklist."""
    fields = asdict(plan)
    if is_json:
        click.echo(json.dumps(fields))
        return
    click.echo(fields.pop("why"))
    checklist = fields.pop("checklist")
    fields |= {name: value for name, value in (fields.pop("settings") or {}).items() if value != ""}
    for name, value in fields.items():
        click.echo(f"  {name.replace('_', ' '):20} {_spelled(value)}")
    for line in checklist:
        click.echo(f"  - {line}")


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['width']} x {value['height']} at {value['x']}, {value['y']}"
    return f"{value:g}" if isinstance(value, float) else str(value)
