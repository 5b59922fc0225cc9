"""The certificate by which panels on other machines know this engine: its names and its fingerprint."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inlay.errors import Refusal

MOST_ROUNDS = 10  # of a handshake with ourselves; TLS 1.3 takes two
HOW = "docs/remote.md has the line that makes one."


class CertificateError(Refusal):
    """A certificate or a key that cannot be shown to anybody."""


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, good for use now."""

    path: Path
    key_path: Path
    names: frozenset[str]  # host names in lower case, `*.` at most in front, and addresses in their shortest form
    fingerprint: str  # SHA-256 of the certificate itself, lower-case hex


def read_certificate(path: Path, key_path: Path) -> Certificate:
    """A PEM certificate, with the ones that vouch for it below it where there are any, and its PEM key.

    It is shown to ourselves once, so that what others will refuse is refused now. Raises CertificateError.
    """
    told, der = _shown(_context(path, key_path), path)
    names = frozenset(_plain(name) for kind, name in told.get("subjectAltName", ()) if kind in ("DNS", "IP Address"))
    return Certificate(path, key_path, names, hashlib.sha256(der).hexdigest())


def spelled(fingerprint: str) -> str:
    """For people: `AB:CD:...`, as browsers and openssl write it."""
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


def plain_name(name: str) -> str:
    """A host name or an address as it is compared. Raises CertificateError for what is neither."""
    plain = _plain(name)
    if not plain or any(letter.isspace() or letter in "/@?#*" for letter in plain):
        raise CertificateError("name", f"{name!r} is no name of a machine.", field="name", remedy="Leave it out.")
    return plain


def _plain(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name.strip().strip("[]")))
    except ValueError:
        return name.strip().rstrip(".").lower()


def _context(path: Path, key_path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def asked() -> str:
        raise CertificateError(
            "key_locked",
            f"{key_path} is protected by a password.",
            field="key",
            remedy="Give a key without one, readable by you alone.",
        )

    try:
        context.load_cert_chain(path, key_path, asked)
    except ssl.SSLError as error:
        reason = "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "are no PEM files of that kind"
        raise CertificateError(
            "certificate", f"{path} and {key_path} {reason}.", field="certificate", remedy=HOW
        ) from error
    except OSError as error:
        raise CertificateError(
            "certificate",
            f"{path} or {key_path} cannot be read: {error.strerror or error}.",
            field="certificate",
            remedy=HOW,
        ) from error
    return context


def _shown(server: ssl.SSLContext, path: Path) -> tuple[dict[str, Any], bytes]:
    """What one who trusts exactly this certificate sees of it: decoded, and as DER."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False  # there is no host here; only whether it is good at all
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(path)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours, theirs = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
    try:
        _shake_hands(ours, theirs)
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(
            "certificate", f"{path} cannot be used: {error.verify_message}.", field="certificate", remedy=HOW
        ) from error
    return dict(ours.getpeercert() or {}), ours.getpeercert(binary_form=True) or b""


def _shake_hands(*sides: ssl.SSLObject) -> None:
    waiting = list(sides)
    for _ in range(MOST_ROUNDS):
        for side in tuple(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                continue
    assert not waiting, "a handshake in memory ends"
