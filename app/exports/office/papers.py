"""What the papers of a plan are made of: the plan on its data, the facts behind its figures, why each unit is where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from analysis.bundling.explain.explain import UnitAccount, explain_unit
from analysis.bundling.verify.verdict import Verdict
from analysis.figures.facts import Facts
from analysis.indicators.registry import facts_by_roster
from app.exports.public import PublicDataset
from app.exports.request import ExportRequest
from app.exports.workbook import SheetTable
from app.i18n import Words
from app.indicators.figures import read_place_names
from app.indicators.work_sheets import make_work_sheets
from app.workbench.formats import to_plain
from app.workbench.scenario import data_year
from app.workbench.workbench import Workbench
from geo.errors import PlanningError


@dataclass(frozen=True, eq=False)
class Papers:
    """What the papers of a plan are made of; everything is computed once, by the analyses that the page shows.

    Parameters
    ----------
    bench
        The data and the plan.
    words
        Texts in the reader's language.
    verdict
        Of the independent check.
    """

    bench: Workbench
    words: Words
    verdict: Verdict

    @property
    def marks(self) -> tuple[str, ...]:
        """What every page says: that the plan breaks rules, and so is a draft."""
        return () if self.verdict.is_met else (self.words("office.draft"),)

    @property
    def is_public(self) -> bool:
        """Whether they are for the public."""
        return isinstance(self.bench.dataset, PublicDataset)

    @cached_property
    def facts(self) -> Facts:
        """Of the present roster."""
        bench = self.bench
        scenes = facts_by_roster(
            bench.layers, bench.policy, year=data_year(bench), plan=bench.plan, as_of=bench.dataset.manifest.data_date
        )
        return scenes[0]

    @cached_property
    def work_tables(self) -> tuple[SheetTable, ...]:
        """The tables of next years' work: quotas, agencies, charging, single buildings, economics, phases."""
        return make_work_sheets(self.bench.dataset, self.facts, self.bench.plan, self.names, self.words)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Name of every place by its code."""
        return read_place_names(self.bench.dataset, self.words)

    @cached_property
    def accounts(self) -> Mapping[str, UnitAccount]:
        """Why each unit the plan speaks of is where it is; none before the graph is built."""
        bench = self.bench
        if self.is_public:
            return {}  # an explanation weighs an area with all its households
        try:
            opened = bench.opened
        except PlanningError:
            return {}
        if opened is None:
            return {}
        return {role.unit_id: explain_unit(opened, role.unit_id) for role in bench.roles.values()}

    def place(self, code: object) -> str | None:
        """Name of a place by its code, the code where it has no name; None where nobody knows.

        Parameters
        ----------
        code
            Of a district, street or neighbourhood, or missing.
        """
        key = to_plain(code)
        return None if key is None else self.names.get(str(key), str(key))


@lru_cache(maxsize=2)
def open_papers(request: ExportRequest) -> Papers:
    """What the papers of an export are made of, kept while its parts are written.

    Parameters
    ----------
    request
        What is exported.
    """
    return Papers(request.bench, request.words, request.found.verdict)
