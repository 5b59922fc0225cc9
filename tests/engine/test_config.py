"""Folders: the table of docs/protocol.md, on every platform."""

from pathlib import Path

import pytest
from inlay.config import Folders

HOME = Path("/home/mira")
LOCAL = "/C/Users/mira/AppData/Local"


@pytest.mark.parametrize(
    ("platform", "environ", "run", "data", "cache", "log"),
    [
        (
            "linux",
            {},
            "/home/mira/.cache/inlay/run",
            "/home/mira/.local/share/inlay",
            "/home/mira/.cache/inlay",
            "/home/mira/.local/share/inlay/log",
        ),
        (
            "linux",
            {"XDG_RUNTIME_DIR": "/run/user/7", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"},
            "/run/user/7/inlay",
            "/d/inlay",
            "/c/inlay",
            "/d/inlay/log",
        ),
        (
            "darwin",
            {"XDG_DATA_HOME": "/d", "XDG_RUNTIME_DIR": "/r"},
            "/home/mira/Library/Caches/inlay/run",
            "/home/mira/Library/Application Support/inlay",
            "/home/mira/Library/Caches/inlay",
            "/home/mira/Library/Logs/inlay",
        ),
        (
            "win32",
            {"LOCALAPPDATA": LOCAL},
            f"{LOCAL}/inlay/run",
            f"{LOCAL}/inlay",
            f"{LOCAL}/inlay/cache",
            f"{LOCAL}/inlay/log",
        ),
    ],
)
def test_folders(platform, environ, run, data, cache, log):
    expected = Folders(*(Path(folder) for folder in (run, data, cache, log)))
    assert Folders.find(environ, platform, HOME) == expected


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_inlay_home_replaces_them_all(platform):
    environ = {"INLAY_HOME": "/x", "XDG_RUNTIME_DIR": "/r", "LOCALAPPDATA": LOCAL}
    folders = Folders.find(environ, platform, HOME)
    assert folders == Folders(*(Path("/x") / name for name in ("run", "data", "cache", "log")))
    assert folders.journal == Path("/x/data/journal")
