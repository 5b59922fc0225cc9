"""The hosted family against a server that really decodes what it is sent, edits under the mask, and has its faults."""

import base64
import json
import logging
import os
import re
import socket
import sys
import threading
import traceback
import types
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import pyvips
from click.testing import CliRunner
from inlay.cli import main
from inlay.edits.edit import EditError
from inlay.edits.instruct import InstructEdit
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.family import Cancelled, FamilyError
from inlay.pipelines.hosted import Hosted, hosted_families
from inlay.pipelines.parts import endpoint as endpoints
from inlay.pipelines.parts.endpoint import Endpoint, EndpointError, KeyPlace
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

KEY = "sk-unmistakable-0123456789"
PAINTED = (200, 40, 90)  # RGB that the server paints under the mask
DRIFT = 12  # levels that it changes everywhere else: models do
PATIENCE_S = 20


@dataclass
class Server:
    """An `images/edits` endpoint on the loopback. `fault` makes it answer otherwise; `hold` makes it wait."""

    port: int = 0
    fault: tuple = ()  # (status, headers, body)
    size: tuple | None = None  # of the answer, where it is not the one that was asked for
    encode: str = ".png"
    hold: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)  # set when the client hangs up while held
    requests: list = field(default_factory=list)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def last(self):
        return self.requests[-1]


@dataclass
class Seen:
    """One request, decoded."""

    path: str
    headers: dict
    fields: dict
    image: np.ndarray | None
    mask: np.ndarray | None


def decoded(file):
    return None if file is None else pyvips.Image.new_from_buffer(file, "").numpy()


def encoded(values, how=".png"):
    height, width, bands = values.shape
    image = pyvips.Image.new_from_memory(np.ascontiguousarray(values).data, width, height, bands, "uchar")
    return image.copy(interpretation="srgb").write_to_buffer(how)


def body(**told):
    return json.dumps(told).encode()


def handler_of(server):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            seen = self.read()
            server.requests.append(seen)
            server.asked.set()
            if server.hold.is_set() and self.is_left():
                server.left.set()
                return
            status, headers, body = server.fault or (200, {}, self.answer(seen))
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def read(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = BytesParser().parsebytes(head + body).get_payload()
            found = {part.get_param("name", header="content-disposition"): part for part in parts}
            files = {name: part.get_payload(decode=True) for name, part in found.items()}
            pictures = [decoded(files.pop(name, None)) for name in ("image", "mask")]
            fields = {name: value.decode() for name, value in files.items()}
            return Seen(self.path, dict(self.headers), fields, *pictures)

        def answer(self, seen):
            picture = np.clip(seen.image[..., :3].astype(int) + DRIFT, 0, 255).astype(np.uint8)
            hole = np.ones(picture.shape[:2], bool) if seen.mask is None else seen.mask[..., 3] == 0
            picture[hole] = PAINTED
            if server.size:
                width, height = server.size
                image = pyvips.Image.new_from_memory(picture.data, picture.shape[1], picture.shape[0], 3, "uchar")
                picture = image.thumbnail_image(width, height=height, size="force").numpy()
            return json.dumps(
                {"data": [{"b64_json": base64.b64encode(encoded(picture, server.encode)).decode()}]}
            ).encode()

        def is_left(self):
            """Whether the client hung up; False when it is no longer held."""
            self.connection.settimeout(0.02)
            while server.hold.is_set():
                try:
                    if not self.connection.recv(1, socket.MSG_PEEK):
                        return True
                except TimeoutError:
                    continue
                except OSError:
                    return True
            self.connection.settimeout(PATIENCE_S)
            return False

    return Handler


@pytest.fixture
def server():
    told = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(told)) as http:
        told.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        told.hold.clear()
        http.shutdown()
        thread.join(PATIENCE_S)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """The keyring of whoever runs the tests is left alone."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def keyring(monkeypatch):
    """A keyring that remembers, and refuses when it is locked."""
    kept, made, errors = {}, types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    made.errors, made.kept, made.is_locked = errors, kept, False

    def checked(*asked):
        if made.is_locked:
            raise errors.KeyringError("locked")
        return asked

    made.set_password = lambda service, name, key: kept.update({checked(service, name): key})
    made.get_password = lambda service, name: kept.get(checked(service, name))
    made.delete_password = lambda service, name: kept.pop(checked(service, name))
    monkeypatch.setitem(sys.modules, "keyring", made)
    return made


@pytest.fixture
def desk(studio, server, tmp_path):
    """The picture with a hole in it, and nobody but the server to edit it."""

    def make(model="", sizes=(), key=KEY, others=()):
        endpoints.save(Endpoint(server.address, model, sizes), key, tmp_path)
        (family,) = hosted_families(tmp_path, Shelf())
        return replace(studio, roster=Roster.of(*others, family))

    return make


def edit(**asked):
    return ReplaceEdit(**{"prompt": "a red door", **asked})


def test_the_server_paints_inside_the_selection_and_nothing_changes_outside(desk, server):
    easel = desk()
    result = easel.perform(edit())
    assert result.checks["outside"] == 0
    painted = result.pixels[result.mask == 255][:, :3].astype(int)
    assert np.abs(np.median(painted, axis=0) - PAINTED).max() <= 2 * DRIFT  # less what its drift is mended by
    after = easel.laid(result)
    np.testing.assert_array_equal(after[easel.mask == 0], easel.pixels[easel.mask == 0])
    assert server.last.path == "/v1/images/edits"
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"


def test_what_the_server_is_sent(desk, server):
    easel = desk("qwen-image-edit")
    plan = easel.plan(edit(seed=5))
    easel.perform(edit(seed=5))
    seen = server.last
    assert seen.fields == {
        "prompt": "a red door",
        "model": "qwen-image-edit",
        "n": "1",
        "size": f"{plan.working_width}x{plan.working_height}",
        "response_format": "b64_json",
        "seed": "5",
    }
    assert seen.image.shape == (plan.working_height, plan.working_width, 3)
    assert seen.mask.shape == (plan.working_height, plan.working_width, 4)
    assert set(np.unique(seen.mask[..., 3])) == {0, 255}
    scale = plan.working_width / easel.mask.shape[1]
    rows, columns = (np.flatnonzero((seen.mask[..., 3] == 0).any(axis)) / scale for axis in (1, 0))
    box = plan.paste_box
    grown = plan.denoise_grow_px
    edges = (columns[0], columns[-1], rows[0], rows[-1])
    wanted = (box.x - grown, box.right + grown, box.y - grown, box.bottom + grown)
    np.testing.assert_allclose(edges, wanted, atol=1.5)


def test_the_whole_picture_needs_no_mask(desk, server):
    easel = desk()
    easel.mask[:] = 255
    easel.perform(InstructEdit(prompt="make it sunset"))
    assert server.last.mask is None


def test_a_server_of_ones_own_may_want_no_key(desk, server):
    desk(key="").perform(edit())
    assert "Authorization" not in server.last.headers


@pytest.mark.parametrize(
    ("shape", "size"), [((80, 84), (1024, 1024)), ((40, 90), (1536, 1024)), ((90, 40), (1024, 1536))]
)
def test_fixed_sizes_are_chosen_by_shape_and_padded(desk, shape, size):
    family = desk("gpt-image-1", endpoints.sizes_of("gpt-image-1")).roster.families[0]
    fit = family.fit(shape[1] * 20, shape[0] * 20)
    assert (fit.width, fit.height) == size
    assert fit.inner_width / fit.inner_height == pytest.approx(shape[1] / shape[0], rel=0.01)
    assert fit.inner_width == fit.width or fit.inner_height == fit.height


def test_openais_own_models_are_not_told_what_they_refuse_to_hear(desk, server):
    desk("gpt-image-1", ((256, 256),)).perform(edit())
    assert "response_format" not in server.last.fields
    assert server.last.fields["size"] == "256x256"
    assert server.last.image.shape == (256, 256, 3)


@pytest.mark.parametrize("encode", [".png", ".jpg[Q=95]", ".webp[lossless]"])
def test_a_picture_of_another_size_and_format_is_fitted(desk, server, encode):
    easel = desk()
    plain = easel.perform(edit()).pixels.astype(int)
    server.size, server.encode = (176, 144), encode
    fitted = easel.perform(edit()).pixels.astype(int)
    assert np.abs(fitted - plain)[4:-4, 4:-4].mean() < 4


def test_it_is_never_chosen_silently(desk, server, make_painter):
    easel = desk("mine", others=(make_painter("local", edits=("replace",), rank=-5),))
    assert easel.plan(edit()).model == "local"
    named = easel.plan(edit(model="mine"))
    assert (named.model, named.family) == ("mine", "hosted")
    assert "leave this machine" in named.why
    assert easel.plan(edit(family="hosted")).model == "mine"
    alone = easel.plan(InstructEdit(prompt="make it sunset"))
    assert "leave this machine" in alone.why
    assert "leave this machine" not in easel.plan(edit()).why
    assert server.requests == []


@pytest.fixture
def make_painter():
    """Makes a family that is only planned with."""
    from inlay.pipelines.builtin import BuiltinFill

    class Painter(BuiltinFill):
        def __init__(self, name, **changes):
            self.name = name
            self.card = replace(Hosted.card, family="painter", leaves_machine=False, **changes)

    return Painter


def test_no_words_are_refused_before_anything_is_sent(desk, server):
    with pytest.raises(EditError) as error:
        desk().plan(edit(prompt=" "))
    assert error.value.fault.field == "edit.prompt"
    assert server.requests == []


def test_a_cancel_is_answered_while_the_server_thinks(desk, server, make_listener):
    easel = desk()
    server.hold.set()
    watch = make_listener()
    watch.is_cancelled = server.asked.is_set
    with pytest.raises(Cancelled):
        easel.perform(edit(), watch)
    assert server.hold.is_set()  # it thinks still
    assert server.left.wait(PATIENCE_S)  # and learns that nobody waits


FAULTS = [
    (401, {}, body(error={"message": f"Incorrect API key provided: {KEY}"}), "endpoint_key", "refuses the key"),
    (403, {}, b"", "endpoint_key", "refuses the key"),
    (429, {"Retry-After": "17"}, b"{}", "endpoint_busy", "17 s"),
    (429, {"Retry-After": "soon"}, b"{}", "endpoint_busy", "no more pictures"),
    (400, {}, body(error={"message": f"No {KEY}\nplease. " + "x" * 999}), "endpoint_refused", "No [key] please. xxx"),
    (422, {}, body(detail="size is odd"), "endpoint_refused", "size is odd"),
    (422, {}, body(detail=[{"msg": "odd"}]), "endpoint_refused", "(422)"),
    (400, {}, b"[1]", "endpoint_refused", "(400)"),
    (404, {}, b"", "endpoint_address", "nothing at this address"),
    (302, {"Location": "http://127.0.0.1:9/v1"}, b"", "endpoint_address", "lead elsewhere"),
    (500, {}, f"key {KEY}".encode(), "endpoint_failed", "(500)"),
    (200, {}, b"<html>", "endpoint_answer", "no picture"),
    (200, {}, f'"{KEY}"'.encode(), "endpoint_answer", "no picture"),
    (200, {}, body(data=[{"url": "http://example.org/x.png"}]), "endpoint_answer", "no picture"),
    (200, {}, body(data=[{"b64_json": "?"}]), "endpoint_answer", "no picture"),
    (200, {}, body(data=[{"b64_json": base64.b64encode(b"GIF89a").decode()}]), "endpoint_picture", "cannot be read"),
    (200, {}, body(data=[{"b64_json": base64.b64encode(encoded(np.zeros((9, 9, 3), np.uint8))[:60]).decode()}]),
     "endpoint_picture", "cannot be read"),
    (200, {"Content-Length": "9999"}, b"{", "endpoint_unreachable", "broke the connection off"),
]  # fmt: skip


def whole(error):
    """Everything that can be read off an error: its chain as it is logged, and what hangs on each link of it."""
    links, link = [], error
    while link is not None:
        request = getattr(link, "_request", None)  # httpx hangs it on its errors, the key in its headers
        links.append(f"{link!r} {vars(link)!r} {request and dict(request.headers)!r}")
        link = link.__cause__ or link.__context__
    return "".join(traceback.format_exception(error)) + "".join(links)


@pytest.mark.parametrize(("status", "headers", "answer", "code", "words"), FAULTS)
def test_faults_are_told_in_words_and_never_with_the_key(desk, server, caplog, status, headers, answer, code, words):
    caplog.set_level(logging.DEBUG)
    easel = desk()
    server.fault = (status, headers, answer)
    with pytest.raises(FamilyError) as error:
        easel.perform(edit())
    fault = error.value.fault
    assert (fault.code, fault.field) == (code, "edit.model")
    assert words in fault.message and fault.remedy
    assert len(fault.message) < 300
    assert KEY not in whole(error.value) + caplog.text + "".join(map(repr, caplog.records))
    server.fault = ()
    easel.perform(edit())  # and the next one is done


def test_an_answer_without_an_end_is_cut_off(desk, server, monkeypatch):
    monkeypatch.setattr("inlay.pipelines.parts.images_edits.LARGEST_ANSWER", 1000)
    with pytest.raises(FamilyError, match="sent more than"):
        desk().perform(edit())


def test_a_picture_that_unpacks_to_too_much_is_not_unpacked(desk, monkeypatch):
    monkeypatch.setattr("inlay.pipelines.hosted.LARGEST_PIXELS", 1000)
    with pytest.raises(FamilyError, match="cannot be read"):
        desk().perform(edit())


@pytest.mark.parametrize(
    ("limit", "words"), [("SILENCE_S", "did not answer in time"), ("TOTAL_S", "did not answer in time")]
)
def test_a_server_that_says_nothing_is_given_up(desk, server, monkeypatch, limit, words):
    monkeypatch.setattr(f"inlay.pipelines.parts.images_edits.{limit}", 0.2)
    server.hold.set()
    with pytest.raises(FamilyError, match="did not answer in time"):
        desk().perform(edit())


def test_nobody_at_the_address(desk, server):
    easel = desk()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    family = easel.roster.families[0]
    family.endpoint = replace(family.endpoint, address=f"http://127.0.0.1:{port}/v1")
    with pytest.raises(FamilyError) as error:
        easel.perform(edit())
    assert error.value.fault.code == "endpoint_unreachable"
    assert KEY not in whole(error.value)
    assert server.requests == []


def test_a_key_that_is_gone(desk, tmp_path):
    easel = desk()
    (tmp_path / endpoints.KEY_FILE).unlink()
    with pytest.raises(FamilyError) as error:
        easel.perform(edit())
    assert error.value.fault.code == "key_gone"


# What is kept


def test_the_key_lies_in_a_file_that_nobody_else_can_read(tmp_path):
    kept = endpoints.save(Endpoint("https://example.org/v1/", "m", ((64, 32),)), f" {KEY}\n", tmp_path)
    assert endpoints.saved(tmp_path) == kept == Endpoint("https://example.org/v1", "m", ((64, 32),), KeyPlace.FILE)
    path = tmp_path / endpoints.KEY_FILE
    assert endpoints.key_of(kept, tmp_path) == KEY
    assert KEY not in repr(kept) + (tmp_path / endpoints.SETTINGS).read_text("utf-8")
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        with pytest.raises(EndpointError, match="Others can read"):
            endpoints.key_of(kept, tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [endpoints.SETTINGS, endpoints.KEY_FILE]
    assert endpoints.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not endpoints.remove(tmp_path)


def test_the_keyring_goes_first(tmp_path, keyring):
    kept = endpoints.save(Endpoint("https://example.org/v1"), KEY, tmp_path)
    assert kept.key_place is KeyPlace.KEYRING
    assert not any(KEY in each.read_text("utf-8") for each in tmp_path.iterdir())
    assert keyring.kept == {("inlay", "https://example.org/v1"): KEY}
    assert endpoints.key_of(kept, tmp_path) == KEY
    keyring.is_locked = True
    with pytest.raises(EndpointError, match="Unlock it"):
        endpoints.key_of(kept, tmp_path)
    keyring.is_locked = False
    endpoints.remove(tmp_path)
    assert keyring.kept == {}


def test_a_keyring_that_refuses_is_replaced_by_the_file(tmp_path, keyring):
    keyring.is_locked = True
    assert endpoints.save(Endpoint("https://example.org/v1"), KEY, tmp_path).key_place is KeyPlace.FILE


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1",
        "http://127.0.0.1:8000/v1/",
        "http://localhost:8000",
        "http://192.168.1.5:8000/v1/images/edits",
        "http://[::1]:8000/v1",
    ],
)
def test_addresses_that_are_taken(address):
    assert endpoints.checked_address(address) == address.rstrip("/").removesuffix("/images/edits")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://api.openai.com/v1", "address_open"),
        ("http://8.8.8.8/v1", "address_open"),
        ("http://0.0.0.0/v1", "address_open"),
        ("ftp://example.org", "address"),
        ("example.org/v1", "address"),
        ("https://", "address"),
        ("https://me:secret@example.org/v1", "address"),
        ("https://example.org/v1?key=secret", "address"),
    ],
)
def test_addresses_that_are_refused(address, code):
    with pytest.raises(EndpointError) as error:
        endpoints.checked_address(address)
    assert error.value.fault.code == code
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["two words", "a\nb", "kéy", "x" * 5000])
def test_what_no_key_can_be(key):
    with pytest.raises(EndpointError) as error:
        endpoints.checked_key(key)
    assert key not in str(error.value)


def test_what_cannot_be_kept_leaves_what_was_there(tmp_path):
    kept = endpoints.save(Endpoint("https://example.org/v1"), KEY, tmp_path)
    for address, key in (("http://example.org", KEY), ("https://example.com/v1", "two words")):
        with pytest.raises(EndpointError):
            endpoints.save(Endpoint(address), key, tmp_path)
    assert endpoints.saved(tmp_path) == kept
    assert endpoints.key_of(kept, tmp_path) == KEY


@pytest.mark.parametrize("told", ["", "{}", "[]", '{"address": "http://example.org"}', '{"address": 1}'])
def test_settings_that_cannot_be_read_are_none(tmp_path, told):
    (tmp_path / endpoints.SETTINGS).write_text(told, "utf-8")
    assert endpoints.saved(tmp_path) is None


# The command


@pytest.fixture
def inlay(tmp_path, monkeypatch):
    monkeypatch.setenv("INLAY_HOME", str(tmp_path))

    def run(*arguments, told=""):
        done = CliRunner().invoke(main, ["endpoint", *arguments], input=told)
        assert KEY not in done.output
        return done.exit_code, done.output

    return run


def test_set_show_and_remove(inlay, tmp_path):
    assert "No endpoint" in inlay("show")[1]
    status, output = inlay("set", "https://api.openai.com/v1", "--model", "gpt-image-1", told=f"{KEY}\n")
    assert status == 0
    assert "1536 x 1024" in output and "--model gpt-image-1" in output
    kept = endpoints.saved(tmp_path / "data")
    assert endpoints.key_of(kept, tmp_path / "data") == KEY
    assert "api.openai.com" in inlay("show")[1]
    assert "forgotten" in inlay("remove")[1]
    assert "No endpoint" in inlay("show")[1]


def test_a_key_from_a_file(inlay, tmp_path):
    (tmp_path / "key.txt").write_text(f"{KEY}\nmore", "utf-8")
    assert inlay("set", "https://example.org/v1", "--key-file", str(tmp_path / "key.txt"))[0] == 0
    assert endpoints.key_of(endpoints.saved(tmp_path / "data"), tmp_path / "data") == KEY


def test_the_key_is_no_option(inlay):
    assert "--key " not in re.sub(r"\s+", " ", inlay("set", "--help")[1]).replace("--key-file", "")


@pytest.mark.parametrize(
    ("arguments", "told", "words"),
    [
        (["http://example.org/v1"], KEY, "Use https"),
        (["https://example.org/v1"], "", "--no-key"),
        (["https://example.org/v1"], "two words", "no key"),
        (["https://example.org/v1", "--sizes", "big"], KEY, "1024x1024"),
        (["https://example.org/v1", "--key-file", "nowhere"], "", "cannot be read"),
    ],
)
def test_what_cannot_be_set_is_refused(inlay, tmp_path, arguments, told, words):
    status, output = inlay("set", *arguments, told=told)
    assert status == 2
    assert words in " ".join(output.split())
    assert endpoints.saved(tmp_path / "data") is None


def test_the_doctor_says_where_pixels_may_go(inlay):
    def doctor():
        return " ".join(CliRunner().invoke(main, ["doctor"]).output.split())

    assert "no pixel leaves this machine" in doctor()
    inlay("set", "https://api.openai.com/v1", "--model", "gpt-image-1", told=KEY)
    said = doctor()
    assert "api.openai.com" in said and KEY not in said


def test_it_is_listed_with_the_models(desk, start_engine):
    client = start_engine(family=desk("mine").roster.families[0]).client
    (mine,) = [one for one in client.ask("GET", "/models")[1]["models"] if one["state"] == "installed"]
    assert (mine["id"], mine["title"], mine["edits"]) == ("mine", "mine (Hosted model)", ["instruct", "replace"])
    assert (mine["path"], mine["is_removable"]) == (None, False)
    assert mine["uses"][0]["leaves_machine"] is True


# Nowhere


def test_the_key_is_nowhere_else(desk, server, start_engine, tmp_path):
    """Through the whole engine: in no answer, no journal, no log and no result, done or failed."""
    family = desk("mine").roster.families[0]
    engine = start_engine(family=family)
    client = engine.client
    request = client.removal(edit={"kind": "replace", "prompt": "a door"})
    said = [client.ask("POST", "/plan", {name: request[name] for name in ("edit", "canvas", "selection")})]
    for fault in ((), (400, {}, body(error={"message": KEY})), (500, {}, KEY.encode())):
        server.fault = fault
        _, job = client.ask("POST", "/edits", request)
        said.append(client.finished(job["id"]))
    said += [client.ask("GET", path) for path in ("/jobs", "/models", "/health")]
    assert [job["state"] for job in said[1:4]] == ["done", "failed", "failed"]
    assert "mine" in json.dumps(said[1]["result"]["recipe"])
    assert KEY not in json.dumps(said)
    engine.stop()
    home = tmp_path / "home"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "engine.log" for path in files)
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
