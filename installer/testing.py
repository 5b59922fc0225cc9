"""`python3 installer test`: everything the tests need, then all of them. pytest speaks last."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from installer import debian
from installer.places import ROOT, bin_folder, program
from installer.venvs import install_editable, make_venv

KRITA_TESTS = "tests/krita"
SYSTEMS_KRITA = "system"  # in the names of the tests that run in it; the others run in the trees


def test(with_krita: bool, pytest_arguments: list[str]) -> int:
    """Install, check, test. Gives 0 only if the linter, the type checker and all tests are content."""
    environ = dict(os.environ)
    if with_krita:
        environ |= debian.prepare(ROOT)
    venv = ROOT / ".venv"
    make_venv(venv)
    install_editable(venv, "test")
    environ["PATH"] = f"{bin_folder(venv)}{os.pathsep}{environ['PATH']}"
    python = str(program(venv, "python"))
    if pytest_arguments:
        return subprocess.run(
            [python, "-m", "pytest", *pytest_arguments], cwd=ROOT, env=environ, check=False
        ).returncode
    checks = [
        step("ruff", [python, "-m", "ruff", "check", "--output-format", "concise", "."], environ),
        step("mypy", [python, "-m", "mypy"], environ),
    ]
    pytest = [python, "-m", "pytest", "-rs", "--durations=10"]
    kritas = [SYSTEMS_KRITA, f"not {SYSTEMS_KRITA}"] if environ.get("INLAY_KRITA_TREES") else [""]
    with ThreadPoolExecutor(len(kritas)) as beside:  # real Kritas are mostly waited for: the other tests run meanwhile
        lines = [beside.submit(told, [*pytest, KRITA_TESTS, "-k", krita], environ) for krita in kritas]
        tests = step("pytest, all but Krita", [*pytest, f"--ignore={KRITA_TESTS}"], environ)
    for krita, line in zip(kritas, lines, strict=True):
        print(f"\n== pytest {KRITA_TESTS} {krita}\n{line.result().stdout}", flush=True)
    return int(any(checks) or bool(tests) or any(line.result().returncode for line in lines))


def told(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one tool, and keep what it says."""
    return subprocess.run(
        command, cwd=ROOT, env=environ, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def step(name: str, command: list[str], environ: dict[str, str]) -> int:
    """Run one tool; its name and what it says go to the terminal."""
    print(f"\n== {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
