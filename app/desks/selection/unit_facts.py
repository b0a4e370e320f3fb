"""All that is known of one unit, section by section, each figure with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.figures.figure import BASELINE
from analysis.indicators.unit_status import UnitStatus, list_unit_statuses
from app.i18n import Words
from app.maps.cards import format_area_title, format_mode, format_reason
from app.maps.leaders import format_role
from app.workbench.formats import format_area, format_built_year, format_count, to_plain
from app.workbench.scenario import compute_city_scoreboard
from app.workbench.workbench import NO_AREA, Workbench

POLICY_OF: Mapping[str, tuple[str, ...]] = {
    "management_coverage_rate": ("mode.any_management",),
    "professional_coverage_rate": ("mode.professional",),
    "new_community_professional_rate": ("indicator.new_since_year", "mode.professional"),
    "old_community_service_rate": ("unit.old_until_year", "mode.old_community_service"),
    "unmanaged_old_count": ("unit.old_until_year", "mode.professional"),
    "unmanaged_single_building_count": ("mode.professional",),
    "owners_body_formation_rate": ("indicator.formation_eligible_from_year",),
    "ebike_port_ratio": ("ebike.bikes_per_port",),
    "ebike_port_gap": ("ebike.bikes_per_port",),
    "ebike_ratio_pass_rate": ("ebike.bikes_per_port",),
}
"""The values of the policy an indicator is counted with."""

_CODED = (
    "community_type",
    "special_type",
    "owners_body",
    "merge_willingness",
    "renewal_status",
    "geom_quality",
    "body_type",
    "method",
)
_IDENTITY = (
    "unit_id",
    "external_code",
    "kind",
    "district_code",
    "street_code",
    "neighbourhood_code",
    "address",
    "geom_quality",
)
_BUILT = (
    "households",
    "floor_area_m2",
    "land_area_m2",
    "built_year",
    "building_count",
    "community_type",
    "special_type",
    "property_unit",
    "is_old",
    "renewal_status",
)
_MANAGED = (
    "management_mode",
    "company_id",
    "fee_yuan_m2_month",
    "collection_rate",
    "service_start_date",
    "merge_willingness",
    "has_special_policy",
)
_TABLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "contract",
        "contracts",
        ("contract_id", "start_date", "end_date", "filed", "performance_disclosed", "fee_yuan_m2_month"),
    ),
    (
        "body",
        "owners_bodies",
        (
            "body_type",
            "established_date",
            "member_count",
            "party_member_count",
            "has_party_org",
            "cross_appointed",
            "training_count_year",
        ),
    ),
    ("ebikes", "ebike_stock", ("ebikes", "method", "counted_date")),
    ("sites", "ebike_sites", ("site_id", "ports", "piles", "in_service", "operator")),
    ("parking", "parking", ("bays_fixed", "bays_public", "cars_registered", "ev_bays_built", "ev_bays_reserved")),
)


@dataclass(frozen=True)
class Fact:
    """One line: what, how much, and where from.

    Parameters
    ----------
    label, value
        In the reader's language.
    source
        Quality of the value, or clause and kind of the rule behind it.
    tags
        Tags of the rules: "S 总体要求", "X1", "A".
    """

    label: str
    value: str
    source: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactSection:
    """Some facts under a heading, with the files they come from."""

    title: str
    files: str
    facts: tuple[Fact, ...]


def list_unit_facts(bench: Workbench, position: int, words: Words) -> tuple[FactSection, ...]:
    """Everything about a unit: what it is, who manages it, its tables, the plan, every indicator.

    A column without a value is stated to have none; a table without a row for the unit is left out.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the unit.
    words
        Texts in the reader's language.
    """
    unit = bench.units.drop(columns="geometry").iloc[position].to_dict()
    of_unit = _files(bench, ("communities", "buildings"), words)
    sections = [
        FactSection(words("facts.identity"), of_unit, _columns(bench, unit, _IDENTITY, words)),
        FactSection(words("facts.built"), of_unit, _columns(bench, unit, _BUILT, words)),
        FactSection(words("facts.managed"), of_unit, _columns(bench, unit, _MANAGED, words)),
        *_table_sections(bench, str(unit["unit_id"]), words),
        FactSection(words("facts.plan"), bench.plan_name or "", _plan(bench, position, words)),
        FactSection(words("facts.indicators"), "", _indicators(bench, str(unit["unit_id"]), words)),
    ]
    return tuple(section for section in sections if section.facts)


def _columns(bench: Workbench, row: Mapping[Any, Any], names: tuple[str, ...], words: Words) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            words(f"field.{name}"),
            _shown(bench, name, row[name], words)
            if name != "built_year"
            else format_built_year(row, words) or words("card.not_known"),
            _quality(row.get(f"{name}_quality"), words),
            (bench.policy.entries["unit.old_until_year"].source,) if name == "is_old" else (),
        )
        for name in names
        if name in row
    )


def _table_sections(bench: Workbench, unit_id: str, words: Words) -> list[FactSection]:
    out = []
    for title, layer, columns in _TABLES:
        table = bench.layers[layer]
        rows = table[table["unit_id"] == unit_id]
        for number, row in enumerate(rows.to_dict("records"), 1):
            head = words(f"facts.{title}") + (f" {number}" if len(rows) > 1 else "")
            facts = _columns(bench, row, columns, words)
            out.append(FactSection(head, _files(bench, (layer,), words), facts))
    return out


def _plan(bench: Workbench, position: int, words: Words) -> tuple[Fact, ...]:
    number = int(bench.area_of[position])
    if number != NO_AREA:
        area = bench.areas[number]
        title = format_area_title(bench, number) + (words("card.is_anchor") if position in bench.followers else "")
        role = format_role(bench, position, words)
        told = (Fact(words("card.role"), role),) if role and bench.followers else ()
        households = words("unit.households", n=format_count(area["households"]))
        return (Fact(words("card.area"), title), *told, Fact(words("facts.area_households"), households))
    if position in bench.reason_of:
        return (Fact(words("card.reason"), format_reason(bench.reason_of[position], words)),)
    return (Fact(words("card.area"), words("card.no_plan")),)


def _indicators(bench: Workbench, unit_id: str, words: Words) -> tuple[Fact, ...]:
    return tuple(_standing(bench, one, words) for one in list_unit_statuses(compute_city_scoreboard(bench), unit_id))


def _standing(bench: Workbench, one: UnitStatus, words: Words) -> Fact:
    indicator = one.indicator
    name = f"{indicator.id} {words.pick(indicator.name_zh, indicator.name_en)}"
    if one.roster == BASELINE:
        name += f" · {words('coverage.baseline')}"
    value = words(f"facts.{one.part}")
    if indicator.unit not in ("ratio", "count") and one.top is not None:
        bottom = "" if not one.bottom else f" ÷ {format_count(one.bottom)}"
        value += f" ({format_count(one.top)}{bottom if indicator.unit == 'bikes/port' else ''})"
    if one.is_estimated:
        value += f" {words('card.estimated')}"
    used = [bench.policy.entries[key].source for key in POLICY_OF.get(indicator.key, ())]
    tags = tuple(dict.fromkeys((f"S {indicator.clause}", *used)))
    basis = words(f"facts.basis_{one.basis}")
    return Fact(name, value, basis, tags)


def _shown(bench: Workbench, name: str, value: Any, words: Words) -> str:
    found = to_plain(value)
    if found is None:
        return words("card.not_known")
    if name in _CODED:
        return words.texts.get(f"code.{name}_{found}", str(found))
    if name == "management_mode":
        return format_mode(found, words)
    if name == "kind":
        return words(f"kind.{found}")
    if name.endswith("_m2"):
        return format_area(found, words)
    if name in ("collection_rate",):
        return f"{100 * float(found):.0f}%"
    if isinstance(found, bool):
        return words("facts.yes" if found else "facts.no")
    if name == "company_id":
        return f"{bench.company_names.get(found, found)} ({found})"
    if name == "street_code":
        return f"{bench.street_names.get(found, found)} ({found})"
    if name in ("households", "building_count", "ebikes", "ports", "piles") or name.startswith("bays_"):
        return format_count(found)
    return str(found)


def _quality(value: Any, words: Words) -> str:
    found = to_plain(value) if value is not None else None
    return "" if found is None else words(f"quality.{found}")


def _files(bench: Workbench, layers: tuple[str, ...], words: Words) -> str:
    """The files a table came from: up to two names, and how many more."""
    sources = bench.dataset.manifest.sources
    files = [str(s["file"]) for s in sources if s.get("layer") in layers and s.get("file")]
    names = list(dict.fromkeys(files))
    if not names:
        return ""
    more = words("corner.more", n=len(names)) if len(names) > 2 else ""
    return "、".join(names[:2]) + (f" {more}" if more else "")
