"""What the routes need, handed to them by the app that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from inlay.api.identity import Identity
from inlay.api.installs import Installs
from inlay.api.outside import Outside
from inlay.catalogue.installed import Catalogue
from inlay.config import Limits
from inlay.jobs.queue import JobQueue


@dataclass(frozen=True)
class Services:
    """One engine's parts."""

    identity: Identity
    queue: JobQueue
    catalogue: Catalogue
    installs: Installs
    limits: Limits
    end: Callable[[], None]  # asks the server to end in good order
    fixed: frozenset[str] = frozenset()  # settings that the environment says
    outside: Outside | None = None  # the door for other machines, where it is open


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Engine = Annotated[Services, Depends(_services)]
