"""The plugin in real Kritas. What is checked stands in scripts/; a report and pictures are kept in out/krita."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import EngineKeeper, Runner

pytestmark = [pytest.mark.krita, pytest.mark.slow]


@pytest.mark.parametrize("script", ["colour_spaces", "active_layers", "layer_input", "documents"])
def test_canvas(run: Runner, script: str) -> None:
    run(script)


def test_panel(run: Runner, engine: EngineKeeper) -> None:
    run("panel")


def test_pages_and_queue(run: Runner, engine: EngineKeeper) -> None:
    run("pages")


def test_settings_and_an_engine_elsewhere(run: Runner, engine: EngineKeeper, tmp_path: Path) -> None:
    from tests.certificates import made
    from tests.elsewhere import Elsewhere

    there = Elsewhere(tmp_path / "there", made(tmp_path))
    there.start()
    try:
        run("settings", there.address, there.token, there.certificate.fingerprint)
    finally:
        there.stop()


def test_remove_and_extend(run: Runner, engine: EngineKeeper, photo: Path) -> None:
    run("end_to_end", str(photo))


def test_selecting(run: Runner, engine: EngineKeeper, photo: Path) -> None:
    run("selecting", str(photo), timeout_s=480)


def test_selecting_by_models(
    run: Runner, engine: EngineKeeper, selecting_models: Path, drawn_thing: tuple[str, ...]
) -> None:
    shutil.copytree(selecting_models, engine.home / "data" / "models")
    run("selecting_models", *drawn_thing)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_words(run: Runner, engine: EngineKeeper, language: str) -> None:
    run("words", language, language=language)


def test_report_of_a_problem(run: Runner, engine: EngineKeeper) -> None:
    run("report")


def test_extend_by_handles(run: Runner, engine: EngineKeeper) -> None:
    run("extending")


def test_background(run: Runner, engine: EngineKeeper) -> None:
    run("background")


def test_clicks_on_the_canvas(run: Runner, engine: EngineKeeper) -> None:
    run("canvas_clicks", timeout_s=300)


def test_variants(run: Runner, engine: EngineKeeper) -> None:
    run("variants", timeout_s=300)


def test_one_sitting(run: Runner, engine: EngineKeeper, tiny_models: Path) -> None:
    shutil.copytree(tiny_models, engine.home / "data" / "models")
    run("one_sitting", timeout_s=480)


def test_history(run: Runner, engine: EngineKeeper) -> None:
    run("history")


def test_model_edits(run: Runner, engine: EngineKeeper, tiny_models: Path) -> None:
    shutil.copytree(tiny_models, engine.home / "later")
    run("model_edits", timeout_s=480)


def test_every_family(run: Runner, engine: EngineKeeper, every_model: Path) -> None:
    from tests.engine.pipelines.every import WAYS

    shutil.copytree(every_model, engine.home / "data" / "models")
    report = run("every_family", timeout_s=580)
    assert {tuple(way) for way in report["values"]["ways"]} == set(WAYS)


def test_what_it_sees(run: Runner, engine: EngineKeeper, photo: Path) -> None:
    pytest.importorskip("diffusers")
    from tests.engine.pipelines import tiny, tiny_control, tiny_transformers

    models = engine.home / "data" / "models"
    tiny.save(models / "tiny-sd-plain")
    tiny_transformers.save(models / "tiny-klein", "tiny-klein")
    tiny_control.save_net(models / "controlnet-lines", models / "tiny-sd-plain")
    run("what_it_sees", str(photo), timeout_s=300)


def test_killed_engine(run: Runner, engine: EngineKeeper) -> None:
    run("killed_engine")


def test_krita_closes_while_a_job_runs(run: Runner, engine: EngineKeeper) -> None:
    run("closing", "begin")
    run("closing", "again")


def test_what_is_set_is_there_in_the_next_krita(run: Runner, engine: EngineKeeper) -> None:
    config, folder = engine.home / "config", str(engine.home)
    run("state", "begin", folder, config=config)
    run("state", "again", folder, config=config)


def test_no_engine(run: Runner, tmp_path: Path) -> None:
    run("no_engine", INLAY_HOME=str(tmp_path / "nothing"), INLAY_ENGINE="")
