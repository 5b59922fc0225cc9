"""A model hub on the loopback interface: Hugging Face's protocol over a few files, with faults to order."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

REPOSITORY = "studio/tiny-inpaint"
COMMIT = "c0ffee" + "0" * 34
PIECE = 4096


@dataclass
class Request:
    """What somebody asked for."""

    method: str
    path: str
    range: str | None
    token: str | None
    host: str


@dataclass
class LoopbackHub:
    """One repository. Large files (.safetensors) come from another host name, as from the hub's own CDN."""

    files: dict[str, bytes]
    repository: str = REPOSITORY
    commit: str = COMMIT
    requests: list[Request] = field(default_factory=list)
    token: str = ""  # without it, files are refused as those of a gated repository
    status: int = 0  # every answer's, if it is not 0
    error_code: str = ""  # X-Error-Code beside it
    junk: bytes | None = None  # every answer's body: a network's login page
    cuts: dict[str, list[int]] = field(default_factory=dict)  # by file: after how many bytes its next answers end
    corrupt: set[str] = field(default_factory=set)  # files whose last byte is another one
    ranges: bool = True  # whether files can be had from the middle on
    hold_after: int | None = None  # every file stops after so many bytes, until `go_on` is set
    go_on: threading.Event = field(default_factory=threading.Event)
    is_held: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, name: str) -> list[Request]:
        """The requests for one file's bytes, in order."""
        sha256 = hashlib.sha256(self.files[name]).hexdigest()
        paths = (f"/cdn/{sha256}",) if is_large(name) else (f"/{self.repository}/resolve/{self.commit}/{name}",)
        return [request for request in self.requests if request.method == "GET" and request.path in paths]

    def named(self, path: str) -> str:
        """The file of a CDN's address."""
        return next(name for name, raw in self.files.items() if path == f"/cdn/{hashlib.sha256(raw).hexdigest()}")

    def listing(self) -> dict[str, Any]:
        return {"id": self.repository, "sha": self.commit, "siblings": [self._sibling(name) for name in self.files]}

    def _sibling(self, name: str) -> dict[str, Any]:
        raw = self.files[name]
        told: dict[str, Any] = {"rfilename": name, "size": len(raw), "blobId": blob_id(raw)}
        if is_large(name):
            told["lfs"] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw), "pointerSize": 134}
        return told


def is_large(name: str) -> bool:
    """Whether git keeps it as a pointer (LFS)."""
    return name.endswith(".safetensors")


def blob_id(raw: bytes) -> str:
    """git's name of a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every file waits 40 ms for the client to acknowledge its headers
    hub: LoopbackHub

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, hub = unquote(urlsplit(self.path).path), self.hub
        headers = self.headers
        hub.requests.append(
            Request(self.command, path, headers["Range"], headers["Authorization"], str(headers["Host"]))
        )
        if hub.status:
            self._send(hub.status, b"{}", {"X-Error-Code": hub.error_code} if hub.error_code else {})
        elif hub.junk is not None:
            self._send(200, hub.junk, {"Content-Type": "text/html"})
        elif path.startswith(f"/api/models/{hub.repository}/revision/"):
            self._send(200, json.dumps(hub.listing()).encode(), {"Content-Type": "application/json"})
        elif path.startswith("/cdn/"):
            self._file(hub.named(path))
        elif path.startswith(f"/{hub.repository}/resolve/{hub.commit}/"):
            self._resolve(path.split("/", 5)[5])
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _resolve(self, name: str) -> None:
        """A small file itself, and where to find a large one."""
        hub = self.hub
        if hub.token and self.headers["Authorization"] != f"Bearer {hub.token}":
            self._send(401, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name not in hub.files:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        elif is_large(name):
            sha256 = hashlib.sha256(hub.files[name]).hexdigest()
            linked = {"X-Linked-Size": str(len(hub.files[name])), "X-Linked-ETag": f'"{sha256}"'}
            place = {"Location": f"http://localhost:{hub.port}/cdn/{sha256}", "X-Repo-Commit": hub.commit}
            self._send(302, b"", linked | place)
        else:
            self._file(name)

    def _file(self, name: str) -> None:
        raw, start, status = self.hub.files[name], 0, 200
        if name in self.hub.corrupt:
            raw = raw[:-1] + bytes([raw[-1] ^ 1])
        headers = {"ETag": f'"{blob_id(raw)}"', "X-Repo-Commit": self.hub.commit}
        if self.headers["Range"] and self.hub.ranges:
            start, status = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")), 206
            headers["Content-Range"] = f"bytes {start}-{len(raw) - 1}/{len(raw)}"
        self._send(status, raw[start:], headers, name)

    def _send(self, status: int, body: bytes, headers: dict[str, str], name: str = "") -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self._write(body, name)

    def _write(self, body: bytes, name: str) -> None:
        hub = self.hub
        cut = hub.cuts[name].pop(0) if hub.cuts.get(name) else len(body)
        for start in range(0, min(cut, len(body)), PIECE):
            if name and hub.hold_after is not None and start >= hub.hold_after:
                hub.is_held.set()
                hub.go_on.wait(20)
            self.wfile.write(body[start : min(start + PIECE, cut)])
        if cut < len(body):
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """The tests look at `requests`; nothing is printed."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that cancel or are killed hang up: that is what the tests are about."""


@contextmanager
def serving(folder: Path, repository: str = REPOSITORY) -> Iterator[LoopbackHub]:
    """A hub that offers a folder's files."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    hub = LoopbackHub(files, repository)
    server = Server(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
