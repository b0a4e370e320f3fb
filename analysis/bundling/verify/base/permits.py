"""What the permits of a dataset allow, read afresh: across streets (R20), one by one (R05, R40)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class PermittedPairs:
    """Pairs of units, and pairs of streets, that a permit names."""

    units: frozenset[frozenset[str]]
    streets: frozenset[frozenset[str]]

    @classmethod
    def from_layer(cls, permits: pd.DataFrame) -> PermittedPairs:
        """Read the `permits` layer; only permits to cross a border of streets count."""
        rows = [row for row in permits.to_dict("records") if pd.isna(row["kind"]) or row["kind"] == "cross_street"]
        named = [
            frozenset(frozenset({str(row[a]), str(row[b])}) for row in rows if pd.notna(row[a]) and pd.notna(row[b]))
            for a, b in (("unit_a", "unit_b"), ("street_a", "street_b"))
        ]
        return cls(named[0], named[1])

    def may_adjoin(self, one: tuple[str, str | None], two: tuple[str, str | None]) -> bool:
        """Whether two units, each with its street, may be neighbours in an area.

        A unit without a street is held to no wall.

        Parameters
        ----------
        one, two
            Id and street of each unit.
        """
        (a, street_a), (b, street_b) = one, two
        if street_a is None or street_b is None or street_a == street_b:
            return True
        return frozenset({a, b}) in self.units or frozenset({street_a, street_b}) in self.streets

    def may_mix(self, street_a: str, units_a: Iterable[str], street_b: str, units_b: Iterable[str]) -> bool:
        """Whether an area may hold these units of one street and those of another.

        A permit names both streets, or each of the units on one side is named together with one of
        the other side.

        Parameters
        ----------
        street_a, units_a
            One street, and the units of the area that are in it.
        street_b, units_b
            The other street, and its units.

        Examples
        --------
        >>> permitted = PermittedPairs(frozenset({frozenset({"a", "b"})}), frozenset())
        >>> permitted.may_mix("s", ["a", "a2"], "t", ["b"])
        True
        >>> permitted.may_mix("s", ["a", "a2"], "t", ["b", "b2"])
        False
        """
        if frozenset({street_a, street_b}) in self.streets:
            return True
        sides = list(units_a), list(units_b)
        return any(
            all(any(frozenset({u, v}) in self.units for v in there) for u in here)
            for here, there in (sides, sides[::-1])
        )


def confirmed_units(permits: pd.DataFrame) -> frozenset[str]:
    """Handed-over communities whose inclusion somebody confirmed (R05), by the `permits` layer.

    Examples
    --------
    >>> row = {"kind": "special_community", "unit_a": "a", "unit_b": None}
    >>> sorted(confirmed_units(pd.DataFrame([row])))
    ['a']
    """
    rows = permits[permits["kind"].eq("special_community")]
    return frozenset(str(unit) for name in ("unit_a", "unit_b") for unit in rows[name].dropna())


def overridden_units(permits: pd.DataFrame) -> frozenset[str]:
    """Units planned against their owners' refusal (R40), each by a row with a reason and its approver.

    Examples
    --------
    >>> row = {"kind": "owner_unwilling", "unit_a": "a", "unit_b": None, "reason": "危房改造"}
    >>> sorted(overridden_units(pd.DataFrame([{**row, "approved_by": "张三"}])))
    ['a']
    >>> sorted(overridden_units(pd.DataFrame([row])))
    []
    """
    found: set[str] = set()
    for row in permits.to_dict("records"):
        texts = [row.get("reason"), row.get("approved_by")]
        if row["kind"] == "owner_unwilling" and all(isinstance(text, str) and text.strip() for text in texts):
            found |= {str(unit) for unit in (row["unit_a"], row["unit_b"]) if pd.notna(unit)}
    return frozenset(found)
