"""A log that can be shown to anybody: it holds no words but our own, so no prompt, name, path or token can be in it.

The panel keeps one by the same rule (plugin/inlay_krita/discreet.py); a test compares the two.
"""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Collection, Iterator
from enum import Enum
from traceback import walk_tb
from types import TracebackType
from typing import Any

LEFT_OUT = "\N{HORIZONTAL ELLIPSIS}"
MOST_FRAMES = 12  # of an error, the innermost ones
MOST_CAUSES = 4
IDENTIFIER = re.compile(r"[A-Za-z_][\w.]{0,79}")


class DiscreetFormatter(logging.Formatter):
    """Writes what our own code says: its sentence with the numbers in it, and where an error came from.

    Texts that are put into a sentence are left out unless they are among the known words; so are the sentences of other
    people's loggers, and every error's message.
    """

    def __init__(self, ours: str, words: Collection[str] = ()) -> None:
        """ours: the name that our loggers' names begin with. words: what may stand in a sentence."""
        super().__init__("%(asctime)s %(levelname)s %(name)s")
        self._ours, self._words = ours, frozenset(words)

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {self._sentence(record)}"
        error = record.exc_info[1] if record.exc_info else None
        return "\n".join([line, *(traced(error) if error else ())])

    def _sentence(self, record: logging.LogRecord) -> str:
        is_ours = record.name.split(".")[0] == self._ours
        if not is_ours or not isinstance(record.msg, str):
            return LEFT_OUT
        if not isinstance(record.args, tuple):
            return record.msg if not record.args else LEFT_OUT
        return record.msg % tuple(map(self._shown, record.args)) if record.args else record.msg

    def _shown(self, value: Any) -> Any:
        """A value as it may be told."""
        if isinstance(value, BaseException):
            return named(value)
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, (bool, int, float)) or (isinstance(value, str) and value in self._words):
            return value
        return LEFT_OUT


def traced(error: BaseException) -> Iterator[str]:
    """What an error was and where it came from, line by line: classes, modules, lines and functions, no messages."""
    told: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if told is None:
            return
        yield f"  {named(told)}"
        yield from _frames(told.__traceback__)
        told = told.__cause__ or told.__context__


def named(error: BaseException) -> str:
    """An error's class; with it what is told by one word of a closed list: a refusal's code, a system's number."""
    kind = type(error).__name__
    code = getattr(getattr(error, "fault", error), "code", None)
    if isinstance(error, OSError) and error.errno is not None:
        code = errno.errorcode.get(error.errno)
    elif isinstance(error, ImportError):
        code = error.name
    return f"{kind} ({code})" if isinstance(code, str) and IDENTIFIER.fullmatch(code) else kind


def _frames(trace: TracebackType | None) -> Iterator[str]:
    frames = list(walk_tb(trace))
    for frame, line in frames[-MOST_FRAMES:]:
        yield f"    {frame.f_globals.get('__name__', '?')}, line {line}, in {frame.f_code.co_name}"
