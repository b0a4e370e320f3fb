"""Whose plans somebody sees and changes: the role of an account, and the administrative code it ends at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, false, or_, true

from app.store.tables import plans
from geo.admin.place_codes import PREFIX, district_of_street

Role = Literal["city", "district", "street", "company", "viewer"]
ROLES: tuple[Role, ...] = ("city", "district", "street", "company", "viewer")
Stage = Literal["draft", "consultation", "publicity", "approved"]
STAGES: tuple[Stage, ...] = ("draft", "consultation", "publicity", "approved")
"""拟定, 征求意见, 公示, 批复: what becomes of a plan, in order."""
PUBLISHED: tuple[Stage, ...] = ("publicity", "approved")
"""Stages in which a plan is fixed: it is not saved any more, and companies see their areas of it."""


@dataclass(frozen=True)
class Access:
    """What somebody may see and change of the plans.

    Parameters
    ----------
    role
        Of the account.
    code
        Administrative code of the account; "" = the whole city.
    company
        Id of the company of a company's account.
    name
        Whoever it is; signs what is written.
    account
        Id of the account; "" without accounts.
    """

    role: Role = "city"
    code: str = ""
    company: str = ""
    name: str = ""
    account: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every plan may be seen."""
        return not self.code and self.role != "company"

    def edits(self, code: str) -> bool:
        """Whether plans of a place may be made and changed.

        Parameters
        ----------
        code
            Of the plan: "" = the whole city.

        Examples
        --------
        >>> Access("district", "150203").edits("150203001"), Access("district", "150203").edits("")
        (True, False)
        """
        return self.role in ("city", "district", "street") and is_inside(code, self.code)

    def sees(self) -> ColumnElement[bool]:
        """The condition on rows of `plans`: those of the own place, and those put forward that it is part of.

        A company sees what is published; which areas of it are its own, its page decides.
        """
        if self.role == "company":
            return plans.c.stage.in_(PUBLISHED)
        if self.is_all:
            return true()
        own = [plans.c.code == self.code]
        own += [plans.c.code.startswith(start, autoescape=True) for start in _starts(self.code)]
        above = plans.c.code.in_(_above(self.code)) if _above(self.code) else false()
        return or_(*own, above & (plans.c.stage != STAGES[0]))


EVERYTHING = Access()
"""One planner alone on the own computer, and the program itself."""


def is_inside(code: str, place: str) -> bool:
    """Whether a place is another one or a part of it.

    Parameters
    ----------
    code, place
        Administrative codes; "" = the whole city.

    Examples
    --------
    >>> is_inside("150203001", "150203"), is_inside("150204001", "150203"), is_inside("N-150203-前进道", "150203")
    (True, False, True)
    >>> is_inside("N-昆都仑-前进道", "N-昆都仑"), is_inside("N-昆都仑区二-前进道", "N-昆都仑"), is_inside("", "150203")
    (True, False, False)
    """
    return place in ("", code) or any(code.startswith(start) for start in _starts(place))


def derive_plan_code(document: Mapping[str, Any]) -> str:
    """The place a plan is of: its street, the district of its streets, else the whole city ("").

    Parameters
    ----------
    document
        PLAN.json.

    Examples
    --------
    >>> derive_plan_code({"rules": {"streets": ["150203001", "150203002"]}}), derive_plan_code({"rules": {}})
    ('150203', '')
    """
    streets = list(document["rules"].get("streets") or ())
    if len(streets) == 1:
        return str(streets[0])
    districts = {district_of_street(str(street)) for street in streets}
    return next(iter(districts)) or "" if len(districts) == 1 else ""


def _starts(place: str) -> tuple[str, ...]:
    """What codes of parts of a place begin with."""
    if place.startswith(PREFIX):
        return (f"{place}-",)
    return (place, f"{PREFIX}{place}-")


def _above(place: str) -> list[str]:
    """The codes of what a place is part of."""
    district = district_of_street(place)
    return ["", district] if district and district != place else [""]
