"""Finding the engine, starting it, and saying why it cannot be."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from inlay_krita.client import EngineError
from inlay_krita.folders import find_folders
from inlay_krita.launcher import (
    EngineMissingError,
    EngineVersionError,
    Installed,
    Launcher,
    engine_environ,
    is_process_alive,
    split_command,
)


class Stranger:
    """A server that answers `/health` with what it is told to."""

    def __init__(self, health: dict[str, object]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(health).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stranger(request: pytest.FixtureRequest) -> Iterator[Stranger]:
    made = Stranger(request.param)
    yield made
    made.close()


def write_engine_file(launcher: Launcher, **told: object) -> None:
    launcher.folders.run.mkdir(parents=True)
    known = {"port": 1, "token": "t", "pid": 1, "version": "0.1.0", "protocol": 1, "instance": "ours"}
    (launcher.folders.run / "engine.json").write_text(json.dumps(known | told), "utf-8")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_no_engine(environ: dict[str, str]) -> None:
    launcher = Launcher(environ)
    assert launcher.find() is None
    with pytest.raises(EngineMissingError) as caught:
        launcher.ensure()
    assert str(caught.value) == "The Inlay engine is not installed."
    assert "python3 installer krita" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "{", "[]", '{"port": "x"}', '{"port": 1}'])
def test_a_damaged_file_is_stale(environ: dict[str, str], content: str) -> None:
    launcher = Launcher(environ)
    launcher.folders.run.mkdir(parents=True)
    (launcher.folders.run / "engine.json").write_text(content, "utf-8")
    assert launcher.find() is None


def test_a_dead_engine_is_stale(environ: dict[str, str]) -> None:
    launcher = Launcher(environ)
    write_engine_file(launcher, port=free_port())
    assert launcher.find() is None


@pytest.mark.parametrize(
    "stranger",
    [{"name": "inlay", "protocol": 1, "instance": "another"}, {"name": "other", "instance": "ours"}, {}],
    indirect=True,
)
def test_somebody_else_at_the_port_is_stale(environ: dict[str, str], stranger: Stranger) -> None:
    launcher = Launcher(environ)
    write_engine_file(launcher, port=stranger.port)
    assert launcher.find() is None


@pytest.mark.parametrize(
    ("stranger", "who"),
    [
        ({"name": "inlay", "version": "9.0", "protocol": 9, "instance": "ours"}, "panel"),
        ({"name": "inlay", "version": "0.0.1", "protocol": 0, "instance": "ours"}, "engine"),
    ],
    indirect=["stranger"],
)
def test_another_protocol_is_told(environ: dict[str, str], stranger: Stranger, who: str) -> None:
    launcher = Launcher(environ)
    write_engine_file(launcher, port=stranger.port)
    with pytest.raises(EngineVersionError) as caught:
        launcher.ensure()
    assert "cannot talk to" in caught.value.message
    assert caught.value.remedy.startswith(f'Update the {who}: run "python3 installer krita"')


def test_starts_once_and_finds_again(launcher: Launcher, environ: dict[str, str]) -> None:
    started: list[bool] = []
    launcher.on_start = lambda: started.append(True)
    endpoints: list[object] = []
    threads = [threading.Thread(target=lambda: endpoints.append(launcher.ensure())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started == [True]
    assert len(endpoints) == 3
    assert len(set(endpoints)) == 1
    assert Launcher(environ).find() == endpoints[0]


def test_installed_command(environ: dict[str, str], launcher: Launcher) -> None:
    launcher.folders.data.mkdir(parents=True)
    told = {"command": ["/opt/inlay/bin/inlay"], "version": "0.1.0"}
    (launcher.folders.data / "install.json").write_text(json.dumps(told), "utf-8")
    assert Launcher(environ).installed() == Installed(("/opt/inlay/bin/inlay",), "0.1.0")
    override = {**environ, "INLAY_ENGINE": "nice '/my engine/inlay' -v"}
    assert Launcher(override, "linux").installed() == Installed(("nice", "/my engine/inlay", "-v"))
    (launcher.folders.data / "install.json").write_text("{", "utf-8")
    assert Launcher(environ).installed() is None


def test_a_command_that_is_not_there(environ: dict[str, str]) -> None:
    with pytest.raises(EngineMissingError, match=r"could not be started: No such file or directory \(/no/inlay\)"):
        Launcher(environ | {"INLAY_ENGINE": "/no/inlay"}).ensure()


def test_a_command_that_ends_at_once(environ: dict[str, str]) -> None:
    launcher = Launcher(environ | {"INLAY_ENGINE": f"{sys.executable} -c 'import sys; sys.exit(3)'"})
    with pytest.raises(EngineError, match="It ended at once, with status 3") as caught:
        launcher.ensure()
    assert "engine-start.log says more" in caught.value.remedy


def test_the_engines_own_reason_is_told(environ: dict[str, str]) -> None:
    refuses = f"{sys.executable} -c 'import sys; sys.exit(\"Error: The port 1 cannot be used.\")'"
    with pytest.raises(EngineError, match=r"could not be started\. The port 1 cannot be used\."):
        Launcher(environ | {"INLAY_ENGINE": refuses}).ensure()


def test_a_sandboxed_krita_says_what_to_run(tmp_path: Path) -> None:
    flatpak = {"HOME": str(tmp_path), "FLATPAK_ID": "org.kde.krita", "XDG_DATA_HOME": str(tmp_path / "data")}
    launcher = Launcher(flatpak, "linux")
    with pytest.raises(EngineMissingError) as caught:
        launcher.ensure()
    assert caught.value.remedy.endswith(f"INLAY_HOME={tmp_path}/data/inlay inlay serve")
    launcher.folders.data.mkdir(parents=True)
    (launcher.folders.data / "install.json").write_text('{"command": ["/no/inlay"], "version": ""}', "utf-8")
    with pytest.raises(EngineMissingError) as caught:
        launcher.ensure()
    assert caught.value.remedy.endswith("/no/inlay serve")


def test_an_idle_engine_of_another_version_is_replaced_once(launcher: Launcher, environ: dict[str, str]) -> None:
    first = launcher.ensure()
    assert launcher.process
    newer = Launcher(environ, own=Installed((sys.executable, "-m", "inlay"), "9.9"))
    second = newer.ensure()
    assert second.instance != first.instance
    assert launcher.process.wait(10) == 0
    assert newer.ensure() == second
    launcher.process = newer.process


def test_no_permission_for_the_log(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be", "utf-8")
    with pytest.raises(EngineError, match="could not be started"):
        Launcher(environ | {"INLAY_ENGINE": "true"}).ensure()


def test_the_engine_gets_no_libraries_of_kritas() -> None:
    krita = {
        "APPDIR": "/tmp/.mount_krita",
        "LD_LIBRARY_PATH": "/tmp/.mount_krita/usr/lib",
        "PATH": "/tmp/.mount_krita/usr/bin:/usr/bin",
        "PYTHONHOME": "/tmp/.mount_krita/usr",
        "PYTHONPATH": "/tmp/.mount_krita/usr/lib/python3.10",
        "QT_PLUGIN_PATH": "/tmp/.mount_krita/usr/plugins",
        "LANG": "C",
    }
    cleaned = engine_environ(krita, find_folders("linux", {"HOME": "/home/ada"}))
    assert {name: cleaned[name] for name in cleaned if name != "APPDIR"} == {"PATH": "/usr/bin", "LANG": "C"}
    flatpak = {"HOME": "/home/ada", "FLATPAK_ID": "org.kde.krita", "XDG_DATA_HOME": "/home/ada/.var/data"}
    assert engine_environ(flatpak, find_folders("linux", flatpak))["INLAY_HOME"] == "/home/ada/.var/data/inlay"


@pytest.mark.parametrize(
    ("line", "platform", "words"),
    [
        ("inlay -v", "linux", ("inlay", "-v")),
        ("'/a b/inlay' -v", "darwin", ("/a b/inlay", "-v")),
        (r'"C:\Program Files\Inlay\inlay.exe" -v', "win32", (r"C:\Program Files\Inlay\inlay.exe", "-v")),
        (r"C:\inlay\inlay.exe", "win32", (r"C:\inlay\inlay.exe",)),
    ],
)
def test_command_lines(line: str, platform: str, words: tuple[str, ...]) -> None:
    assert split_command(line, platform) == words


def test_processes() -> None:
    import os

    assert is_process_alive(os.getpid())
    assert not is_process_alive(0)
    assert not is_process_alive(2**22 + 1)
