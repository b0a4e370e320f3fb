"""The graph of neighbours in words and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np

from geo.graph import Graph, PairFate, components
from geo.reach import isolated_units, reachable_units
from geo.rules import NeighbourRules


def graph_summary(graph: Graph) -> dict[str, int]:
    """Counts of a graph: units, edges, refused pairs, components, isolated units."""
    labels = components(graph)
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, dtype=int)
    return {
        "units": graph.n_units,
        "edges": graph.n_edges,
        "refused_pairs": int((~graph.pairs["allowed"].astype(bool)).sum()),
        "components": len(sizes),
        "isolated": int((sizes == 1).sum()),
    }


def reach_record(graph: Graph, units: gpd.GeoDataFrame, unit_id: str) -> dict[str, Any]:
    """The units one gets to from a unit over neighbours, and the component they are (R28).

    Returns
    -------
    unit_id, name; component, its number, and how many components there are; unit_ids of the
    component, the unit itself included, in the order of the layer; households of those known.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    """
    reached = reachable_units(graph, unit_id)
    labels = components(graph)
    rows = units.set_index("unit_id").loc[reached]
    return {
        "unit_id": unit_id,
        "name": rows["name"][unit_id],
        "component": int(labels[graph.unit_ids == unit_id][0]) + 1,
        "components": int(labels.max()) + 1,
        "units": len(reached),
        "households": int(rows["households"].fillna(0).sum()),
        "unit_ids": reached,
    }


def reach_sentence(record: Mapping[str, Any]) -> str:
    """A :func:`reach_record` in Chinese and English, with the first ids."""
    ids = record["unit_ids"]
    listed = ", ".join(ids[:20]) + (" …" if len(ids) > 20 else "")
    return (
        f"{record['name']} ({record['unit_id']}): 第 {record['component']}/{record['components']} 个连片组, "
        f"{record['units']} 个单元, {record['households']:,} 户\n"
        f"component {record['component']} of {record['components']}: {record['units']} units, "
        f"{record['households']:,} households\n{listed}"
    )


def isolated_list(
    graph: Graph, units: gpd.GeoDataFrame, rules: NeighbourRules
) -> list[dict[str, Any]]:
    """Units nothing can be joined to (孤岛), each with its nearest unit and why it is out of reach.

    Returns
    -------
    One record a unit, in the order of the layer: unit_id, name, households, nearest_unit_id,
    nearest_name, gap_m, walk_m, blocked_by (None where unknown) and the reason in words,
    `reason_zh`, `reason_en`.
    """
    found = isolated_units(graph, units, rules).drop(columns="facing_m").astype(object)
    if found.empty:
        return []
    facts = units.set_index("unit_id")[["name", "households"]].astype(object)
    known = facts.where(facts.notna(), None).to_dict("index")
    records = []
    for row in found.where(found.notna(), None).to_dict("records"):
        nearest = known.get(row["nearest_unit_id"], {"name": None})
        names = {**known[row["unit_id"]], "nearest_name": nearest["name"]}
        reason_zh = _blame_zh(row["blocked_by"])
        records.append({**row, **names, "reason_zh": reason_zh, "reason_en": row["blocked_by"]})
    return records


def isolated_sentence(record: Mapping[str, Any]) -> str:
    """One record of :func:`isolated_list` as a line."""
    line = f"{record['name']} ({record['unit_id']})"
    if record["nearest_unit_id"] is None:
        return f"{line}: {record['reason_zh']} / {record['reason_en']}"
    nearest = f"{record['nearest_name']} ({record['nearest_unit_id']})"
    return (
        f"{line} → 最近 nearest {nearest}, {record['gap_m']:.1f} m: "
        f"{record['reason_zh']} / {record['reason_en']}"
    )


def pair_sentence(found: PairFate, names: Mapping[str, str]) -> str:
    """Why two units are neighbours or not, in Chinese and English.

    Parameters
    ----------
    found
        The pair.
    names
        Unit names by id.
    """
    zh = [f"{names[found.unit_a]} ({found.unit_a}) — {names[found.unit_b]} ({found.unit_b})"]
    en = [f"{found.unit_a} - {found.unit_b}"]
    if found.gap_m is not None:
        zh.append(f"间距 {found.gap_m:.1f} m")
        en.append(f"gap {found.gap_m:.1f} m")
    if found.facing_m is not None:
        zh.append(f"相对 {found.facing_m:.1f} m")
        en.append(f"facing along {found.facing_m:.1f} m")
    if found.walk_m is not None:
        zh.append(f"门到门步行约 {found.walk_m:.0f} m")
        en.append(f"gate to gate about {found.walk_m:.0f} m on foot")
    if found.place_walk_m is not None:
        zh.append(f"中心到中心步行约 {found.place_walk_m:.0f} m")
        en.append(f"place to place about {found.place_walk_m:.0f} m on foot")
    if found.crossing_id is not None:
        zh.append(f"经由通道 {found.crossing_id}")
        en.append(f"by the crossing {found.crossing_id}")
    if found.permit_id is not None:
        zh.append(f"跨街道, 依批准 {found.permit_id}")
        en.append(f"across streets by the permit {found.permit_id}")
    if found.override_id is not None:
        zh.append(f"依人工更正 {found.override_id}")
        en.append(f"by the correction {found.override_id}")
    zh.append("相邻" if found.allowed else f"不相邻: {_blame_zh(found.blocked_by or '')}")
    en.append("neighbours" if found.allowed else f"not neighbours: {found.blocked_by}")
    return "; ".join(zh) + "\n" + "; ".join(en)


_KINDS_ZH = {
    "railway": "铁路", "expressway": "快速路", "river": "河流", "canal": "渠道",
    "arterial": "主干路", "factory_wall": "厂区围墙", "closed_park": "封闭公园",
}  # fmt: skip


def _blame_zh(blocked_by: str) -> str:
    kind, _, which = blocked_by.partition(":")
    if kind == "override":
        return f"人工更正 {which}"
    if which:
        return f"被{_KINDS_ZH.get(kind, kind)} {which} 阻隔"
    if ">" in blocked_by:
        what, _, limit = blocked_by.partition(">")
        return f"{'间距' if what == 'gap' else '步行'}超过 {limit} m"
    if "<" in blocked_by:
        return f"只是角对角(相对长度不足 {blocked_by.partition('<')[2]} m)"
    fixed = {"street": "不在同一街道", "neighbourhood": "不在同一社区", "not_placed": "尚未落图",
             "alone": "图上没有其他单元"}  # fmt: skip
    return fixed.get(blocked_by, blocked_by)
