"""The units of a plan with their figures, neighbours and walks as arrays, for figures and bounds.

Neighbours and walks are those of the layers `edges` and `walks`, whose bytes the plan names.
"""

from __future__ import annotations

import heapq
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.permits import PermittedPairs
from analysis.bundling.verify.conditions.companies import companies_of_units, managed_m2
from analysis.bundling.verify.conditions.roles import UnitRoles

WALK_SPARE_M = 1.0
"""No plan that passes has a walk longer than the radius by more."""
SHARE = 1e-6
"""By how much sums of floor area may exceed a limit and pass."""


class PlannedUnits:
    """n units that take part, by position; what may be and what is sure are distinguished.

    `targets` ask for an area, `leads` may lead; in mode "area" `asks_leader` are those of the targets that
    ask for a leader inside it, and units may be neither.

    Without codes, and where permits name units, it is not settled which street a unit is planned
    with. Whatever could be counts for bounds; only what is sure proves a reason false.

    Parameters
    ----------
    context
        The plan next to the tables.
    """

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self.roles = UnitRoles(context)
        part = self.roles.takes_part
        self.ids: list[str] = [str(unit) for unit in sorted(part.index[part])]
        self.place = {unit: i for i, unit in enumerate(self.ids)}
        self.n = len(self.ids)
        self.units = context.units.loc[self.ids]
        self.leads = self.roles.leads[self.ids].to_numpy(bool)
        self.targets = self.roles.targets[self.ids].to_numpy(bool)
        self.asks_leader = self.roles.asks_leader[self.ids].to_numpy(bool)
        self.is_old = context.old[self.ids].to_numpy(bool)
        self.households = self.units["households"].astype("float64").fillna(0.0).to_numpy()
        self.floor_m2 = self.units["floor_area_m2"].astype("float64").fillna(0.0).to_numpy()
        self.permitted = PermittedPairs.from_layer(context.dataset.layer("permits"))

    # --- streets --------------------------------------------------------------------------------

    @cached_property
    def codes(self) -> np.ndarray:
        """(n,) text: district, street and neighbourhood, as far as they are walls; "" = not all known."""
        within = self.context.plan.rules.within
        has_districts = any(place.district for place in self.context.places.values())
        found = np.full(self.n, "", dtype=object)
        for i, unit in enumerate(self.ids):
            place = self.context.places[unit]
            keys = [place.district if has_districts else "*"]
            keys += [place.street] if within != "none" else []
            keys += [place.neighbourhood] if within == "neighbourhood" else []
            if all(keys):
                found[i] = "|".join(map(str, keys))
        return found

    @cached_property
    def streets(self) -> list[str | None]:
        """Street of each unit; None = not known."""
        return [self.context.places[unit].street for unit in self.ids]

    @cached_property
    def named(self) -> np.ndarray:
        """(n,) bool: units that a permit of two units names."""
        named = {unit for pair in self.permitted.units for unit in pair}
        return np.array([unit in named for unit in self.ids], dtype=bool)

    @cached_property
    def is_settled(self) -> bool:
        """Whether every unit has a code and no permit joins streets."""
        has_permit = bool(self.permitted.units or self.permitted.streets)
        return not (self.codes == "").any() and not has_permit

    def may_share_area(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """(k,) bool: pairs of units that may be in one area by their codes, in some reading (R20).

        Parameters
        ----------
        one, other
            (k,) positions.
        """
        same = self.codes[one] == self.codes[other]
        is_open = (self.codes[one] == "") | (self.codes[other] == "") | self.named[one] | self.named[other]
        streets = [
            frozenset({self.streets[a], self.streets[b]}) in self.permitted.streets
            for a, b in zip(one.tolist(), other.tolist(), strict=True)
        ]
        return np.asarray(same | is_open | np.array(streets, dtype=bool), dtype=bool)

    # --- neighbours -----------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> np.ndarray:
        """(k, 2) positions of allowed pairs of the `edges` layer among the units, whatever the street."""
        edges = self.context.dataset.layer("edges")
        edges = edges[edges["allowed"].astype(bool)]
        a, b = edges["unit_a"].map(self.place), edges["unit_b"].map(self.place)
        both = (a.notna() & b.notna()).to_numpy()
        return np.column_stack([a[both], b[both]]).astype(np.int64).reshape(-1, 2)

    @cached_property
    def is_sure(self) -> np.ndarray:
        """(k,) bool: pairs that are neighbours in every reading of codes and permits."""
        a, b = self.pairs.T
        same = (self.codes[a] == self.codes[b]) & (self.codes[a] != "")
        return np.asarray(same & ~self.named[a] & ~self.named[b])

    @cached_property
    def may_be(self) -> np.ndarray:
        """(k,) bool: pairs that are neighbours in some reading."""
        a, b = self.pairs.T
        may = (self.codes[a] == self.codes[b]) | (self.codes[a] == "") | (self.codes[b] == "")
        if self.context.plan.rules.within == "street":
            for k in np.flatnonzero(~may):
                i, j = self.pairs[k]
                one, two = (self.ids[i], self.streets[i]), (self.ids[j], self.streets[j])
                may[k] = self.permitted.may_adjoin(one, two)
        return np.asarray(may)

    @cached_property
    def sure(self) -> list[list[int]]:
        """Neighbours of each unit that are surely so."""
        return self._lists(self.pairs[self.is_sure])

    @cached_property
    def possible(self) -> list[list[int]]:
        """Neighbours of each unit as far as they may be."""
        return self._lists(self.pairs[self.may_be])

    def _lists(self, pairs: np.ndarray) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range(self.n)]
        for a, b in pairs.tolist():
            found[a].append(b)
            found[b].append(a)
        return found

    def labels(self, among: np.ndarray) -> np.ndarray:
        """(n,) label of the connected group that each unit of some may be in; −1 for the others."""
        a, b = self.pairs[self.may_be].T
        inside = among[a] & among[b]
        links = coo_array((np.ones(inside.sum()), (a[inside], b[inside])), shape=(self.n, self.n))
        label = connected_components(links, directed=False)[1]
        return np.where(among, label, -1)

    # --- walks ----------------------------------------------------------------------------------

    @cached_property
    def walks(self) -> csr_array:
        """(n, n) whole metres, at least 1; no entry beyond the limit."""
        layer = self.context.dataset.layer("walks")[["unit_a", "unit_b", "walk_m"]]
        a, b = layer["unit_a"].map(self.place), layer["unit_b"].map(self.place)
        both = (a.notna() & b.notna()).to_numpy()
        row, column = a[both].to_numpy(np.int64), b[both].to_numpy(np.int64)
        metres = np.maximum(np.rint(layer["walk_m"].to_numpy(float)[both]), 1.0)
        entries = np.tile(metres, 2), (np.append(row, column), np.append(column, row))
        return csr_array(coo_array(entries, shape=(self.n, self.n)))

    def walks_of(self, unit: int) -> dict[int, float]:
        """Metres from one unit to others, by position."""
        span = slice(self.walks.indptr[unit], self.walks.indptr[unit + 1])
        return dict(zip(self.walks.indices[span].tolist(), self.walks.data[span].tolist(), strict=True))

    @cached_property
    def limit_m(self) -> float:
        """What a walk beyond the limit counts."""
        return float(int(self.context.plan.rules.walk_limit_m))

    # --- anchors --------------------------------------------------------------------------------

    @cached_property
    def anchors(self) -> list[int]:
        """Positions of those that may lead."""
        return np.flatnonzero(self.leads).tolist()

    @cached_property
    def company_of(self) -> list[str | None]:
        """Company of each unit."""
        serves = companies_of_units(self.context)
        return [serves.get(unit) for unit in self.ids]

    @cached_property
    def allowances(self) -> dict[str, float]:
        """m² that each company of an anchor may take on (R15); none that is held to nothing."""
        rules = self.context.plan.rules
        if rules.company_growth is None:
            return {}
        serves = companies_of_units(self.context)
        found = {}
        for company in sorted({c for i in self.anchors if (c := self.company_of[i])}):
            managed = managed_m2(self.context, company, serves)
            if managed is not None:
                found[company] = rules.company_growth * rules.company_years * managed
        return found

    def room_m2(self, anchor: int) -> float:
        """R13: what an anchor may take in altogether, or its company where that is less (R15)."""
        room = self.context.plan.rules.capacity_ratio * self.floor_m2[anchor]
        company = self.company_of[anchor]
        if company is not None and company in self.allowances:
            room = min(room, self.allowances[company])
        return float(room * (1 + SHARE) + 1e-6)

    def within_reach(self, anchor: int, *, any_size: bool = False, by_company: bool = True) -> dict[int, float]:
        """Units an anchor may take in that it may reach through such units, with their metres (R13, R26).

        Parameters
        ----------
        anchor
            Position of the anchor.
        any_size
            Whether units count whatever their floor area.
        by_company
            Whether those are left out that its company may not take on (R15).
        """
        rules = self.context.plan.rules
        largest = rules.unit_ratio * self.floor_m2[anchor] * (1 + SHARE) + 1e-6
        room = rules.capacity_ratio * self.floor_m2[anchor] * (1 + SHARE) + 1e-6
        largest = min(largest, self.room_m2(anchor) if by_company else room)
        walk = {
            unit: metres
            for unit, metres in self.walks_of(anchor).items()
            if self.targets[unit]
            and metres <= rules.radius_m + WALK_SPARE_M
            and (any_size or self.floor_m2[unit] <= largest)
        }
        return self.joined(anchor, walk, self.possible)

    @staticmethod
    def joined(start: int, walk: dict[int, float], neighbours: list[list[int]]) -> dict[int, float]:
        """Those of some units that are connected with one through each other.

        Parameters
        ----------
        start
            Position of the unit one begins at.
        walk
            Metres of each unit that counts, by position.
        neighbours
            Positions of each unit's neighbours.
        """
        found, stack = set[int](), [start]
        while stack:
            for other in neighbours[stack.pop()]:
                if other in walk and other not in found:
                    found.add(other)
                    stack.append(other)
        return {unit: walk[unit] for unit in sorted(found)}

    @cached_property
    def reach(self) -> dict[int, dict[int, float]]:
        """`within_reach` of every anchor."""
        return {anchor: self.within_reach(anchor) for anchor in self.anchors}

    # --- areas without an anchor ----------------------------------------------------------------

    @cached_property
    def sizes(self) -> list[tuple[np.ndarray, float, float, float]]:
        """Each weight that bounds such areas: (n,) figures, least, most, and m² of rounding a unit."""
        rules = self.context.plan.rules
        bounds: list[tuple[str, float, float | None]] = [(rules.weight, rules.lower, rules.upper)]
        bounds += [(bound.weight, bound.lower, bound.upper) for bound in rules.bounds]
        figures = {"households": self.households, "floor_area": self.floor_m2, "members": np.ones(self.n)}
        return [
            (figures[name], least, np.inf if most is None else most, 0.5 * (name == "floor_area"))
            for name, least, most in bounds
        ]

    @cached_property
    def groups(self) -> np.ndarray:
        """(n,) label of connected units heavy enough for an area without an anchor; −1 for others.

        Targets that are not above the most alone; in mode "area" every unit may be a member.
        """
        has_members = self.context.plan.has_leaders_inside
        among = np.ones(self.n, dtype=bool) if has_members else self.targets.copy()
        for figures, _, most, rounding in self.sizes:
            among &= (figures <= most + rounding) | has_members
        label = self.labels(among)
        if not among.any():
            return label
        for figures, least, _, rounding in self.sizes:
            inside = label >= 0
            if not inside.any():
                break
            n_labels = int(label.max(initial=-1)) + 1
            total = np.bincount(label[inside], (figures + rounding)[inside], n_labels)
            label = np.where(inside & (total[label] >= least), label, -1)
        return label

    def companions(
        self, unit: int, *, surely: bool = False, window: tuple[tuple[np.ndarray, float], ...] = ()
    ) -> set[int]:
        """Units that one area can hold together with one, itself among them: on the lightest way no most is exceeded.

        An area holds a way from the one to the other, and every unit of it is a companion of the one. What alone
        is above a most weighs nothing: that most then is of the others.

        Parameters
        ----------
        unit
            Position.
        surely
            Whether only those count that planning took for such, however floor areas were rounded.
        window
            Further weights with what they sum up to at most, no unit excepted.
        """
        found: set[int] | None = None
        for weight, most in (*self._weights_of_ways[surely], *((w.tolist(), most) for w, most in window)):
            best, heap, seen = {unit: weight[unit]}, [(weight[unit], unit)], set[int]()
            while heap:
                so_far, here = heapq.heappop(heap)
                if here in seen or so_far > most:
                    continue
                seen.add(here)
                for other in self.possible[here]:
                    total = so_far + weight[other]
                    if (found is None or other in found) and total <= most and total < best.get(other, np.inf):
                        best[other] = total
                        heapq.heappush(heap, (total, other))
            found = seen
        return set(np.flatnonzero(self.groups == self.groups[unit]).tolist()) if found is None else found

    @cached_property
    def _weights_of_ways(self) -> dict[bool, list[tuple[list[float], float]]]:
        """Per weight with a most: what each unit weighs on a way, and the most; by whether it is for sure."""
        made: dict[bool, list[tuple[list[float], float]]] = {False: [], True: []}
        for figures, _, most, rounding in self.sizes:
            if not np.isfinite(most):
                continue
            for surely, by in ((False, -rounding), (True, rounding)):
                weight = np.where(figures > most + by, 0.0, np.maximum(figures + by, 0.0))
                spare = 0.0 if surely else rounding * (figures < rounding).sum() + SHARE
                made[surely].append((weight.tolist(), float(most + spare)))
        return made

    @cached_property
    def area_of(self) -> np.ndarray:
        """(n,) number of the plan's area that each unit is in, −1 = none."""
        found = np.full(self.n, -1, dtype=np.int64)
        for k, area in enumerate(self.context.plan.areas):
            for unit in area.unit_ids:
                if unit in self.place:
                    found[self.place[unit]] = k
        return found

    @cached_property
    def target_ids(self) -> list[str]:
        """Ids of the targets, ascending: the order of a certificate's multipliers."""
        return [unit for unit, is_target in zip(self.ids, self.targets, strict=True) if is_target]
