"""The panel's words in the painter's language, from gettext catalogues in `locale/`; English where there is none."""

from __future__ import annotations

import functools
import gettext
from datetime import datetime
from pathlib import Path

from .qt import QtCore

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "inlay"
SOURCE = "en"  # the language of the words in the sources


def tr(text: str) -> str:
    """The text in the painter's language. Values go in afterwards: `tr("Deleted {name}.").format(name=name)`."""
    return _catalogue().gettext(text) if text else ""  # a catalogue's entry for "" is its header


def trn(one: str, many: str, count: int) -> str:
    """The form of a text that goes with a number; the number goes in afterwards, too."""
    return _catalogue().ngettext(one, many, count)


def later(text: str) -> str:
    """Marks a text for the catalogues that is told elsewhere, by `tr`: a value that is kept or compared in English."""
    return text


def numeral(value: float, decimals: int = 0) -> str:
    """A number as the painter's country writes it."""
    local = QtCore.QLocale()
    local.setNumberOptions(QtCore.QLocale.NumberOption.OmitGroupSeparator)
    return local.toString(float(value), "f", decimals)


def local_time(hour: int, minute: int) -> str:
    """A time of day."""
    return QtCore.QLocale().toString(QtCore.QTime(hour, minute), QtCore.QLocale.FormatType.ShortFormat)


def local_moment(when: datetime) -> str:
    """A day with the time, as short as the painter's country writes it."""
    day, time = QtCore.QDate(when.year, when.month, when.day), QtCore.QTime(when.hour, when.minute)
    return QtCore.QLocale().toString(QtCore.QDateTime(day, time), QtCore.QLocale.FormatType.ShortFormat)


def direction() -> QtCore.Qt.LayoutDirection:
    """Which way the panel's language reads: that of the words which are shown, not of the ones that were wished for."""
    return QtCore.QLocale(_catalogue().info().get("language", SOURCE)).textDirection()


def languages(wished: list[str]) -> list[str]:
    """gettext's names of the wished languages, the best first, up to English: that needs no catalogue."""
    names: list[str] = []
    for tag in wished:
        if tag.partition("-")[0] == SOURCE:
            break
        names.append(tag.replace("-", "_"))
    return names


@functools.cache
def _catalogue() -> gettext.NullTranslations:
    """The language is that of the application, once and for all: Krita, too, needs a new start for another one."""
    wished = languages(QtCore.QLocale().uiLanguages())
    return gettext.translation(DOMAIN, str(LOCALE), wished, fallback=True) if wished else gettext.NullTranslations()
