"""Drawn towns with plans of mode "area", and what such a plan is worth, reckoned in plain Python."""

import json
import random
from dataclasses import asdict, dataclass, replace
from itertools import combinations, product
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import box

from tests.analysis.bundling.drawn_data import CRS, Drawn, context_of
from tests.analysis.bundling.verify.small_town import MANIFEST, RULES

FLOOR_MOST = 90_000


@dataclass(frozen=True)
class AreaDraw:
    """n units with a role each, neighbours, walks, and limits small enough that some of them bind."""

    role: dict
    households: dict
    floor: dict
    street: dict
    company: dict
    built: dict
    neighbours: set
    walks: dict
    managed: dict
    rules: object

    @property
    def units(self):
        return sorted(self.role)

    def walk(self, a, b):
        """Metres, None where there is no walk."""
        return 0 if a == b else self.walks.get(frozenset((a, b)))

    def metres(self, a, b):
        found = self.walk(a, b)
        return int(self.rules.walk_limit_m) if found is None else found

    # --- a plan: areas as tuples of units, and who leads whom ---------------------------------------

    def asks_area(self, unit):
        return self.rules.scope == "all" or self.role[unit] == "target"

    def medoid(self, area):
        return min(sorted(area), key=lambda c: sum(self.households[u] * self.metres(c, u) for u in area))

    def values(self, areas, led):
        inside = {unit for area in areas for unit in area}
        people, rules = self.households, self.rules
        unled = [u for u in inside if self.role[u] == "target" and u not in led]
        not_led = [u for u in self.units if self.role[u] == "target" and u not in led]
        metres = sum(people[u] * self.metres(u, led.get(u, self.medoid(area))) for area in areas for u in area)
        (few, many), (least, most) = rules.preferred_members, rules.preferred_floor_area_m2
        outside = [a for a in areas if not (few <= len(a) <= many and least <= sum(self.floor[u] for u in a) <= most)]
        return {
            "left_over_households": sum(people[u] for u in self.units if u not in inside and self.asks_area(u)),
            "unled_households": sum(people[u] for u in unled),
            "not_led_households": sum(people[u] for u in not_led),
            "areas_outside_preferred": len(outside),
            "walks_and_areas": metres + rules.area_worth * len(areas),
            "areas": len(areas),
            "household_metres": metres,
            "households_led_by_old": sum(people[u] for u, a in led.items() if self.built[a] <= 2000),
        }

    # --- what may be --------------------------------------------------------------------------------

    def is_connected(self, area):
        seen, stack = {area[0]}, [area[0]]
        while stack:
            here = stack.pop()
            for other in set(area) - seen:
                if frozenset((here, other)) in self.neighbours and self.street[here] == self.street[other]:
                    seen.add(other)
                    stack.append(other)
        return len(seen) == len(area)

    def is_right_size(self, area):
        for weight, least, most in ((self.households, self.rules.lower, self.rules.upper), (self.floor, 0, FLOOR_MOST)):
            total, largest = sum(weight[u] for u in area), max(weight[u] for u in area)
            if total < least or total - (largest if largest > most else 0) > most:
                return False
        return True

    def may_lead(self, anchor, unit):
        walk = self.walk(anchor, unit)
        is_pair = self.role[anchor] == "anchor" and self.role[unit] == "target"
        near = walk is not None and walk <= self.rules.radius_m
        return is_pair and near and self.floor[unit] <= self.floor[anchor]

    def has_room(self, led):
        for anchor in set(led.values()):
            if sum(self.floor[u] for u, a in led.items() if a == anchor) > self.floor[anchor]:
                return False
        if self.rules.company_growth is None:
            return True
        for company, managed in self.managed.items():
            taken = sum(self.floor[u] for u, a in led.items() if self.company[a] == company)
            if taken > self.rules.company_growth * managed:
                return False
        return True

    def is_in_reach(self, areas, led):
        for area in areas:
            medoid = self.medoid(area)
            for unit in set(area) - set(led):
                walk = self.walk(medoid, unit)
                if walk is None or walk > self.rules.reach_m:
                    return False
        return True

    def plans(self):
        """Every plan that keeps every rule: its areas, and who leads whom."""
        for areas in self._partitions(self.units):
            targets = [(u, area) for area in areas for u in area if self.role[u] == "target"]
            options = [[None, *(a for a in area if self.may_lead(a, u))] for u, area in targets]
            for chosen in product(*options):
                led = {u: a for (u, _), a in zip(targets, chosen, strict=True) if a is not None}
                if self.has_room(led) and self.is_in_reach(areas, led):
                    yield areas, led

    def _partitions(self, units, areas=()):
        if not units:
            if all(map(self._is_area, areas)):
                yield areas
            return
        first, rest = units[0], units[1:]
        yield from self._partitions(rest, areas)
        for k, area in enumerate(areas):
            yield from self._partitions(rest, (*areas[:k], (*area, first), *areas[k + 1 :]))
        yield from self._partitions(rest, (*areas, (first,)))

    def _is_area(self, area):
        has_target = self.rules.scope == "all" or any(self.role[u] == "target" for u in area)
        return has_target and self.is_right_size(area) and self.is_connected(area)

    # --- as tables and as PLAN.json -----------------------------------------------------------------

    def dataset(self):
        units = self.units
        table = gpd.GeoDataFrame(
            {
                "unit_id": units,
                "name": units,
                "kind": "community",
                "district_code": "150203",
                "street_code": [self.street[u] for u in units],
                "management_mode": ["professional" if self.role[u] == "anchor" else "none" for u in units],
                "built_year": [self.built[u] for u in units],
                "is_old": [self.built[u] <= 2000 for u in units],
                "households": [self.households[u] for u in units],
                "floor_area_m2": [float(self.floor[u]) for u in units],
                "company_id": [self.company[u] for u in units],
                "geom_quality": "digitised",
                "households_quality": "reported",
            },
            geometry=[box(i * 100.0, 0, i * 100.0 + 50, 50) for i in range(len(units))],
            crs=CRS,
        )
        pairs = [sorted(pair) for pair in self.neighbours]
        edges = [
            {"unit_a": a, "unit_b": b, "gap_m": 9.0, "walk_m": 9.0, "allowed": True, "blocked_by": None}
            for a, b in sorted(pairs)
        ]
        walks = [
            {"unit_a": a, "unit_b": b, "walk_m": m}
            for (a, b), m in sorted((sorted(p), m) for p, m in self.walks.items())
        ]
        companies = [
            {"company_id": c, "name": c, "managed_area_m2": m2, "blacklisted": False} for c, m2 in self.managed.items()
        ]
        columns = ["unit_a", "unit_b", "gap_m", "walk_m", "allowed", "blocked_by"]
        frames = {
            "units": table,
            "edges": pd.DataFrame(edges, columns=columns),
            "walks": pd.DataFrame(walks, columns=["unit_a", "unit_b", "walk_m"]),
            "companies": pd.DataFrame(companies),
        }
        return Drawn(Path(), MANIFEST, frames)

    def document(self, areas, led):
        """A plan with nothing but what levels, sizes and bounds are told from."""
        inside = {unit for area in areas for unit in area}
        rest = [unit for unit in self.units if unit not in inside]
        idle = {"anchor": "anchor_unused", "member": "member_unused"}
        return {
            "schema": "pianqu.plan/1",
            "policy_sha256": "x",
            "planning_sha256": "x",
            "rules": {
                **json.loads(json.dumps(asdict(self.rules))),
                "bounds": [{"weight": "floor_area", "lower": 0, "upper": FLOOR_MOST}],
            },
            "locks": [],
            "permits": [],
            "seed": 0,
            "mode": "area",
            "status": "feasible",
            "levels": [{"name": name, "value": value} for name, value in self.values(areas, led).items()],
            "seconds": 0.0,
            "areas": [
                {
                    "area_id": f"P-{k}",
                    "name": f"P-{k}",
                    "street_code": self.street[area[0]],
                    "anchor_unit_id": None,
                    "unit_ids": sorted(area),
                    "households": sum(self.households[u] for u in area),
                    "floor_area_m2": sum(self.floor[u] for u in area),
                    "anchor_unit_ids": sorted({a for u, a in led.items() if u in area}),
                    "led": {u: a for u, a in sorted(led.items()) if u in area},
                    "operator": None,
                    "company_ids": [],
                    "oversize_unit_ids": [],
                    "outside_preferred": [],
                }
                for k, area in enumerate(areas)
            ],
            "left_over": [{"unit_id": u, "reason": "no_fit"} for u in rest if self.asks_area(u)],
            "out_of_scope": [{"unit_id": u, "reason": idle[self.role[u]]} for u in rest if not self.asks_area(u)],
            "unled": [
                {"unit_id": u, "reason": "anchor_full"}
                for u in sorted(inside)
                if self.role[u] == "target" and u not in led
            ],
        }

    def context(self, areas, led, **changes):
        return context_of(self.dataset(), {**self.document(areas, led), **changes})


def draw_areas(seed, n):
    """A town of n units; the same for the same seed."""
    dice = random.Random(seed)
    units = [f"u{i}" for i in range(n)]
    role = {u: dice.choices(["target", "anchor", "member"], [5, 3, 2])[0] for u in units}
    households = {u: dice.choice([40, 120, 260, 400, 700]) for u in units}
    floor = {u: households[u] * 80 * (dice.choice([1, 2]) if role[u] == "anchor" else 1) for u in units}
    pairs = [frozenset(pair) for pair in combinations(units, 2)]
    walks = {pair: dice.randint(1, 1500) for pair in pairs if dice.random() < 0.85}
    served = {u: dice.choice(["k0", "k1"]) if role[u] == "anchor" else None for u in units}
    old_members = {u: dice.choice([1990, 2010]) for u in units}
    return AreaDraw(
        role=role,
        households=households,
        floor=floor,
        street={u: dice.choice(["s1", "s1", "s2"]) for u in units},
        company=served,
        built={u: 1985 if role[u] == "target" else 2015 if role[u] == "member" else old_members[u] for u in units},
        neighbours={pair for pair in pairs if dice.random() < 0.45},
        walks=walks,
        managed={"k0": dice.choice([40_000, 400_000]), "k1": 90_000},
        rules=replace(
            RULES,
            mode="area",
            scope=dice.choice(["targets", "targets", "all"]),
            lower=dice.choice([0, 150, 400]),
            upper=dice.choice([500, 800]),
            radius_m=1000.0,
            reach_m=float(dice.choice([900, 1500])),
            company_growth=dice.choice([None, 0.5]),
            area_worth=20_000,
            preferred_members=(2, 4),
            preferred_floor_area_m2=(20_000, 60_000),
        ),
    )
