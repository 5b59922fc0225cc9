"""An engine elsewhere, over real TLS: who is trusted, what is said, and that nothing is lost."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from inlay_krita.client import Engine, EngineError, EngineLostError
from inlay_krita.launcher import EngineVersionError, Launcher
from inlay_krita.qt import QtWidgets
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
from inlay_krita.session import Session
from inlay_krita.state import EngineState

from tests.certificates import Made, made
from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

TOKEN = "a-token"
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


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """One that all tests leave alive."""
    folder = tmp_path_factory.mktemp("elsewhere")
    engine = Elsewhere(folder / "home", made(folder))
    engine.start()
    yield engine
    engine.stop()


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


# The choice, in a session


Make = Callable[[], Session]


@pytest.fixture
def document() -> MemoryDocument:
    document = MemoryDocument()
    document.select(100, 80, 60, 40)
    return document


@pytest.fixture
def make(application: QtWidgets.QApplication, launcher: Launcher, document: MemoryDocument) -> Iterator[Make]:
    sessions: list[Session] = []

    def one() -> Session:
        sessions.append(Session(MemoryCanvas(document), launcher))
        return sessions[-1]

    yield one
    for session in sessions:
        session.close()


def use(session: Session, engine: Elsewhere, wait: Wait) -> None:
    session.engine_choice.use_remote(engine.address, engine.token, engine.certificate.fingerprint, "")
    wait(lambda: not session.engine_choice.is_asking)
    assert session.engine_choice.problem is None, session.engine_choice.problem.message


def test_edits_go_where_the_painter_chose_and_the_choice_outlives_krita(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait, document: MemoryDocument
) -> None:
    session = make()
    use(session, elsewhere, wait)
    assert session.engine_choice.place == f"127.0.0.1:{elsewhere.port}"
    wait(lambda: session.engine.state is EngineState.READY)
    session.remove()
    wait(lambda: document.placements)
    with contextlib.closing(Engine(Remote(elsewhere.settings()).ensure())) as engine:
        assert [job.kind for job in engine.jobs()] == ["remove"]
    assert launcher.find() is None  # none was started here
    kept = launcher.folders.data / "remote.json"
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    again = make()
    assert again.engine_choice.is_remote
    again.engine_choice.use_local()
    assert not make().engine_choice.is_remote
    assert make().engine_choice.settings == elsewhere.settings()  # known, though not used


def test_a_choice_that_cannot_be_made_leaves_the_one_before(make: Make, elsewhere: Elsewhere, wait: Wait) -> None:
    session = make()
    session.engine_choice.use_remote(elsewhere.address, "wrong", elsewhere.certificate.fingerprint, "")
    wait(lambda: not session.engine_choice.is_asking)
    problem = session.engine_choice.problem
    assert problem
    assert problem.field == "token"
    assert not session.engine_choice.is_remote
    assert not make().engine_choice.is_remote


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps who may read in other ways")
def test_a_token_that_others_can_read_is_not_sent(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait
) -> None:
    use(make(), elsewhere, wait)
    (launcher.folders.data / "remote.json").chmod(0o644)
    session = make()
    assert not session.engine_choice.is_remote
    problem = session.engine_choice.problem
    assert problem
    assert "Others on this machine can read" in problem.message


@pytest.mark.parametrize(
    "text", ["", "[]", '{"inlay_engine": 1}', '{"address": "http://evil", "is_used": true}', "{" * 5000]
)
def test_a_file_of_somebody_elses_making_is_left_alone(make: Make, launcher: Launcher, text: str) -> None:
    path = launcher.folders.data / "remote.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    assert not make().engine_choice.is_remote
    assert path.read_text() == text


def test_what_is_under_way_ends_where_it_began(
    make: Make, elsewhere: Elsewhere, launcher: Launcher, wait: Wait, document: MemoryDocument
) -> None:
    session = make()
    use(session, elsewhere, wait)
    session.remove()
    wait(lambda: session.works and session.works[0].errand)
    session.engine_choice.use_local()
    wait(lambda: document.placements)
    assert session.notices == []
    session.remove()
    wait(lambda: len(document.placements) == 2)
    with contextlib.closing(Engine(launcher.ensure())) as engine:
        assert len(engine.jobs()) == 1


def test_an_engine_that_goes_away_keeps_what_it_has_until_it_is_back(
    make: Make, tmp_path: Path, wait: Wait, document: MemoryDocument
) -> None:
    engine = Elsewhere(tmp_path / "there", made(tmp_path / "pem"))
    engine.start()
    try:
        session = make()
        use(session, engine, wait)
        document.pixels = MemoryDocument(2400, 1800, seed=3).pixels
        document.mask = MemoryDocument(2400, 1800).mask
        document.select(600, 400, 900, 900)
        session.remove()
        wait(lambda: list((session.reporting.folders.data / "panel").glob("*.json")))
        engine.stop()
        wait(lambda: session.notices and not session.works, timeout_s=60)
        assert any("is fetched when it can be reached again" in notice.remedy for notice in session.notices)
        assert all(notice.act is None for notice in session.notices)
        session.engine_choice.use_local()
        session.look()
        wait(lambda: session.engine.state is EngineState.IDLE)
        assert session.works == []  # it is that engine's
        engine.start()
        use(session, engine, wait)
        wait(lambda: document.placements, timeout_s=60)
    finally:
        engine.stop()


def test_an_engine_that_cannot_be_reached_is_told_once(make: Make, tmp_path: Path, wait: Wait) -> None:
    engine = Elsewhere(tmp_path / "there", made(tmp_path / "pem"))
    engine.start()
    session = make()
    use(session, engine, wait)
    wait(lambda: session.engine.state is EngineState.READY)
    engine.stop()
    session.engine_choice._engines.turn_to(Remote(session.engine_choice.settings))
    session.look()
    wait(lambda: session.engine.state is EngineState.TROUBLE)
    assert len(session.notices) == 1
    session.dismiss(session.notices[0])
    session.look()
    deadline = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > deadline)
    assert session.notices == []


def test_the_report_names_neither_address_nor_token(make: Make, elsewhere: Elsewhere, wait: Wait) -> None:
    session = make()
    use(session, elsewhere, wait)
    session.reporting.gather()
    wait(lambda: session.reporting.is_whole)
    text = session.reporting.text
    assert "elsewhere" in text
    assert elsewhere.token not in text
    assert str(elsewhere.port) not in text
    assert elsewhere.certificate.fingerprint not in text
