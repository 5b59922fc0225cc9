"""An `images/edits` endpoint that the user has set: where it is, and the key, which lies apart and is never shown."""

from __future__ import annotations

import contextlib
import importlib
import ipaddress
import json
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from inlay.errors import Refusal

SETTINGS, KEY_FILE = "endpoint.json", "endpoint.key"
SERVICE = "inlay"  # in the system's keyring; the user's name there is the address
LONGEST_KEY = 4096
LONGEST_ADDRESS = 1000
LARGEST_SIDE = 8192
REMEDY = "Set it again with `inlay endpoint set`."
Size = tuple[int, int]  # width, height in pixels
# The sizes that OpenAI's API reference names; its later models take any multiple of 16, as self-hosted ones do.
FIXED_SIZES: dict[str, tuple[Size, ...]] = {
    "gpt-image-1": ((1024, 1024), (1536, 1024), (1024, 1536)),
    "chatgpt-image": ((1024, 1024), (1536, 1024), (1024, 1536)),
    "dall-e-2": ((1024, 1024),),
}


class EndpointError(Refusal):
    """An address, a key or a setting that cannot be used."""


class KeyPlace(StrEnum):
    """Where the key lies."""

    KEYRING = "keyring"  # the system's
    FILE = "file"  # readable by its owner alone
    NONE = "none"  # a server of the user's own may want none


@dataclass(frozen=True)
class Endpoint:
    """What the user has set. The key is no field of it: it is read when it is sent, and not kept."""

    address: str  # "https://api.openai.com/v1"; "/images/edits" is added
    model: str = ""  # what the server calls it; servers of one model need no name
    sizes: tuple[Size, ...] = ()  # the only ones that it takes; () is any multiple of 16
    key_place: KeyPlace = KeyPlace.NONE

    @property
    def host(self) -> str:
        """For people: where pixels go."""
        return urlsplit(self.address).netloc

    @property
    def name(self) -> str:
        """How plans and users call it."""
        return self.model or "hosted"

    @property
    def is_private(self) -> bool:
        """Whether it is on this machine or in its network."""
        return _is_private(urlsplit(self.address).hostname or "")


def checked_address(address: str) -> str:
    """The address without a slash at its end. Raises EndpointError for one that a key must not be sent to."""
    parts = urlsplit(address.strip())
    remedy = "Give one such as https://api.openai.com/v1, or http://127.0.0.1:8000/v1 for a server of your own."
    if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > LONGEST_ADDRESS:
        raise EndpointError("address", "That is no address of a web server.", field="address", remedy=remedy)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "The address holds a name, a key or a question mark, which do not belong there."
        raise EndpointError("address", message, field="address", remedy=remedy)
    if parts.scheme == "http" and not _is_private(parts.hostname):
        raise EndpointError(
            "address_open",
            f"Over http everybody on the way to {parts.hostname} could read your key and your picture.",
            field="address",
            remedy="Use https; http is for this machine and for numbers of its own network, such as 192.168.1.5.",
        )
    return address.strip().rstrip("/").removesuffix("/images/edits")


def checked_key(key: str) -> str:
    """The key without the white space around it; "" for none. Raises EndpointError for what no key can be."""
    key = key.strip()
    if len(key) > LONGEST_KEY or not re.fullmatch(r"[\x21-\x7e]*", key):
        raise EndpointError(
            "key",
            "That is no key: it is too long, or holds a space or a letter that no key has.",
            field="key",
            remedy="Copy it again from where it was given to you.",
        )
    return key


def sizes_of(model: str) -> tuple[Size, ...]:
    """The only sizes that a model is known to take; () where it takes any multiple of 16."""
    return next((sizes for beginning, sizes in FIXED_SIZES.items() if model.startswith(beginning)), ())


def checked_sizes(told: str) -> tuple[Size, ...]:
    """`1024x1024,1536x1024` as sizes. Raises EndpointError."""
    found = [re.fullmatch(r"\s*(\d{1,5})x(\d{1,5})\s*", size) for size in told.split(",")]
    sizes = tuple((int(size[1]), int(size[2])) for size in found if size)
    if len(sizes) < len(found) or not all(16 <= side <= LARGEST_SIDE for size in sizes for side in size):
        raise EndpointError(
            "sizes", f"{told!r} is no list of sizes.", field="sizes", remedy="Write 1024x1024,1536x1024,1024x1536."
        )
    return sizes


def saved(folder: Path) -> Endpoint | None:
    """The endpoint that is set, from the data folder; None where none is, or what is there cannot be read."""
    try:
        told = json.loads((folder / SETTINGS).read_text("utf-8"))
        sizes = tuple((int(width), int(height)) for width, height in told["sizes"])
        return Endpoint(checked_address(told["address"]), str(told["model"]), sizes, KeyPlace(told["key_place"]))
    except (OSError, ValueError, KeyError, TypeError, EndpointError):
        return None


def save(endpoint: Endpoint, key: str, folder: Path) -> Endpoint:
    """Keep it from now on, with its key in the system's keyring, or else in a file. Gives it with the key's place."""
    address, key = checked_address(endpoint.address), checked_key(key)
    remove(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = _kept(address, key, folder) if key else KeyPlace.NONE
    kept = Endpoint(address, endpoint.model, endpoint.sizes, place)
    told = {"address": kept.address, "model": kept.model, "sizes": kept.sizes, "key_place": kept.key_place}
    _write(folder / SETTINGS, json.dumps(told))
    return kept


def remove(folder: Path) -> bool:
    """Forget the endpoint and its key, wherever it lies. Whether there was one."""
    before = saved(folder)
    if before and before.key_place is KeyPlace.KEYRING and (keyring := _keyring()):
        with contextlib.suppress(_refusals(keyring)):  # it may have been taken out by hand
            keyring.delete_password(SERVICE, before.address)
    for name in (SETTINGS, KEY_FILE):
        (folder / name).unlink(missing_ok=True)
    return before is not None


def key_of(endpoint: Endpoint, folder: Path) -> str:
    """The key; "" where none is wanted. Raises EndpointError where it is gone, locked or readable by others."""
    if endpoint.key_place is KeyPlace.NONE:
        return ""
    key = _from_keyring(endpoint.address) if endpoint.key_place is KeyPlace.KEYRING else _from_file(folder / KEY_FILE)
    if not key:
        raise EndpointError("key_gone", f"The key for {endpoint.host} is gone.", field="key", remedy=REMEDY)
    return checked_key(key)


def _kept(address: str, key: str, folder: Path) -> KeyPlace:
    keyring = _keyring()
    if keyring:
        with contextlib.suppress(_refusals(keyring)):  # no keyring on this system, or a locked one: then a file
            keyring.set_password(SERVICE, address, key)
            return KeyPlace.KEYRING
    _write(folder / KEY_FILE, key)
    return KeyPlace.FILE


def _from_keyring(address: str) -> str:
    keyring = _keyring()
    if keyring is None:
        return ""
    try:
        return keyring.get_password(SERVICE, address) or ""
    except _refusals(keyring) as error:
        message, remedy = "The system's keyring does not give the key out.", "Unlock it, then try again."
        raise EndpointError("key_locked", message, field="key", remedy=remedy) from error


def _from_file(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise EndpointError("key_open", "Others can read the file that holds the key.", field="key", remedy=REMEDY)
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, text: str) -> None:
    """The whole file or nothing of it, and never readable by others, not even for a moment."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def _keyring() -> ModuleType | None:
    """The `keyring` package, where it is installed."""
    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None


def _refusals(keyring: ModuleType) -> type[Exception]:
    refusal: type[Exception] = keyring.errors.KeyringError
    return refusal


def _is_private(host: str) -> bool:
    """This machine by its name, or a number of a private network. Other names could lead anywhere."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (address.is_private or address.is_loopback) and not address.is_unspecified
