"""What an export is made from: a checked plan on its data, cut into parts, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.indicators.registry import read_layers
from app.exports.file_names import make_file_name
from app.exports.formats import Level
from app.exports.labels import label_areas, label_units
from app.exports.plan_table import (
    UNKNOWN_DISTRICT,
    PlanCheck,
    area_table,
    check_for_export,
    city_name,
    clean_codes,
    plan_id,
    provenance,
    unit_table,
)
from app.exports.public import PublicDataset, make_public_plan, read_fewest, show_households
from app.i18n import Words, load_words
from app.workbench.policies import RulesInForce, resolve_rules
from app.workbench.workbench import DatasetContext, Workbench, build_workbench
from geo.admin.gazetteer import district_names, gazetteer_layers, street_names
from geo.storage.dataset import Dataset

DRAFT_LABEL = "草案"
"""Stands in attributes of a plan that breaks rules, whatever the language."""

_LETTERS_OF_ID = 8


@dataclass(frozen=True, eq=False)
class ExportPart:
    """The part of a plan that goes into one file, or one set of files.

    Parameters
    ----------
    level
        What the plan was cut by.
    code
        Of the district or street, fit for file names; "unknown" where units have none; "" = the whole city.
    name
        Of the city, district or street; "" where none is known.
    units
        Rows of `ExportRequest.units`.
    areas
        Rows of `ExportRequest.areas`: those whose anchor, or most units, are in the part.
    """

    level: Level
    code: str
    name: str
    units: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """A plan to be exported.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    found
        What the check of the plan found.
    language
        "zh" or "en": of what is written for readers; field names and codes are the same in both.
    number
        Of the version in the store of plans; None for a plan from a file.
    author
        Who exports; may be empty.
    rules
        In force; those of the dataset when None.
    template
        A Word document of the bureau's own, filled instead of the one that ships; None = that one.
    shown
        The workbench of a page that shows the plan; one is made when None.
    """

    dataset: Dataset
    document: Mapping[str, Any]
    found: PlanCheck
    language: str = "zh"
    number: int | None = None
    author: str = ""
    rules: RulesInForce | None = None
    template: Path | None = None
    shown: Workbench | None = None

    @property
    def words(self) -> Words:
        """Texts in the reader's language."""
        return load_words(self.language)

    @property
    def is_draft(self) -> bool:
        """Whether the plan breaks rules: whatever is made of it then says 草案."""
        return not self.found.verdict.is_met

    @property
    def is_public(self) -> bool:
        """Whether it is for the public: small numbers and personal columns have left the data."""
        return isinstance(self.dataset, PublicDataset)

    @property
    def marks(self) -> Mapping[str, str]:
        """What names of files and every page say of the plan, in the reader's language: "public", "draft", "demo"."""
        is_so = {"public": self.is_public, "draft": self.is_draft, "demo": self.dataset.manifest.demo}
        return {key: self.words(f"export.mark_{key}") for key, holds in is_so.items() if holds}

    @property
    def version(self) -> str:
        """Short name of the version: its number in the store, else the beginning of the plan's id."""
        return plan_id(self.document)[:_LETTERS_OF_ID] if self.number is None else f"v{self.number}"

    @cached_property
    def bench(self) -> Workbench:
        """The plan next to all that figures, maps and explanations are made from."""
        if self.shown is not None:
            return self.shown
        rules = self.rules or resolve_rules(self.dataset)
        return build_workbench(DatasetContext(self.dataset, rules, read_layers(self.dataset)), self.document)

    @cached_property
    def units(self) -> gpd.GeoDataFrame:
        """Every unit with its place in the plan, and labels in the reader's language.

        See :func:`app.exports.plan_table.unit_table` and :func:`app.exports.labels.label_units`; plan_version
        and draft (草案, or missing) as in every file.
        """
        labelled = label_units(self._unit_table, self._area_table, self.dataset, self.words)
        if self.is_public:
            shown = [show_households(row) for row in labelled[["households", "households_quality"]].to_dict("records")]
            labelled["households_shown"] = [None if one is None else str(one) for one in shown]
        return labelled.assign(**self._marks)

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """The areas with outlines and labels, as `units`; see :func:`app.exports.plan_table.area_table`."""
        labelled = label_areas(self._area_table, self._unit_table, self.dataset)
        if self.is_public:
            labelled["households_shown"] = [self._show_total(row) for row in labelled.to_dict("records")]
        return labelled.assign(**self._marks)

    def _show_total(self, area: Mapping[str, Any]) -> str | None:
        number = area["households"]
        told = None if number is None or number != number else f"{int(number)}"
        return " ".join(filter(None, (told, note_hidden(area, self.dataset, self.words)))) or None

    @cached_property
    def _unit_table(self) -> gpd.GeoDataFrame:
        return unit_table(self.dataset, self.document)

    @cached_property
    def _area_table(self) -> gpd.GeoDataFrame:
        return area_table(self._unit_table, self.document)

    @property
    def _marks(self) -> dict[str, str | None]:
        return {"plan_version": self.version, "draft": DRAFT_LABEL if self.is_draft else None}

    @cached_property
    def about(self) -> dict[str, Any]:
        """Which plan, of which data, with which verdict and notice: goes into every file."""
        return {
            **provenance(self.dataset, self.document, self.found),
            "version": self.version,
            "draft": DRAFT_LABEL if self.is_draft else None,
        }

    @cached_property
    def street_names(self) -> Mapping[str, str]:
        """Name of each street by its code."""
        return street_names(gazetteer_layers(self.dataset))

    @cached_property
    def district_names(self) -> Mapping[str, str]:
        """Name of each district by its code."""
        return district_names(gazetteer_layers(self.dataset))

    def parts(self, level: Level) -> tuple[ExportPart, ...]:
        """The plan cut into parts: every unit and every area is in exactly one.

        Parameters
        ----------
        level
            "city" gives one part, "district" and "street" one a code, "unknown" last.
        """
        if level == "city":
            return (ExportPart(level, "", city_name(self.dataset.manifest), self.units, self.areas),)
        names = self.district_names if level == "district" else self.street_names
        name_of = {clean_codes(pd.Series([code])).iloc[0]: name for code, name in names.items()}
        codes = sorted(self.units[level].unique(), key=lambda code: (code == UNKNOWN_DISTRICT, code))
        if codes == [UNKNOWN_DISTRICT]:  # data without codes: the one part is the whole
            name_of[UNKNOWN_DISTRICT] = city_name(self.dataset.manifest)
        return tuple(
            ExportPart(
                level,
                code,
                name_of.get(code, ""),
                self.units[self.units[level] == code],
                self.areas[self.areas[level] == code],
            )
            for code in codes
        )

    def file_name(self, what: str, part: ExportPart, suffix: str) -> str:
        """A name for a file: what it holds, of where, which version, whether draft or invented.

        Parameters
        ----------
        what
            What the file holds.
        part
            Of the plan.
        suffix
            With its dot.

        Returns
        -------
        For example "片区_150203_昆都仑区_v3_草案.gpkg".
        """
        code = "" if part.code == UNKNOWN_DISTRICT and part.name else part.code
        return make_file_name([what, code, part.name, self.version, *self.marks.values()], suffix)


def make_request(
    dataset: Dataset, document: Mapping[str, Any], found: PlanCheck | None = None, **more: Any
) -> ExportRequest:
    """A request; the plan is checked here where nobody did, which takes seconds for a city.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    found
        What the check of the plan found.
    **more
        Fields of `ExportRequest`.
    """
    return ExportRequest(dataset, document, found or check_for_export(dataset, document), **more)


def make_public(request: ExportRequest) -> ExportRequest:
    """The same request for the public: without small numbers of households and people, and personal columns.

    Parameters
    ----------
    request
        Of the whole plan; its version is kept.
    """
    fewest = read_fewest((request.rules or resolve_rules(request.dataset)).policy)
    dataset = PublicDataset(request.dataset.folder, request.dataset.manifest, fewest)
    document = make_public_plan(request.document, dataset.layer("units"))
    return replace(request, dataset=dataset, document=document, shown=None, author="")


def note_hidden(area: Mapping[str, Any], dataset: Dataset, words: Words) -> str | None:
    """That the households of an area leave out some of its units; None where they do not.

    Parameters
    ----------
    area
        Of a plan, or a row of the table of areas.
    dataset
        The dataset exported.
    words
        Texts in the reader's language.
    """
    n = area.get("households_hidden")
    if not isinstance(dataset, PublicDataset) or not n or n != n:
        return None
    return words("export.public_hidden", n=int(n), fewest=dataset.fewest)
