"""A plan as one HTML file that opens from a memory stick with the network off (ui.md §6)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Figure
from folium.template import Template

from analysis.bundling.document.roles import find_leader_walks, find_reason
from analysis.bundling.document.summary import summarise
from analysis.studies.colouring import OKABE_ITO, colour_areas, find_adjacent_areas
from app.exports.lon_lat import to_lon_lat
from app.exports.plan_table import (
    DEMO_LABEL,
    NOTICE,
    PlanCheck,
    area_table,
    check_for_export,
    city_name,
    plan_id,
    unit_table,
)
from app.exports.request import ExportRequest, Part
from geo.errors import UnreadableFileError
from geo.schema import BARRIERS_ZH
from geo.storage.atomic_files import atomic_write_texts
from geo.storage.dataset import Dataset

FILE_NAME = "plan.html"
"""Name of the file in a folder."""

_ROOT = Path(__file__).resolve().parents[2]
LEAFLET_FOLDERS = (_ROOT / "app" / "assets" / "vendor" / "leaflet", _ROOT / "node_modules" / "leaflet" / "dist")
"""Where the set-up puts Leaflet; the first that has it is used."""

_DECIMALS = 6  # 10 cm on the map is enough, and a third of the file is saved
_LOOKS_NEAR_M = 150.0  # areas this near get different colours
_OUTLINE_M = 25.0  # an area's outline closes lanes narrower than twice this
_LABEL_ZOOM = 15
_LEADER_ZOOM = 14
_PANEL_PX = 300
_GREY, _DARK = "#8C8C8C", "#333333"
_LEAFLET, _PANEL = "<!--pianqu:leaflet-->", "<!--pianqu:panel-->"

_SPOKE, _GAP = "#123F66", "#B3401C"
_ROLES_ZH = {
    "anchor": "牵头小区",
    "absorbed": "带入",
    "unled": "在片区内, 无牵头",
    "companion": "经确认纳入",
    "member": "成员",
    "left_over": "未划入",
    "out_of_scope": "不在范围",
}
_KINDS_ZH = {"community": "小区", "single_building": "单体楼"}
_WATER = ("river", "canal")
_MODES_ZH = {"area": "片区内以新带旧", "lead": "以新带旧、以大带小", "whole": "整体划分", "mixed": "先带后划 (混合)"}


def export_html(dataset: Dataset, document: Mapping[str, Any], out: Path, found: PlanCheck | None = None) -> Path:
    """Write a plan as one self-contained web page.

    It shows areas in colours in which neighbours differ, every unit with a tooltip, and what is
    left over or was not decided about, hatched and grey. It holds Leaflet itself, has no base map
    and asks no server for anything; a content policy in the page forbids it to.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    out
        A path ending in .html, or a folder, in which the file is named `FILE_NAME`.
    found
        What the check of the plan found; checked here when None.

    Returns
    -------
    The path written. The same plan gives the same bytes.

    Raises
    ------
    UsageError
        If the plan does not hold each placed unit exactly once.
    UnreadableFileError
        If Leaflet was not set up.
    """
    path = out if out.suffix == ".html" else out / FILE_NAME
    leaflet = leaflet_inline()
    html = plan_map(dataset, document).get_root().render()
    html = html.replace(_LEAFLET, leaflet, 1)
    html = html.replace(_PANEL, _panel(dataset, document, found or check_for_export(dataset, document)), 1)
    return atomic_write_texts(path.parent, {path.name: html})[0]


def write_html(request: ExportRequest, part: Part, folder: Path) -> tuple[Path, ...]:
    """The offline map of a plan, as `app.exports.formats` calls for it.

    Parameters
    ----------
    request
        What is exported.
    part
        The whole city.
    folder
        Where to.
    """
    return (export_html(request.dataset, request.document, folder, request.found),)


def plan_map(dataset: Dataset, document: Mapping[str, Any]) -> folium.Map:
    """The map of a plan; Leaflet and the panel are put into its placeholders afterwards.

    Parameters
    ----------
    dataset
        The dataset.
    document
        The plan.
    """
    units = unit_table(dataset, document)
    number = {area["area_id"]: k for k, area in enumerate(document["areas"])}
    area_of = units["area_id"].map(number).fillna(-1).to_numpy(dtype=np.int64)
    pairs = find_adjacent_areas(units.geometry.to_numpy(), area_of, gap_m=_LOOKS_NEAR_M)
    colours = np.array(OKABE_ITO)[colour_areas(len(number), pairs)]
    page = folium.Map(tiles=None, attributionControl=False, zoom_snap=0.5, max_zoom=20)
    page.default_js, page.default_css = [], []
    root = Figure()
    root.add_child(page)
    root.title = _text(f"片区划分方案 {dataset.manifest.name}")
    root.header.add_child(folium.Element(_LEAFLET), name="leaflet")
    root.html.add_child(folium.Element(_PANEL), name="panel")
    _street_layer(dataset.layer("streets")).add_to(page)
    _barrier_layer(dataset.layer("barriers")).add_to(page)
    areas = area_table(units, document)
    has_leaders = document["mode"] == "area"
    facts = _leading_facts(dataset, units) if has_leaders else None
    _area_layer(areas, colours, _operators(dataset, areas) if has_leaders else None).add_to(page)
    _unit_layer(units, np.append(colours, _GREY)[area_of], facts).add_to(page)
    if has_leaders:
        for layer in _leader_layers(units):
            layer.add_to(page)
    _label_layer(areas).add_to(page)
    folium.LayerControl(collapsed=False, position="topleft").add_to(page)
    west, south, east, north = units.to_crs("EPSG:4326").total_bounds
    page.fit_bounds([[south, west], [north, east]], padding_bottom_right=(_PANEL_PX, 0))
    page.add_child(_LeaderBehaviour() if has_leaders else _Behaviour())
    _number_elements(root)
    return page


def leaflet_inline() -> str:
    """Leaflet's script and styles as text for a page's head, its images as data URIs.

    Raises
    ------
    UnreadableFileError
        If it is in none of `LEAFLET_FOLDERS`.
    """
    for folder in LEAFLET_FOLDERS:
        if (folder / "leaflet.js").is_file() and (folder / "leaflet.css").is_file():
            css = (folder / "leaflet.css").read_text(encoding="utf-8")
            script = (folder / "leaflet.js").read_text(encoding="utf-8")
            return f"<style>{_with_images(css, folder)}</style>\n<script>{_alone(script)}</script>"
    places = ", ".join(f"{folder.relative_to(_ROOT)}" for folder in LEAFLET_FOLDERS)
    raise UnreadableFileError(
        f"缺少地图组件 leaflet.js (查找过 {places}); 请先运行 make setup。",
        f"The map library leaflet.js is missing (looked in {places}); run make setup first.",
    )


def _with_images(css: str, folder: Path) -> str:
    """Styles with each image inside; what is not an image file of the folder is dropped."""

    def inline(match: re.Match[str]) -> str:
        path = folder / match.group(1).strip("'\"")
        if path.suffix != ".png" or not path.is_file():
            return "none"
        return f"url(data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()})"

    return re.sub(r"url\(([^)]*)\)", inline, css)


def _alone(script: str) -> str:
    """A script without its source map and without the link of its attribution."""
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    return re.sub(r'href="https?://[^"]*"', 'href="#"', script).replace("</script", "<\\/script")


def _area_layer(
    areas: gpd.GeoDataFrame, colours: np.ndarray, operators: Sequence[str] | None
) -> folium.GeoJson | folium.FeatureGroup:
    """Outlines of the areas, each around all of its units; with who runs it where leaders are inside."""
    shapes = shapely.buffer(areas.geometry.to_numpy(), _OUTLINE_M)
    shapes = shapely.simplify(shapely.buffer(shapes, 5 - _OUTLINE_M), 1.0)
    outlines = gpd.GeoSeries(shapes, crs=areas.crs)
    facts = [
        {
            "片区": _text(row["name"]),
            "编号": _text(row["area_id"]),
            "单元": f"{row['unit_count']}",
            "户数": _amount(row["households"], None),
            "建筑面积(㎡)": _amount(row["floor_area_m2"], None),
            **({} if operators is None else _area_facts(row, operators[number])),
        }
        for number, row in enumerate(areas.to_dict("records"))
    ]
    return _layer(
        "片区范围", outlines, facts, [{"color": c, "weight": 2, "fillColor": c, "fillOpacity": 0.15} for c in colours]
    )


def _operators(dataset: Dataset, areas: gpd.GeoDataFrame) -> list[str]:
    companies = dataset.layer("companies")
    names = dict(zip(companies["company_id"], companies["name"], strict=True))
    return ["—" if pd.isna(company) else _text(names.get(company, company)) for company in areas["operator"]]


def _area_facts(row: Mapping[str, Any], operator: str) -> dict[str, str]:
    return {"牵头小区": f"{len(row['anchor_unit_ids'])}", "带入": f"{row['led_count']}", "运营企业": operator}


def _leading_facts(dataset: Dataset, units: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """For each unit who leads it and how far it walks there, or how many it leads."""
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    led = units["leader_unit_id"].value_counts()
    walks = dataset.layer("walks") if dataset.has("walks") else None
    metres = {} if walks is None else _walks_to_leaders(units, walks)
    rows = []
    for unit, leader in zip(units["unit_id"], units["leader_unit_id"], strict=True):
        told = "—"
        if unit in led.index:
            told = f"带入 {led[unit]} 个"
        elif not pd.isna(leader):
            walk = f", 步行 {metres[unit]:,.0f} 米" if unit in metres else ""
            told = f"由 {_text(names[leader])} 带入{walk}"
        rows.append({"带入关系": told})
    return rows


def _walks_to_leaders(units: gpd.GeoDataFrame, walks: pd.DataFrame) -> dict[str, float]:
    led = units.loc[units["leader_unit_id"].notna(), ["unit_id", "leader_unit_id"]].astype(str)
    return find_leader_walks(walks, dict(led.itertuples(index=False, name=None)))


def _leader_layers(units: gpd.GeoDataFrame) -> list[folium.GeoJson | folium.FeatureGroup]:
    """Spokes from leaders to whom they lead, then the stars; drawn where one is near enough."""
    points = dict(zip(units["unit_id"], to_lon_lat(units.representative_point(), decimals=_DECIMALS), strict=True))
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    led = units[units["leader_unit_id"].notna() & units.geometry.notna()]
    pairs = [
        (unit, leader)
        for unit, leader in zip(led["unit_id"], led["leader_unit_id"], strict=True)
        if points[leader] is not None
    ]
    lines = gpd.GeoSeries([shapely.LineString([points[a], points[b]]) for a, b in pairs], crs="EPSG:4326")
    facts = [{"带入": f"{_text(names[leader])} → {_text(names[unit])}"} for unit, leader in pairs]
    style = {"color": _SPOKE, "weight": 2, "dashArray": "1 5", "fillOpacity": 0.0, "className": "spoke"}
    stars = folium.FeatureGroup(name="牵头小区 ★")
    for leader in sorted({leader for _, leader in pairs}):
        icon = folium.DivIcon(html="<span>★</span>", class_name="leader-star", icon_size=(0, 0), icon_anchor=(0, 0))
        stars.add_child(folium.Marker([points[leader].y, points[leader].x], icon=icon, interactive=False))
    return [_layer("谁带谁", lines, facts, [style] * len(facts)), stars]


def _street_layer(streets: gpd.GeoDataFrame) -> folium.GeoJson | folium.FeatureGroup:
    """Outlines of the streets, where they are known."""
    known = streets[streets.geometry.notna()]
    facts = [{"街道": _text(name)} for name in known["name"]]
    style = {"color": "#777777", "weight": 1.2, "dashArray": "6 4", "fillOpacity": 0.0}
    return _layer("街道界", known.geometry, facts, [style] * len(facts))


def _barrier_layer(barriers: gpd.GeoDataFrame) -> folium.GeoJson | folium.FeatureGroup:
    """Railways, rivers and what else parts the town."""
    known = barriers[barriers.geometry.notna()]
    facts = [
        {"阻隔": BARRIERS_ZH[kind], "名称": "—" if pd.isna(name) else _text(name)}
        for kind, name in zip(known["kind"], known["name"], strict=True)
    ]
    return _layer("铁路、河流等阻隔", known.geometry, facts, [_barrier_style(k) for k in known["kind"]])


def _barrier_style(kind: str) -> dict[str, Any]:
    if kind in _WATER:
        return {"color": "#8DB7D5", "weight": 2, "fillColor": "#BFD9EA", "fillOpacity": 0.8}
    if kind == "railway":
        return {"color": "#444444", "weight": 2.5, "dashArray": "10 6", "fillOpacity": 0.1}
    return {"color": "#A79B8B", "weight": 2.5, "fillColor": "#A79B8B", "fillOpacity": 0.1}


def _unit_layer(
    units: gpd.GeoDataFrame, colours: np.ndarray, leading: Sequence[Mapping[str, str]] | None
) -> folium.GeoJson | folium.FeatureGroup:
    """Every placed unit in the colour of its area; paler what is led by nobody where leaders are inside."""
    placed = units.geometry.notna().to_numpy()
    rows = units[placed].to_dict("records")
    styles = [_unit_style(row["role"], row["kind"], c) for row, c in zip(rows, colours[placed], strict=True)]
    facts = [_unit_facts(row) for row in rows]
    if leading is not None:
        facts = [{**fact, **leading[place]} for fact, place in zip(facts, np.flatnonzero(placed).tolist(), strict=True)]
        for row, style in zip(rows, styles, strict=True):
            if row["role"] == "unled":
                style.update(fillColor="url(#unled)", fillOpacity=1.0, color=_GAP, weight=1.2)
            elif row["role"] in ("member", "companion") and pd.isna(row["leader_unit_id"]):
                style.update(fillOpacity=0.3)
    return _layer("小区和单体楼", units.geometry[placed], facts, styles)


def _unit_style(role: str, kind: str, colour: str) -> dict[str, Any]:
    style: dict[str, Any] = {"color": "#FFFFFF", "weight": 0.7, "fillColor": colour, "fillOpacity": 0.75}
    if role == "left_over":
        style.update(fillColor="url(#left-over)", fillOpacity=1.0, color=_DARK)
    elif role == "out_of_scope":
        style.update(fillOpacity=0.25, color=_GREY)
    elif role == "anchor":
        style.update(color="#000000", weight=2.5, fillOpacity=0.9)
    if kind == "single_building" and role not in ("anchor", "out_of_scope"):
        style.update(color=_DARK, weight=1.2)
    return style


def _unit_facts(row: Mapping[str, Any]) -> dict[str, str]:
    area, reason = row["area_id"], row["reason"]
    key = "" if pd.isna(reason) else str(reason)
    return {
        "名称": _text(row["name"]),
        "类别": _KINDS_ZH.get(row["kind"], ""),
        "片区": "—" if pd.isna(area) else _text(area),
        "户数": _amount(row["households"], row["households_quality"]),
        "角色": _ROLES_ZH[row["role"]],
        "原因": found.zh if (found := find_reason(key, row["role"])) else _text(key) or "—",
    }


def _text(value: Any) -> str:
    """Text of the data as HTML that shows it and does nothing.

    Folium passes what it has rendered through Jinja a second time: braces would be a template.

    Examples
    --------
    >>> _text("<b>{{ 1 }}")
    '&lt;b&gt;&#123;&#123; 1 }}'
    """
    return escape(str(value)).replace("{", "&#123;")


def _amount(value: Any, quality: Any) -> str:
    """A figure as a planner reads it; estimates are marked, missing ones stated to be."""
    if pd.isna(value):
        return "无数据"
    return f"{float(value):,.0f}{' (估算)' if quality == 'estimated' else ''}"


def _layer(
    name: str, shapes: gpd.GeoSeries, facts: list[dict[str, str]], styles: list[dict[str, Any]]
) -> folium.GeoJson | folium.FeatureGroup:
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
        highlight_function=lambda _: {"color": "#000000", "weight": 3},
        tooltip=folium.GeoJsonTooltip(fields=names, aliases=names, sticky=True),
    )


def _label_layer(areas: gpd.GeoDataFrame) -> folium.FeatureGroup:
    """The name of each area, shown when one is near enough to read them."""
    group = folium.FeatureGroup(name="片区名称")
    points = to_lon_lat(areas.geometry.representative_point(), decimals=_DECIMALS)
    for name, point in zip(areas["name"], points, strict=True):
        icon = folium.DivIcon(
            html=f"<span>{_text(name)}</span>", class_name="area-label", icon_size=(0, 0), icon_anchor=(0, 0)
        )
        group.add_child(folium.Marker([point.y, point.x], icon=icon, interactive=False))
    return group


def _number_elements(root: Any) -> None:
    """Give all elements of a page numbers instead of random ids, so that equal plans are equal."""
    queue, number = [root], 0
    while queue:
        element = queue.pop(0)
        if isinstance(element, folium.Map):
            element._id = "1"
        else:
            number += 1
            element._id = f"n{number}"
        queue.extend(element._children.values())
        queue.extend(part for part in (getattr(element, "icon", None),) if isinstance(part, folium.Element))


class _Behaviour(folium.MacroElement):
    """A scale in metres, and labels only where one is near enough to read them."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const pianqu_map = {{ this._parent.get_name() }};
        L.control.scale({imperial: false}).addTo(pianqu_map);
        function showLabels() {
            const far = pianqu_map.getZoom() < {{ this.label_zoom }};
            pianqu_map.getContainer().classList.toggle("far", far);
        }
        pianqu_map.on("zoomend", showLabels);
        showLabels();
        {% endmacro %}
    """)

    def __init__(self) -> None:
        super().__init__()
        self._name = "Behaviour"
        self.label_zoom = _LABEL_ZOOM


class _LeaderBehaviour(_Behaviour):
    """Stars and spokes too only where one is near enough."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const pianqu_map = {{ this._parent.get_name() }};
        L.control.scale({imperial: false}).addTo(pianqu_map);
        function showLabels() {
            const zoom = pianqu_map.getZoom();
            pianqu_map.getContainer().classList.toggle("far", zoom < {{ this.label_zoom }});
            pianqu_map.getContainer().classList.toggle("far-from-leaders", zoom < {{ this.leader_zoom }});
        }
        pianqu_map.on("zoomend", showLabels);
        showLabels();
        {% endmacro %}
    """)

    def __init__(self) -> None:
        super().__init__()
        self.leader_zoom = _LEADER_ZOOM


def _panel(dataset: Dataset, document: Mapping[str, Any], found: PlanCheck) -> str:
    """Title, figures, legend and notice, over the map."""
    manifest = dataset.manifest
    households = sum(area["households"] or 0 for area in document["areas"])
    demo = f'<b class="demo">{DEMO_LABEL}</b>' if manifest.demo else ""
    has_leaders = document["mode"] == "area"
    facts = {
        "方式": f"{_MODES_ZH[document['mode']]}",
        "片区": f"{len(document['areas'])} 个, 共 {households:,} 户",
        "未划入": f"{len(document['left_over'])} 个单元",
        **(_leading_figures(dataset, document) if has_leaders else {}),
        "数据日期": _text(manifest.data_date or "未注明"),
        "方案编号": plan_id(document),
        "政策参数": _text(str(found.policy["name"]) + (" (默认)" if found.policy["chosen"] == "default" else "")),
    }
    rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in facts.items())
    rules = "".join(f"<tr><th>{_text(label)}</th><td>{_text(value)}</td></tr>" for label, value, _ in found.rules)
    more_style, more_keys = (_LEADER_STYLE, _LEADER_KEYS) if has_leaders else ("", "")
    swatches = "".join(f'<i style="background:{colour}"></i>' for colour in OKABE_ITO)
    return f"""
<svg width="0" height="0" style="position:absolute"><defs>
<pattern id="left-over" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="7" height="7" fill="#FFFFFF"></rect><rect width="2.5" height="7" fill="{_GREY}"></rect>
</pattern>{_UNLED_PATTERN if has_leaders else ""}</defs></svg>
<style>{_STYLE}{more_style}</style>
<div id="panel" lang="zh-CN">
<h1>片区划分方案 · {_text(city_name(manifest))} {demo}</h1>
<table>{rows}</table>
<div class="key">{swatches}<span>片区 (相邻片区颜色不同) Area</span></div>
<div class="key"><i class="anchor"></i><span>牵头小区 Anchor</span></div>
{more_keys}<div class="key"><i class="single"></i><span>单体楼 Single building</span></div>
<div class="key"><svg width="22" height="14"><rect width="22" height="14" fill="url(#left-over)"
 stroke="{_DARK}"></rect></svg><span>未划入 Left over</span></div>
<div class="key"><i class="outside"></i><span>不在范围 Out of scope</span></div>
<div class="key"><svg width="22" height="16"><path d="M0 3H22" stroke="#444444" stroke-width="2.5"
 stroke-dasharray="6 3"></path><path d="M0 8H22" stroke="#8DB7D5" stroke-width="4"></path>
<path d="M0 14H22" stroke="#A79B8B" stroke-width="2.5"></path></svg>
<span>铁路、河流、主干路等 Barriers</span></div>
<p class="verdict {"met" if found.verdict.is_met else "not_met"}">{_text(found.verdict.zh)}<br>
<span lang="en">{_text(found.verdict.en)}</span></p>
<details class="rules"><summary>本方案所用规则及适用范围 Rules</summary><table>{rules}</table></details>
<p class="notice">{NOTICE}</p>
</div>
"""


def _leading_figures(dataset: Dataset, document: Mapping[str, Any]) -> dict[str, str]:
    """What the plan brings and leaves, as the page has it."""
    found = summarise(document, dataset.layer("units"))
    leading = found.leading
    assert leading is not None  # a plan of mode "area"
    return {
        "已有牵头": f"{leading.led[1]:,} 户, {leading.led[0]:,} 个",
        "尚无牵头": f"{leading.n_unled_households:,} 户, {leading.n_unled_units:,} 个 (在片区内)",
        "优选规模": f"{leading.areas_inside_preferred:,} / {found.areas:,} 个片区在内",
    }


_UNLED_PATTERN = f"""<pattern id="unled" width="7" height="7" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><rect width="7" height="7" fill="#FFFFFF"></rect>
<rect width="1.6" height="7" fill="{_GAP}"></rect></pattern>"""

_LEADER_KEYS = f"""<div class="key"><b class="star">★</b><span>牵头 (放大后) Leader</span></div>
<div class="key"><svg width="22" height="14"><path d="M1 7H21" stroke="{_SPOKE}" stroke-width="2"
 stroke-dasharray="1 5" stroke-linecap="round"></path></svg><span>谁带谁 (放大后) Leads</span></div>
<div class="key"><i class="member"></i><span>成员, 合用服务 Member</span></div>
<div class="key"><svg width="22" height="14"><rect width="22" height="14" fill="url(#unled)"
 stroke="{_GAP}"></rect></svg><span>在片区内, 无牵头 Not led</span></div>
"""

_LEADER_STYLE = """
#panel .key b.star { width: 22px; text-align: center; }
#panel .key i.member { width: 22px; background: rgba(0,114,178,.3); border: 1px solid #8C8C8C; }
.leader-star { border: 0; background: none; }
.leader-star span { position: absolute; transform: translate(-50%, -50%); font-size: 17px; color: #123F66;
  text-shadow: 0 0 2px #FFFFFF, 0 0 2px #FFFFFF, 0 0 2px #FFFFFF; }
.far-from-leaders .leader-star, .far-from-leaders path.spoke { display: none; }
"""


_STYLE = """
body { font-family: "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", sans-serif; }
.leaflet-container { background: #F4F5F2; font-family: inherit; }
#panel { position: absolute; z-index: 1000; top: 12px; right: 12px; width: 270px; padding: 14px 16px;
  background: rgba(255,255,255,.95); border-radius: 6px; box-shadow: 0 1px 6px rgba(0,0,0,.3);
  font-size: 13px; line-height: 1.5; color: #222222; }
#panel h1 { margin: 0 0 8px; font-size: 16px; }
#panel table { width: 100%; margin-bottom: 8px; border-collapse: collapse; }
#panel th { width: 64px; text-align: left; font-weight: normal; color: #666666; }
#panel .demo { padding: 1px 7px; border-radius: 3px; background: #D55E00; color: #FFFFFF; font-size: 12px; }
#panel .key { display: flex; align-items: center; gap: 3px; margin: 3px 0; }
#panel .key span { margin-left: 6px; }
#panel .key i { box-sizing: border-box; width: 14px; height: 14px; }
#panel .key i.anchor { width: 22px; background: #0072B2; border: 2.5px solid #000000; }
#panel .key i.single { width: 22px; background: #56B4E9; border: 1.2px solid #333333; }
#panel .key i.outside { width: 22px; background: rgba(140,140,140,.25); border: 1px solid #8C8C8C; }
#panel .verdict { margin: 8px 0 0; padding: 4px 6px; border-radius: 3px; max-height: 180px; overflow: auto; }
#panel .verdict.met { background: #dcebf7; color: #0a4f8c; }
#panel .verdict.not_met { background: #fde6d8; color: #8f3800; }
#panel .notice { margin: 8px 0 0; color: #A33C00; font-weight: bold; }
.foliumtooltip { font-size: 13px; max-width: 320px; white-space: normal; min-width: 180px; }
.foliumtooltip th { padding-right: 10px; text-align: left; vertical-align: top; font-weight: normal;
  color: #666666; white-space: nowrap; }
.area-label { border: 0; background: none; }
.area-label span { position: absolute; transform: translate(-50%, -50%); padding: 0 5px;
  background: rgba(255,255,255,.85); border-radius: 3px; font-size: 12px; white-space: nowrap; }
.far .area-label { display: none; }
@media print { #panel { box-shadow: none; border: 1px solid #333333; } .leaflet-control-zoom,
  .leaflet-control-layers { display: none; } }
"""
