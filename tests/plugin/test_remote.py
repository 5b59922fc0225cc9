"""An engine elsewhere, over real TLS: who is trusted, what is said, what never hears the token."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from inlay_krita import remote
from inlay_krita.client import Engine, EngineError, EngineLostError
from inlay_krita.launcher import EngineVersionError, Launcher
from inlay_krita.remote import (
    PORT,
    Remote,
    RemoteError,
    RemoteSettings,
    checked,
    checked_address,
    checked_fingerprint,
    is_loopback,
)

from tests.certificates import Made, made
from tests.elsewhere import Elsewhere, free_port

TOKEN = "a-token"
PATIENCE_S = 30.0


Handler = Callable[[BaseHTTPRequestHandler], None]


class Impostor(ThreadingHTTPServer):
    """Speaks TLS and answers everything alike; keeps what it was sent."""

    daemon_threads = True

    def __init__(self, certificate: Made, answer: Handler) -> None:
        self.heard: list[tuple[str, str | None]] = []
        heard = self.heard

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                heard.append((self.path, self.headers.get("Authorization")))
                answer(self)

            do_HEAD = do_GET  # noqa: N815 - the standard library's name

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Answering)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.path, certificate.key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Clients that break off are part of these tests."""

    def settings(self, **changes: str) -> RemoteSettings:
        return checked(**{"address": f"https://127.0.0.1:{self.server_port}", "token": TOKEN, **changes})


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Callable[..., Impostor]]:
    begun: list[Impostor] = []

    def begin(answer: Handler, certificate: Made | None = None) -> Impostor:
        begun.append(Impostor(certificate or made(tmp_path), answer))
        return begun[-1]

    yield begin
    for server in begun:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes, **headers: str) -> Handler:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def health(**changes: object) -> bytes:
    return json.dumps({"name": "inlay", "version": "0.1.0", "protocol": 1, "instance": "x", **changes}).encode()


def refusal(settings: RemoteSettings) -> EngineError:
    with pytest.raises(EngineError) as caught:
        Remote(settings).ensure()
    assert caught.value.remedy
    return caught.value


# Who is trusted


def test_a_pinned_certificate_lets_in(elsewhere: Elsewhere) -> None:
    with contextlib.closing(Engine(Remote(elsewhere.settings()).ensure())) as engine:
        assert engine.health()["name"] == "inlay"
        assert engine.jobs() == []


def test_one_that_an_authority_vouches_for_lets_in(impostor: Callable[..., Impostor], tmp_path: Path) -> None:
    authority = made(tmp_path / "ca", "authority", names="")
    server = impostor(says(200, health()), made(tmp_path, by=authority))
    assert Remote(server.settings(authority=str(authority.path))).ensure()
    assert [token for _, token in server.heard] == [None, f"Bearer {TOKEN}"]  # who it is was asked without it


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_whom_the_system_trusts_is_trusted_wherever_it_keeps_them(
    impostor: Callable[..., Impostor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_elsewhere: bool
) -> None:
    """is_elsewhere: the Python of some Kritas looks where that system keeps nothing."""
    authority = made(tmp_path / "ca", "authority", names="")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(nothing))
    monkeypatch.setenv("SSL_CERT_FILE", str(nothing / "none.pem" if is_elsewhere else authority.path))
    monkeypatch.setattr(remote, "BUNDLES", (str(nothing / "none.pem"), str(authority.path)) if is_elsewhere else ())
    server = impostor(says(200, health()), made(tmp_path, by=authority))
    assert Remote(server.settings()).ensure()


def test_a_certificate_that_nobody_vouches_for_is_not_taken(impostor: Callable[..., Impostor]) -> None:
    server = impostor(says(200, health()))
    error = refusal(server.settings())
    assert "Nobody whom this machine trusts" in error.message
    assert "fingerprint" in error.remedy
    assert server.heard == []


def test_another_certificate_than_the_pinned_one_is_told_nothing(
    impostor: Callable[..., Impostor], elsewhere: Elsewhere
) -> None:
    server = impostor(says(200, health()))
    error = refusal(server.settings(fingerprint=elsewhere.certificate.fingerprint))
    assert "Nothing was sent to it" in error.message
    assert error.field == "fingerprint"
    assert server.heard == []


def test_the_pin_is_looked_at_on_every_connection(impostor: Callable[..., Impostor], elsewhere: Elsewhere) -> None:
    server = impostor(says(200, health()))
    endpoint = Remote(server.settings(fingerprint=elsewhere.certificate.fingerprint))._endpoint
    with contextlib.closing(Engine(endpoint)) as engine, pytest.raises(RemoteError):
        engine.upload("RGBA", "U8", 1, 1, b"1234")
    assert server.heard == []


@pytest.mark.parametrize(
    ("days", "names", "words"),
    [
        (-1, "DNS:localhost,IP:127.0.0.1", "has expired"),
        (2, "DNS:studio,IP:192.168.1.5", "is for another name"),
    ],
)
def test_an_expired_one_and_another_ones_are_not_taken(
    impostor: Callable[..., Impostor], tmp_path: Path, days: int, names: str, words: str
) -> None:
    authority = made(tmp_path / "ca", "authority", names="")
    server = impostor(says(200, health()), made(tmp_path, names=names, days=days, by=authority))
    error = refusal(server.settings(authority=str(authority.path)))
    assert words in error.message
    assert server.heard == []


def test_a_file_that_is_no_authority_is_said_so(elsewhere: Elsewhere, tmp_path: Path) -> None:
    odd = tmp_path / "odd.pem"
    odd.write_text("a boat")
    error = refusal(elsewhere.settings(fingerprint="", authority=str(odd)))
    assert (error.field, str(odd) in error.message) == ("authority", True)


# What answers


def test_a_wrong_token_is_said_so(elsewhere: Elsewhere) -> None:
    error = refusal(elsewhere.settings(token="wrong"))
    assert "does not take this token" in error.message
    assert error.field == "token"


def test_a_name_that_the_engine_does_not_know(elsewhere: Elsewhere) -> None:
    settings = elsewhere.settings(address=f"https://localhost.localdomain:{elsewhere.port}")
    with contextlib.suppress(EngineLostError):  # where that name leads nowhere there is nothing to see
        with pytest.raises(RemoteError) as caught:
            Remote(settings).ensure()
        assert "--name" in caught.value.remedy


@pytest.mark.parametrize(
    "answer",
    [
        says(200, b"<html>Welcome to the printer</html>"),
        says(200, b'["inlay"]'),
        says(200, b'{"name": "other"}'),
        says(404, b"nothing here"),
        says(500, b""),
        says(302, b"", Location="https://127.0.0.1:1/health"),
    ],
)
def test_a_server_that_is_no_engine_never_sees_the_token(impostor: Callable[..., Impostor], answer: Handler) -> None:
    server = impostor(answer)
    error = refusal(server.settings(fingerprint=_fingerprint(server)))
    assert "is no Inlay engine" in error.message
    assert {token for _, token in server.heard} == {None}


def test_one_that_closes_at_once_never_sees_the_token(impostor: Callable[..., Impostor]) -> None:
    server = impostor(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR))
    error = refusal(server.settings(fingerprint=_fingerprint(server)))
    assert "hung up" in error.message
    assert isinstance(error, EngineLostError)  # it may have been an engine that ended: what it has is not given up
    assert [token for _, token in server.heard] == [None]


def _fingerprint(server: Impostor) -> str:
    with contextlib.closing(socket.create_connection(server.server_address[:2])) as plain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain) as secured:
            return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()


def test_one_that_never_answers_is_given_up(impostor: Callable[..., Impostor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inlay_krita.remote.ASK_TIMEOUT_S", 0.2)
    gate = threading.Event()
    server = impostor(lambda handler: gate.wait(PATIENCE_S) and None)
    error = refusal(server.settings(fingerprint=_fingerprint(server)))
    gate.set()
    assert isinstance(error, EngineLostError)
    assert "cannot be reached" in error.message


def test_one_that_says_too_much_is_not_listened_to(impostor: Callable[..., Impostor]) -> None:
    server = impostor(says(200, b" " * (8 << 20) + health()))
    assert "is no Inlay engine" in refusal(server.settings(fingerprint=_fingerprint(server))).message


def test_another_protocol_is_said_so(impostor: Callable[..., Impostor]) -> None:
    server = impostor(says(200, health(protocol=99, version="9.0")))
    error = refusal(server.settings(fingerprint=_fingerprint(server)))
    assert isinstance(error, EngineVersionError)
    assert "9.0" in error.message


def test_where_nobody_listens_it_is_said_so() -> None:
    error = refusal(checked(f"https://127.0.0.1:{free_port()}", TOKEN))
    assert isinstance(error, EngineLostError)
    assert "whether that machine is on" in error.remedy


def test_what_speaks_no_tls_is_said_so(shared_launcher: Launcher) -> None:
    error = refusal(checked(f"https://127.0.0.1:{shared_launcher.ensure().port}", TOKEN))
    assert "does not speak TLS" in error.message


def test_plain_http_reaches_this_machine_as_through_a_tunnel(shared_launcher: Launcher) -> None:
    local = shared_launcher.ensure()
    assert Remote(checked(f"http://127.0.0.1:{local.port}", local.token)).ensure()


# What is typed


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("studio", f"https://studio:{PORT}"),
        (" https://Studio:9000/ ", "https://studio:9000"),
        ("192.168.1.5", f"https://192.168.1.5:{PORT}"),
        ("https://[fe80::1]:9", "https://[fe80::1]:9"),
        ("http://localhost:7610", "http://localhost:7610"),
    ],
)
def test_addresses_get_one_form(told: str, address: str) -> None:
    assert checked_address(told) == address


@pytest.mark.parametrize(
    "told",
    [
        "",
        "two words",
        "ftp://studio",
        "https://me:secret@studio",
        "https://studio/engine",
        "https://studio?x=1",
        "https://studio:70000",
        "http://studio:7610",
        "http://192.168.1.5:7610",
        "s" * 5000,
    ],
)
def test_what_is_no_address_is_refused(told: str) -> None:
    with pytest.raises(RemoteError) as caught:
        checked_address(told)
    assert (caught.value.field, bool(caught.value.remedy)) == ("address", True)


@pytest.mark.parametrize("told", ["", "   ", "two words", "caf\u00e9", "x" * 5000, "a\nb"])
def test_what_is_no_token_is_refused(told: str) -> None:
    with pytest.raises(RemoteError) as caught:
        checked("https://studio", told)
    assert caught.value.field == "token"


def test_fingerprints_are_taken_as_anybody_writes_them() -> None:
    digits = "0123456789abcdef" * 4
    spelled = ":".join(digits[at : at + 2] for at in range(0, 64, 2)).upper()
    assert checked_fingerprint(f"sha256 Fingerprint={spelled}\n") == digits
    assert checked_fingerprint("  ") == ""
    with pytest.raises(RemoteError):
        checked_fingerprint(spelled[:-3])


def test_only_this_machine_is_spoken_to_in_the_open() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("10.0.0.1", "localhost.evil.example", "")] == [False] * 3
