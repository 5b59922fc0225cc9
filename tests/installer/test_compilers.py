"""A compiler for the build: the system's where there is one, a fetched one where not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from installer import compilers

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="setuptools finds Microsoft's compiler by itself")


def test_the_users_own_choice_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "my-c++")
    monkeypatch.setenv("PATH", "")
    assert compilers.has_compiler()


@unix_only
def test_a_compiler_that_does_not_start_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c++").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "c++").chmod(0o755)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not compilers.has_compiler()


@unix_only
@pytest.mark.parametrize("is_fetched", [True, False])
def test_a_fetched_one_is_gone_after_the_build(monkeypatch: pytest.MonkeyPatch, is_fetched: bool) -> None:
    def fetch(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if is_fetched:
            zig = Path(command[command.index("--target") + 1]) / "ziglang" / "zig"
            zig.parent.mkdir()
            zig.touch()
        return subprocess.CompletedProcess(command, int(not is_fetched))

    monkeypatch.setattr(compilers, "has_compiler", lambda: False)
    monkeypatch.setattr(subprocess, "run", fetch)
    monkeypatch.delenv("CXX", raising=False)
    with compilers.build_environment(Path("python")) as environ:
        zig = Path(environ.get("CXX", "none").split()[0])
        assert zig.is_file() == is_fetched
    assert not zig.exists()
