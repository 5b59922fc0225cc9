"""Images by digest: raw pixels in and out, and every way to send them wrongly."""

import errno
import hashlib
import os
import socket

import numpy as np
import pytest
from inlay.jobs.store import ImageStore
from inlay.pixels.formats import Depth, Model, PixelFormat


def declared(model, depth, width, height, raw):
    digest = hashlib.sha256(f"{model} {depth} {width} {height}\n".encode() + raw).hexdigest()
    return digest, f"/images/{digest}?model={model}&depth={depth}&width={width}&height={height}"


RAW = bytes(range(48))
DIGEST, ADDRESS = declared("RGBA", "U8", 4, 3, RAW)


def kept_files(engine):
    return sorted(path.name for path in (engine.folders.journal / "images").iterdir())


def test_an_image_comes_back_as_it_went(client):
    assert client.raw("HEAD", f"/images/{DIGEST}")[0] == 404
    assert client.ask("PUT", ADDRESS, RAW) == (201, {})
    assert client.ask("PUT", ADDRESS, RAW) == (200, {})
    status, body, headers = client.raw("GET", f"/images/{DIGEST}")
    assert (status, body) == (200, RAW)
    assert headers["content-type"] == "application/octet-stream"
    said = {name: headers[f"inlay-{name}"] for name in ("model", "depth", "width", "height")}
    assert said == {"model": "RGBA", "depth": "U8", "width": "4", "height": "3"}
    status, body, headers = client.raw("HEAD", f"/images/{DIGEST}")
    assert (status, body, headers["inlay-width"]) == (200, b"", "4")


@pytest.mark.parametrize(
    ("model", "depth", "bytes_a_pixel"),
    [
        ("RGBA", "U16", 8),
        ("GRAYA", "U8", 2),
        ("CMYKA", "U8", 5),
        ("LABA", "U16", 8),
        ("YCbCrA", "F16", 8),
        ("XYZA", "F32", 16),
    ],
)
def test_every_model_and_depth_is_kept(client, model, depth, bytes_a_pixel):
    raw = np.random.default_rng(0).bytes(7 * 5 * bytes_a_pixel)
    digest, address = declared(model, depth, 7, 5, raw)
    assert client.ask("PUT", address, raw)[0] == 201
    assert client.download(digest) == raw


def test_a_wrong_digest_is_refused_and_nothing_kept(engine):
    status, answer = engine.client.ask("PUT", ADDRESS, bytes(48))
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "digest", "digest")
    assert kept_files(engine) == []


def test_the_declaration_is_part_of_the_digest(client):
    assert client.ask("PUT", ADDRESS.replace("width=4&height=3", "width=3&height=4"), RAW)[0] == 400


@pytest.mark.parametrize("raw", [RAW[:-1], RAW + b"x", b""])
def test_a_body_of_another_size_is_refused_unread(engine, raw):
    status, answer = engine.client.ask("PUT", ADDRESS, raw)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "body_size", "body")
    assert kept_files(engine) == []


def test_a_body_without_a_length_is_refused(client):
    status, answer = client.ask("PUT", ADDRESS, iter([RAW]), {"Transfer-Encoding": "chunked"})
    assert (status, answer["error"]["field"]) == (411, "Content-Length")


def test_a_body_that_breaks_off_leaves_nothing(engine):
    head = f"PUT {ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1:{engine.client.port}\r\nContent-Length: 48\r\n"
    head += f"Authorization: Bearer {engine.client.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", engine.client.port), timeout=10) as connection:
        connection.sendall(head.encode() + RAW[:20])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert answer == b"" or (b"400" in answer and b"broke off" in answer)
    assert kept_files(engine) == []
    assert engine.client.raw("HEAD", f"/images/{DIGEST}")[0] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("width=4", "width=100000"), "width"),
        (("height=3", "height=0"), "height"),
        (("height=3", "height=x"), "height"),
        (("model=RGBA", "model=RGB"), "model"),
        (("depth=U8", "depth=U9"), "depth"),
        (("&depth=U8", ""), "depth"),
    ],
)
def test_bad_declarations_name_their_field(client, change, field):
    status, answer = client.ask("PUT", ADDRESS.replace(*change), RAW)
    assert status in (400, 413, 422)
    assert answer["error"]["field"] == field
    assert answer["error"]["remedy"]


def test_a_mask_is_u8(client):
    status, answer = client.ask("PUT", ADDRESS.replace("RGBA", "MASK").replace("U8", "F32"), RAW)
    assert (status, answer["error"]["field"]) == (400, "depth")


def test_more_than_the_cap_is_refused_before_it_is_read(client):
    address = ADDRESS.replace("width=4&height=3", "width=32768&height=32768")
    status, answer = client.ask("PUT", address, b"")
    assert (status, answer["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + ".part"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_path_in_a_name_is_no_digest(client, name, method):
    status, body, _ = client.raw(method, f"/images/{name}?model=RGBA&depth=U8&width=4&height=3", RAW)
    assert status in (404, 422)
    assert b"root:" not in body


def test_a_full_disk_is_named_and_the_image_can_be_sent_again(engine, monkeypatch):
    def refuse(self, name, raw, is_durable):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(ImageStore, "_write", refuse)
        status, answer = engine.client.ask("PUT", ADDRESS, RAW)
    assert (status, answer["error"]["code"]) == (507, "disk_full")
    assert str(engine.folders.journal) in answer["error"]["message"]
    assert "INLAY_HOME" in answer["error"]["remedy"]
    assert engine.client.ask("PUT", ADDRESS, RAW)[0] == 201


@pytest.mark.parametrize("size_bytes", [1 << 20, 20 << 20])
def test_a_large_body_of_another_size_is_told_so(client, size_bytes):
    """The answer must come through although most of the body is still on its way."""
    status, answer = client.ask("PUT", ADDRESS, bytes(size_bytes))
    assert (status, answer["error"]["code"]) == (400, "body_size")


@pytest.mark.parametrize(("model", "depth"), [("RGBA", "U8"), ("GRAYA", "F32"), ("CMYKA", "U8"), ("LABA", "U16")])
def test_a_thumbnail_is_small_and_srgb(client, model, depth):
    pixel_format = PixelFormat(Model(model), Depth(depth))
    flat = np.zeros((300, 1000, pixel_format.channels), pixel_format.dtype)
    flat[..., -1] = 1 if depth == "F32" else np.iinfo(flat.dtype).max
    if model == "CMYKA":
        flat[..., 3] = 255  # black ink
    if model == "LABA":
        flat[..., 1:3] = 128 * 257  # neither green nor red, neither blue nor yellow
    raw = pixel_format.to_bytes(flat)
    digest, address = declared(model, depth, 1000, 300, raw)
    client.ask("PUT", address, raw)
    status, body, headers = client.raw("GET", f"/images/{digest}/thumbnail?side=100&profile=sRGB")
    assert status == 200
    assert [headers[f"inlay-{name}"] for name in ("model", "depth", "width", "height")] == ["RGBA", "U8", "100", "30"]
    small = np.frombuffer(body, np.uint8).reshape(30, 100, 4)
    assert (small[..., 3] == 255).all()
    assert small[..., :3].max() == 0


def test_a_small_picture_is_not_enlarged_and_shows_its_colours(client):
    raw = bytes([10, 20, 200, 255] * 6)  # blue, green, red, alpha
    digest, address = declared("RGBA", "U8", 3, 2, raw)
    client.ask("PUT", address, raw)
    assert client.raw("GET", f"/images/{digest}/thumbnail")[:2] == (200, raw)


def test_no_thumbnail(client):
    assert client.ask("GET", f"/images/{'0' * 64}/thumbnail")[0] == 404
    digest, address = declared("MASK", "U8", 4, 3, bytes(12))
    client.ask("PUT", address, bytes(12))
    status, answer = client.ask("GET", f"/images/{digest}/thumbnail")
    assert (status, answer["error"]["field"]) == (400, "digest")
    assert client.ask("GET", f"/images/{digest}/thumbnail?side=513")[1]["error"]["field"] == "side"
