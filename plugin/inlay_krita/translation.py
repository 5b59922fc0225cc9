"""The panel's words in the painter's language, from gettext catalogues in `locale/`; English where there is none."""

from __future__ import annotations

import functools
import gettext
from pathlib import Path

from .qt import QtCore

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "inlay"


def tr(text: str) -> str:
    """The text in the painter's language. Values go in afterwards: `tr("Deleted {name}.").format(name=name)`."""
    return _catalogue().gettext(text)


def trn(one: str, many: str, count: int) -> str:
    """The form of a text that goes with a number; the number goes in afterwards, too."""
    return _catalogue().ngettext(one, many, count)


@functools.cache
def _catalogue() -> gettext.NullTranslations:
    """The language is that of the application, once and for all: Krita, too, needs a new start for another one."""
    names = [name.replace("-", "_") for name in QtCore.QLocale().uiLanguages()]
    return gettext.translation(DOMAIN, str(LOCALE), names, fallback=True)
