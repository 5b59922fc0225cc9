"""What is set of the engine: kept whole, read with care, and told to this process unless its environment says it."""

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from inlay import settings
from inlay.config import GIB
from inlay.settings import Settings

SET = Settings("cuda:1", 8 * GIB, 2 * GIB)


def test_what_is_written_is_read(tmp_path):
    settings.write(tmp_path / "data", SET)
    assert settings.read(tmp_path / "data") == SET


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{" * 5000,
        '{"device": 7, "memory_bytes": "much", "store_bytes": null}',
        '{"device": "abacus", "memory_bytes": -1, "store_bytes": 0}',
        '{"device": "cuda:1; rm", "memory_bytes": true, "store_bytes": 1e99}',
        json.dumps({"memory_bytes": 10**30}),
    ],
)
def test_what_cannot_be_read_or_be_is_the_default(tmp_path, text):
    (tmp_path / settings.FILE_NAME).write_text(text)
    assert settings.read(tmp_path) == Settings()


def test_what_is_good_of_a_file_is_kept(tmp_path):
    (tmp_path / settings.FILE_NAME).write_text('{"device": "cpu", "memory_bytes": 5, "later": true}')
    assert settings.read(tmp_path) == Settings(device="cpu")


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    settings.write(tmp_path, SET)

    def full(self, text, encoding):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            settings.write(tmp_path, Settings())
    assert settings.read(tmp_path) == SET
    assert [each.name for each in tmp_path.iterdir()] == [settings.FILE_NAME]


def test_they_are_told_to_the_process_and_taken_back():
    environ = {}
    settings.apply(SET, environ, settings.fixed_by(environ))
    assert environ == {"INLAY_DEVICE": "cuda:1", "INLAY_MEMORY_BYTES": str(8 * GIB)}
    settings.apply(replace(SET, device="", memory_bytes=0), environ, frozenset())
    assert environ == {}


def test_what_the_environment_says_counts_more():
    environ = {"INLAY_DEVICE": "cpu"}
    fixed = settings.fixed_by(environ)
    settings.apply(SET, environ, fixed)
    assert environ["INLAY_DEVICE"] == "cpu"
    settings.apply(Settings(), environ, fixed)
    assert environ == {"INLAY_DEVICE": "cpu"}
