"""`inlay serve`."""

from __future__ import annotations

import gc

import click


@click.command(short_help="Run the engine for Krita's panel.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A fixed port; a free one is taken otherwise.")
@click.option(
    "--idle-exit", "idle_exit_s", metavar="SECONDS", type=click.FloatRange(min=1),
    help="End after so long without a request or a job (15 minutes unless told).",
)  # fmt: skip
def command(port: int, idle_exit_s: float | None) -> None:
    """Run the engine that Krita's panel works with.

    The panel starts it by itself. It listens on this machine only, and a second `inlay serve` finds the first one.
    """
    gc.disable()  # the imports make objects that stay: looking for garbage among them takes an eighth of the start
    from inlay.api.serve import serve
    from inlay.config import IDLE_EXIT_S

    gc.freeze()
    gc.enable()
    serve(port, IDLE_EXIT_S if idle_exit_s is None else idle_exit_s, say=click.echo)
