"""The door for panels on other machines: over TLS, with a token of its own, and not for everything."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Scope

from inlay.api.certificates import Certificate, plain_name, read_certificate, spelled
from inlay.errors import Refusal

PORT = 7610  # unless told: the same after every start, so that panels find the engine again
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; uvicorn's own choice is older. TLS 1.3 has its own
MOST_AT_ONCE = 400  # requests and streams: a handful for each painter of a studio
KEPT_IN = "remote-token"
ID = r"[^/]+"
# What a panel elsewhere needs for edits. Whatever names a folder, ends the engine or sets it up is for this machine.
OPEN = (
    r"GET /health|GET /report|GET /openapi\.json|GET /models|GET /settings|POST /plan|POST /edits|POST /captions"
    r"|POST /controls|POST /selections(/ready)?|(HEAD|PUT|GET) /images/{id}|GET /images/{id}/thumbnail"
    r"|GET /jobs(/{id}(/events)?)?|GET /queue|POST /jobs/{id}/(cancel|hurry|move|rerun)|DELETE /jobs/{id}"
)
MANAGING = r"POST /models/{id}/(install|cancel|verify)|GET /models/{id}/events|DELETE /models/{id}|POST /memory/free"
_OPEN, _MANAGING = (re.compile(routes.replace("{id}", ID)) for routes in (OPEN, MANAGING))


class OutsideError(Refusal):
    """The door cannot be opened."""


@dataclass(frozen=True)
class Wanted:
    """What whoever starts the engine says of the door."""

    address: str  # to listen at: "0.0.0.0", "192.168.1.5", "::"
    certificate: Path
    key: Path
    port: int = PORT
    names: tuple[str, ...] = ()  # by which it is reached, beside those of the certificate
    may_manage: bool = False  # panels elsewhere may also install and delete models


@dataclass(frozen=True)
class Outside:
    """The open door."""

    port: int
    certificate: Certificate
    names: frozenset[str]
    token: str
    token_path: Path
    may_manage: bool

    @classmethod
    def of(cls, wanted: Wanted, folder: Path) -> Outside:
        """folder: where the token lies, or is put. Raises CertificateError, OutsideError."""
        certificate = read_certificate(wanted.certificate, wanted.key)
        names = certificate.names | {plain_name(name) for name in wanted.names}
        listens_at = plain_name(wanted.address)
        with contextlib.suppress(ValueError):
            if not ipaddress.ip_address(listens_at).is_unspecified:
                names |= {listens_at}
        if not names:
            raise OutsideError(
                "names",
                f"{wanted.certificate} names no machine, so nobody could ask for this engine.",
                field="certificate",
                remedy="Make one with a subjectAltName (docs/remote.md), or say --name.",
            )
        path = folder / KEPT_IN
        return cls(wanted.port, certificate, names, kept_token(path), path, wanted.may_manage)

    def is_host(self, told: str) -> bool:
        """Whether a Host header names this engine."""
        name, _, port = told.lower().rpartition(":") if re.search(r":\d+$", told) else (told.lower(), "", "443")
        name = name.strip("[]")
        first, _, rest = name.partition(".")
        is_below = bool(first and rest) and f"*.{rest}" in self.names
        return port == str(self.port) and "*" not in name and (name in self.names or is_below)

    def may(self, method: str, path: str) -> bool:
        """Whether a panel elsewhere may ask for that."""
        asked = f"{method} {path}"
        return bool(_OPEN.fullmatch(asked) or (self.may_manage and _MANAGING.fullmatch(asked)))

    def told(self) -> tuple[str, ...]:
        """For whoever set it up, line by line."""
        name = min(self.names - {name for name in self.names if "*" in name} or self.names)
        shown = f"[{name}]" if ":" in name else name
        return (
            f"For panels on other machines: https://{shown}:{self.port}",
            f"Token: in {self.token_path}",
            f"Certificate, SHA-256: {spelled(self.certificate.fingerprint)}",
        )


def is_outside(scope: Scope) -> bool:
    """Whether a request came through the door for other machines: nothing else speaks TLS here."""
    return bool(scope.get("scheme") == "https")


def kept_token(path: Path) -> str:
    """The token for other machines: made once, so that painters need not be told again after every start.

    Raises OutsideError where others can read it, or where it cannot be kept.
    """
    try:
        if path.exists():
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise OutsideError(
                    "token_open",
                    f"Others on this machine can read {path}.",
                    remedy="Delete it: the next start makes a new token.",
                )
            return path.read_text("ascii").strip() or _new_token(path)
        return _new_token(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutsideError("token", f"{path} cannot be used: {reason}.", remedy="Check its folder.") from error


def _new_token(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    token = secrets.token_urlsafe(32)
    handle, beside = tempfile.mkstemp(dir=path.parent)  # 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token)
    Path(beside).replace(path)
    return token


@contextlib.contextmanager
def listening(wanted: Wanted) -> Iterator[socket.socket]:
    """A socket bound to the wanted address. Raises OutsideError."""
    listener = socket.socket(socket.AF_INET6 if ":" in wanted.address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((wanted.address, wanted.port))
        except (OSError, OverflowError) as error:
            raise OutsideError(
                "listen",
                f"{wanted.address}, port {wanted.port} cannot be used: {getattr(error, 'strerror', None) or error}.",
                field="listen",
                remedy="Name an address that this machine has, such as 0.0.0.0 for all of them, and a free port.",
            ) from error
        yield listener
    finally:
        listener.close()


class OuterServer:
    """Serves the same app to other machines, from when the inner server answers until that one ends."""

    def __init__(
        self, app: ASGIApp, outside: Outside, listener: socket.socket, grace_s: int, keep_alive_s: int
    ) -> None:
        self._listener = listener
        self._serving: asyncio.Task[None] | None = None
        self._server = _SilentServer(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ws="none",
                lifespan="off",  # the inner server's
                proxy_headers=False,
                ssl_certfile=outside.certificate.path,
                ssl_keyfile=outside.certificate.key_path,
                ssl_ciphers=CIPHERS,
                limit_concurrency=MOST_AT_ONCE,
                timeout_graceful_shutdown=grace_s,
                timeout_keep_alive=keep_alive_s,
            )
        )

    async def start(self) -> None:
        """Begin; others are answered when this returns."""
        self._serving = asyncio.create_task(self._server.serve([self._listener]))
        up = asyncio.create_task(self._server.is_up.wait())
        await asyncio.wait({self._serving, up}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()

    async def end(self) -> None:
        """End in good order."""
        if self._serving:
            self._server.should_exit = True
            await self._serving


class _SilentServer(uvicorn.Server):
    """Says when it answers; signals are the inner server's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
