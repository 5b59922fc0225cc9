"""`inlay serve`."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from inlay.cli import Refused

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(short_help="Run the engine for Krita's panel.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="A fixed port; 7610 with --listen, a free one is taken otherwise."
)
@click.option(
    "--idle-exit", "idle_exit_s", metavar="SECONDS", type=click.FloatRange(min=1),
    help="End after so long without a request or a job (15 minutes unless told).",
)  # fmt: skip
@click.option(
    "--listen", "address", metavar="ADDRESS", help="Also let other machines in, at this address; 0.0.0.0 is all."
)
@click.option("--certificate", type=FILE, help="PEM, with --listen: what panels elsewhere know this engine by.")
@click.option("--key", type=FILE, help="PEM, with --listen: the certificate's key, without a password.")
@click.option("--name", "names", metavar="NAME", multiple=True, help="Another name that panels reach it by.")
@click.option("--let-manage", is_flag=True, help="Panels elsewhere may also install and delete models.")
def command(
    port: int | None,
    idle_exit_s: float | None,
    address: str | None,
    certificate: Path | None,
    key: Path | None,
    names: tuple[str, ...],
    let_manage: bool,
) -> None:
    """Run the engine that Krita's panel works with.

    The panel starts it by itself. It listens on this machine only, and a second `inlay serve` finds the first one.
    With --listen it lets panels on other machines in as well, over TLS and with a token; see docs/remote.md.
    """
    if address and not (certificate and key):
        raise Refused("Nothing but TLS is spoken to other machines: --listen needs --certificate and --key.")
    if not address and (certificate or key or names or let_manage):
        raise Refused("--certificate, --key, --name and --let-manage are for other machines: say --listen, too.")
    gc.disable()  # the imports make objects that stay: looking for garbage among them takes an eighth of the start
    from inlay.api.outside import PORT, Wanted
    from inlay.api.serve import serve
    from inlay.config import IDLE_EXIT_S

    gc.freeze()
    gc.enable()
    wanted = None
    if address and certificate and key:
        wanted = Wanted(address, certificate, key, PORT if port is None else port, names, let_manage)
    own_port = 0 if wanted or port is None else port
    serve(own_port, IDLE_EXIT_S if idle_exit_s is None else idle_exit_s, say=click.echo, wanted=wanted)
