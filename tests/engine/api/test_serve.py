"""Starting, sharing, ending and killing engines."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from inlay.api import rendezvous
from inlay.api import serve as serve_module
from inlay.api.identity import Identity
from inlay.api.serve import ServeError, serve
from inlay.config import Folders
from inlay.errors import Refusal
from inlay.lock import Lock

PATIENCE_S = 20.0


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def start_process(home):
    """Starts `slow_engine.py` over one INLAY_HOME; kills what is left at the end."""
    processes = []

    def start():
        command = [sys.executable, str(Path(__file__).with_name("slow_engine.py"))]
        process = subprocess.Popen(
            command, env=os.environ | {"INLAY_HOME": str(home)}, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def client_of(make_client):
    """A client for a process that has said that it answers."""

    def make(home, process):
        said = process.stdout.readline()
        identity = rendezvous.read(home / "run")
        assert identity, said
        return make_client(identity.port, identity.token)

    return make


def test_a_killed_engine_forgets_nothing(home, start_process, client_of):
    process = start_process()
    client = client_of(home, process)
    _, done = client.ask("POST", "/edits", client.removal())
    done = client.finished(done["id"])
    _, never = client.ask("POST", "/edits", client.removal(edit={"kind": "remove", "seed": 1}))
    next(event for event in client.events(never["id"]) if event[1] == "progress")
    _, waiting = client.ask("POST", "/edits", client.removal(label="waiting"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (home / "run" / "engine.json").exists()

    process = start_process()
    client = client_of(home, process)
    jobs = client.ask("GET", "/jobs")[1]["jobs"]
    assert [(job["id"], job["state"]) for job in jobs] == [
        (waiting["id"], "interrupted"),
        (never["id"], "interrupted"),
        (done["id"], "done"),
    ]
    assert jobs[0]["error"]["remedy"] == "Run it again."
    assert jobs[2] == done
    assert len(client.download(done["result"]["pixels"])) == 64
    assert len(client.download(done["result"]["mask"])) == 16
    assert [name for _, name, _ in client.events(never["id"], after=57)] == ["interrupted"]

    _, again = client.ask("POST", f"/jobs/{waiting['id']}/rerun")
    again = client.finished(again["id"])
    assert (again["state"], again["label"], again["plan"]) == ("done", "waiting", waiting["plan"])
    assert not list((home / "data").rglob("*.part"))


def test_an_engine_that_is_asked_to_end_ends_in_good_order(home, start_process, client_of):
    process = start_process()
    client = client_of(home, process)
    _, job = client.ask("POST", "/edits", client.removal(edit={"kind": "remove", "seed": 1}))
    events = client.events(job["id"])
    next(events)
    process.send_signal(signal.SIGTERM)
    assert list(events)[-1][1] == "interrupted"
    assert process.wait(PATIENCE_S) == 0
    assert not (home / "run" / "engine.json").exists()


def test_starts_at_the_same_time_give_one_engine(home, start_process):
    processes = [start_process() for _ in range(3)]
    said = [process.stdout.readline() for process in processes]
    assert sum("already running" in line for line in said) == 2, said
    living = [process for process in processes if "already running" not in said[processes.index(process)]]
    port = rendezvous.read(home / "run").port
    assert all(line.strip().endswith(f":{port}") for line in said)
    assert [process.wait(PATIENCE_S) for process in processes if process not in living] == [0, 0]
    assert living[0].poll() is None


def test_a_second_start_uses_the_first_engine(engine):
    said = []
    serve(folders=engine.folders, say=said.append)
    assert len(said) == 1
    assert f":{engine.client.port}" in said[0]
    assert engine.client.ask("GET", "/health")[0] == 200


def test_engine_json_is_for_its_owner_alone(engine):
    path = engine.folders.run / "engine.json"
    assert path.stat().st_mode & 0o777 == 0o600
    said = json.loads(path.read_text())
    assert set(said) == {"port", "token", "pid", "version", "protocol", "instance"}
    assert len(said["token"]) >= 32


def test_an_engine_json_that_a_cleaner_took_comes_back(start_engine, monkeypatch):
    monkeypatch.setattr(serve_module, "HOUSEKEEPING_S", 0.05)
    engine = start_engine()
    (engine.folders.run / "engine.json").unlink()
    said = []
    serve(folders=engine.folders, say=said.append)
    assert f":{engine.client.port}" in said[0]
    assert rendezvous.find_running(engine.folders.run)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"port": 1}', "\x00\xff"])
def test_a_broken_engine_json_is_stale(tmp_path, content):
    (tmp_path / "engine.json").write_text(content)
    assert rendezvous.find_running(tmp_path) is None


def test_an_engine_json_of_a_dead_engine_is_stale(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        rendezvous.announce(Identity.new(free.getsockname()[1]), tmp_path)
    assert rendezvous.find_running(tmp_path) is None


def test_an_engine_json_that_names_a_foreign_process_is_stale(engine, tmp_path):
    """The port was taken over by something else, here by another engine: it answers, but is not the one meant."""
    identity = replace(rendezvous.read(engine.folders.run), instance="0" * 16)
    rendezvous.announce(identity, tmp_path)
    assert rendezvous.find_running(tmp_path) is None
    assert rendezvous.find_running(engine.folders.run).identity.port == identity.port


def test_an_engine_withdraws_only_its_own_announcement(tmp_path):
    first, second = Identity.new(1), Identity.new(2)
    rendezvous.announce(second, tmp_path)
    rendezvous.withdraw(first, tmp_path)
    assert rendezvous.read(tmp_path) == second


def test_an_idle_engine_of_another_version_makes_room(engine, start_engine, monkeypatch):
    monkeypatch.setattr(serve_module, "__version__", "99.0.0")
    newer = start_engine()
    assert newer.client.port != engine.client.port or newer.client.token != engine.client.token
    engine.thread.join(PATIENCE_S)
    assert not engine.thread.is_alive()


def test_a_busy_engine_of_another_version_is_left_alone(engine, monkeypatch):
    engine.family.hold.set()
    engine.client.ask("POST", "/edits", engine.client.removal())
    monkeypatch.setattr(serve_module, "__version__", "99.0.0")
    with pytest.raises(ServeError, match="open jobs") as refusal:
        serve(folders=engine.folders)
    assert refusal.value.fault.remedy


def test_an_engine_that_cannot_be_reached_is_named(home, monkeypatch):
    monkeypatch.setattr(serve_module, "WAIT_S", 0.1)
    folders = Folders.find({"INLAY_HOME": str(home)})
    folders.journal.mkdir(parents=True)
    with Lock(folders.journal / "engine.lock") as lock:
        assert lock.take()
        with pytest.raises(ServeError, match="INLAY_HOME"):
            serve(folders=folders)


def test_a_taken_port_is_named(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port}") as refusal:
            serve(port=port, folders=Folders.find({"INLAY_HOME": str(home)}))
    assert refusal.value.fault.field == "port"
    assert "free one" in refusal.value.fault.remedy


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_named(home, port):
    with pytest.raises(ServeError, match="port"):
        serve(port=port, folders=Folders.find({"INLAY_HOME": str(home)}))


def test_a_folder_that_cannot_be_written_is_named(home, monkeypatch):
    home.mkdir()
    (home / "data").write_text("a file where the folder should be")
    with pytest.raises(ServeError, match="data") as refusal:
        serve(folders=Folders.find({"INLAY_HOME": str(home)}))
    assert "INLAY_HOME" in refusal.value.fault.remedy


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_folder_without_permission_is_named(home, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: "journal" not in str(path))  # root may write anywhere
    with pytest.raises(ServeError, match="Permission denied"):
        serve(folders=Folders.find({"INLAY_HOME": str(home)}))


def test_a_disk_that_is_full_at_the_start_is_named(home, monkeypatch):
    def refuse(identity, run_folder):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(rendezvous, "announce", refuse)
    folders = Folders.find({"INLAY_HOME": str(home)})
    with pytest.raises(Refusal, match="is full"):
        serve(folders=folders)
    monkeypatch.undo()
    with Lock(folders.journal / "engine.lock") as lock:
        assert lock.take()


def test_a_lock_that_cannot_be_had_is_named(home):
    folders = Folders.find({"INLAY_HOME": str(home)})
    (folders.journal / "engine.lock").mkdir(parents=True)
    with pytest.raises(Refusal, match=r"engine\.lock"):
        serve(folders=folders)


def test_a_log_that_cannot_be_written_is_named(home):
    folders = Folders.find({"INLAY_HOME": str(home)})
    (folders.log / "engine.log").mkdir(parents=True)
    with pytest.raises(Refusal, match="cannot be written"):
        serve(folders=folders)


def test_an_engine_that_nobody_needs_ends_by_itself(start_engine):
    engine = start_engine(idle_exit_s=0.2)
    engine.thread.join(PATIENCE_S)
    assert not engine.thread.is_alive()
    assert not (engine.folders.run / "engine.json").exists()


def test_an_engine_with_an_open_job_or_a_listener_does_not_end(start_engine):
    engine = start_engine(idle_exit_s=0.2)
    engine.family.hold.set()
    _, job = engine.client.ask("POST", "/edits", engine.client.removal())
    time.sleep(0.6)
    assert engine.thread.is_alive()
    events = engine.client.events(job["id"])
    next(events)
    engine.family.hold.clear()
    assert list(events)[-1][1] == "done"
    engine.thread.join(PATIENCE_S)
    assert not engine.thread.is_alive()


@pytest.mark.parametrize("path", ["/health", "/queue"])
def test_who_merely_looks_keeps_no_engine_alive(start_engine, path):
    engine = start_engine(idle_exit_s=0.4)
    deadline = time.monotonic() + PATIENCE_S
    while engine.thread.is_alive() and time.monotonic() < deadline:
        try:
            engine.client.ask("GET", path)
        except OSError:
            break
        time.sleep(0.02)
    engine.thread.join(PATIENCE_S)
    assert not engine.thread.is_alive()
