"""The installer's command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from installer.places import InstallError


def main(arguments: list[str]) -> int:
    """Run a command. Gives the exit status: 0 done, 1 failed, 2 wrong use or something missing."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except InstallError as error:
        print(f"\ninstaller: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninstaller: stopped.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="python3 installer", description="Sets Inlay up.")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="remove something from a real photograph, to see that it works")
    demo.add_argument("--image", type=Path, help="your own picture")
    demo.add_argument("--mask", type=Path, help="what to remove from it: white on black, in the picture's size")
    demo.add_argument("--out", type=Path, help="the folder for the results (demo/ in Inlay's folder unless told)")
    demo.set_defaults(run=run_demo)
    test = commands.add_parser("test", help="run all tests")
    test.add_argument("--krita", action="store_true", help="install Krita first (Debian, root) and insist on its tests")
    test.add_argument("pytest", nargs="*", help="after --: arguments for pytest instead of the whole run")
    test.set_defaults(run=run_test)
    krita = commands.add_parser("krita", help="put the engine and the plugin where Krita finds them")
    krita.add_argument("--models", action="store_true", help="also what runs models: torch and diffusers, some GB")
    krita.add_argument("--uninstall", action="store_true", help="take both away again; models stay")
    krita.add_argument("--resources", type=Path, metavar="DIR", help="Krita's resource folder, if it is not found")
    krita.set_defaults(run=run_krita)
    zipped = commands.add_parser("zip", help="pack the plugin for Krita's own Import Python Plugin")
    zipped.add_argument("--out", type=Path, help="the file to write (dist/inlay_krita.zip unless told)")
    zipped.set_defaults(run=run_zip)
    words = commands.add_parser("words", help="bring the translations up to what the sources say")
    words.set_defaults(run=run_words)
    return root


def run_demo(options: argparse.Namespace) -> int:
    from installer.demo import demo

    return demo(options.image, options.mask, options.out)


def run_test(options: argparse.Namespace) -> int:
    from installer.testing import test

    return test(options.krita, options.pytest)


def run_krita(options: argparse.Namespace) -> int:
    from installer.krita import install, uninstall

    return uninstall(options.resources) if options.uninstall else install(options.resources, options.models)


def run_zip(options: argparse.Namespace) -> int:
    from installer.plugin_zip import write_zip

    print(
        f"{write_zip(options.out)}\nIn Krita: Tools > Scripts > Import Python Plugin from File..., then restart Krita."
    )
    return 0


def run_words(options: argparse.Namespace) -> int:
    from installer.catalogues import update

    print("\n".join(update()))
    return 0
