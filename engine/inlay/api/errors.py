"""Every error in one form: `{"error": {"code", "message", "field", "remedy"}}`."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from inlay.errors import Fault, Refusal

STATUSES = {
    "token": 401,
    "host": 403,
    "origin": 403,
    "inside": 403,
    "no_job": 404,
    "no_model": 404,
    "no_offer": 404,
    "no_install": 404,
    "image_missing": 404,
    "device": 422,
    "memory": 422,
    "fixed": 409,
    "still_open": 409,
    "not_rerunnable": 409,
    "not_waiting": 409,
    "busy": 409,
    "installing": 409,
    "not_ours": 409,
    "length_missing": 411,
    "body_too_large": 413,
    "disk_full": 507,
    "disk_error": 507,
    "store_full": 507,
}
SELECTION_KINDS = ("shadow", "object")
_log = logging.getLogger(__name__)


class RequestError(Refusal):
    """A request that is refused at the edge."""


def reply(fault: Fault, status: int | None = None) -> JSONResponse:
    """The fault as a response; 400 where its code has no status of its own."""
    return JSONResponse({"error": dataclasses.asdict(fault)}, status or STATUSES.get(fault.code, 400))


def add_handlers(app: FastAPI) -> None:
    """Make every error that can leave the app one of ours."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return reply(error.fault)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return reply(fault_of(error.errors()), 422)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        fault = Fault("method", f"{request.method} is not possible here.", None, "See /openapi.json for what is.")
    elif error.status_code == 404:
        fault = Fault("no_route", f"There is nothing at {request.url.path}.", None, "See /openapi.json for what is.")
    else:
        fault = Fault("http", str(error.detail), None, "See docs/protocol.md.")
    return reply(fault, error.status_code)


async def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return reply(Fault("bug", f"The engine made a mistake: {error!r}.", None, "The engine's log tells more."), 500)


def fault_of(problems: Sequence[Mapping[str, Any]]) -> Fault:
    """The first of pydantic's findings, in words for people."""
    problem = problems[0]
    field = _field(problem)
    message, remedy = _words(problem, field)
    if len(problems) > 1:
        more = ", ".join(sorted({f"`{_field(other)}`" for other in problems[1:]} - {f"`{field}`"}))
        remedy = f"{remedy} Then look at {more}, too." if more else remedy
    return Fault("invalid", message, field, remedy)


def _field(problem: Mapping[str, Any]) -> str:
    """`edit.grow_px` from ("body", "edit", "remove", "grow_px"): the tag of the kind is no field."""
    names = [str(part) for part in problem["loc"][1:] if problem["type"] != "json_invalid"]
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        names.append("kind")
    if len(names) > 2 and names[0] == "edit":
        del names[1]
    elif names and names[0] in SELECTION_KINDS:
        del names[0]
    return ".".join(names) or "body"


def _words(problem: Mapping[str, Any], field: str) -> tuple[str, str]:
    """(what happened, what to do) for one finding."""
    kind, sent, context = problem["type"], problem.get("input"), problem.get("ctx", {})
    if kind == "extra_forbidden":
        return f"`{field}` is not known.", "Leave it out; docs/protocol.md lists the fields."
    if kind == "union_tag_invalid":
        return f"`{field}` is not known.", f"Send {context['expected_tags']}."
    if kind in ("missing", "union_tag_not_found"):
        return f"`{field}` is missing.", "Send it; docs/protocol.md says what it means."
    if kind in ("less_than_equal", "less_than"):
        return f"`{field}` is {sent}, and {context['le']} is the most.", f"Send at most {context['le']}."
    if kind in ("greater_than_equal", "greater_than"):
        return f"`{field}` is {sent}, and {context['ge']} is the least.", f"Send at least {context['ge']}."
    if kind == "json_invalid":
        return f"The body is no JSON: {context.get('error', 'it cannot be read')}.", "Send a JSON object."
    if kind == "edit_kind":
        return "`edit` is not of a known kind.", f"Send an object whose `kind` is {context['kinds']}."
    if kind in ("literal_error", "enum"):
        return f"`{field}` is {_short(sent)}.", f"Send {context['expected']}."
    if kind == "string_pattern_mismatch":
        return f"`{field}` is {_short(sent)}, which is no digest or id.", "docs/protocol.md says what it looks like."
    return f"`{field}` is {_short(sent)}: {problem['msg']}.", "See docs/protocol.md for what it may be."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
