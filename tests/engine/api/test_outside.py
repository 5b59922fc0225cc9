"""The door for other machines, over real TLS: who is let in, and what they may ask for."""

import http.client
import json
import os
import socket
import ssl
import stat
import threading
from contextlib import closing

import pytest
from click.testing import CliRunner
from inlay.api import outside as door
from inlay.api.app import ROUTERS
from inlay.api.outside import Outside, OutsideError, Wanted, kept_token
from inlay.api.rendezvous import read
from inlay.api.serve import ServeError, serve
from inlay.cli import main
from inlay.config import Folders
from inlay.pipelines.roster import Roster

from tests.certificates import made

PATIENCE_S = 20.0


class Visitor:
    """A client on another machine, as far as the engine can tell."""

    def __init__(self, port, token, certificate):
        self.port, self.token = port, token
        self.context = ssl.create_default_context(cafile=str(certificate.path))

    def ask(self, method, path, body=None, **headers):
        told = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): each for name, each in headers.items()
        }
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=self.context)
        with closing(connection):
            connection.request(method, path, json.dumps(body) if body else None, told)
            response = connection.getresponse()
            answer = response.read()
            return response.status, json.loads(answer) if answer.startswith(b"{") else answer


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        return one.getsockname()[1]


class Served:
    """An engine that lets others in, in a thread."""

    def __init__(self, home, certificate, **wanted):
        self.folders = Folders.find({"INLAY_HOME": str(home)})
        self.said, ready = [], threading.Event()

        def say(line):
            self.said.append(line)
            if "SHA-256" in line:
                ready.set()

        self.wanted = Wanted("127.0.0.1", certificate.path, certificate.key, free_port(), **wanted)
        self.thread = threading.Thread(
            target=serve,
            kwargs={
                "idle_exit_s": 0.2,
                "folders": self.folders,
                "say": say,
                "roster": Roster.of(),
                "wanted": self.wanted,
            },
            daemon=True,
        )
        self.thread.start()
        assert ready.wait(PATIENCE_S)
        self.visitor = Visitor(self.wanted.port, (self.folders.data / door.KEPT_IN).read_text(), certificate)


@pytest.fixture
def served(tmp_path, make_client):
    started = []

    def start(certificate=None, **wanted):
        started.append(Served(tmp_path / "home", certificate or made(tmp_path), **wanted))
        return started[-1]

    yield start
    for engine in started:
        identity = read(engine.folders.run)
        if identity:
            make_client(identity.port, identity.token).ask("POST", "/shutdown?force=true")
        engine.thread.join(PATIENCE_S)
        assert not engine.thread.is_alive()


def test_others_get_in_by_certificate_and_token(served):
    engine = served()
    assert engine.visitor.ask("GET", "/health", Authorization="")[1]["name"] == "inlay"
    assert engine.visitor.ask("GET", "/jobs") == (200, {"jobs": []})
    port = engine.wanted.port
    assert f"For panels on other machines: https://127.0.0.1:{port}" in engine.said
    assert not any(engine.visitor.token in line for line in engine.said)


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong"])
def test_without_the_token_nothing_is_answered(served, authorization):
    status, answer = served().visitor.ask("GET", "/jobs", Authorization=authorization)
    assert (status, answer["error"]["code"]) == (401, "token")


def test_each_door_has_its_own_token(served, make_client):
    engine = served()
    inside = read(engine.folders.run)
    assert engine.visitor.ask("GET", "/jobs", Authorization=f"Bearer {inside.token}")[0] == 401
    assert make_client(inside.port, engine.visitor.token).ask("GET", "/jobs")[0] == 401
    assert make_client(inside.port, inside.token).ask("GET", "/jobs")[0] == 200


@pytest.mark.parametrize("host", ["evil.example:{port}", "127.0.0.1:1", "localhost"])
def test_a_foreign_host_is_refused(served, host):
    engine = served()
    status, answer = engine.visitor.ask("GET", "/health", Host=host.format(port=engine.wanted.port))
    assert (status, answer["error"]["code"]) == (403, "host")


def test_names_are_the_certificates_and_those_that_are_told(served, tmp_path):
    engine = served(made(tmp_path, names="DNS:*.gpu.example,IP:127.0.0.1"), names=("Studio",))
    port = engine.wanted.port
    assert engine.visitor.ask("GET", "/health", Host=f"a.gpu.example:{port}")[0] == 200
    assert engine.visitor.ask("GET", "/health", Host=f"studio:{port}")[0] == 200
    assert engine.visitor.ask("GET", "/health", Host=f"a.b.gpu.example:{port}")[0] == 403


@pytest.mark.parametrize(
    ("host", "port", "is_ours"),
    [
        ("studio:7610", 7610, True),
        ("STUDIO:7610", 7610, True),
        ("[::1]:7610", 7610, True),
        ("studio", 443, True),
        ("studio", 7610, False),
        ("studio:7611", 7610, False),
        ("a.gpu.example:7610", 7610, True),
        ("gpu.example:7610", 7610, False),
        (".gpu.example:7610", 7610, False),
        ("*.gpu.example:7610", 7610, False),
        ("evil.example:7610", 7610, False),
        ("", 443, False),
        (":7610", 7610, False),
    ],
)
def test_which_hosts_are_this_engine(host, port, is_ours):
    names = frozenset({"studio", "::1", "*.gpu.example"})
    assert Outside(port, None, names, "", None, False).is_host(host) is is_ours


def test_an_origin_is_refused(served):
    status, answer = served().visitor.ask("GET", "/jobs", Origin="https://evil.example")
    assert (status, answer["error"]["code"]) == (403, "origin")


def test_no_word_is_spoken_without_tls(served):
    engine = served()
    with closing(http.client.HTTPConnection("127.0.0.1", engine.wanted.port, timeout=PATIENCE_S)) as connection:
        connection.request("GET", "/health")
        with pytest.raises((http.client.HTTPException, OSError)):
            connection.getresponse()


def test_who_knows_only_the_tls_before_gets_a_cipher_of_today(served):
    engine = served()
    engine.visitor.context.maximum_version = ssl.TLSVersion.TLSv1_2
    plain = socket.create_connection(("127.0.0.1", engine.wanted.port), PATIENCE_S)
    with engine.visitor.context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        name, version, _ = secured.cipher()
    assert version == "TLSv1.2"
    assert name.startswith("ECDHE")
    assert "GCM" in name or "CHACHA20" in name


INSIDE = {
    ("POST", "/shutdown"),
    ("PUT", "/settings"),
    ("DELETE", "/images"),
    ("POST", "/model-folders"),
    ("DELETE", "/model-folders"),
}
MANAGING = {
    ("POST", "/models/{id}/install"),
    ("POST", "/models/{id}/cancel"),
    ("POST", "/models/{id}/verify"),
    ("GET", "/models/{id}/events"),
    ("DELETE", "/models/{id}"),
    ("POST", "/memory/free"),
}


def routes():
    return [(method, route.path) for router in ROUTERS for route in router.routes for method in sorted(route.methods)]


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_is_for_everybody_for_who_may_manage_or_for_this_machine(method, path):
    """A new route must be put into one of the three on purpose."""
    plain, managing = (Outside(1, None, frozenset(), "", None, may) for may in (False, True))
    asked = method, path.replace("{id}", "a1").replace("{digest}", "0" * 64)
    is_inside, is_managing = (method, path) in INSIDE, (method, path) in MANAGING
    assert plain.may(*asked) is not (is_inside or is_managing)
    assert managing.may(*asked) is not is_inside


def test_what_is_for_this_machine_is_refused_to_others(served):
    engine = served()
    for method, path in sorted({*INSIDE, *MANAGING} - {("DELETE", "/images"), ("PUT", "/settings")}):
        status, answer = engine.visitor.ask(method, path.replace("{id}", "sam-vit-b"), {"path": "/"})
        assert (status, answer["error"]["code"]) == (403, "inside"), path
        assert "whoever runs the engine" in answer["error"]["remedy"]


def test_who_may_manage_may(served):
    engine = served(may_manage=True)
    assert engine.visitor.ask("GET", "/models")[1]["may_change"]
    assert engine.visitor.ask("POST", "/models/nothing/install")[0] == 404
    assert engine.visitor.ask("POST", "/model-folders", {"path": "/"})[0] == 403


def test_others_learn_no_folder(served, tmp_path):
    engine = served()
    _, answer = engine.visitor.ask("GET", "/models")
    assert answer["folders"] == []
    assert not answer["may_change"]
    assert str(tmp_path) not in json.dumps(answer)


def test_the_engine_does_not_end_while_others_may_come(served, make_client):
    engine = served()
    threading.Event().wait(0.5)  # more than its idle exit
    assert engine.visitor.ask("GET", "/health")[0] == 200
    identity = read(engine.folders.run)
    status, answer = make_client(identity.port, identity.token).ask("POST", "/shutdown")
    assert (status, answer["error"]["code"]) == (409, "busy")


def test_the_token_outlives_the_engine(served, tmp_path):
    path = tmp_path / "data" / "remote-token"
    token = kept_token(path)
    assert len(token) >= 32
    assert kept_token(path) == token
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps who may read in other ways")
def test_a_token_that_others_can_read_is_not_used(tmp_path):
    path = tmp_path / "remote-token"
    kept_token(path)
    path.chmod(0o640)
    with pytest.raises(OutsideError, match="Others on this machine can read"):
        kept_token(path)


def test_an_engine_that_serves_this_machine_alone_makes_room(start_engine, served):
    before = start_engine()
    engine = served()
    before.thread.join(PATIENCE_S)
    assert not before.thread.is_alive()
    assert engine.visitor.ask("GET", "/health")[0] == 200


def test_one_that_others_use_does_not(served, tmp_path, monkeypatch):
    monkeypatch.setattr("inlay.api.serve.WAIT_S", 0.2)
    engine = served()
    with pytest.raises(ServeError, match="other machines use it"):
        serve(folders=engine.folders, say=lambda _: None, wanted=engine.wanted)


def test_an_address_of_another_machine_is_refused(tmp_path):
    own = made(tmp_path)
    folders = Folders.find({"INLAY_HOME": str(tmp_path / "home")})
    with pytest.raises(OutsideError, match="cannot be used"):
        serve(folders=folders, say=lambda _: None, wanted=Wanted("203.0.113.1", own.path, own.key))


def test_a_certificate_without_a_name_is_refused_where_no_name_is_told(tmp_path):
    own = made(tmp_path, names="")
    with pytest.raises(OutsideError, match="names no machine"):
        Outside.of(Wanted("0.0.0.0", own.path, own.key), tmp_path)
    told = Outside.of(Wanted("0.0.0.0", own.path, own.key, names=("studio",)), tmp_path)
    assert told.is_host(f"studio:{door.PORT}")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--listen", "0.0.0.0"], "needs --certificate and --key"),
        (["--let-manage"], "say --listen, too"),
        (["--name", "studio"], "say --listen, too"),
    ],
)
def test_nobody_is_let_in_by_halves(arguments, reason):
    run = CliRunner().invoke(main, ["serve", *arguments])
    assert run.exit_code == 2
    assert reason in run.output
