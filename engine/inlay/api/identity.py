"""Who this engine is: what `engine.json` says, and what access is checked against."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass

from inlay import PROTOCOL, __version__


@dataclass(frozen=True)
class Identity:
    """One running engine."""

    port: int
    token: str
    pid: int
    version: str
    protocol: int
    instance: str

    @classmethod
    def new(cls, port: int) -> Identity:
        """This process, listening on `port`, with a fresh token."""
        return cls(port, secrets.token_urlsafe(32), os.getpid(), __version__, PROTOCOL, secrets.token_hex(8))

    @property
    def hosts(self) -> frozenset[str]:
        """What the Host header may say. A page that rebinds its own name to 127.0.0.1 cannot send these."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})
