"""What one start of Krita leaves for the next: settings, and which models there were. Never a prompt."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from .settings import (
    MAX_GUIDANCE,
    MAX_STEPS,
    MAX_WIDTH_PX,
    MOST_VARIANTS,
    BackgroundSettings,
    ExtendSettings,
    PanelSettings,
    PromptSettings,
    RemoveSettings,
    SelectSettings,
)
from .wire import InstalledAdapter, InstalledModel

Settings = PanelSettings | SelectSettings | BackgroundSettings | RemoveSettings | ExtendSettings | PromptSettings
NAMES: dict[type, tuple[str, ...]] = {
    PanelSettings: ("page", "variants", "folds"),
    SelectSettings: ("grow_px", "feather_px", "model"),
    BackgroundSettings: ("is_copy",),
    RemoveSettings: ("grow_px", "feather_px", "model"),
    ExtendSettings: ("model",),
    PromptSettings: ("model", "strength_percent", "is_more_shown", "family", "steps", "guidance", "control", "style"),
}
HIGHEST = {
    "grow_px": MAX_WIDTH_PX,
    "feather_px": MAX_WIDTH_PX,
    "variants": MOST_VARIANTS,
    "strength_percent": 100,
    "steps": MAX_STEPS,
    "guidance": MAX_GUIDANCE,
}
S = TypeVar("S", PanelSettings, SelectSettings, BackgroundSettings, RemoveSettings, ExtendSettings, PromptSettings)


class Keeper(Protocol):
    """Holds one text from one start to the next: Krita's configuration, or a file."""

    def read(self) -> str:
        """What was written last; empty where nothing was, or where it cannot be read."""

    def write(self, text: str) -> None:
        """Keep this instead. Quick: it is called on the UI thread. Raises OSError; what was kept stays then."""


class NoKeeper:
    """Keeps nothing."""

    def read(self) -> str:
        return ""

    def write(self, text: str) -> None:
        """Let it go."""


def kept_text(
    settings: Iterable[Settings], models: list[InstalledModel] | None, adapters: Iterable[InstalledAdapter] = ()
) -> str:
    """All that is kept, as one line of JSON."""
    told: dict[str, Any] = {
        type(each).__name__: {name: getattr(each, name) for name in NAMES[type(each)]} for each in settings
    }
    if models is not None:
        told["models"] = [dataclasses.asdict(model) for model in models]
        told["adapters"] = [dataclasses.asdict(adapter) for adapter in adapters]
    return json.dumps(told)


def restored(text: str, settings: S) -> S:
    """The settings as they were kept; what is missing, or of another kind, stays as it is."""
    told = _read(text).get(type(settings).__name__)
    if not isinstance(told, dict):
        return settings
    values: dict[str, Any] = {}
    for name in NAMES[type(settings)]:
        value: Any = told.get(name)
        if type(value) is type(getattr(settings, name)) and value == value:  # JSON, as Python reads it, has NaN
            values[name] = min(max(value, 0), HIGHEST[name]) if name in HIGHEST else value
    return dataclasses.replace(settings, **values)


def restored_models(text: str) -> list[InstalledModel] | None:
    """The models that the engine had when it was last seen; None where nobody knows."""
    try:
        return [InstalledModel.from_json(model) for model in _read(text)["models"]]
    except (KeyError, TypeError):
        return None


def restored_adapters(text: str) -> list[InstalledAdapter]:
    """What prompts could name then."""
    try:
        return [InstalledAdapter.from_json(adapter) for adapter in _read(text)["adapters"]]
    except (KeyError, TypeError):
        return []


def _read(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
