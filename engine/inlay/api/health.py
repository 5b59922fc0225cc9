"""`GET /health`: who answers; the one route without a token. `POST /shutdown`: the engine makes room for another."""

from __future__ import annotations

from fastapi import APIRouter

from inlay import wire
from inlay.api.errors import RequestError
from inlay.api.services import Engine

router = APIRouter(tags=["engine"])


@router.get("/health")
async def health(engine: Engine) -> wire.Health:
    """Name, version and instance of the engine, its kind of fill, and the number of open jobs."""
    identity = engine.identity
    return wire.Health(
        version=identity.version,
        protocol=identity.protocol,
        pid=identity.pid,
        instance=identity.instance,
        fill="native" if engine.queue.roster.builtin.version() == "native" else "portable",
        jobs=engine.queue.open_count,
    )


@router.post("/shutdown", status_code=202)
async def shutdown(engine: Engine, force: bool = False) -> wire.Health:
    """End the engine; refused with 409 while jobs are open or other machines use it, unless forced.

    Open jobs are interrupted then.
    """
    if engine.outside and not force:
        raise RequestError("busy", "Other machines use this engine.", remedy="Ask with ?force=true.")
    if engine.queue.open_count and not force:
        raise RequestError(
            "busy",
            f"{engine.queue.open_count} jobs are open.",
            remedy="Wait for them, cancel them, or ask with ?force=true.",
        )
    answer = await health(engine)
    engine.end()
    return answer
