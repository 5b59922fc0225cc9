"""The little that Inlay must know about an ICC profile: its name, which tells whether values are linear light.

ICC.1:2022, 7.3 (tag table), 10.15 (multiLocalizedUnicodeType); the older textDescriptionType is ICC.1:2001, 6.5.17.
"""

from __future__ import annotations

import struct

HEADER_BYTES = 128


def profile_name(profile: bytes) -> str:
    """The profile's description, or nothing where it has none or is damaged."""
    try:
        (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
        for number in range(min(count, 100)):
            name, offset, size = struct.unpack_from(">4sII", profile, HEADER_BYTES + 4 + 12 * number)
            if name == b"desc":
                return described(profile[offset : offset + size])
    except struct.error:
        return ""
    return ""


def described(tag: bytes) -> str:
    """The first text of a `desc` (ASCII) or `mluc` (UTF-16) tag."""
    if tag.startswith(b"mluc"):
        size, offset = struct.unpack_from(">II", tag, 20)
        return tag[offset : offset + size].decode("utf-16-be", "replace")
    (size,) = struct.unpack_from(">I", tag, 8)
    return tag[12 : 12 + size].split(b"\0")[0].decode("ascii", "replace")
