"""`inlay doctor`."""

from __future__ import annotations

import click


@click.command(short_help="Look whether everything is in order.")
def command() -> None:
    """Look whether all that Inlay needs is there, and say what to do where it is not.

    Ends with status 1 if something stands in the way of an edit.
    """
    from inlay.cli import findings

    found = findings.all_findings()
    for finding in found:
        click.echo(f"{finding.mark:5} {finding.text}")
    if any(finding.mark == findings.BAD for finding in found):
        raise SystemExit(1)
