"""`python -m inlay` is the `inlay` command."""

from inlay.cli import main

main()
