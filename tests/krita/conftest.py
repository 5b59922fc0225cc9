"""Finds the Kritas to test in, runs scripts inside them, and keeps an engine for them on this side.

`krita_home` is run once in this system's own Krita and once in every tree that INLAY_KRITA_TREES names (see
chroot.sh). Where there is none the tests are skipped, unless INLAY_REQUIRE_KRITA=1: then they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parent
ROOT = BENCH.parent.parent
TOY = ROOT.parent / "shared" / "weights" / "toy-sd-inpaint"
OUT = ROOT / "out" / "krita"  # inside the repository: chroot.sh shows it to the trees at the same path
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# run_in_krita.py's statuses
WRONG_USE = 2  # a program is missing
CRASHES = (3, 5)  # Krita ended by a signal: in the script, or while it closed


@dataclass(frozen=True)
class Krita:
    """One Krita: this system's own, or the one in a tree."""

    name: str
    tree: Path | None = None

    def command(self, *words: str) -> list[str]:
        """What runs these words where this Krita is."""
        inside = [str(BENCH / "chroot.sh"), "run", str(self.tree)] if self.tree else []
        return [*inside, *words]


def find_kritas() -> list[Krita]:
    """This system's Krita, if it has one, and those of INLAY_KRITA_TREES."""
    found = [Krita("system")] if shutil.which("krita", path=SYSTEM_PATH) else []
    trees = [Path(tree) for tree in os.environ.get("INLAY_KRITA_TREES", "").split(os.pathsep) if tree]
    return found + [Krita(tree.name, tree) for tree in trees]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that asks for `krita` runs in each Krita."""
    if "krita" in metafunc.fixturenames:
        kritas = find_kritas() or [None]
        metafunc.parametrize(
            "krita", kritas, ids=[krita.name if krita else "none" for krita in kritas], scope="session"
        )


@dataclass
class Runner:
    """Runs scripts in one Krita, with the plugin installed there."""

    krita: Krita
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        script: str,
        *arguments: str,
        timeout_s: int = 240,
        language: str = "",
        config: Path | None = None,
        **environ: str,
    ) -> dict[str, Any]:
        """The script's report; fails the test if anything in it failed, hung, or crashed twice.

        config: a folder that keeps Krita's settings from one run to the next.

        WORKAROUND Krita 5.1.5: now and then it crashes when a document closes while a new selection is outlined, also
        without any plugin. So a crash is tried once more; one of ours would come again.
        """
        out = OUT / self.krita.name / (f"{script}-{language}" if language else script)
        out.mkdir(parents=True, exist_ok=True)
        options = ["--out", str(out), "--cache", str(OUT / "cache"), "--timeout", str(timeout_s), "--screenshot"]
        options += ["--language", language] if language else []
        options += ["--config", str(config)] if config else []
        variables = [f"--env={name}={value}" for name, value in (self.environ | environ).items()]
        done = self._run(script, out, options + variables, arguments)
        if done.returncode in CRASHES:
            shutil.copy(out / "krita.log", out / "krita-crashed.log")
            done = self._run(script, out, options + variables, arguments)
        said = done.stdout + done.stderr
        if done.returncode == WRONG_USE:
            missing(said)
        assert done.returncode == 0, (
            f"{script} in {self.krita.name}, status {done.returncode}:\n{said}\n{out}/krita.log"
        )
        report: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
        return report

    def _run(
        self, script: str, out: Path, options: list[str], arguments: tuple[str, ...]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.krita.command(
                str(BENCH / "run_in_krita.py"),
                f"--script={BENCH / 'scripts' / script}.py",
                f"--plugin={ROOT / 'plugin'}",
                *options,
                "--",
                *arguments,
            ),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )


def missing(why: str) -> None:
    """Skip, or fail where Krita is required."""
    if os.environ.get("INLAY_REQUIRE_KRITA") == "1":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def run(krita: Krita | None) -> Runner:
    """Runs a script in this Krita."""
    if krita is None:
        missing("no Krita is installed here: tests/krita/install.sh installs one")
    assert krita
    if krita.tree and not (krita.tree / "usr" / "bin" / "krita").is_file():
        missing(f"{krita.tree} holds no Krita: tests/krita/chroot.sh makes one")
    if krita.tree and os.geteuid() != 0:
        missing("chroot needs root")
    return Runner(krita)


class EngineKeeper:
    """Starts and ends engines for a plugin that may live in a tree without one, and with process ids of its own.

    The plugin gets ask_for_engine.sh as its engine; a script writes INLAY_HOME/kill to have the engine killed.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.home = home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))  # its own: two runs may go on at once
        self.environ = {"INLAY_HOME": str(home), "INLAY_ENGINE": f"/bin/sh {BENCH / 'ask_for_engine.sh'}"}
        self._engine: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._end()
        shutil.rmtree(self.home, ignore_errors=True)

    def _keep(self) -> None:
        while not self._over.wait(0.02):
            for name, act in (("wanted", self._start), ("kill", self._end)):
                if (self.home / name).exists():
                    (self.home / name).unlink()
                    act()

    def _start(self) -> None:
        packages = os.pathsep.join(str(ROOT / folder) for folder in ("engine", "plugin"))
        environ = os.environ | {"INLAY_HOME": str(self.home), "PYTHONPATH": packages}
        with (self.home / "engine.log").open("ab") as log:
            self._engine = subprocess.Popen(
                [sys.executable, "-m", "inlay", "serve"], env=environ, stdout=log, stderr=log
            )

    def _end(self) -> None:
        if self._engine:
            self._engine.send_signal(signal.SIGKILL)
            self._engine.wait()
            self._engine = None


@pytest.fixture
def engine(run: Runner) -> Iterator[EngineKeeper]:
    """An engine for this Krita's plugin; it is started when the plugin asks for it."""
    keeper = EngineKeeper(OUT / run.krita.name)
    run.environ |= keeper.environ
    yield keeper
    keeper.close()


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models as users have them: three with random weights, and the trained toy where there is one."""
    pytest.importorskip("diffusers")
    from tests.engine.pipelines import tiny

    folder = tmp_path_factory.mktemp("models")
    for name, channels in (("tiny", 4), ("tiny-pix2pix", 8), ("tiny-inpaint", 9)):
        tiny.save(folder / name, channels)
    if TOY.is_dir():
        shutil.copytree(TOY, folder / "toy")
    return folder


@pytest.fixture(scope="session")
def every_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model of every family."""
    pytest.importorskip("diffusers")
    from tests.engine.pipelines.every import save_every

    return save_every(tmp_path_factory.mktemp("every"))


@pytest.fixture(scope="session")
def photo() -> Path:
    """A real photograph as a file that every tree sees: scikit-image's cat, by Stefan van der Walt (CC0)."""
    data = pytest.importorskip("skimage.data")
    from skimage.io import imsave

    path = OUT / "chelsea.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    imsave(path, data.chelsea(), check_contrast=False)
    return path


@pytest.fixture(scope="session")
def selecting_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the trained toy SAM, and a finder of words with random weights."""
    pytest.importorskip("transformers")
    from tests.engine.pipelines import tiny_segmenters
    from tests.models.toy_sam.train import WEIGHTS

    folder = tmp_path_factory.mktemp("selecting")
    shutil.copy(WEIGHTS, folder)
    tiny_segmenters.save_grounding_dino(folder / "finder")
    return folder


@pytest.fixture(scope="session")
def drawn_thing() -> tuple[str, str, str, str]:
    """A drawn scene and one of its things as files that every tree sees, and a place on it: x, y."""
    import numpy as np
    from skimage.io import imsave

    from tests.models.toy_sam.scenes import drawn_subject

    scene = drawn_subject(np.random.default_rng(12))
    OUT.mkdir(parents=True, exist_ok=True)
    imsave(OUT / "drawn.png", np.rint(scene.picture * 255).astype(np.uint8), check_contrast=False)
    imsave(OUT / "thing.png", scene.things[0] * np.uint8(255), check_contrast=False)
    row, column = (int(each.mean()) for each in np.nonzero(scene.things[0]))
    return str(OUT / "drawn.png"), str(OUT / "thing.png"), str(column), str(row)
