"""What a prompt with LoRAs in it says: to us, and to the model."""

import pytest
from inlay.edits.edit import EditError
from inlay.edits.lora_tags import loras_in, without_loras


@pytest.mark.parametrize(
    ("prompt", "words", "loras"),
    [
        ("a dog", "a dog", ()),
        ("a dog <lora:oil:0.8>", "a dog", (("oil", 0.8),)),
        ("<lora:oil>a dog", "a dog", (("oil", 1.0),)),
        ("a dog, <lora:oil:0.8>, at sea", "a dog, at sea", (("oil", 0.8),)),
        ("a <lora:oil:-.5> dog <LoRA: ink v2 : 1 >", "a dog", (("oil", -0.5), ("ink v2", 1.0))),
        ("a dog <lora:oil:0.5> <lora:oil:0.25>", "a dog", (("oil", 0.75),)),
        ("one\ntwo <lora:oil:1>\nthree", "one\ntwo \nthree", (("oil", 1.0),)),
        ("3 < 4, <b>, <lorax>", "3 < 4, <b>, <lorax>", ()),
        ("a  dog ,  twice", "a  dog ,  twice", ()),
    ],
)
def test_tags_are_taken_out(prompt, words, loras):
    assert loras_in(prompt) == loras
    assert without_loras(prompt) == words


@pytest.mark.parametrize("tag", ["<lora:a:b:c>", "<lora:a:1", "<lora>", "<lora:>", "<lora:a:1e9>", "<lora:a:inf>"])
def test_a_tag_that_cannot_be_read_is_refused(tag):
    with pytest.raises(EditError) as error:
        loras_in(f"a dog {tag} at sea")
    assert error.value.fault.field == "edit.prompt"
    assert "<lora:name:0.8>" in error.value.fault.remedy
