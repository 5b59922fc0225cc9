"""A log that can be shown to anybody: our own sentences and numbers, and nothing that a user said or named."""

from __future__ import annotations

import ast
import logging
from enum import Enum
from pathlib import Path
from types import ModuleType

import inlay
import pytest
from inlay.api import discreet as engine_half
from inlay.api.logs import FILE_NAME, SHARED_NAME, logging_to, tail
from inlay.errors import Refusal
from inlay_krita import discreet as panel_half
from inlay_krita.client import EngineError

CANARY = "canary in /home/somebody/secret project.kra"
SOURCES = [*Path(inlay.__file__).parent.rglob("*.py"), *(Path(inlay.__file__).parents[2] / "plugin").rglob("*.py")]
HALVES = pytest.mark.parametrize("half", [engine_half, panel_half], ids=["engine", "panel"])


class Colour(Enum):
    KNOWN = "cuda"
    UNKNOWN = CANARY


def written(half: ModuleType, message: object, *args: object, name: str = "inlay.jobs", error: bool = False) -> str:
    """What a record becomes, without its time."""
    try:
        if error:
            raise ValueError(CANARY)
        info = None
    except ValueError as raised:
        info = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord(name, logging.INFO, CANARY, 1, message, args, info)
    return half.DiscreetFormatter("inlay", ["cuda", "remove"]).format(record).partition(f" {name}: ")[2]


@HALVES
@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (("Job %s: %s on %s", CANARY, "remove", Path(CANARY)), "Job \u2026: remove on \u2026"),
        (("%.1f GB, %d files, %s", 1.25, 3, True), "1.2 GB, 3 files, True"),
        (("on %s, not on %s", Colour.KNOWN, Colour.UNKNOWN), "on cuda, not on \u2026"),
        (("it said %s", Refusal("no_model", CANARY)), "it said Refusal (no_model)"),
        (("it said %s", EngineError(CANARY, code="busy")), "it said EngineError (busy)"),
        (("it said %s", EngineError(CANARY, code=CANARY)), "it said EngineError"),
        (("it said %s", OSError(28, CANARY, CANARY)), "it said OSError (ENOSPC)"),
        (("it said %s", ModuleNotFoundError(CANARY, name="torch")), "it said ModuleNotFoundError (torch)"),
        (("a sentence alone",), "a sentence alone"),
        (("100 % of it",), "100 % of it"),
        (({"not": CANARY},), "\u2026"),
        (("%(what)s", {"what": CANARY}), "\u2026"),
    ],
)
def test_sentences(half: ModuleType, args: tuple[object, ...], shown: str) -> None:
    assert written(half, *args) == shown


@HALVES
def test_others_sentences_are_left_out(half: ModuleType) -> None:
    assert written(half, CANARY, name="uvicorn.error") == "\u2026"
    assert written(half, "fine", name="inlaying.jobs") == "\u2026"


@HALVES
def test_an_error_says_where_and_not_what(half: ModuleType) -> None:
    first, *lines = written(half, "in %s", CANARY, error=True).splitlines()
    assert first == "in \u2026"
    assert lines[0] == "  ValueError"
    assert lines[1].startswith(f"    {__name__}, line ")
    assert lines[1].endswith(", in written")


@HALVES
def test_causes_are_told(half: ModuleType) -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise Refusal("mask_size", CANARY) from cause
    except Refusal as error:
        told = list(half.traced(error))
    assert [line.strip() for line in told if not line.startswith("    ")] == ["Refusal (mask_size)", "KeyError"]
    assert CANARY not in "".join(told)


def test_the_engine_keeps_both_logs(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        log = logging.getLogger("inlay.jobs.queue")
        log.info("Job %s: %s on %s", CANARY, "remove", "local")
        log.error("it failed", exc_info=ValueError(CANARY))
    assert (tmp_path / FILE_NAME).read_text("utf-8").count(CANARY) == 2
    lines = tail(tmp_path, SHARED_NAME, 2)
    assert lines[1] == "  ValueError"
    assert lines[0].endswith("ERROR inlay.jobs.queue: it failed")
    assert "Job \u2026: remove on local" in (tmp_path / SHARED_NAME).read_text("utf-8")
    assert "canary" not in (tmp_path / SHARED_NAME).read_text("utf-8")
    assert tail(tmp_path, "none.log", 2) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_is_logged_is_a_sentence_of_ours(source: Path) -> None:
    """One that is put together before could hold anything."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        is_log = isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "_log", "logger", "_logger")
        if is_log and node.func.attr in ("debug", "info", "warning", "error", "exception", "critical"):
            sentence = node.args[0]
            assert isinstance(sentence, ast.Constant), f"line {node.lineno}"
            assert isinstance(sentence.value, str), f"line {node.lineno}"
