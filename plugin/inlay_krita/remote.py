"""An engine on another machine: where it is, and the way to it over TLS. Blocking calls, for worker threads only."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import json
import re
import socket
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .client import CONNECT_TIMEOUT_S, UNAUTHORIZED, Endpoint, EngineError, EngineLostError
from .launcher import check_protocol
from .translation import tr

if TYPE_CHECKING:
    import ssl

PORT = 7610  # what `inlay serve --listen` takes unless it is told
ASK_TIMEOUT_S = 10.0
LARGEST_ANSWER = 1 << 16  # that an engine's first words may have
TRUSTED_S = 10.0  # after it was asked who it is, an engine is not asked again for so long
LONGEST = 4096  # letters of anything that is typed in
NO_IMAGE = "/images/" + "0" * 64
# Where systems keep the authorities that they trust; the Python of some Kritas looks for them elsewhere.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)
# OpenSSL's numbers for what is wrong with a certificate (x509_vfy.h)
TOO_EARLY, EXPIRED, WRONG_NAMES = 9, 10, (62, 64)


class RemoteError(EngineError):
    """An engine elsewhere cannot be used; asking again would not help."""


@dataclass(frozen=True)
class RemoteSettings:
    """What the painter says of an engine elsewhere. Checked by `checked`."""

    address: str = ""  # "https://studio:7610"
    token: str = ""
    fingerprint: str = ""  # SHA-256 of the one certificate that is good, in hex; "" asks the authorities
    authority: str = ""  # a PEM file of who vouches for it; "" takes those that the system trusts

    @property
    def place(self) -> str:
        """For people: "studio:7610"."""
        return urllib.parse.urlsplit(self.address).netloc


@dataclass(frozen=True)
class RemoteEndpoint(Endpoint):
    """An engine elsewhere. No byte of token, prompt or picture is sent before its certificate is found good."""

    host: str = ""
    is_plain: bool = False  # http, to this machine alone
    fingerprint: str = ""
    authority: str = ""

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        """See `Endpoint.connect`. Raises RemoteError where the certificate is not good, too."""
        plain = socket.create_connection((self.host, self.port), CONNECT_TIMEOUT_S)
        connection = http.client.HTTPConnection(self.host, self.port)
        try:
            connection.sock = plain if self.is_plain else self._secured(plain)
        except BaseException:
            plain.close()
            raise
        if not self.is_plain:
            connection.default_port = http.client.HTTPS_PORT  # what the Host header leaves out
        return connection

    def lost(self) -> EngineLostError:
        """See `Endpoint.lost`."""
        return EngineLostError(
            tr("The engine at {place} cannot be reached.").format(place=self.place),
            tr('Look whether that machine is on and in the network, and whether "inlay serve --listen" runs there.'),
            code="unreachable",
        )

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        try:
            import ssl
        except ImportError as error:
            raise RemoteError(
                tr("The Python of this Krita knows no TLS."),
                tr("Use a tunnel to the other machine, and http://127.0.0.1 with its port as the address."),
            ) from error
        try:
            secured: ssl.SSLSocket = self._context(ssl).wrap_socket(plain, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            raise self._not_good(error.verify_code, error.verify_message) from error
        except ssl.SSLEOFError as error:  # it ends at this moment
            raise ConnectionResetError from error
        except ssl.SSLError as error:
            raise RemoteError(
                tr("What answers at {place} does not speak TLS.").format(place=self.place),
                tr("Look at the address and its port: it may be another program."),
                code="foreign",
            ) from error
        if self.fingerprint:
            shown = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
            if not hmac.compare_digest(shown, self.fingerprint):
                secured.close()
                raise self._not_pinned()
        return secured

    def _context(self, ssl: Any) -> Any:
        """ssl: the module, which some Pythons lack."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.fingerprint:  # one certificate is good, whatever it says: it is compared before anything is sent
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        try:
            if self.authority:
                context.load_verify_locations(self.authority)
            else:
                load_trusted(context)
        except (OSError, ValueError) as error:
            raise RemoteError(
                tr("{path} cannot be used as the certificate of an authority.").format(path=self.authority),
                tr("Choose a PEM file: it begins with -----BEGIN CERTIFICATE-----."),
                field="authority",
            ) from error
        return context

    def _not_good(self, code: int, reason: str) -> RemoteError:
        if code == EXPIRED:
            message = tr("The certificate of {place} has expired.")
            remedy = tr("Have a new one made there. If this machine's clock is wrong, set it.")
        elif code == TOO_EARLY:
            message = tr("The certificate of {place} is not good yet.")
            remedy = tr("Look at the clocks of both machines.")
        elif code in WRONG_NAMES:
            message = tr("The certificate of {place} is for another name.")
            remedy = tr("Use a name that it was made for, or its fingerprint.")
        else:
            message = tr("Nobody whom this machine trusts vouches for the certificate of {place} ({reason}).")
            remedy = tr('If it is self-signed, enter the fingerprint that "inlay serve" printed there.')
        return RemoteError(message.format(place=self.place, reason=reason), remedy, "certificate", "certificate")

    def _not_pinned(self) -> RemoteError:
        return RemoteError(
            tr("{place} shows another certificate than the one with your fingerprint. Nothing was sent to it.").format(
                place=self.place
            ),
            tr("If a new one was made there, enter its fingerprint. If not, somebody may stand in between."),
            field="fingerprint",
            code="certificate",
        )


class Remote:
    """The way to an engine elsewhere, with the calls of `Launcher`. Nothing is started."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.settings = settings
        self._endpoint = endpoint_of(settings)
        self._trusted_until = 0.0

    @property
    def address(self) -> str:
        """By which notes name this engine."""
        return self.settings.address

    @property
    def stage_again(self) -> str:
        """What is told while the way to it is looked for again."""
        return tr("The connection was lost. Trying again…")

    def find(self) -> Endpoint:
        """As `ensure`."""
        return self.ensure()

    def ensure(self) -> Endpoint:
        """The engine, once it has said who it is and takes the token.

        Raises EngineLostError where nothing answers, RemoteError and EngineVersionError where it is not to be used.
        """
        if time.monotonic() > self._trusted_until:
            self._ask_who()
            self._trusted_until = time.monotonic() + TRUSTED_S
        return self._endpoint

    def _ask_who(self) -> None:
        """First without the token: it is for an engine of ours alone."""
        status, body = _asked(self._endpoint, "GET", "/health", "")
        health = _health(body) if status == http.client.OK else {}
        if status == http.client.FORBIDDEN:
            raise RemoteError(
                tr("The engine at {place} does not know itself by that name.").format(place=self._endpoint.place),
                tr("Use a name of its certificate, or have it started with --name {name}.").format(
                    name=self._endpoint.host
                ),
                field="address",
            )
        if health.get("name") != "inlay":
            raise _foreign(self._endpoint)
        check_protocol(health)
        status, _ = _asked(self._endpoint, "HEAD", NO_IMAGE, self._endpoint.token)
        if status == UNAUTHORIZED:
            raise RemoteError(
                tr("The engine at {place} does not take this token.").format(place=self._endpoint.place),
                tr('Enter the token from the file that "inlay serve" named there.'),
                field="token",
                code="token",
            )


def endpoint_of(settings: RemoteSettings) -> RemoteEndpoint:
    """Where checked settings lead."""
    parts = urllib.parse.urlsplit(settings.address)
    return RemoteEndpoint(
        parts.port or PORT,
        settings.token,
        host=parts.hostname or "",
        is_plain=parts.scheme == "http",
        fingerprint=settings.fingerprint,
        authority=settings.authority,
    )


def checked(address: str, token: str, fingerprint: str = "", authority: str = "") -> RemoteSettings:
    """What the painter typed, in one form. Raises RemoteError with the field that is to blame."""
    token = token.strip()
    if len(token) > LONGEST or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise RemoteError(
            tr("That is no token."), tr('Copy it whole from the file that "inlay serve" named there.'), field="token"
        )
    authority = authority.strip()
    if authority and not Path(authority).is_file():
        raise RemoteError(
            tr("There is no file {path}.").format(path=authority), tr("Choose it again."), field="authority"
        )
    return RemoteSettings(checked_address(address), token, checked_fingerprint(fingerprint), authority)


def checked_address(told: str) -> str:
    """`https://studio:7610`; https and the port may be left out. Raises RemoteError."""
    told = told.strip().rstrip("/")
    remedy = tr("Enter one such as https://studio:7610.")
    try:
        parts = urllib.parse.urlsplit(told if "://" in told else f"https://{told}")
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host, port = "", 0
    is_odd = not re.fullmatch(r"[\w.:%-]+", host) or len(told) > LONGEST
    if is_odd or parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment or "@" in told:
        raise RemoteError(tr("That is no address of an engine."), remedy, field="address")
    if parts.scheme == "http" and not is_loopback(host):
        raise RemoteError(
            tr("Over http everybody on the way could read your picture and your token."),
            tr("Use https. Only this machine is spoken to by http."),
            field="address",
        )
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def checked_fingerprint(told: str) -> str:
    """As openssl, browsers or `inlay serve` write it; "" for none. Raises RemoteError."""
    digits = re.sub(r"[\s:]", "", told.rpartition("=")[2]).lower()
    if digits and not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise RemoteError(
            tr("That is no SHA-256 fingerprint: it has 64 digits, 0 to 9 and A to F."),
            tr('Copy it whole from what "inlay serve" printed there.'),
            field="fingerprint",
        )
    return digits


def is_loopback(host: str) -> bool:
    """Whether it is this machine, by number or by its one name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def load_trusted(context: ssl.SSLContext) -> None:
    """Trust whom the system trusts."""
    context.load_default_certs()
    if not context.cert_store_stats()["x509_ca"]:
        for bundle in BUNDLES:
            with contextlib.suppress(OSError):
                return context.load_verify_locations(bundle)


def _asked(endpoint: RemoteEndpoint, method: str, path: str, token: str) -> tuple[int, bytes]:
    """One small question: its status, and no more of its body than an engine would say. Nothing is followed."""
    try:
        connection = endpoint.connect()
    except OSError as error:
        raise endpoint.lost() from error
    with contextlib.closing(connection):
        try:
            connection.sock.settimeout(ASK_TIMEOUT_S)
            connection.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
            response = connection.getresponse()
            return response.status, response.read(LARGEST_ANSWER)
        except TimeoutError as error:
            raise endpoint.lost() from error
        except OSError as error:  # an engine that ends at this moment, or something else
            raise EngineLostError(
                tr("What answers at {place} hung up.").format(place=endpoint.place),
                tr("Try again in a moment. If it happens again it may be another program: look at address and port."),
                code="unreachable",
            ) from error
        except http.client.HTTPException as error:
            raise _foreign(endpoint) from error


def _health(body: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(body)
        return told if isinstance(told, dict) else {}
    return {}


def _foreign(endpoint: RemoteEndpoint) -> RemoteError:
    return RemoteError(
        tr("What answers at {place} is no Inlay engine.").format(place=endpoint.place),
        tr("Look at the address and its port: it may be another program."),
        field="address",
        code="foreign",
    )
