"""A policy file becomes frozen values, each with its unit and source."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.errors import PolicyError, UnknownCodeError
from geo.messages import load_catalogue
from geo.rules import NeighbourRules, UnitRules

say = load_catalogue(__file__)

_HERE = Path(__file__).resolve().parent
POLICY_FOLDER = next((path for path in (_HERE / "policies", _HERE.parent / "policy") if path.is_dir()), _HERE)
"""Where policies lie: inside an installed package, beside the packages in a checkout."""

DEFAULT_POLICY = POLICY_FOLDER / "baotou.toml"
_OVERLAY = "overlay"
_CELL_RULES = ("cell_reach_m", "cell_unsized_reach_m", "cell_floor_area_ratio", "inner_road_classes")
_UNHASHED = ("export.", *(f"unit.{name}" for name in _CELL_RULES))
"""Entries no plan and no figure depends on, so the hash leaves them out: what public files show, and what
draws the ground of points, which is among the planning data and hashed there."""
_NEEDED = ("value", "unit", "source", "label_zh", "label_en", "editable")


@dataclass(frozen=True)
class PolicyEntry:
    """One value of a policy.

    Parameters
    ----------
    key
        "section.name"; a district's own target is "overlay.<district_code>.<name>".
    value
        Number, text, switch, tuple or mapping.
    unit
        Unit of measure, or "choice", "list", "switch".
    source
        Tag: S = action plan (clause), X# = public source, K = knowledge, A = our assumption.
    rule
        Rule id (docs/site/en/policy.md), or None.
    editable
        Whether a planner may change it on screen.
    label_zh, label_en
        Shown on screen and in reports.
    choices
        Allowed values of a choice.
    """

    key: str
    value: Any
    unit: str
    source: str
    rule: str | None
    editable: bool
    label_zh: str
    label_en: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The values of all rules, each with its source; equal values give an equal hash.

    Parameters
    ----------
    name, version
        Of the document it serves.
    city_zh
        The city it is for.
    entries
        By key.
    bounds
        Where that city lies: west, south, east, north in degrees; None where it is not said.
    """

    name: str
    city_zh: str
    entries: Mapping[str, PolicyEntry]
    version: str = ""
    bounds: tuple[float, ...] | None = None

    def value(self, key: str) -> Any:
        """The value of an entry.

        Raises
        ------
        UnknownCodeError
            If the policy has no such entry.
        """
        if key not in self.entries:
            raise UnknownCodeError(*say("policy.no_entry", key=key))
        return self.entries[key].value

    def replaced(self, values: Mapping[str, Any]) -> Policy:
        """A policy with some values changed; the keys must exist."""
        changed = dict(self.entries)
        for key, value in values.items():
            self.value(key)
            changed[key] = replace(changed[key], value=_frozen(value))
        return replace(self, entries=MappingProxyType(changed))

    @property
    def sha256(self) -> str:
        """Hash of all keys and values that plans and figures depend on."""
        entries = sorted((key, entry) for key, entry in self.entries.items() if not key.startswith(_UNHASHED))
        body = {key: _plain(entry.value) for key, entry in entries}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def neighbour_rules(self, *, within: str | None = None) -> NeighbourRules:
        """The thresholds `geo.adjacency.graph` works with."""
        return NeighbourRules(
            gap_m=float(self.value("neighbour.gap_m")),
            facing_m=float(self.value("neighbour.facing_m")),
            walk_m=float(self.value("neighbour.walk_m")),
            detour_factor=float(self.value("neighbour.detour_factor")),
            walk_limit_m=float(self.value("neighbour.walk_limit_m")),
            road_access_m=float(self.value("neighbour.road_access_m")),
            road_snap_m=float(self.value("neighbour.road_snap_m")),
            road_scrap_m=float(self.value("neighbour.road_scrap_m")),
            closed_road_classes=tuple(self.value("neighbour.closed_road_classes")),
            hard_kinds=tuple(self.value("neighbour.hard_kinds")),
            within=within or str(self.value("jurisdiction.within")),
        )

    def unit_rules(self) -> UnitRules:
        """The thresholds `geo.importing.units` works with; a policy without values for cells asks for none."""
        cells = {name: self.value(f"unit.{name}") for name in _CELL_RULES if f"unit.{name}" in self.entries}
        return UnitRules(
            old_until_year=int(self.value("unit.old_until_year")),
            stated_old_wins=bool(self.entries["unit.stated_old_wins"].value)
            if "unit.stated_old_wins" in self.entries
            else False,
            m2_per_household=float(self.value("unit.m2_per_household")),
            floor_area_ratio=float(self.value("unit.floor_area_ratio")),
            storey_count=float(self.value("unit.storey_count")),
            point_radius_m=float(self.value("unit.point_radius_m")),
            min_single_building_m2=float(self.value("unit.min_single_building_m2")),
            point_reach_m=float(self.value("unit.point_reach_m")),
            yard_gap_m=float(self.value("unit.yard_gap_m")),
            yard_min_buildings=int(self.value("unit.yard_min_buildings")),
            barrier_kinds=tuple(self.value("neighbour.hard_kinds")),
            storey_m=float(self.value("unit.storey_m")),
            closed_road_classes=tuple(self.value("neighbour.closed_road_classes")),
            **cells,
        )


def read_policy(path: str | Path | None = None) -> Policy:
    """Read a policy file; without a path, Baotou's.

    Raises
    ------
    PolicyError
        If the file is missing or not TOML, or entries are incomplete: all faults in one message.

    Examples
    --------
    >>> read_policy().value("ebike.bikes_per_port")
    3
    """
    path = DEFAULT_POLICY if path is None else Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    return parse_policy(text, path)


@lru_cache(maxsize=16)
def parse_policy(text: str, where: Path) -> Policy:
    """The policy of a text, as :func:`read_policy` reads it from a file.

    Parameters
    ----------
    text
        TOML.
    where
        Where it comes from, for the sentences.

    Raises
    ------
    PolicyError
        If it is not TOML, or entries are incomplete: all faults in one message.
    """
    path = where
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, error) from error
    meta = raw.pop("meta", {})
    entries: dict[str, PolicyEntry] = {}
    faults: list[str] = []
    for key, item in _items(raw):
        missing = [n for n in _NEEDED if not isinstance(item, dict) or n not in item]
        if missing:
            faults.append(f"{key}: {', '.join(missing)}")
            continue
        entries[key] = PolicyEntry(
            key=key,
            value=_frozen(item["value"]),
            unit=item["unit"],
            source=item["source"],
            rule=item.get("rule"),
            editable=item["editable"],
            label_zh=item["label_zh"],
            label_en=item["label_en"],
            choices=tuple(item.get("choices", ())),
        )
    if faults:
        raise PolicyError(*say("policy.lacks", name=path.name, faults="; ".join(faults), n=len(faults)))
    bounds = meta.get("bounds")
    return Policy(
        str(meta.get("name", path.stem)),
        str(meta.get("city_zh", "")),
        MappingProxyType(entries),
        version=str(meta.get("version", "")),
        bounds=None if bounds is None else tuple(float(side) for side in bounds),
    )


def _unreadable(path: Path, error: Exception) -> PolicyError:
    return PolicyError(*say("policy.unreadable", path=path, error=error))


def _items(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each entry with its key; a district's own targets are "overlay.<district_code>.<name>"."""
    for section, items in raw.items():
        for name, item in items.items() if isinstance(items, dict) else ():
            if section != _OVERLAY or not isinstance(item, dict):
                yield f"{section}.{name}", item
                continue
            for inner, entry in item.items():
                yield f"{section}.{name}.{inner}", entry


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType(dict(value))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value
