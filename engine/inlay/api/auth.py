"""Who may ask: checked before anything else of a request is looked at.

Plain ASGI, because Starlette's BaseHTTPMiddleware would put a task and two queues between body and route.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from inlay.api.errors import reply
from inlay.api.identity import Identity
from inlay.api.outside import Outside, is_outside
from inlay.errors import Fault

OPEN_PATHS = frozenset({"/health"})


class Auth:
    """Lets requests through that name this engine as Host, come from no web page, and carry the token.

    Those of other machines must name it as they reach it, carry their own token, and may not ask for everything.
    """

    def __init__(self, app: ASGIApp, identity: Identity, outside: Outside | None = None) -> None:
        self._app = app
        self._identity = identity
        self._outside = outside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        outside = self._outside if scope["type"] == "http" and is_outside(scope) else None
        fault = self._fault(scope, outside) if scope["type"] == "http" else None
        await (reply(fault) if fault else self._app)(scope, receive, send)

    def _fault(self, scope: Scope, outside: Outside | None) -> Fault | None:
        headers = Headers(scope=scope)
        if not self._is_host(headers.getlist("host"), outside):
            at = "a name of its certificate" if outside else f"127.0.0.1:{self._identity.port}"
            return Fault("host", "The Host header names another server.", "Host", f"Send Host: {at}.")
        if "origin" in headers:
            return Fault("origin", "Web pages may not ask the engine.", "Origin", "Ask without an Origin header.")
        if scope["path"] not in OPEN_PATHS and not self._has_token(headers, outside):
            where = "Ask whoever runs the engine for it" if outside else "Read engine.json again"
            remedy = f"{where}, and send `Authorization: Bearer <token>`."
            return Fault("token", "The token is missing or is not this engine's.", "Authorization", remedy)
        if outside and not outside.may(scope["method"], scope["path"]):
            remedy = "Ask whoever runs the engine to do it there."
            return Fault("inside", "That can be done only on the machine where the engine runs.", None, remedy)
        return None

    def _is_host(self, told: list[str], outside: Outside | None) -> bool:
        if outside:
            return len(told) == 1 and outside.is_host(told[0])
        return told in [[host] for host in self._identity.hosts]

    def _has_token(self, headers: Headers, outside: Outside | None) -> bool:
        """Compared in constant time, so that nothing is learnt from how long a refusal takes."""
        token = outside.token if outside else self._identity.token
        sent = headers.get("authorization", "")
        return secrets.compare_digest(sent.encode("utf-8", "replace"), f"Bearer {token}".encode())
