"""Earlier prompts, kept from one start to the next, and walking back through them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .whole_file import logged, read_whole, write_whole

VERSION = 1
MOST = 100
LONGEST = 4000  # letters; nobody looks for a longer one by arrow keys
LARGEST_BYTES = 4 << 20


class PromptHistory:
    """What was asked for, newest first. Another window's or Krita's prompts are in the same file."""

    def __init__(self, path: Path, not_written: Callable[[OSError], None] = logged) -> None:
        self._path, self._not_written = path, not_written
        self._prompts: list[str] | None = None  # None until somebody wants them

    @property
    def prompts(self) -> list[str]:
        """All that is remembered, newest first."""
        if self._prompts is None:
            self._prompts = self._read()
        return list(self._prompts)

    def add(self, prompt: str) -> None:
        """Remember a prompt as the newest; one that was there moves up."""
        prompt = prompt.strip()
        if prompt and len(prompt) <= LONGEST:
            self._keep([prompt, *(old for old in self._read() if old != prompt)][:MOST])

    def forget(self) -> None:
        """Remember none of them."""
        self._keep([])

    def _read(self) -> list[str]:
        """What the file holds; what this session knows where it cannot be read."""
        try:
            told = json.loads(read_whole(self._path, LARGEST_BYTES))["prompts"]
            prompts = [prompt for prompt in told if isinstance(prompt, str) and 0 < len(prompt) <= LONGEST]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return self._prompts or []
        return list(dict.fromkeys(prompts))[:MOST]

    def _keep(self, prompts: list[str]) -> None:
        self._prompts = prompts
        try:
            write_whole(self._path, json.dumps({"inlay_prompts": VERSION, "prompts": prompts}, ensure_ascii=False))
        except OSError as error:
            self._not_written(error)


class Recall:
    """One walk through earlier prompts, from what was typed and back to it."""

    def __init__(self, history: PromptHistory) -> None:
        self._history = history
        self._steps: list[str] = [""]  # what was typed, then ever older ones
        self._at = 0

    def earlier(self, shown: str) -> str | None:
        """The prompt before the one that is shown; None where there is none."""
        if self._steps[self._at] != shown or self._at == 0:  # something was typed: a new walk begins there
            self._steps = [shown, *(prompt for prompt in self._history.prompts if prompt != shown.strip())]
            self._at = 0
        return self._go(self._at + 1)

    def later(self, shown: str) -> str | None:
        """The one after it, at last what was typed; None where nothing was recalled."""
        return self._go(self._at - 1) if self._steps[self._at] == shown else None

    def _go(self, at: int) -> str | None:
        if not 0 <= at < len(self._steps):
            return None
        self._at = at
        return self._steps[at]
