"""An engine that lets others in, as one on another machine would: in a process and a home of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from inlay_krita.remote import RemoteSettings, checked

from tests.certificates import Made

PATIENCE_S = 30.0


def free_port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as one:
        return int(one.getsockname()[1])


class Elsewhere:
    """`inlay serve --listen` in a process and a home of its own."""

    def __init__(self, home: Path, certificate: Made, port: int | None = None) -> None:
        self.home, self.certificate, self.port = home, certificate, port or free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        pem = ["--certificate", str(self.certificate.path), "--key", str(self.certificate.key)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("INLAY_", "XDG_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "inlay", "serve", "--listen", "127.0.0.1", "--port", str(self.port), *pem],
            env={**kept, "INLAY_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert any("SHA-256" in line for line in self.process.stdout)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(PATIENCE_S)
            assert self.process.stdout
            self.process.stdout.close()
            self.process = None

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.home / "data" / "remote-token").read_text()

    def settings(self, **changes: str) -> RemoteSettings:
        told = {"address": self.address, "token": self.token, "fingerprint": self.certificate.fingerprint}
        return checked(**{**told, **changes})
