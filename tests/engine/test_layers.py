"""Imports run one way: api -> jobs -> edits -> pipelines -> pixels; and starting costs no more than it must."""

import ast
import subprocess
import sys
from pathlib import Path

import inlay
import pytest

PACKAGE = Path(inlay.__file__).parent
ROOMS = ["api", "catalogue", "jobs", "edits", "pipelines", "pixels"]
LEAVES = {
    "errors",
    "config",
    "settings",
    "disk",
    "lock",
    "__version__",
    "PROTOCOL",
}  # what every room may use: they know no room
VOCABULARY = {
    "family",
    "card",
    "device",
    "models",
    "schedulers",
    "segmenter",
    "shares",
    "spoken",
}  # of pipelines: what a plan is spoken in
HEAVY = {"torch", "diffusers", "transformers", "cv2", "scipy", "skimage", "numba", "PIL", "PySide6", "ray"}


def imported(path):
    """(top-level name, whole name) of every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            here = ["inlay", *path.relative_to(PACKAGE).parts[:-1]]
            module = ".".join([*here[: len(here) + 1 - node.level], node.module or ""] if node.level else [node.module])
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "inlay" else [module]
        else:
            continue
        yield from ((name.split(".")[0], name) for name in names)


def files(room):
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room):
    below = {*ROOMS[ROOMS.index(room) :], *LEAVES, *({"wire"} if room == "api" else ())}
    for path in files(room):
        for top, name in imported(path):
            if top == "inlay":
                assert name.split(".")[1] in below, f"{path.relative_to(PACKAGE)} imports {name}"


def test_pixels_know_numpy_and_the_standard_library_alone():
    allowed = {"numpy", "inlay", "__future__"} | set(sys.stdlib_module_names)
    for path in files("pixels"):
        also = {"cv2"} if path.parent.name == "selecting" else set()  # inside functions: starting loads none of it
        for top, name in imported(path):
            assert top in allowed | also, f"{path.relative_to(PACKAGE)} imports {name}"
            assert top != "inlay" or name.startswith("inlay.pixels"), f"{path.relative_to(PACKAGE)} imports {name}"


def test_pydantic_and_the_web_stay_at_the_edge():
    for room in ROOMS[1:]:
        for path in files(room):
            assert not {top for top, _ in imported(path)} & {"pydantic", "fastapi", "starlette", "uvicorn"}, path


def test_the_catalogue_knows_models_and_nobody_who_runs_them():
    for path in files("catalogue"):
        for _, name in imported(path):
            known = name.split(".")[1] in LEAVES | {"catalogue"} if name.startswith("inlay.") else True
            assert known or name in ("inlay.pipelines.card", "inlay.pipelines.models"), f"{path} imports {name}"


def test_no_edit_knows_a_family():
    for path in files("edits"):
        for _, name in imported(path):
            assert not name.startswith("inlay.pipelines") or name.split(".")[2] in VOCABULARY, f"{path} imports {name}"


def test_the_engine_starts_without_anything_heavy():
    code = "import sys; import inlay.api.serve; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {"fastapi", "numpy"} <= loaded
    assert not loaded & (HEAVY | {"pyvips"})
