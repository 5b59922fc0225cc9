"""What can be told about an engine to somebody who is asked for help: `GET /report`, `inlay doctor --report`.

Nothing of the user's is cut out of it, because it does not go in: of the findings those words that were written for
anybody, of the models what they were recognised as, of the logs those that hold our own words alone (discreet.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from inlay.api import findings
from inlay.api.logs import SHARED_NAME, tail
from inlay.api.services import Engine
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.card import GB
from inlay.pipelines.models import Model

PANEL_LOG = "panel-shared.log"  # the panel writes it into the same folder
LOG_LINES = 120

router = APIRouter(tags=["engine"])


@router.get("/report", response_class=PlainTextResponse)
def report(engine: Engine) -> str:
    """The engine's versions, device, models and log, without anything of the user's. In a thread: it looks at disks."""
    return engine_report(engine.catalogue.folders, engine.catalogue)


def engine_report(folders: Folders, catalogue: Catalogue) -> str:
    """As plain text, section by section."""
    found = [each for each in findings.all_findings(folders) if each.shared]
    return "\n\n".join(
        (
            section("Engine", (f"{each.mark:5} {each.shared}" for each in found)),
            section("Models", models_told(catalogue.installed())),
            section("Engine's log", tail(folders.log, SHARED_NAME, LOG_LINES)),
        )
    )


def whole_report(folders: Folders) -> str:
    """The same with the panel's log, for the command line."""
    panel = section("Panel's log", tail(folders.log, PANEL_LOG, LOG_LINES))
    return f"{engine_report(folders, Catalogue(folders))}\n\n{panel}"


def section(title: str, lines: Iterable[str]) -> str:
    """A heading and what is below it."""
    return "\n".join((f"[{title}]", *(list(lines) or ["-"])))


def models_told(models: Iterable[Model]) -> list[str]:
    """How many there are of each kind, and how large they are; their names may be the user's own."""
    kinds = Counter((_kind(model), round(model.size_bytes / GB, 1)) for model in models)
    return [f"{count} x {kind}, {size_gb} GB" for (kind, size_gb), count in sorted(kinds.items())]


def _kind(model: Model) -> str:
    described = model.description
    channels = f" with {described.in_channels} channels" if described.in_channels else ""
    return f"{described.pipeline_class or described.architecture}{channels}"
