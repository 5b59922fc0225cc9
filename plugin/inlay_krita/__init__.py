"""Inlay's panel: in Krita a docker and its actions, elsewhere the same widgets over a file (`inlay panel`)."""

from .qt import INSIDE_KRITA

if INSIDE_KRITA:
    from .extension import register

    register()
