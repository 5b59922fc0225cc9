"""Inlay's engine: repaints the selected part of a picture."""

__version__ = "0.1.0"
PROTOCOL = 1
