"""The one thing pyproject.toml cannot say well: the native kernel of the built-in fill is optional.

It is a plain shared library with a C interface, loaded by ctypes: no Python headers are needed. Where no
compiler is found the install still succeeds and the portable numpy fill is used instead.
"""

import os
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class BuildKernel(build_ext):
    """Names the library without a Python tag, and asks for no `PyInit_` symbol (Windows)."""

    def get_ext_filename(self, fullname: str) -> str:
        suffix = ".dll" if os.name == "nt" else ".so"
        return str(Path(*fullname.split("."))) + suffix

    def get_export_symbols(self, ext: Extension) -> list[str]:
        return ext.export_symbols


NATIVE = Path("engine/native")
FLAGS = ["/O2", "/std:c++17"] if os.name == "nt" else ["-O3", "-std=c++17", "-fvisibility=hidden", "-pthread"]

setup(
    ext_modules=[
        Extension(
            "inlay.pixels.fill._kernel",
            sorted(path.as_posix() for path in NATIVE.glob("*.cpp")),
            depends=sorted(path.as_posix() for path in NATIVE.glob("*.hpp")),
            language="c++",
            extra_compile_args=FLAGS,
            extra_link_args=[] if os.name == "nt" else ["-pthread"],
            optional=True,
        )
    ],
    cmdclass={"build_ext": BuildKernel},
)
