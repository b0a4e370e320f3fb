"""The layers of the offline map: streets, barriers, areas, units, leaders, passages, each with its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.bundling.document.roles import find_leader_walks
from app.exports.lon_lat import to_lon_lat
from app.exports.public import is_hidden
from app.exports.request import ExportPart, ExportRequest
from app.i18n import Words
from geo.schema import BARRIERS_ZH, ESTIMATED_GROUND

GREY, SPOKE, GAP, INK = "#8C8C8C", "#123F66", "#B3401C", "#3A4653"
_DECIMALS = 6  # 10 cm on the map is enough, and a third of the file is saved
_OUTLINE_M = 25.0  # an area's outline closes lanes narrower than twice this
_WATER = ("river", "canal")

Layer = folium.GeoJson | folium.FeatureGroup


def make_layers(request: ExportRequest, part: ExportPart, colours: np.ndarray) -> list[Layer]:
    """Every layer, from below to above.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street: its units and areas are drawn.
    colours
        Of each area of the plan.
    """
    dataset, words = request.dataset, request.words
    own = colours[part.areas["area_number"].to_numpy(dtype=int) - 1]
    has_leaders = request.document["mode"] == "area"
    layers = [
        _streets(dataset.layer("streets"), words),
        _barriers(dataset.layer("barriers"), words),
        _areas(part.areas, own, words, has_leaders=has_leaders),
        _units(request, part.units, colours, has_leaders=has_leaders),
        *(_leaders(part.units, words) if has_leaders else []),
        _marks(words("offline.crossings"), dataset.layer("crossings").geometry, None, "crossing"),
    ]
    streets = dataset.layer("streets").dropna(subset=["geometry", "name"])
    layers.append(
        _marks(words("offline.street_names"), _widest(streets.geometry), streets["name"].tolist(), "street-label")
    )
    areas = part.areas
    numbers = [f"{number}" for number in areas["area_number"]]
    layers.append(_marks(words("offline.area_numbers"), _widest(areas.geometry), numbers, "area-label"))
    return layers


def format_text(value: Any) -> str:
    """Text of the data as HTML that shows it and does nothing.

    Folium passes what it has rendered through Jinja a second time: braces would be a template.

    Examples
    --------
    >>> format_text("<b>{{ 1 }}")
    '&lt;b&gt;&#123;&#123; 1 }}'
    """
    return escape(str(value)).replace("{", "&#123;")


def _streets(streets: gpd.GeoDataFrame, words: Words) -> Layer:
    """Outlines of the streets, where they are known."""
    known = streets[streets.geometry.notna()]
    facts = [{words("offline.street"): format_text(name)} for name in known["name"]]
    style = {"color": "#6B5A86", "weight": 1, "dashArray": "6 4", "fillOpacity": 0.0}
    return _shapes(words("offline.streets"), known.geometry, facts, [style] * len(facts))


def _barriers(barriers: gpd.GeoDataFrame, words: Words) -> Layer:
    """Railways, rivers and what else parts the town."""
    known = barriers[barriers.geometry.notna()]
    kind, name = words("offline.barrier"), words("offline.name")
    facts = [
        {kind: words.pick(BARRIERS_ZH[one], one.replace("_", " ")), name: "—" if pd.isna(own) else format_text(own)}
        for one, own in zip(known["kind"], known["name"], strict=True)
    ]
    return _shapes(words("offline.barriers"), known.geometry, facts, [_barrier_style(k) for k in known["kind"]])


def _barrier_style(kind: str) -> dict[str, Any]:
    if kind in _WATER:
        return {"color": "#8DB7D5", "weight": 2, "fillColor": "#BFD9EA", "fillOpacity": 0.8}
    if kind == "railway":
        return {"color": "#444444", "weight": 2, "dashArray": "10 6", "fillOpacity": 0.1}
    if kind == "expressway":
        return {"color": "#C58A2E", "weight": 3, "fillOpacity": 0.1}
    return {"color": "#CFC5B4", "weight": 1.5, "fillColor": "#CFC9C0", "fillOpacity": 0.4}


def _areas(areas: gpd.GeoDataFrame, colours: np.ndarray, words: Words, *, has_leaders: bool) -> Layer:
    """Outlines of the areas, each around all of its units; with who runs it where leaders are inside."""
    shapes = shapely.buffer(areas.geometry.to_numpy(), _OUTLINE_M)
    shapes = shapely.simplify(shapely.buffer(shapes, 5 - _OUTLINE_M), 1.0)
    outlines = gpd.GeoSeries(shapes, crs=areas.crs)
    keys = ("area", "code", "units", "households", "floor_area", "leaders", "led", "operator")
    label = {key: words(f"offline.{key}") for key in keys}
    facts = []
    for row in areas.to_dict("records"):
        fact = {
            label["area"]: format_text(row["name"]),
            label["code"]: format_text(row["area_id"]),
            label["units"]: f"{row['unit_count']}",
            label["households"]: _amount(row["households"], None, words),
            label["floor_area"]: _amount(row["floor_area_m2"], None, words),
        }
        if has_leaders:
            fact[label["leaders"]] = f"{len(row['anchor_unit_ids'])}"
            fact[label["led"]] = f"{row['led_count']}"
            fact[label["operator"]] = "—" if pd.isna(row["operator_name"]) else format_text(row["operator_name"])
        facts.append(fact)
    styles = [
        {"color": INK, "weight": 1.2, "fillColor": c, "fillOpacity": 0.3, "className": "area"} for c in colours.tolist()
    ]
    return _shapes(words("offline.areas"), outlines, facts, styles)


def _units(request: ExportRequest, units: gpd.GeoDataFrame, colours: np.ndarray, *, has_leaders: bool) -> Layer:
    """Every placed unit in the colour of its area; paler what is led by nobody where leaders are inside."""
    words = request.words
    placed = units[units.geometry.notna()]
    number = placed["area_number"].fillna(0).astype(int).to_numpy() - 1
    fills = np.append(colours, GREY)[number]
    leading = _leading(request) if has_leaders else {}
    quality = request.dataset.layer("units").set_index("unit_id")["geom_quality"]
    estimated = set(quality.index[quality.isin(ESTIMATED_GROUND)])
    keys = ("name", "kind", "area", "households", "role", "reason", "leading")
    label = {key: words(f"offline.{key}") for key in keys}
    facts, styles = [], []
    for row, fill in zip(placed.to_dict("records"), fills.tolist(), strict=True):
        reason = row["reason_label"] if not pd.isna(row["reason_label"]) else row["reason"]
        facts.append(
            {
                label["name"]: format_text(row["name"]),
                label["kind"]: format_text(row["kind_label"]),
                label["area"]: "—" if pd.isna(row["area_number"]) else f"{row['area_number']}",
                label["households"]: _amount(row["households"], row["households_quality"], words),
                label["role"]: format_text(row["role_label"]),
                label["reason"]: "—" if pd.isna(reason) else format_text(reason),
                **({label["leading"]: leading.get(row["unit_id"], "—")} if has_leaders else {}),
            }
        )
        style = _unit_style(row, fill, has_leaders=has_leaders)
        styles.append(_dash(style) if row["unit_id"] in estimated else style)
    return _shapes(words("offline.unit_shapes"), placed.geometry, facts, styles)


def _unit_style(row: Mapping[str, Any], colour: str, *, has_leaders: bool) -> dict[str, Any]:
    """Quiet frames: what stands out is who has no area, or no leader."""
    style = {"color": "#FFFFFF", "weight": 0.7, "fillColor": colour, "fillOpacity": 0.6, "className": "unit"}
    role = row["role"]
    if role == "left_over":
        style.update(fillColor="url(#left-over)", fillOpacity=1.0, color=GAP, weight=1)
    elif role == "out_of_scope":
        style.update(fillOpacity=0.2, color=GREY, weight=0.5)
    elif role == "unled":
        style.update(fillColor="url(#unled)", fillOpacity=1.0, color=GAP, weight=1)
    elif role == "anchor" and not has_leaders:
        style.update(color=INK, weight=1.4)
    elif role in ("member", "companion") and pd.isna(row["leader_unit_id"]):
        style.update(fillOpacity=0.25)
    return style


def _dash(style: Mapping[str, Any]) -> dict[str, Any]:
    """The style for ground estimated around a point, which is nobody's outline."""
    return {**style, "dashArray": "4 3", **({"color": GREY, "weight": 1} if style["color"] == "#FFFFFF" else {})}


def _leading(request: ExportRequest) -> dict[str, str]:
    """For each unit who leads it and how far it walks there, or how many it leads."""
    units, words = request.units, request.words
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    led = units.loc[units["leader_unit_id"].notna(), ["unit_id", "leader_unit_id"]].astype(str)
    walks = {}
    if request.dataset.has("walks"):
        walks = find_leader_walks(request.dataset.layer("walks"), dict(led.itertuples(index=False, name=None)))
    told = {str(k): words("offline.leads", n=n) for k, n in led["leader_unit_id"].value_counts().items()}
    for unit, leader in led.itertuples(index=False, name=None):
        walk = words("offline.walk", n=f"{walks[unit]:,.0f}") if unit in walks else ""
        told[unit] = words("offline.led_by", name=format_text(names[leader])) + walk
    return told


def _leaders(units: gpd.GeoDataFrame, words: Words) -> list[Layer]:
    """Spokes from leaders to whom they lead, then the stars; drawn where one is near enough."""
    points = dict(zip(units["unit_id"], to_lon_lat(units.representative_point(), decimals=_DECIMALS), strict=True))
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    led = units[units["leader_unit_id"].notna() & units.geometry.notna()]
    pairs = [
        (unit, leader)
        for unit, leader in zip(led["unit_id"], led["leader_unit_id"], strict=True)
        if points.get(leader) is not None  # a leader may stand in another part
    ]
    lines = gpd.GeoSeries([shapely.LineString([points[a], points[b]]) for a, b in pairs], crs="EPSG:4326")
    key = words("offline.led")
    facts = [{key: f"{format_text(names[leader])} → {format_text(names[unit])}"} for unit, leader in pairs]
    style = {"color": SPOKE, "weight": 2, "dashArray": "1 5", "fillOpacity": 0.0, "className": "spoke"}
    spots = gpd.GeoSeries([points[leader] for leader in sorted({leader for _, leader in pairs})], crs="EPSG:4326")
    stars = _marks(words("offline.stars"), spots, None, "leader-star")
    return [_shapes(words("offline.spokes"), lines, facts, [style] * len(facts)), stars]


def _widest(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Where a text has most room in each shape."""
    circles = shapely.maximum_inscribed_circle(shapes.to_numpy(), 5.0) if len(shapes) else shapes.to_numpy()
    return gpd.GeoSeries(shapely.get_point(circles, 0) if len(shapes) else [], crs=shapes.crs)


def _marks(name: str, points: gpd.GeoSeries, texts: Sequence[str] | None, kind: str) -> Layer:
    """A sign or a text at each point; its look is of the style sheet."""
    group = folium.FeatureGroup(name=name)
    known = [(point, "" if texts is None else texts[k]) for k, point in enumerate(points) if point is not None]
    if not known:
        return group
    spots = to_lon_lat(gpd.GeoSeries([point for point, _ in known], crs=points.crs), decimals=_DECIMALS)
    for spot, (_, text) in zip(spots, known, strict=True):
        html = f"<span>{format_text(text)}</span>"
        icon = folium.DivIcon(html=html, class_name=kind, icon_size=(0, 0), icon_anchor=(0, 0))
        group.add_child(folium.Marker([spot.y, spot.x], icon=icon, interactive=False))
    return group


def _amount(value: Any, quality: Any, words: Words) -> str:
    """A figure as a planner reads it; estimates are marked, missing ones stated to be."""
    if pd.isna(value):
        return str(quality) if is_hidden(pd.Series([quality])).iloc[0] else words("offline.no_data")
    return f"{float(value):,.0f}{words('offline.estimated') if quality == 'estimated' else ''}"


def _shapes(name: str, shapes: gpd.GeoSeries, facts: list[dict[str, str]], styles: list[dict[str, Any]]) -> Layer:
    """Shapes with a tooltip and a style each; an empty group where there are none."""
    if not facts:
        return folium.FeatureGroup(name=name)
    features = [
        {"type": "Feature", "id": str(k), "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        for k, (properties, shape) in enumerate(zip(facts, to_lon_lat(shapes, decimals=_DECIMALS), strict=True))
    ]
    names = list(facts[0])
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=name,
        style_function=lambda feature: styles[int(feature["id"])],
        highlight_function=lambda _: {"color": "#000000", "weight": 2.4},
        tooltip=folium.GeoJsonTooltip(fields=names, aliases=names, sticky=True),
    )
