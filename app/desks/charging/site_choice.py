"""Which charging places a planner has chosen, and what was chosen before: nothing is decided for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

MOST_PAST = 200
"""Choices that can be taken back; the oldest are forgotten."""

Sites = Mapping[str, int | None]
"""Ports at most of each place by its id; None = as many as fit."""


@dataclass(frozen=True)
class ChargingSelection:
    """The places chosen now, and the choices before, the last of them last."""

    now: Sites
    past: tuple[Sites, ...] = ()

    def to(self, sites: Sites) -> ChargingSelection:
        """Other places instead; these can be taken back to.

        Examples
        --------
        >>> SiteChoice({"a": 3}).to({}).back()
        SiteChoice(now={'a': 3}, past=())
        """
        return ChargingSelection(dict(sites), (*self.past, self.now)[-MOST_PAST:])

    def toggled(self, site: str) -> ChargingSelection:
        """With a place more, as many ports as fit there, or without it.

        Examples
        --------
        >>> SiteChoice({}).toggled("a").toggled("b").toggled("a").now
        {'b': None}
        """
        others = {one: most for one, most in self.now.items() if one != site}
        return self.to(others if site in self.now else {**others, site: None})

    def back(self) -> ChargingSelection:
        """As before the last choice; the same where there was none."""
        return ChargingSelection(self.past[-1], self.past[:-1]) if self.past else self

    def told(self) -> dict[str, Any]:
        """As the page holds it."""
        return {"now": dict(self.now), "past": [dict(sites) for sites in self.past]}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Back from :meth:`told`.

        Examples
        --------
        >>> choice = SiteChoice({"a": 3}, ({},))
        >>> SiteChoice.of(choice.told()) == choice
        True
        """
        return cls(told["now"], tuple(told["past"]))
