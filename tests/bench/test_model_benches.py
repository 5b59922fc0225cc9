"""The benches of models run: on tiny models, for their tables' shape and not for their figures."""

import pytest
import torch
from inlay.pipelines.parts.devices import chosen_device

from tests.bench import model_gpu, model_overhead
from tests.engine.pipelines import tiny


@pytest.fixture(autouse=True)
def leave_nothing_compiled():
    yield
    torch.compiler.reset()


def cells(row):
    return [cell.strip() for cell in row.strip("|").split("|")]


def bench(name):
    return model_gpu.Bench(model_gpu.SUBJECTS[name], chosen_device(), model_gpu.TINY_PX, model_gpu.TINY_STEPS, True)


@pytest.mark.parametrize(
    "name", ["flux-fill", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sdxl", "flux-kontext"))]
)
def test_every_subject_is_measured_in_every_way_that_needs_no_compiler(name):
    ways = [variant for variant in model_gpu.VARIANTS if not variant.is_compiled]
    rows = [cells(row) for row in model_gpu.table(bench(name), ways)]
    assert [row[0] for row in rows] == [way.name for way in ways if name != "sdxl" or not way.is_cached]
    assert all(float(second) > 0 for row in rows for second in row[1:5])
    assert rows[0][6] == "" and all(float(row[6]) > 10 for row in rows[1:])


@pytest.mark.slow
def test_compiled_blocks_paint_the_same_picture():
    ways = [variant for variant in model_gpu.VARIANTS if variant.name in ("16 bit", "compiled")]
    rows = [cells(row) for row in model_gpu.table(bench("sdxl"), ways)]
    assert float(rows[1][6]) > 40


def test_the_overhead_is_measured_cold_warm_and_on_a_large_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(model_overhead, "NATIVE_PX", 64)
    contest = model_overhead.Contest(tiny.save(tmp_path / "model", 9), steps=1)
    rows = [cells(row()) for row in model_overhead.rows(contest, rounds=1, large_side=128, large_rounds=1)]
    assert [row[0] for row in rows] == ["cold", "warm", "again, another seed", "5 % of 128²"]
    assert all(float(row[place]) > 0 for row in rows for place in (1, 2, 4, 5))
