"""Certificates for tests over TLS, made by the `openssl` command; where there is none such a test is skipped."""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Made:
    """A certificate and its key, as PEM files."""

    path: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.path.read_text())).hexdigest()


def made(folder: Path, name: str = "engine", names: str = NAMES, days: int = 2, by: Made | None = None) -> Made:
    """names: the subjectAltName; "" for none. days: negative for one that has expired. by: who vouches; else itself."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make certificates")
    folder.mkdir(parents=True, exist_ok=True)
    key, request, path = (folder / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
    extensions = folder / f"{name}.ext"
    is_authority = "CA:TRUE" if name == "authority" else "CA:FALSE"
    extensions.write_text(f"basicConstraints={is_authority}\n" + (f"subjectAltName={names}\n" if names else ""))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    _run("req", *curve, "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    signed = ("-CA", by.path, "-CAkey", by.key, "-CAcreateserial") if by else ("-signkey", key)
    _run("x509", "-req", "-in", request, *signed, "-days", days, "-extfile", extensions, "-out", path)
    return Made(path, key)


def _run(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
