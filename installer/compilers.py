"""A C++ compiler for the fill's kernel: the system's, else one from a package, for the time of the build only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMES = ("c++", "g++", "clang++")
# WORKAROUND https://github.com/ziglang/zig/issues/18074: zig's runtime lacks __cpu_model, which asking for AVX2 needs.
NO_CPU_MODEL = "-D__builtin_cpu_supports(name)=0"


def has_compiler() -> bool:
    """Whether the build finds a compiler. On Windows setuptools looks for Microsoft's by itself."""
    if os.name == "nt" or "CXX" in os.environ:
        return True
    return any(works(name) for name in NAMES)


def works(name: str) -> bool:
    """macOS has a c++ that only offers to install one: ask it."""
    path = shutil.which(name)
    return path is not None and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


@contextmanager
def build_environment(python: Path) -> Iterator[dict[str, str]]:
    """The variables to build with. Where there is no compiler, `ziglang` from PyPI stands in: 100 MB, then gone again.

    If that fails too, the build goes on without a kernel, and the portable fill is used.
    """
    if has_compiler() or sys.platform == "win32":
        yield dict(os.environ)
        return
    print("No C++ compiler was found: fetching one for the time of the build (two minutes) ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        fetch = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder]
        subprocess.run([*fetch, "ziglang"], capture_output=True, check=False)
        yield with_zig(Path(folder))


def with_zig(folder: Path) -> dict[str, str]:
    """The variables that make setuptools use the zig in a folder."""
    zig = folder / "ziglang" / "zig"
    if not zig.is_file():
        return dict(os.environ)
    return os.environ | {
        "CC": f"{zig} cc",
        "CXX": f"{zig} c++",
        "LDSHARED": f"{zig} c++ -shared",
        "LDCXXSHARED": f"{zig} c++ -shared",
        "CFLAGS": f"'{NO_CPU_MODEL}'",
        "CXXFLAGS": f"'{NO_CPU_MODEL}'",
        "ZIG_GLOBAL_CACHE_DIR": str(folder / "cache"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "cache"),
    }
