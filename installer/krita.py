"""`python3 installer krita`: the engine into the user's data folder, the plugin into every Krita that is found."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from installer import kritarc
from installer.krita_places import KritaPlace, candidates, data_folder
from installer.places import InstallError, program, version
from installer.plugin_zip import PLUGIN, plugin_files
from installer.venvs import install_copy, make_venv

NAME = "inlay_krita"
END_ENGINE = """
from inlay.api.rendezvous import ask_to_end, find_running
from inlay.config import Folders
running = find_running(Folders.find().run)
if running:
    ask_to_end(running.identity)
"""


def install(resources: Path | None, with_models: bool = False) -> int:
    """Install or update. Gives the exit status. What was there before stays in use until the new one is whole."""
    places = found(resources)
    data = data_folder(os.environ, Path.home())
    install_engine(data, "models" if with_models else extra_before(data))
    for place in places:
        install_plugin(place)
        changed = kritarc.enable(place.settings)
        print(f"{place.kind}: the plugin is in {place.pykrita}, {'now' if changed else 'already'} enabled.")
    write_json(data / "plugin.json", {"folders": [str(place.pykrita) for place in places]})
    print("Restart Krita, then look under Settings > Dockers > Inlay.")
    for place in places:
        if place.is_sandboxed:
            print(sandbox_advice(place, data))
    return 0


def uninstall(resources: Path | None) -> int:
    """Take the plugin out of every Krita and the engine out of the data folder. Gives the exit status."""
    data = data_folder(os.environ, Path.home())
    end_engine(data)
    for place in all_places(resources):
        was_there = (place.pykrita / NAME).exists()
        remove_plugin(place)
        if kritarc.disable(place.settings) or was_there:
            print(f"{place.kind}: the plugin is gone from {place.pykrita}.")
    for name in ("install.json", "plugin.json"):
        (data / name).unlink(missing_ok=True)
    shutil.rmtree(data / "engines", ignore_errors=True)
    print(f"The engine is gone from {data}.")
    if (data / "models").is_dir():
        print(f"Your models stay in {data / 'models'}: delete that folder if you do not want them any more.")
    return 0


def all_places(resources: Path | None) -> list[KritaPlace]:
    """Every place a Krita may have, with the resource folders that its user chose."""
    places = candidates(sys.platform, os.environ, Path.home())
    if resources is not None:
        return [replace(places[0], kind="Krita", resources=resources.absolute())]
    return [replace(place, resources=kritarc.resource_folder(place.settings) or place.resources) for place in places]


def found(resources: Path | None) -> list[KritaPlace]:
    """The Kritas of this user. Raises InstallError when there is none."""
    places = all_places(resources)
    if resources is not None:
        if not resources.is_dir():
            raise InstallError(f"--resources {resources} is no folder: see Settings > Manage Resources in Krita.")
        return places
    there = [place for place in places if place.exists]
    if not there and shutil.which("krita"):
        there = places[:1]
    if not there:
        raise InstallError(
            "no Krita was found: start it once, then run this again, or name its folder: --resources DIR."
        )
    return there


def extra_before(data: Path) -> str:
    """What was installed with the engine that is there now: an update keeps it."""
    try:
        return str(json.loads((data / "install.json").read_text("utf-8")).get("extra", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def install_engine(data: Path, extra: str) -> None:
    """A venv of its own; `install.json` points to it only once it is whole. extra: "models" or ""."""
    wait = "some minutes, some GB" if extra else "about a minute"
    print(f"Installing the engine into {data} ({wait}) ...", flush=True)
    venv = data / "engines" / f"{version()}-{secrets.token_hex(3)}"
    try:
        data.mkdir(parents=True, exist_ok=True)
        make_venv(venv)
        install_copy(venv, extra)
    except (InstallError, OSError) as error:
        shutil.rmtree(venv, ignore_errors=True)
        raise InstallError(f"the engine could not be installed, and nothing was changed: {error}") from error
    write_json(data / "install.json", {"command": [str(program(venv, "inlay"))], "version": version(), "extra": extra})
    for other in venv.parent.iterdir():
        if other != venv:
            shutil.rmtree(other, ignore_errors=True)  # Windows keeps what is running; the next install removes it


def install_plugin(place: KritaPlace) -> None:
    """Copy the plugin beside the old one, then let it take its place."""
    fresh = place.pykrita / f".{NAME}-new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for path in plugin_files():
            target = fresh / path
            if (PLUGIN / path).is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(PLUGIN / path, target)
        place.actions.mkdir(parents=True, exist_ok=True)
        remove_plugin(place)
        (fresh / NAME).rename(place.pykrita / NAME)
        (fresh / f"{NAME}.desktop").rename(place.pykrita / f"{NAME}.desktop")
        shutil.copyfile(PLUGIN / NAME / f"{NAME}.action", place.actions / f"{NAME}.action")
    except OSError as error:
        raise InstallError(f"the plugin could not be written into {place.resources}: {error}.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def remove_plugin(place: KritaPlace) -> None:
    if (place.pykrita / NAME).exists():
        shutil.rmtree(place.pykrita / NAME)
    (place.pykrita / f"{NAME}.desktop").unlink(missing_ok=True)
    (place.actions / f"{NAME}.action").unlink(missing_ok=True)


def end_engine(data: Path) -> None:
    """Ask a running engine to end, so that none goes on without its files. Where none runs, nothing happens."""
    with contextlib.suppress(OSError, ValueError, LookupError):
        command = json.loads((data / "install.json").read_text("utf-8"))["command"]
        python = program(Path(command[0]).parent.parent, "python")
        subprocess.run([str(python), "-c", END_ENGINE], capture_output=True, timeout=30, check=False)


def write_json(path: Path, content: dict[str, object]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-new")
    temporary.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    temporary.replace(path)


def sandbox_advice(place: KritaPlace, data: Path) -> str:
    """What to do where Krita may not start the engine itself."""
    command = json.loads((data / "install.json").read_text("utf-8"))["command"][0]
    home = place.resources.parent / "inlay"
    return (
        f"{place.kind} runs in a sandbox and cannot start the engine. Start it yourself before the first edit:\n"
        f"  INLAY_HOME={home} {command} serve"
    )
