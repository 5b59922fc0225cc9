"""`inlay doctor`."""

from __future__ import annotations

import os

import click

from inlay import settings


@click.command(short_help="Look whether everything is in order.")
@click.option("--report", is_flag=True, help="Print what can be told to anybody who helps: versions, device and logs.")
def command(report: bool) -> None:
    """Look whether all that Inlay needs is there, and say what to do where it is not.

    Ends with status 1 if something stands in the way of an edit. A report holds no pictures, prompts, names of files or
    folders, and no tokens; nothing is sent anywhere.
    """
    from inlay.api import findings
    from inlay.config import Folders

    settings.apply(settings.read(Folders.find().data), os.environ, settings.fixed_by(os.environ))
    if report:
        from inlay.api.report import whole_report

        return click.echo(whole_report(Folders.find()))
    found = findings.all_findings(Folders.find())
    for finding in found:
        click.echo(f"{finding.mark:5} {finding.text}")
    if any(finding.mark == findings.BAD for finding in found):
        raise SystemExit(1)
