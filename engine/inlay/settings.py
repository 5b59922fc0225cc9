"""What the user has set of the engine: kept in the data folder, told to the rooms below as an environment does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from inlay.config import GIB, MIB, Limits

FILE_NAME = "settings.json"
LARGEST_FILE = MIB
LEAST_MEMORY, MOST_MEMORY = 512 * MIB, 4096 * GIB  # the smallest model with what it computes; more than any machine has
LEAST_STORE, MOST_STORE = GIB, 1024 * GIB  # one largest image; a disk
DEVICE = re.compile(r"|cpu|mps|xpu|cuda(:\d{1,2})?")  # as torch names them; "" is the best that is here
VARIABLES = {"device": "INLAY_DEVICE", "memory_bytes": "INLAY_MEMORY_BYTES"}  # which say it, too, and count more


@dataclass(frozen=True)
class Settings:
    """What can be set."""

    device: str = ""
    memory_bytes: int = 0  # that all loaded models together may take; 0 is most of what is free
    store_bytes: int = Limits.store_bytes  # of images that the engine keeps

    def checked(self) -> Settings:
        """With the default in place of what cannot be."""
        good, default = self, Settings()
        if not DEVICE.fullmatch(self.device):
            good = replace(good, device=default.device)
        if self.memory_bytes and not LEAST_MEMORY <= self.memory_bytes <= MOST_MEMORY:
            good = replace(good, memory_bytes=default.memory_bytes)
        if not LEAST_STORE <= self.store_bytes <= MOST_STORE:
            good = replace(good, store_bytes=default.store_bytes)
        return good


def read(folder: Path) -> Settings:
    """What is set, from the data folder; the default of what is not, or is not as it should be."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            told = json.loads(file.read(LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return Settings()
    if not isinstance(told, dict):
        return Settings()
    values = {name: told[name] for name, default in asdict(Settings()).items() if type(told.get(name)) is type(default)}
    return Settings(**values).checked()


def write(folder: Path, settings: Settings) -> None:
    """Keep it from now on: the whole file or nothing of it. Raises OSError; what was there stays then."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = folder / f"{FILE_NAME}.{os.getpid()}.new"
    try:
        beside.write_text(json.dumps(asdict(settings)), "utf-8")
        beside.replace(folder / FILE_NAME)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def fixed_by(environ: Mapping[str, str]) -> frozenset[str]:
    """What an environment says already: whoever wrote that meant it, and nothing here changes it."""
    return frozenset(name for name, variable in VARIABLES.items() if environ.get(variable))


def apply(settings: Settings, environ: MutableMapping[str, str], fixed: Collection[str]) -> None:
    """Say it to this process, except for what is fixed. Loads that come later heed it."""
    for name, variable in VARIABLES.items():
        if name in fixed:
            continue
        value = getattr(settings, name)
        if value:
            environ[variable] = str(value)
        else:
            environ.pop(variable, None)
