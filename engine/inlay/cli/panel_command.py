"""`inlay panel`."""

from __future__ import annotations

from pathlib import Path

import click

from inlay.cli import Refused, options


@click.command(short_help="Open the panel in a window, without Krita.")
@click.argument("image", type=options.FILE, required=False)
@click.option("--mask", type=options.FILE, help="A picture of the same size whose white is selected.")
def command(image: Path | None, mask: Path | None) -> None:
    """Open Inlay's panel in a window of its own, over a picture: for people without Krita."""
    if image is None and mask is not None:
        raise Refused("--mask needs a picture to lie on: say inlay panel IMAGE --mask FILE.")
    try:
        import PySide6.QtWidgets  # noqa: F401 - to tell a missing Qt from a fault of ours
    except ImportError as error:
        raise Refused(f"the panel needs Qt ({error}): run pip install 'inlay[panel]'.") from error
    from inlay.panel import run

    raise SystemExit(run(image, mask))
