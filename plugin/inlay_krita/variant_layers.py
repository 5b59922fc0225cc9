"""Kept variants in Krita: layers of one group, of which one is seen. Talks to libkis.

Each comes in by one undo step. That the others are hidden then is none, for libkis' `setVisible` leaves none; so where
undo or redo takes a variant away or brings one back, what is seen is put right afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import layers
from .layers import Result, Spot


@dataclass
class Group:
    """The ids of its variants, oldest first: all that were laid into it, and those that were there at the last look."""

    variants: tuple[str, ...]
    present: tuple[str, ...]


@dataclass
class Groups:
    """Those that were made since Krita started, by document and by the group's id."""

    _known: dict[int, dict[str, Group]] = field(default_factory=dict)

    def add(self, document: int, opened: Any, spot: Spot, kept: tuple[str, ...], result: Result) -> Any:
        """Lay a variant above those that were kept before, and hide these; else in a new group there. Gives its layer.

        kept: the ids of those, oldest first.
        """
        group = _group_of(opened, kept)
        if group is None:
            group, layer = _with_group(opened, spot, result)
        else:
            for sibling in layers.layers_in(group):
                if _id(sibling) in kept:
                    sibling.setVisible(False)
            layer = layers.add(opened, Spot(group, layers.layers_in(group)[-1]), result)
        groups = self._known.setdefault(document, {})
        known = groups.setdefault(_id(group), Group((), ()))
        known.variants = (*known.variants, _id(layer))
        known.present = _present(group, known.variants)
        return layer

    def tidy(self, document: int, opened: Any) -> bool:
        """Show the newest variant alone where one came or went since the last look; True where one did."""
        changed = False
        for group_id, known in self._known.get(document, {}).items():
            group = layers.by_id(opened.rootNode(), group_id)
            present = () if group is None else _present(group, known.variants)
            if present == known.present:
                continue
            known.present = present
            for layer in layers.layers_in(group) if present else ():
                if _id(layer) in present:
                    layer.setVisible(_id(layer) == present[-1])
            changed = True
        return changed

    def shown(self, document: int, group: Any | None) -> str:
        """The id of the variant that is seen in a group; empty where it is no group of variants."""
        known = self._known.get(document, {}).get(_id(group)) if group is not None else None
        if known is None:
            return ""
        seen = (each for each in layers.layers_in(group) if each.visible() and _id(each) in known.variants)
        return next(map(_id, seen), "")

    def forget(self, document: int) -> None:
        """It was closed."""
        self._known.pop(document, None)


def _group_of(opened: Any, kept: tuple[str, ...]) -> Any | None:
    """The group that the newest of them is still in."""
    for each in reversed(kept):
        layer = layers.by_id(opened.rootNode(), each)
        group = None if layer is None else layer.parentNode()
        if group is not None and _id(group) != _id(opened.rootNode()):
            return group
    return None


def _present(group: Any, variants: tuple[str, ...]) -> tuple[str, ...]:
    """Those that lie in the group now, from the bottom."""
    return tuple(each for each in map(_id, layers.layers_in(group)) if each in variants)


def _with_group(opened: Any, spot: Spot, result: Result) -> tuple[Any, Any]:
    """A group that comes in whole, with its first layer: one undo step."""
    group = opened.createGroupLayer(result.name)
    layer = layers.made(opened, spot, result)
    group.setChildNodes([layer])
    spot.parent.addChildNode(group, spot.above)
    return group, layer


def _id(node: Any) -> str:
    return str(node.uniqueId().toString())
