"""The panel without Krita: the plugin's own widgets beside a picture from a file, on PySide6."""

from __future__ import annotations

from inlay.panel.application import run

__all__ = ["run"]
