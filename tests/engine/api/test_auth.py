"""Who may ask: token, Host and Origin."""

import pytest

ROUTES = [
    ("POST", "/plan"),
    ("GET", "/jobs"),
    ("GET", "/openapi.json"),
    ("PUT", "/images/" + "0" * 64),
    ("POST", "/shutdown"),
    ("GET", "/nowhere"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic abc", "Bearer \u00e9"])
def test_without_the_token_nothing_is_answered(client, method, path, authorization):
    status, answer = client.ask(method, path, headers={"Authorization": authorization.encode()})
    assert status == 401
    assert answer["error"]["code"] == "token"
    assert answer["error"]["field"] == "Authorization"
    assert "engine.json" in answer["error"]["remedy"]


def test_health_needs_no_token(client):
    status, _ = client.ask("GET", "/health", headers={"Authorization": ""})
    assert status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"])
@pytest.mark.parametrize("path", ["/health", "/jobs"])
def test_a_foreign_host_is_refused(client, host, path):
    """DNS rebinding: the page's own name comes as Host, whatever address it stands for."""
    status, answer = client.ask("GET", path, headers={"Host": host.format(port=client.port)})
    assert status == 403
    assert (answer["error"]["code"], answer["error"]["field"]) == ("host", "Host")


def test_localhost_is_our_name_too(client):
    assert client.ask("GET", "/health", headers={"Host": f"localhost:{client.port}"})[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:{port}"])
@pytest.mark.parametrize("path", ["/health", "/jobs"])
def test_any_origin_is_refused(client, origin, path):
    status, answer = client.ask("GET", path, headers={"Origin": origin.format(port=client.port)})
    assert status == 403
    assert (answer["error"]["code"], answer["error"]["field"]) == ("origin", "Origin")


def test_the_token_is_in_no_log(engine):
    engine.client.ask("GET", "/jobs")
    engine.client.ask("GET", "/jobs", headers={"Authorization": "Bearer wrong"})
    engine.stop()
    log = (engine.folders.log / "engine.log").read_text()
    assert log
    assert engine.client.token not in log
