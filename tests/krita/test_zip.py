"""`python3 installer zip`, imported by Krita itself, and loaded at its next start."""

from __future__ import annotations

import shutil
import subprocess
import zipfile

import pytest

from installer.plugin_zip import write_zip

from .conftest import BENCH, OUT, ROOT, Runner

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_zip_is_imported_and_loads(run: Runner) -> None:
    archive = write_zip(OUT / run.krita.name / "inlay_krita.zip")
    run("import_zip", str(archive))
    imported = OUT / run.krita.name / "import_zip" / "imported"
    with zipfile.ZipFile(archive) as packed:
        expected = {entry.filename: packed.read(entry) for entry in packed.infolist() if not entry.is_dir()}
    files = {path.relative_to(imported).as_posix(): path.read_bytes() for path in imported.rglob("*") if path.is_file()}
    assert files == expected
    out = OUT / run.krita.name / "imported"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [str(BENCH / "run_in_krita.py"), f"--script={BENCH / 'scripts' / 'imported.py'}", f"--plugin={imported}"]
    cached = ["--cache", str(OUT / "cache"), "--out", str(out)]
    done = subprocess.run(run.krita.command(*command, *cached), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
