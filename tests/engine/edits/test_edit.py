"""What every edit is."""

import dataclasses

import pytest
from inlay.edits.edit import Canvas, kinds
from inlay.pixels.formats import Depth, Model, PixelFormat


def test_every_kind_is_found_and_is_a_frozen_dataclass():
    assert {"background", "extend", "instruct", "remove", "replace", "restyle"} == set(kinds())
    for name, kind in kinds().items():
        assert kind.kind == name
        assert kind() == kind()
        with pytest.raises(dataclasses.FrozenInstanceError):
            kind().seed = 1


def test_every_field_has_bounds_and_a_meaning():
    for kind in kinds().values():
        for field in dataclasses.fields(kind):
            if isinstance(field.default, (str, tuple)):
                assert set(field.metadata) == {"max_length", "description"}
            else:
                assert set(field.metadata) == {"ge", "le", "description"}
                assert field.default is None or field.metadata["ge"] <= field.default <= field.metadata["le"]


@pytest.mark.parametrize(
    ("profile", "depth", "is_linear"),
    [
        ("sRGB-elle-V2-srgbtrc.icc", "U8", False),
        ("sRGB-elle-V2-g10.icc", "U16", True),
        ("Rec2020-elle-V4-g10.icc", "F32", True),
        ("scRGB (linear)", "F16", True),
        ("Linear Adobe RGB", "U16", True),
        ("ClayRGB-elle-V2-g22.icc", "U16", False),
        ("gray-g100", "U8", False),
        ("", "U8", False),
        ("", "U16", False),
        ("", "F16", True),
        ("", "F32", True),
        ("sRGB built-in", "F32", False),
    ],
)
def test_the_profile_decides_whether_values_are_linear(profile, depth, is_linear):
    assert Canvas(1, 1, PixelFormat(Model.RGBA, Depth(depth)), profile).is_linear is is_linear
