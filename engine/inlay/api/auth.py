"""Who may ask: checked before anything else of a request is looked at.

Plain ASGI, because Starlette's BaseHTTPMiddleware would put a task and two queues between body and route.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from inlay.api.errors import reply
from inlay.api.identity import Identity
from inlay.errors import Fault

OPEN_PATHS = frozenset({"/health"})


class Auth:
    """Lets requests through that name this engine as Host, come from no web page, and carry the token."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        fault = self._fault(scope) if scope["type"] == "http" else None
        await (reply(fault) if fault else self._app)(scope, receive, send)

    def _fault(self, scope: Scope) -> Fault | None:
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self._identity.hosts]:
            remedy = f"Send Host: 127.0.0.1:{self._identity.port}."
            return Fault("host", "The Host header names another server.", "Host", remedy)
        if "origin" in headers:
            return Fault("origin", "Web pages may not ask the engine.", "Origin", "Ask without an Origin header.")
        if scope["path"] not in OPEN_PATHS and not self._has_token(headers):
            return Fault(
                "token",
                "The token is missing or is not this engine's.",
                "Authorization",
                "Read engine.json again and send `Authorization: Bearer <token>`.",
            )
        return None

    def _has_token(self, headers: Headers) -> bool:
        """Compared in constant time, so that nothing is learnt from how long a refusal takes."""
        sent = headers.get("authorization", "")
        return secrets.compare_digest(sent.encode("utf-8", "replace"), f"Bearer {self._identity.token}".encode())
