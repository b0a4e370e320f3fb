"""Documents that let units of streets go together (R20), confirm one (R05), or override a refusal (R40)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

CROSS_STREET = "cross_street"
"""The kind of permit that is read here; a permit that does not say its kind is one too."""

CONFIRMS = "special_community"
"""The kind of permit that confirms single units."""

OVERRIDES = "owner_unwilling"
"""The kind of permit by which a unit is planned although its owners refuse."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Permits:
    """Who may go together across a border of streets.

    Parameters
    ----------
    units, streets
        The permit that names two units (ids), or two streets (codes); the smaller one first.
    """

    units: Mapping[Pair, str] = field(default_factory=dict)
    streets: Mapping[Pair, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.units or self.streets)

    def of(self, units: Pair, streets: Pair) -> str | None:
        """The permit that lets two units of two streets go together; None where none does.

        A permit that names the units themselves comes before one that names their streets.

        Parameters
        ----------
        units
            Ids of both.
        streets
            Codes of their streets.

        Examples
        --------
        >>> permits = Permits({("a", "b"): "p1"}, {("s", "t"): "p2"})
        >>> permits.of(("b", "a"), ("t", "s")), permits.of(("a", "c"), ("s", "t"))
        ('p1', 'p2')
        """
        by_units = self.of_units(*units)
        return by_units if by_units is not None else self.of_streets(*streets)

    def of_units(self, unit_a: str, unit_b: str) -> str | None:
        """The permit that names both units; None where none does.

        Parameters
        ----------
        unit_a, unit_b
            Ids, in any order.
        """
        return self.units.get(_sorted(unit_a, unit_b))

    def of_streets(self, street_a: str, street_b: str) -> str | None:
        """The permit that names both streets; None where none does.

        Parameters
        ----------
        street_a, street_b
            Codes, in any order.
        """
        return self.streets.get(_sorted(street_a, street_b))


NO_PERMITS = Permits()
"""Nobody may cross."""


def read_permits(table: pd.DataFrame) -> Permits:
    """The permits that let units of different streets go together.

    Parameters
    ----------
    table
        The `permits` layer; may be empty. Rows of other kinds, and rows that name neither two
        units nor two streets, are left aside.

    Returns
    -------
    Of several permits for one pair the one with the smallest id.

    Examples
    --------
    >>> table = pd.DataFrame({"permit_id": ["p2", "p1"], "kind": ["cross_street", None],
    ...                       "unit_a": ["b", None], "unit_b": ["a", None],
    ...                       "street_a": [None, "s"], "street_b": [None, "t"]})
    >>> read_permits(table)
    Permits(units={('a', 'b'): 'p2'}, streets={('s', 't'): 'p1'})
    """
    if not len(table):
        return NO_PERMITS
    crossing = table[table["kind"].isna() | table["kind"].eq(CROSS_STREET)]
    crossing = crossing.sort_values("permit_id", kind="stable")
    return Permits(_pairs(crossing, "unit_a", "unit_b"), _pairs(crossing, "street_a", "street_b"))


def confirmed_units(table: pd.DataFrame) -> frozenset[str]:
    """Ids of the handed-over communities that somebody confirmed one by one (R05).

    Parameters
    ----------
    table
        The `permits` layer; may be empty.

    Examples
    --------
    >>> table = pd.DataFrame({"kind": ["special_community", None], "unit_a": ["a", "b"],
    ...                       "unit_b": [None, "c"]})
    >>> sorted(confirmed_units(table))
    ['a']
    """
    rows = table[table["kind"].eq(CONFIRMS)]
    return frozenset(pd.concat([rows["unit_a"], rows["unit_b"]]).dropna().astype(str).tolist())


@dataclass(frozen=True)
class ConsentOverride:
    """Why, and by whose word, a unit is planned although its owners refuse (R40)."""

    permit_id: str
    reason: str
    approved_by: str


def consent_overrides(table: pd.DataFrame) -> dict[str, ConsentOverride]:
    """The permit by which each unit is planned although its owners refuse to be merged (R40).

    Parameters
    ----------
    table
        The `permits` layer; may be empty. A row without a reason or without who approved it overrides
        nothing: see `incomplete_overrides`.

    Returns
    -------
    By unit id; of several permits for one unit the one with the smallest id.

    Examples
    --------
    >>> table = pd.DataFrame({"permit_id": ["p1", "p2"], "kind": ["owner_unwilling"] * 2,
    ...                       "unit_a": ["a", "b"], "unit_b": [None, None],
    ...                       "reason": ["危房改造", "危房改造"], "approved_by": ["张三", None]})
    >>> consent_overrides(table)
    {'a': ConsentOverride(permit_id='p1', reason='危房改造', approved_by='张三')}
    >>> incomplete_overrides(table)
    ('p2',)
    """
    rows = table[table["kind"].eq(OVERRIDES) & _is_complete(table)].sort_values("permit_id")
    found: dict[str, ConsentOverride] = {}
    for row in rows.to_dict("records"):
        override = ConsentOverride(*(str(row[name]) for name in ("permit_id", "reason", "approved_by")))
        for unit in (row["unit_a"], row["unit_b"]):
            if pd.notna(unit):
                found.setdefault(str(unit), override)
    return found


def incomplete_overrides(table: pd.DataFrame) -> tuple[str, ...]:
    """Ids of the permits that would override a refusal, had they a reason and who approved it."""
    rows = table[table["kind"].eq(OVERRIDES) & ~_is_complete(table)]
    return tuple(sorted(rows["permit_id"].astype(str)))


def _is_complete(table: pd.DataFrame) -> pd.Series:
    """Whether a reason and who approved it are reported; datasets of earlier versions have no such column."""
    complete = pd.Series(True, index=table.index)
    for name in ("reason", "approved_by"):
        complete &= table[name].fillna("").str.strip().ne("") if name in table else False
    return complete


def find_border_permits(permits: Permits, ids: np.ndarray, streets: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """The permit of each pair that a border of streets parts.

    Parameters
    ----------
    permits
        In force.
    ids, streets
        (n,) unit ids and street codes.
    pairs
        (k, 2) positions of two units of different streets.

    Returns
    -------
    (k,) permit ids, None where there is none.
    """
    found = np.full(len(pairs), None, dtype=object)
    if permits:
        for k, (a, b) in enumerate(pairs.tolist()):
            found[k] = permits.of((ids[a], ids[b]), (streets[a], streets[b]))
    return found


def _pairs(table: pd.DataFrame, one: str, two: str) -> dict[Pair, str]:
    found: dict[Pair, str] = {}
    named = table[table[one].notna() & table[two].notna() & table[one].ne(table[two])]
    for permit_id, a, b in zip(named["permit_id"], named[one], named[two], strict=True):
        found.setdefault(_sorted(str(a), str(b)), str(permit_id))
    return found


def _sorted(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)
