"""The small town planned in areas with leaders inside; the plan keeps every rule, for tests that break one.

S1  lead ── old1 ── old2      S2  new ── pro
      └──── house ─┘               │      │
                                  west ── mid ─╫─ east        alone
"""

from dataclasses import replace

import pandas as pd
from shapely import box
from shapely.affinity import translate

from tests.analysis.bundling.verify.small_town import S1, S2, X0, Y0, Town

PLACES = {"new": (0, 1110, 90, 1190), "pro": (110, 1110, 200, 1190)}
EDGES = (
    ("lead", "old1"),
    ("house", "lead"),
    ("old1", "old2"),
    ("house", "old1"),
    ("mid", "west"),
    ("east", "mid"),
    ("new", "west"),
    ("mid", "pro"),
    ("new", "pro"),
)
OLD = ("west", "mid", "east", "alone", "old1", "old2", "house")
FLOOR_BOUND = {"weight": "floor_area", "lower": 0, "upper": 500_000}


class AreaTown(Town):
    """Two areas: one whose targets are led, one without anybody who may lead, with two managed members."""

    def __init__(self):
        super().__init__()
        for unit, place in PLACES.items():
            self.units.loc[[unit], "geometry"] = [translate(box(*place), X0, Y0)]
        self.rules = replace(self.rules, mode="area", area_worth=200_000)
        self.areas = [
            {
                "area_id": f"P-{S1}-001",
                "street": S1,
                "units": ["house", "lead", "old1", "old2"],
                "led": {"house": "lead", "old1": "lead", "old2": "lead"},
            },
            {"area_id": f"P-{S2}-001", "street": S2, "units": ["east", "mid", "new", "pro", "west"], "led": {}},
        ]
        self.unled = dict.fromkeys(("east", "mid", "west"), "no_anchor_in_area")
        self.left_over = {"alone": "no_neighbour"}
        self.out_of_scope = {"given": "special_needs_confirmation", "nay": "owner_unwilling", "blank": "not_placed"}
        self.edges = EDGES

    def layers(self):
        rows = [
            {"unit_a": a, "unit_b": b, "gap_m": 20.0, "walk_m": 150.0, "allowed": True, "blocked_by": None}
            for a, b in (sorted(pair) for pair in self.edges)
        ]
        return super().layers() | {"edges": pd.DataFrame(rows)}

    def metres(self, area):
        """Household-metres of an area: to the leader, or to the medoid."""
        walk = {frozenset(pair): max(1, round(m)) for *pair, m in self.walks().itertuples(index=False)}
        limit, people = int(self.rules.walk_limit_m), self.units["households"]

        def metres(a, b):
            return 0 if a == b else walk.get(frozenset((a, b)), limit)

        units = sorted(area["units"])
        medoid = min(units, key=lambda c: sum(people[u] * metres(c, u) for u in units))
        return int(sum(people[u] * metres(u, area["led"].get(u, medoid)) for u in units))

    def household_metres(self):
        return sum(map(self.metres, self.areas))

    def document(self, dataset):
        self.areas = [{"anchor": None, **area} for area in self.areas]
        made = super().document(dataset)
        made["rules"]["bounds"] = [FLOOR_BOUND]
        people, floor = self.units["households"], self.units["floor_area_m2"]
        for area, plain in zip(made["areas"], self.areas, strict=True):
            units = plain["units"]
            companies = self.units.loc[units, "company_id"].dropna()
            by_company = floor[companies.index].groupby(companies).sum()
            least, most = self.rules.preferred_floor_area_m2
            outside = [] if 3 <= len(units) <= 12 else ["members"]
            area |= {
                "anchor_unit_ids": sorted(set(plain["led"].values())),
                "led": plain["led"],
                "operator": None if by_company.empty else str(by_company.idxmax()),
                "company_ids": sorted(set(companies)),
                "oversize_unit_ids": sorted(u for u in units if people[u] > self.rules.upper or floor[u] > 500_000),
                "outside_preferred": outside + ([] if least <= floor[units].sum() <= most else ["floor_area"]),
            }
        made["unled"] = [{"unit_id": unit, "reason": reason} for unit, reason in sorted(self.unled.items())]
        left, unled = (int(people.reindex(list(some)).sum()) for some in (self.left_over, self.unled))
        outside = sum(bool(area["outside_preferred"]) for area in made["areas"])
        by_old = [
            u for a in self.areas for u, leader in a["led"].items() if self.units.loc[leader, "built_year"] <= 2000
        ]
        metres = self.household_metres()
        values = {
            "left_over_households": left,
            "unled_households": unled,
            "not_led_households": left + unled,
            "areas_outside_preferred": outside,
            "walks_and_areas": metres + 200_000 * len(self.areas),
            "areas": len(self.areas),
            "household_metres": metres,
            "households_led_by_old": int(people.reindex(by_old).sum()),
        }
        made["levels"] = [{"name": name, "value": value, "bound": None, "gap": None} for name, value in values.items()]
        return made


def led_by(town, leader, *units, area=0):
    """Let a unit of an area lead others."""
    town.areas[area]["led"] |= dict.fromkeys(units, leader)
    for unit in units:
        town.unled.pop(unit, None)
