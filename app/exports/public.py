"""A plan as the public may see it: small numbers of people, and what is personal, leave the data before a file is made.

A total of a public file is the sum of the figures it shows. Each of these is missing or at least the policy's
`export.fewest_households`, so no sum, and no difference of two sums, tells of fewer: nothing hidden can be subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.bundling.document.schema import plan_sha
from analysis.bundling.document.summary import is_within_bounds
from analysis.policy import Policy
from geo.storage.dataset import Dataset
from geo.storage.layer_frames import empty_layer

FEWEST_KEY, FEWEST_HOUSEHOLDS = "export.fewest_households", 10
"""Entry of the policy, and its value where a policy kept with older data lacks it."""
PUBLIC_LABEL = "公开版"
"""Stands in attributes of a public export, whatever the language."""

_PEOPLE = (
    ("households",),
    ("member_count", "party_member_count"),
    ("staff_total", "staff_professional", "trained_prejob", "trained_ce"),
)
"""Columns that count people or homes; those of one group tell of each other and are hidden together."""
_PERSONAL = ("address", "merge_willingness", "author", "approved_by")
"""Columns of any layer that tell of persons: where they live, what they want, what they decided."""
_WITHHELD = ("consents", "consultations", "joins", "overrides", "permits", "reported_figures")
"""Layers about what persons said or did, and totals reported elsewhere, from which figures could be subtracted."""
_OF_PLAN = ("schema", "planning_sha256", "policy_sha256", "rules", "seed", "mode", "status", "seconds", "companies")
_OF_REASON = ("unit_id", "reason", "rules")
_HIDDEN = "<"


@dataclass(frozen=True)
class PublicDataset(Dataset):
    """A dataset read without small numbers and personal columns; the files on the disk stay as they are.

    Parameters
    ----------
    fewest
        The smallest number of people or households that is told.
    """

    fewest: int = FEWEST_HOUSEHOLDS

    def layer(self, layer: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer as :meth:`Dataset.layer` reads it, for the public."""
        if layer in _WITHHELD:
            return empty_layer(layer, self.manifest.metric_crs)
        return hide_small(super().layer(layer), self.fewest)

    def roster(self, name: str) -> gpd.GeoDataFrame:
        """A roster as :meth:`Dataset.roster` reads it, for the public."""
        return hide_small(super().roster(name), self.fewest)


class PublicPlan(dict[str, Any]):
    """PLAN.json for the public; it keeps the hash of the plan it is of.

    Attributes
    ----------
    plan_sha256
        Of the whole plan.
    """

    def __init__(self, body: Mapping[str, Any], sha256: str) -> None:
        super().__init__(body)
        self.plan_sha256 = sha256


def read_fewest(policy: Policy) -> int:
    """The smallest number of households that a public file tells.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> read_fewest(read_policy())
    10
    """
    return int(policy.value(FEWEST_KEY)) if FEWEST_KEY in policy.entries else FEWEST_HOUSEHOLDS


def hide_small(frame: Any, fewest: int) -> Any:
    """A layer without small numbers of people and personal columns; nothing is rounded, zero stays.

    Parameters
    ----------
    frame
        Of a dataset.
    fewest
        The smallest number that stays.

    Returns
    -------
    The same rows; where households are hidden, `households_quality` says "<10".

    Examples
    --------
    >>> hide_small(pd.DataFrame({"households": [9, 10], "households_quality": "reported"}), 10).values.tolist()
    [[<NA>, '<10'], [10, 'reported']]
    """
    columns = {name: None for name in _PERSONAL if name in frame}
    frame = frame.assign(**columns).astype(dict.fromkeys(columns, "str"))
    for group in _PEOPLE:
        own = [name for name in group if name in frame]
        numbers = frame[own].apply(pd.to_numeric).astype("Int64")
        is_small = ((numbers > 0) & (numbers < fewest)).fillna(False).any(axis=1)
        frame = frame.assign(**{name: numbers[name].mask(is_small) for name in own})
        if "households_quality" in frame and "households" in own:
            frame["households_quality"] = frame["households_quality"].mask(is_small, f"<{fewest}")
    return frame


def make_public_plan(document: Mapping[str, Any], units: pd.DataFrame) -> PublicPlan:
    """The plan with areas whose households are those that are told, and without what tells of the others.

    Bounds, reached levels, notes, advice, ways out and locks are left out: they hold sums over all households,
    and names of those who decided.

    Parameters
    ----------
    document
        PLAN.json.
    units
        From a :class:`PublicDataset`.
    """
    told = units.set_index("unit_id")["households"]
    hidden = is_hidden(units.set_index("unit_id")["households_quality"])
    areas = []
    for area in document["areas"]:
        ids = list(area["unit_ids"])
        total = told.loc[ids].sum(min_count=1)
        areas.append(
            {
                **area,
                "households": None if pd.isna(total) else int(total),
                "households_hidden": int(hidden.loc[ids].sum()),
                "is_within_bounds": is_within_bounds(area, document["rules"]),
            }
        )
    reasons = {
        key: [{name: row[name] for name in _OF_REASON if name in row} for row in document[key]]
        for key in ("left_over", "unled", "out_of_scope")
        if key in document
    }
    kept = {key: document[key] for key in _OF_PLAN if key in document}
    return PublicPlan({**kept, **reasons, "areas": areas, "levels": [], "notes": [], "locks": []}, plan_sha(document))


def is_hidden(quality: pd.Series) -> pd.Series:
    """Whether the number a quality speaks of is hidden, row by row.

    Examples
    --------
    >>> is_hidden(pd.Series(["<10", "reported", None])).tolist()
    [True, False, False]
    """
    return quality.astype("str").str.startswith(_HIDDEN).fillna(False).astype(bool)


def show_households(unit: Any) -> int | str | None:
    """Households of a unit: their number, "<10" where it is hidden, None where nobody knows it.

    Parameters
    ----------
    unit
        A row or mapping with households and households_quality.

    Examples
    --------
    >>> show_households({"households": None, "households_quality": "<10"})
    '<10'
    """
    number, quality = unit["households"], unit["households_quality"]
    if not pd.isna(number):
        return int(number)
    return str(quality) if isinstance(quality, str) and quality.startswith(_HIDDEN) else None
