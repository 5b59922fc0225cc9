"""What `inlay doctor` and a report of a problem look at. Nothing here changes anything."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib import error, request

from inlay import PROTOCOL, __version__
from inlay.config import Folders
from inlay.pipelines.card import GB

OK, NOTE, BAD = "ok", "note", "BAD"
LIBRARIES = ("numpy", "pyvips-binary", "fastapi", "pydantic", "uvicorn", "click")
MODEL_LIBRARIES = ("torch", "diffusers", "transformers", "opencv-python-headless")  # those that are there
REPAIR = "run `python3 installer krita` in Inlay's folder"


@dataclass(frozen=True)
class Finding:
    """One line of what the doctor says; a BAD one stands in the way of an edit."""

    mark: str
    text: str  # for the user, with folders and commands
    shared: str = ""  # for anybody, without; empty where there is nothing to share

    @classmethod
    def public(cls, mark: str, text: str) -> Finding:
        """One that holds nothing of the user's."""
        return cls(mark, text, text)


def all_findings(folders: Folders) -> list[Finding]:
    """Everything, in the order in which it matters."""
    return [
        versions(),
        libraries(),
        fill(),
        device(),
        *writable(folders),
        engine(folders),
        *elsewhere(folders),
        endpoint(folders),
        installed(folders),
        plugin(folders),
        qt(),
    ]


def versions() -> Finding:
    system = f"Python {platform.python_version()}, {platform.platform(terse=True)}"
    return Finding.public(OK, f"Inlay {__version__} (protocol {PROTOCOL}), {system}")


def libraries() -> Finding:
    """The versions of what the engine stands on."""
    found, missing = [], []
    for name in (*LIBRARIES, *MODEL_LIBRARIES):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing += [name] if name in LIBRARIES else []
    if missing:
        return Finding.public(
            BAD, f"libraries are missing: {', '.join(missing)}; install Inlay again with pip install ."
        )
    return Finding.public(OK, ", ".join(found))


def fill() -> Finding:
    """Which code fills holes, and why."""
    from inlay.pixels.fill import backend

    if backend() == "native":
        return Finding.public(OK, "built-in fill: native (the compiled kernel)")
    import inlay.pixels.fill

    has_kernel = any(Path(inlay.pixels.fill.__file__).parent.glob("_kernel.*"))
    why = "the compiled kernel does not load here" if has_kernel else "no compiler was found when Inlay was installed"
    return Finding.public(
        NOTE, f"built-in fill: portable, which is slower, because {why}; install a C++ compiler, then {REPAIR}"
    )


def device() -> Finding:
    """What models run on, who computes their attention, and how much memory they may take."""
    if find_spec("torch") is None:
        return Finding.public(NOTE, "models need torch, which is not installed; pip install 'inlay[models]'")
    from inlay.pipelines.family import FamilyError
    from inlay.pipelines.parts.devices import ATTENTION, attention_backend, chosen_device
    from inlay.pipelines.shelf import Shelf

    try:
        chosen = chosen_device()
        attention = ATTENTION[attention_backend(chosen.kind)]
    except FamilyError as refusal:
        return Finding(BAD, str(refusal), f"no device for models ({refusal.fault.code})")
    precision, budget_gb = str(chosen.dtype).removeprefix("torch."), Shelf().budget_bytes / GB
    return Finding.public(
        OK, f"models run on {chosen.kind} in {precision}, attention by {attention}, up to {budget_gb:.1f} GB"
    )


def writable(folders: Folders) -> list[Finding]:
    """Whether the engine may write where it must."""
    findings = []
    for name in ("run", "data", "cache", "log"):
        folder: Path = getattr(folders, name)
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            findings.append(
                Finding(
                    BAD,
                    f"no permission to write into {there} ({name} folder); set INLAY_HOME to another",
                    f"no permission to write into the {name} folder",
                )
            )
    return findings or [Finding(OK, f"folders can be written: {folders.data}, {folders.run}", "folders can be written")]


def engine(folders: Folders) -> Finding:
    """Whether an engine runs, by its own answer."""
    told = loaded(folders.run / "engine.json")
    if told is None:
        return Finding.public(OK, "no engine is running; the panel starts one when it needs it")
    try:
        with request.urlopen(f"http://127.0.0.1:{int(told['port'])}/health", timeout=3) as answer:
            health = json.load(answer)
    except (error.URLError, OSError, ValueError, KeyError):
        return Finding.public(NOTE, "an engine ended without a word; the next one starts in its place")
    if health.get("instance") != told.get("instance"):
        return Finding.public(
            NOTE, "another program has taken the old engine's port; the next engine starts on another one"
        )
    if health.get("protocol") != PROTOCOL:
        return Finding(
            BAD,
            f"the running engine is Inlay {health.get('version')}; end it (process {told.get('pid')})",
            "the running engine speaks another protocol",
        )
    return Finding(
        OK,
        f"an engine is running: version {health['version']}, port {told['port']}, process {told['pid']}",
        "an engine is running",
    )


def elsewhere(folders: Folders) -> list[Finding]:
    """Whether Krita's panel lets another machine work; nothing where it does not."""
    told = loaded(folders.data / "remote.json") or {}
    if told.get("is_used") is not True:
        return []
    shared = "Krita's panel uses an engine on another machine"
    return [Finding(NOTE, f"Krita's panel uses the engine at {told.get('address')}, not this machine's", shared)]


def installed(folders: Folders) -> Finding:
    """Whether Krita's panel would find an engine to start."""
    told = loaded(folders.data / "install.json")
    if told is None:
        return Finding.public(NOTE, f"no engine is installed for Krita; {REPAIR}")
    command = [str(part) for part in told.get("command", [])]
    if not command or not os.access(command[0], os.X_OK):
        gone = "the engine installed for Krita is gone"
        return Finding(BAD, f"{gone} ({' '.join(command)}); {REPAIR}", gone)
    if told.get("version") != __version__:
        return Finding(
            NOTE,
            f"the engine installed for Krita is version {told.get('version')}; {REPAIR}",
            "the engine installed for Krita is of another version",
        )
    return Finding(OK, f"Krita's panel starts {' '.join(command)}", "an engine is installed for Krita")


def endpoint(folders: Folders) -> Finding:
    """Whether a server may be asked to do edits."""
    from inlay.pipelines.parts.endpoint import saved

    told = saved(folders.data)
    if told is None:
        return Finding.public(OK, "no endpoint is set: no pixel leaves this machine")
    return Finding(
        OK,
        f"edits may be sent to {told.host}, where they name {told.name} or nothing here can do them",
        "an endpoint is set",
    )


def plugin(folders: Folders) -> Finding:
    """Whether Krita has the plugin, as the installer wrote down."""
    told = loaded(folders.data / "plugin.json")
    places = [Path(place) for place in (told or {}).get("folders", [])]
    there = [str(place) for place in places if (place / "inlay_krita" / "__init__.py").is_file()]
    if not there:
        return Finding.public(NOTE, f"the plugin is in no Krita that the installer knows of; {REPAIR}")
    return Finding(OK, f"the plugin is in {', '.join(there)}", f"the plugin is in {len(there)} of Krita's folders")


def qt() -> Finding:
    """Whether `inlay panel` can open a window."""
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return Finding.public(NOTE, "`inlay panel` needs Qt, which is not installed; pip install 'inlay[panel]'")
    return Finding.public(OK, f"PySide6 {version} for `inlay panel`")


def loaded(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file, or None where there is none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
