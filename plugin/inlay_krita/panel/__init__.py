"""The panel's widgets, a file per section. They show a session and call it; they know no libkis."""

from .panel import Panel

__all__ = ["Panel"]
