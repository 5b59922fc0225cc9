"""Prompt-to-Prompt: which words belong together, and what their attention does."""

import pytest
import torch
from inlay.edits.edit import EditError
from inlay.edits.restyle import RestyleEdit
from inlay.pipelines.card import Settings
from inlay.pipelines.parts.attention import Bond, Kept, bond, keeping, unweighted
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.sitting import Sitting

from tests.engine.pipelines.test_latent_families import Hard

LENGTH = 16  # places of the tiny encoders' prompts: begin, letters, end, padding


@pytest.fixture
def family(studio):
    return studio.roster.find("tiny-sd-plain", "prompt-to-prompt")


@pytest.fixture
def parts(family):
    return parts_of(family.model, family.shelf)


def test_the_same_words_keep_their_places(parts):
    tied = bond(parts, "a boat", "a boat", LENGTH)
    assert torch.equal(tied.moved, torch.eye(LENGTH))
    assert tied.is_moved.all() and (tied.weights == 1).all()


def test_a_swapped_word_takes_its_counterparts_attention(parts):
    """ "a" and the letter that ends a word are one token each here, so c, a, t become d, o, g."""
    tied = bond(parts, "a cat", "a dog", LENGTH)
    assert tied.moved[1, 1] == 1
    assert torch.allclose(tied.moved[2:5, 2:5], torch.full((3, 3), 1 / 3))
    assert tied.is_moved.all()


def test_a_new_word_has_its_own_attention(parts):
    tied = bond(parts, "a b", "a c b", LENGTH)
    assert tied.is_moved[:5].tolist() == [1, 1, 0, 1, 1]
    assert tied.moved[1, 1] == tied.moved[2, 3] == 1
    assert (tied.moved[:, 2] == 0).all()


def test_a_word_is_weighed(parts):
    assert unweighted("a (b c:1.5) d (e:-2)") == "a b c d e"
    tied = bond(parts, "a b c d", "a (b c:1.5) d", LENGTH)
    assert tied.weights[:6].tolist() == [1, 1, 1.5, 1.5, 1, 1]


def test_what_the_target_takes_from_the_source():
    """Two words, of which the second is new: the first one's share is the source's, the second's the target's own."""
    tied = Bond(torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([1.0, 0.0]), torch.tensor([1.0, 3.0]))
    shares = torch.stack([torch.full((4, 2), value) for value in (0.1, 0.2, 0.3)])
    taken = Kept(tied).taken(shares, is_cross=True)
    assert torch.equal(taken[:2], shares[:2])
    assert torch.allclose(taken[2], torch.tensor([0.2, 0.9]).expand(4, 2))
    assert torch.equal(Kept(tied).taken(shares, is_cross=False)[2], shares[1])
    assert torch.equal(Kept(tied, is_self_kept=False).taken(shares, is_cross=False), shares)


def test_attention_written_out_is_the_layers_own(parts):
    """With nothing taken over and nothing weighed, the U-Net predicts what it predicts without us, and does after."""
    tied = bond(parts, "a boat", "a boat", LENGTH)
    latents, words = torch.randn(3, 4, 8, 8), torch.randn(3, LENGTH, 32)
    with torch.inference_mode():
        before = parts["unet"](latents, 10, words).sample
        with keeping(parts["unet"], Kept(tied, is_cross_kept=False, is_self_kept=False)):
            within = parts["unet"](latents, 10, words).sample
        with keeping(parts["unet"], Kept(tied)):
            kept = parts["unet"](latents, 10, words).sample
        after = parts["unet"](latents, 10, words).sample
    assert torch.allclose(before, within, atol=1e-5)
    assert torch.equal(before, after)
    assert torch.allclose(kept[:2], before[:2], atol=1e-5) and not torch.allclose(kept[2], before[2], atol=1e-4)


def painted(family, listener, prompt):
    scene = Hard()
    settings = Settings(
        prompt=prompt,
        source_prompt="a boat",
        strength=0.8,
        guidance_scale=7.5,
        num_inference_steps=8,
        scheduler="ddim",
    )
    return family.paint(Sitting(scene.image, scene.mask, settings, 0), listener)


def test_a_weighed_word_changes_the_picture(family, make_listener):
    plain = painted(family, make_listener(), "a red boat")
    heavy = painted(family, make_listener(), "a (red:3) boat")
    assert abs(plain - heavy).max() > 1e-3


def test_it_needs_to_know_what_the_picture_shows(studio):
    with pytest.raises(EditError) as refused:
        studio.plan(RestyleEdit(family="prompt-to-prompt", prompt="a red boat"))
    assert refused.value.fault.field == "edit.source_prompt"


def test_it_has_a_sampler_of_its_own(studio):
    edit = RestyleEdit(family="prompt-to-prompt", prompt="a red boat", source_prompt="a boat", scheduler="euler")
    with pytest.raises(EditError) as refused:
        studio.plan(edit)
    assert refused.value.fault.field == "edit.scheduler"
