"""The app: routes, who may use them, and what surrounds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from inlay import __version__, wire
from inlay.api import (
    captions,
    controls,
    edits,
    errors,
    health,
    images,
    jobs,
    models,
    plans,
    report,
    selections,
    settings,
    storage,
)
from inlay.api.activity import Activity, CountRequests
from inlay.api.auth import Auth
from inlay.api.bodies import CapBodies
from inlay.api.services import Services

ROUTERS = (
    health.router,
    plans.router,
    images.router,
    edits.router,
    jobs.router,
    jobs.queue_router,
    models.router,
    captions.router,
    controls.router,
    selections.router,
    report.router,
    settings.router,
    storage.router,
)


def create_app(services: Services, activity: Activity) -> FastAPI:
    """The engine as an ASGI app. Its lifespan begins and ends the queue."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await services.queue.start()
        yield
        await services.queue.stop()

    app = FastAPI(
        title="Inlay engine",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # a page that loads scripts from elsewhere has no place next to a token
        redoc_url=None,
        strict_content_type=False,  # the token keeps web pages out, and a missing header is no reason to fail
        responses={"4XX": {"model": wire.ErrorReply}, "5XX": {"model": wire.ErrorReply}},
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    errors.add_handlers(app)
    # The last one added is the first one asked.
    app.add_middleware(CapBodies, most_bytes=services.limits.json_bytes, exempt_prefix="/images/")
    app.add_middleware(CountRequests, activity=activity)
    app.add_middleware(Auth, identity=services.identity, outside=services.outside)
    return app
