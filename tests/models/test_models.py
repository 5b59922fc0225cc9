"""The toy models lie on disk as users' models do, and their words are whole."""

import numpy as np
import pytest
from inlay.catalogue.recognise import recognise
from transformers import CLIPTokenizer

from tests.models import TOY, Kind, toy
from tests.models.words import tokenizer
from tests.models.world import COLOURS, SIDE_PX, WORDS, drawn_change, drawn_scene

CHANNELS = {Kind.PLAIN: 4, Kind.INPAINT: 9, Kind.INSTRUCT: 8}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_toy_is_recognised(kind, tmp_path):
    description = recognise(toy(kind, tmp_path))
    assert (description.in_channels, description.native_px) == (CHANNELS[kind], SIDE_PX)


def test_they_stay_small():
    assert sum(path.stat().st_size for path in TOY.rglob("*") if path.is_file()) < 10_000_000


def test_each_word_is_one_token_and_the_saved_tokenizer_is_the_one_that_is_built():
    saved = CLIPTokenizer.from_pretrained(str(TOY / "tokenizer"))
    for word in WORDS:
        tokens = tokenizer()(word).input_ids
        assert len(tokens) == 3  # with its start and end
        assert saved(word).input_ids == tokens


def test_a_scene_shows_its_things():
    scene = drawn_scene(np.random.default_rng(0), 2)
    picture = scene.picture()
    for thing in scene.things:
        np.testing.assert_allclose(picture[int(thing.y), int(thing.x)], COLOURS[thing.colour], atol=1e-6)


def test_a_change_leaves_the_ground_and_the_other_thing():
    rng = np.random.default_rng(0)
    for _ in range(20):
        change = drawn_change(rng)
        assert change.after.ground is change.before.ground
        assert (
            change.after.things[-1:] == change.before.things[1:] or change.after.things[1:] == change.before.things[1:]
        )
        assert change.after != change.before
