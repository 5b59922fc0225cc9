"""`POST /images/edits` as OpenAI defines it: one picture, its mask and words there, one picture back."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from inlay.pipelines.family import Cancelled, FamilyError, Watch
from inlay.pipelines.parts.endpoint import Endpoint

T = TypeVar("T")
LARGEST_ANSWER = 64 << 20  # bytes: a PNG of the largest size in base64 is a quarter of it
CONNECT_S, SEND_S, SILENCE_S, TOTAL_S = 10.0, 60.0, 300.0, 600.0  # a hosted picture takes up to two minutes
POLL_S = 0.02
LONGEST_QUOTE = 200  # characters of the server's own words
FIELD = "edit.model"
LATER = "Try again later, or choose an installed model."


@dataclass(frozen=True)
class Question:
    """What is asked for. Pictures are PNG files of the same size."""

    prompt: str
    picture: bytes
    mask: bytes | None  # transparent where something new shall be; None lets all change
    width: int
    height: int
    seed: int


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def edited(endpoint: Endpoint, key: str, question: Question, watch: Watch) -> bytes:
    """The picture that the endpoint made, as the file that it sent.

    Raises Cancelled at once when told to, and FamilyError, in words and without the key, for everything that can go
    wrong. Nothing is sent on to another address.
    """
    outcome = _while_wanted(_asked(endpoint, key, question), watch)
    # Raised here and not where it was found: an exception of the HTTP client holds its request, and that the key.
    if isinstance(outcome, FamilyError):
        raise outcome
    if outcome.status != 200:
        raise _refusal(endpoint, outcome, key)
    picture = _picture(outcome)
    if picture is None:
        raise _odd(endpoint, "answered with something that holds no picture")
    return picture


def _while_wanted(asking: Coroutine[Any, Any, T], watch: Watch) -> T:
    """Run it on a thread of its own, so that a cancel is answered at once, whatever the network does."""
    is_given_up = threading.Event()
    pool = ThreadPoolExecutor(1, "inlay-endpoint")
    future = pool.submit(asyncio.run, _unless(asking, is_given_up))
    pool.shutdown(wait=False)
    while not wait([future], POLL_S).done:
        if watch.is_cancelled():
            is_given_up.set()
            raise Cancelled
    return future.result()


async def _unless(asking: Coroutine[Any, Any, T], is_given_up: threading.Event) -> T:
    """Closes the connection when it is given up, so that the server learns of it, too."""
    task = asyncio.ensure_future(asking)
    while not (await asyncio.wait({task}, timeout=POLL_S))[0]:
        if is_given_up.is_set():
            task.cancel()
    return task.result()


async def _asked(endpoint: Endpoint, key: str, question: Question) -> Answer | FamilyError:
    """The answer, or why there is none."""
    try:
        import httpx
    except ImportError:
        return FamilyError("no_httpx", "Endpoints need httpx.", remedy='Install it with: pip install "inlay[hosted]"')
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S, write=SEND_S)
    # In a private network a proxy has no business, and over http it would read the key.
    client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=not endpoint.is_private)
    url = f"{endpoint.address}/images/edits"
    try:
        async with asyncio.timeout(TOTAL_S), client:
            fields, files = _form(endpoint, question)
            async with client.stream("POST", url, headers=_headers(key), data=fields, files=files) as response:
                return await _read(endpoint, response)
    except (httpx.TimeoutException, TimeoutError) as error:
        is_reached = not isinstance(error, httpx.ConnectTimeout)
        said = "did not answer in time" if is_reached else "cannot be reached"
    except (httpx.HTTPError, OSError):
        said = "cannot be reached, or broke the connection off"
    remedy = f"Look whether it is running, and whether the address is right (`inlay endpoint show`). {LATER}"
    return FamilyError("endpoint_unreachable", f"{endpoint.host} {said}.", field=FIELD, remedy=remedy)


async def _read(endpoint: Endpoint, response: Any) -> Answer | FamilyError:
    """All of the answer, if it is not too long."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LARGEST_ANSWER:
            return _odd(endpoint, f"sent more than {LARGEST_ANSWER >> 20} MB")
    return Answer(response.status_code, dict(response.headers), bytes(body))


def _headers(key: str) -> dict[str, str]:
    told = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return told | ({"Authorization": f"Bearer {key}"} if key else {})


def _form(endpoint: Endpoint, question: Question) -> tuple[dict[str, str], dict[str, tuple[str, bytes, str]]]:
    """(fields, files) of the form."""
    fields = {"prompt": question.prompt, "n": "1", "size": f"{question.width}x{question.height}"}
    if endpoint.model:
        fields["model"] = endpoint.model
    if "gpt-image" not in endpoint.model:  # those always send the picture itself, and refuse to be told so
        fields["response_format"] = "b64_json"
    if endpoint.is_private:  # vLLM-Omni and SGLang know seeds; OpenAI refuses fields that it does not know
        fields["seed"] = str(question.seed)
    files = {"image": ("image.png", question.picture, "image/png")}
    if question.mask is not None:
        files["mask"] = ("mask.png", question.mask, "image/png")
    return fields, files


def _picture(answer: Answer) -> bytes | None:
    """The file inside a good answer; None where there is none."""
    try:
        data = json.loads(answer.body)["data"]
        return base64.b64decode(data[0]["b64_json"], validate=True)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None


def _odd(endpoint: Endpoint, said: str) -> FamilyError:
    remedy = "Look whether the address is that of an `images/edits` endpoint (`inlay endpoint show`)."
    return FamilyError("endpoint_answer", f"{endpoint.host} {said}.", field=FIELD, remedy=remedy)


def _refusal(endpoint: Endpoint, answer: Answer, key: str) -> FamilyError:
    """A status other than 200, in words."""
    host, status = endpoint.host, answer.status
    if status in (401, 403):
        remedy = "Set another one with `inlay endpoint set`."
        return FamilyError("endpoint_key", f"{host} refuses the key.", field=FIELD, remedy=remedy)
    if status == 429:
        told = answer.headers.get("retry-after", "")
        asks = f", and asks you to wait {told} s" if told.isdecimal() and len(told) < 6 else ""
        message = f"{host} takes no more pictures for now{asks}."
        remedy = "Wait, look at your account's limits there, or choose an installed model."
        return FamilyError("endpoint_busy", message, field=FIELD, remedy=remedy)
    if status >= 500:
        return FamilyError("endpoint_failed", f"{host} failed ({status}).", field=FIELD, remedy=LATER)
    if status == 404 or status < 400:
        what = "has nothing at this address" if status == 404 else f"wants to lead elsewhere ({status})"
        remedy = "Set the address that it is at; it often ends in /v1 (`inlay endpoint set`)."
        return FamilyError("endpoint_address", f"{host} {what}.", field=FIELD, remedy=remedy)
    quote = _quote(answer.body, key)
    said = f": {quote}" if quote else ""
    remedy = "Change the prompt or the selection, or choose an installed model."
    return FamilyError("endpoint_refused", f"{host} refuses this edit ({status}){said}", field=FIELD, remedy=remedy)


def _quote(body: bytes, key: str) -> str:
    """The server's own words, short, on one line and without the key, should it send that back."""
    try:
        told = json.loads(body)
        error = told.get("error", told)
        said = error if isinstance(error, str) else error.get("message") or error.get("detail")
    except (ValueError, AttributeError):
        return ""
    if not isinstance(said, str):
        return ""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    hidden = words.replace(key, "[key]") if key else words
    return hidden if len(hidden) <= LONGEST_QUOTE else f"{hidden[:LONGEST_QUOTE]}..."
