"""Request bodies: small ones are capped, image bodies go straight into one buffer of the declared size."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inlay.api.errors import RequestError, reply
from inlay.errors import Fault


class CapBodies:
    """ASGI: refuses bodies above `most_bytes`, except where `exempt_prefix` begins the path (images have their own)."""

    def __init__(self, app: ASGIApp, most_bytes: int, exempt_prefix: str) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._exempt_prefix = exempt_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._exempt_prefix):
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            await reply(self._fault())(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body, or None where it is too large."""
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._most_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    def _fault(self) -> Fault:
        return Fault(
            "body_too_large",
            f"The body is larger than {self._most_bytes} bytes.",
            "body",
            "Send only what docs/protocol.md lists; pixels go to PUT /images/{digest}.",
        )


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and after that what really comes: the client's going away."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


async def read_image(request: Request, size_bytes: int) -> bytearray:
    """The body of an upload, exactly `size_bytes` of it. Raises RequestError, before reading where it can.

    The length must be declared: a body that breaks off must never look like a small picture.
    """
    declared = Headers(scope=request.scope).get("content-length", "")
    if not declared.isdecimal():
        raise RequestError(
            "length_missing", "The body's length is missing.", field="Content-Length", remedy="Send Content-Length."
        )
    if int(declared) != size_bytes:
        raise RequestError(
            "body_size",
            f"The body has {declared} bytes, and a picture of this model, depth and size has {size_bytes}.",
            field="body",
            remedy="Send the raw pixels without padding, and their true model, depth, width and height.",
        )
    body = bytearray(size_bytes)
    position = 0
    try:
        async for chunk in request.stream():
            body[position : position + len(chunk)] = chunk
            position += len(chunk)
    except ClientDisconnect:
        pass  # answered below, for whoever still listens
    if position != size_bytes:
        raise RequestError(
            "body_truncated",
            f"The body broke off after {position} of {size_bytes} bytes; nothing was kept.",
            field="body",
            remedy="Send it again.",
        )
    return body
