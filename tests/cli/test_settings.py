"""`inlay settings`."""

import pytest
from click.testing import CliRunner
from inlay import settings
from inlay.cli import main
from inlay.config import Folders


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("INLAY_HOME", str(tmp_path))
    for variable in settings.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    return lambda *arguments: CliRunner().invoke(main, ["settings", *arguments])


def test_it_shows_and_sets(run):
    assert "the best that is here" in run().output
    done = run("--device", "cuda:1", "--memory", "8", "--images", "2.5")
    assert done.exit_code == 0
    assert settings.read(Folders.find().data) == settings.Settings("cuda:1", 8 * 10**9, 2_500_000_000)
    assert "cuda:1" in run().output
    run("--device", "auto", "--memory", "auto")
    assert settings.read(Folders.find().data) == settings.Settings(store_bytes=2_500_000_000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--device", "abacus"], "is no device"),
        (["--memory", "much"], "is no number"),
        (["--memory", "nan"], "is no number"),
        (["--memory", "0.1"], "Models need 537 MB"),
        (["--images", "0"], "Images may take"),
        (["--images", "inf"], "is no number"),
    ],
)
def test_what_cannot_be_is_refused_in_words(run, arguments, words):
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert not (Folders.find().data / settings.FILE_NAME).exists()


def test_it_says_where_the_environment_counts_more(run, monkeypatch):
    monkeypatch.setenv("INLAY_DEVICE", "cpu")
    assert "INLAY_DEVICE is set here and counts more" in run("--device", "cuda").output
