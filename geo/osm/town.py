"""The layers of a town out of OSM features: communities, buildings, roads, barriers, crossings."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import choose_metric_crs
from geo.errors import EmptyLayerError
from geo.findings import Finding
from geo.importing.line_features import detect_ponds
from geo.messages import Sentence, load_catalogue
from geo.network.crossing_detection import FOOT_CLASSES
from geo.osm.extract_file import NON_RESIDENTIAL_TAGS
from geo.schema import field_names

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)

_RESIDENTIAL = (
    "apartments",
    "residential",
    "house",
    "detached",
    "semidetached_house",
    "terrace",
    "townhouse",
    "bungalow",
    "villa",
    "dormitory",
    "farm",
    "block",
    "cabin",
    "static_caravan",
    "houseboat",
)
_MIXED = ("mixed", "mixed_use")
_UNKNOWN = ("yes", "true", "1", "unknown", "undefined")
"""Any other value of `building` names something nobody lives in: garages, shed, industrial …"""
_NOT_ROADS = (
    "proposed",
    "construction",
    "planned",
    "abandoned",
    "razed",
    "demolished",
    "dismantled",
    "disused",
    "platform",
    "elevator",
    "raceway",
    "bus_stop",
    "rest_area",
    "services",
    "corridor",
    "bus_guideway",
    "busway",
    "escape",
    "bridleway",
    "via_ferrata",
    "emergency_bay",
    "trailhead",
    "no",
)
_NO_WALKING = ("motorway", "motorway_link", "trunk", "trunk_link")
_MAYBE_FORDS = ("path", "track", "footway", "cycleway", "steps")
"""Roads of these classes may cross water without a bridge; others do not."""
_DAMS = ("dam", "weir", "lock_gate")
"""A path that is itself one of these (`waterway`) leads over the water."""
_FOOT_YES = ("yes", "designated", "permissive", "official")
_SIDEWALKS = ("both", "left", "right", "yes", "separate")
_RAILS = ("rail", "light_rail", "narrow_gauge")
_NOT_MAIN_TRACKS = ("yard", "crossover")
_CLOSED = ("no", "private", "customers", "permit")
_WALLED = ("wall", "fence", "city_wall")
"""An industrial area or a park with one of these values of `access` or `barrier` is closed."""
_SAME_PLACE_M = 1.0
"""A node this near to a line is a node of it."""
_ONE_CROSSING_M = 20.0
"""Crossings of one kind over barriers of one kind, this near to each other, are one structure:
the carriageway and the footways of a bridge, the tracks of a level crossing."""


@dataclass(frozen=True, eq=False)
class OsmTown:
    """The layers of a town.

    Parameters
    ----------
    layers
        "communities", "buildings", "roads", "barriers", "crossings" with the columns of
        `geo.schema.LAYERS` that OSM knows, EPSG:4326; those without any row are absent.
    findings
        What was repaired, dropped or assumed.
    metric_crs
        The CRS to measure this town in, as `geo.crs.choose_metric_crs` gives it.
    """

    layers: dict[str, gpd.GeoDataFrame]
    findings: tuple[Finding, ...]
    metric_crs: str


def build_town(
    points: gpd.GeoDataFrame,
    lines: gpd.GeoDataFrame,
    raw_areas: gpd.GeoDataFrame,
    *,
    source: str,
    metric_crs: str | None = None,
) -> OsmTown:
    """The layers that OSM features make.

    Parameters
    ----------
    points, lines, raw_areas
        Features with their tags as text columns (`geo.osm.extract_file.OSM_TAGS`) and an `id` like
        "w123", EPSG:4326.
    source
        The file's name, or the place's, for findings.
    metric_crs
        What to measure in, where it is known: there may then be neither residential areas nor
        buildings.

    Raises
    ------
    EmptyLayerError
        If there are neither residential areas nor buildings, and no metric CRS.
    """
    areas, findings = _repair_areas(raw_areas)
    communities, buildings = _extract_communities(areas), _extract_buildings(areas)
    if metric_crs is None:
        if communities.empty and buildings.empty:
            raise EmptyLayerError(*say("town.no_unit", source=source))
        bounds = pd.concat([communities, buildings]).total_bounds
        metric_crs = choose_metric_crs(*((bounds[:2] + bounds[2:]) / 2))
    roads, barriers = _extract_roads(lines), _drop_ponds(_extract_barriers(lines, areas), metric_crs)
    crossings, assumed = _extract_crossings(roads, barriers, points, metric_crs)
    layers = {
        "communities": communities,
        "buildings": buildings,
        "roads": roads,
        "barriers": barriers,
        "crossings": crossings,
    }
    kept = {
        name: frame[[column for column in field_names(name) if column in frame]]
        for name, frame in layers.items()
        if len(frame)
    }
    logger.info("%s: %s", source, {name: len(frame) for name, frame in kept.items()})
    found = tuple(replace(finding, file=source) for finding in (*findings, *assumed))
    return OsmTown(kept, found, metric_crs)


def _repair_areas(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Areas with valid outlines; those beyond repair are dropped and reported."""
    shapes = areas.geometry.to_numpy().copy()
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    findings = []
    for rule, chosen, zh, en in (
        ("geometry.dropped", lost, *say("outline.open")),
        ("geometry.repaired", broken & ~lost, *say("outline.crossing")),
    ):
        if chosen.any():
            ids = areas["id"][chosen].tolist()
            findings.append(
                Finding(
                    "warning",
                    rule,
                    *say("outline.mended", n=len(ids), what=Sentence(zh, en)),
                    column="geometry",
                    value=", ".join(ids[:5]),
                )
            )
    return areas.set_geometry(gpd.GeoSeries(shapes, areas.index, crs=areas.crs))[~lost], findings


def _extract_communities(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    homes = areas[areas["landuse"] == "residential"]
    name = homes["name:zh"].fillna(homes["name"]).fillna("住区 " + homes["id"])
    return gpd.GeoDataFrame(
        {"unit_id": "osm-" + homes["id"], "name": name, "geom_quality": "digitised"}, geometry=homes.geometry
    )


def _extract_buildings(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = areas[areas["building"].notna() & (areas["building"] != "no")]
    use = _classify_use(rows)
    flats = _parse_number(rows["building:flats"], r"^\s*(\d+)\s*$", 1, 2000)
    address = rows["addr:street"] + " " + rows["addr:housenumber"]
    return gpd.GeoDataFrame(
        {
            "building_id": "osm-" + rows["id"],
            "name": rows["name:zh"].fillna(rows["name"]).fillna(rows["addr:housename"]).fillna(address),
            "use": use,
            "floors_above": _parse_number(rows["building:levels"], r"^\s*(\d+(?:\.\d+)?)", 1, 120),
            "households": flats.where(use.isin(["residential", "mixed"])),
            "built_year": _parse_number(rows["start_date"], r"^\s*(\d{4})(?!\d)", 1900, 2100),
        },
        geometry=rows.geometry,
    )


def _classify_use(rows: gpd.GeoDataFrame) -> pd.Series:
    """residential, mixed, non_residential or unknown, from the tags of each building."""
    kind = rows["building"].str.lower()
    kind = kind.mask(kind.isin(_UNKNOWN) & rows["building:use"].notna(), rows["building:use"].str.lower())
    occupied = rows[list(NON_RESIDENTIAL_TAGS)].notna().any(axis=1)
    use = np.select(
        [kind.isin(_RESIDENTIAL), kind.isin(_MIXED), kind.isin(_UNKNOWN) & ~occupied],
        ["residential", "mixed", "unknown"],
        default="non_residential",
    )
    return pd.Series(use, index=rows.index, dtype="str")


def _parse_number(text: pd.Series, pattern: str, least: int, most: int) -> pd.Series:
    """The whole number a tag begins with ("3.5" → 4, "2;3" → 2); missing where implausible."""
    number = (text.str.extract(pattern, expand=False).astype("float64") + 0.5) // 1
    return number.where(number.between(least, most)).astype("Int64")


def _is_tagged(tag: pd.Series, *but: str) -> pd.Series:
    """Whether a tag such as `bridge` says yes (in any of its many ways)."""
    return tag.notna() & ~tag.isin(("no", *but))


def _extract_roads(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    is_road = lines["highway"].notna() & ~lines["highway"].isin(_NOT_ROADS)
    is_ferry = lines["route"].eq("ferry").fillna(value=False) | _is_tagged(lines["ferry"])
    is_gone = _is_tagged(lines["disused"]) | _is_tagged(lines["abandoned"])
    rows = lines[is_road & ~is_ferry & ~is_gone]
    unsaid = rows["foot"].isna()
    on_foot = rows["foot"].isin(_FOOT_YES) | (unsaid & rows["sidewalk"].isin(_SIDEWALKS))
    is_fast = rows["highway"].isin(_NO_WALKING) & ~(rows["highway"].isin(("trunk", "trunk_link")) & on_foot)
    closed = rows["foot"].isin(("no", "private", "use_sidepath")) | (
        (rows["access"].isin(("no", "private", "military")) | rows["motorroad"].eq("yes")) & unsaid
    )
    return gpd.GeoDataFrame(
        {
            "road_id": "osm-" + rows["id"],
            "name": rows["name"],
            "road_class": rows["highway"],
            "is_bridge": _is_tagged(rows["bridge"]),
            "is_tunnel": _is_tagged(rows["tunnel"], "building_passage", "culvert"),
            "level": _parse_number(rows["layer"], r"^\s*(-?\d+)\s*$", -10, 10),
            "walkable": ~is_fast & ~closed,
            "spans_water": (~rows["highway"].isin(_MAYBE_FORDS) | rows["waterway"].isin(_DAMS))
            & ~_is_tagged(rows["ford"]),
            "under_water": rows["highway"].isin(FOOT_CLASSES) | on_foot,
        },
        geometry=rows.geometry,
    )


def _extract_barriers(lines: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Railways, expressways and waterways above ground, closed factories and parks.

    `is_trunk` where signals may cross them.
    """
    rail = lines["railway"].isin(_RAILS) & ~lines["service"].isin(_NOT_MAIN_TRACKS)
    fast = lines["highway"].isin(("motorway", "trunk"))
    kind = pd.Series(None, index=lines.index, dtype="str")
    kind = kind.mask(lines["waterway"].isin(("river", "canal")), lines["waterway"])
    kind = kind.mask(fast, "expressway").mask(rail, "railway")
    below = _is_tagged(lines["tunnel"]) | lines["location"].eq("underground").fillna(value=False)
    linear = lines.assign(kind=kind)[kind.notna() & ~below]
    streams = linear[linear["kind"].isin(("river", "canal"))]
    is_water = (areas["natural"] == "water") | (areas["waterway"] == "riverbank")
    water = areas[is_water & areas["building"].isna()]
    # A river's area is often tagged as mere water; the river's line running through it tells.
    plain = water["water"].isna() & (water["waterway"] != "riverbank")
    through = np.zeros(len(water), dtype=bool)
    through[water.sindex.query(streams.geometry, predicate="intersects")[1]] = True
    flows = water["water"].isin(("river", "canal")) | (water["waterway"] == "riverbank")
    water = water[flows | (plain & through)]
    water = water.assign(kind=np.where(water["water"] == "canal", "canal", "river"))
    is_closed = areas["access"].isin(_CLOSED) | areas["barrier"].isin(_WALLED)
    closed = areas[is_closed & areas["building"].isna()]
    works, parks = (closed["landuse"] == "industrial", closed["leisure"].isin(("park", "golf_course")))
    closed = closed.assign(kind=np.where(works, "factory_wall", "closed_park"))[works | parks]
    both = pd.concat([linear, water, closed], ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "barrier_id": "osm-" + both["id"],
            "kind": both["kind"],
            "name": both["name"],
            "is_bridge": _is_tagged(both["bridge"].astype("str")),
            "is_trunk": both["highway"] == "trunk",
        },
        geometry=both.geometry,
        crs="EPSG:4326",
    )


def _drop_ponds(barriers: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoDataFrame:
    """Barriers without the small waters one walks round."""
    shapes = barriers.geometry.to_crs(metric_crs).to_numpy().astype(object)
    return barriers[~detect_ponds(shapes, barriers["kind"].to_numpy(dtype=object))]


def _extract_crossings(
    roads: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, metric_crs: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Where one can walk over, under or across a barrier: points, one for each structure."""
    roads, barriers, nodes = (f.to_crs(metric_crs) for f in (roads, barriers, nodes))
    passages, assumed = _find_passages(roads[roads["walkable"]], barriers)
    every = pd.concat([_find_node_crossings(nodes, barriers), passages], ignore_index=True)
    every = every.sort_values("crossing_id", kind="stable", ignore_index=True)
    crossings = gpd.GeoDataFrame(every, geometry="geometry", crs=metric_crs)
    findings = []
    if assumed:
        findings.append(
            Finding(
                "info",
                "osm.bridge_assumed",
                *say("finding.bridge_assumed", n=len(assumed)),
                layer="crossings",
                value=", ".join(assumed[:5]),
            )
        )
    return _deduplicate_crossings(crossings).to_crs("EPSG:4326"), findings


def _find_passages(roads: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Points where roads pass barriers, and the ids of the roads whose bridge is assumed."""
    r, b = barriers.sindex.query(roads.geometry, predicate="intersects")
    other = roads["road_id"].to_numpy()[r] != barriers["barrier_id"].to_numpy()[b]
    r, b = r[other], b[other]  # a trunk road does not cross itself
    road, barrier = roads.iloc[r].reset_index(drop=True), barriers.iloc[b].reset_index(drop=True)
    lines, walls = road.geometry.to_numpy(), barrier.geometry.to_numpy()
    across = shapely.crosses(lines, walls)  # a road that merely ends at a barrier does not
    water = barrier["kind"].isin(("river", "canal"))
    untagged = across & water & road["spans_water"]
    kind = np.select(
        [
            road["is_tunnel"],
            road["is_bridge"],
            barrier["is_bridge"] & across,
            (barrier["kind"] == "railway") & across,
            untagged,
        ],
        ["underpass", "bridge", "underpass", "level_crossing", "bridge"],
        default="",
    )
    known = road["is_tunnel"] | road["is_bridge"] | barrier["is_bridge"]
    kind[(road["is_tunnel"] & water & ~road["under_water"]).to_numpy(dtype=bool)] = ""
    usable = np.flatnonzero(kind != "")
    met, which = shapely.get_parts(shapely.intersection(lines[usable], walls[usable]), return_index=True)
    is_line = shapely.get_type_id(met) == shapely.GeometryType.LINESTRING
    met[is_line] = shapely.line_interpolate_point(met[is_line], 0.5, normalized=True)
    which = usable[which]
    part = pd.Series(which).groupby(which).cumcount().astype("str").replace("0", "")
    ids = road["road_id"].to_numpy() + "-" + barrier["barrier_id"].str.removeprefix("osm-").to_numpy()
    passages = pd.DataFrame(
        {
            "crossing_id": ids[which] + ("-" + part).where(part != "", "").to_numpy(dtype=object),
            "kind": kind[which],
            "name": road["name"].to_numpy()[which],
            "over": barrier["kind"].to_numpy()[which],
            "geometry": met,
        }
    )
    return passages, sorted(set(road["road_id"][untagged & ~known]))


def _find_node_crossings(nodes: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> pd.DataFrame:
    """Level crossings mapped as nodes of a railway, and signals or zebras on trunk roads."""
    found = []
    on_rail = nodes["railway"].isin(("level_crossing", "crossing"))
    on_road = nodes["highway"].isin(("crossing", "traffic_signals"))
    for chosen, walls, kind, over in (
        (nodes[on_rail], barriers[barriers["kind"] == "railway"], "level_crossing", "railway"),
        (nodes[on_road], barriers[barriers["is_trunk"]], "signal_crossing", "expressway"),
    ):
        near = walls.sindex.query(chosen.geometry, predicate="dwithin", distance=_SAME_PLACE_M)[0]
        rows = chosen.iloc[np.unique(near)]
        found.append(
            pd.DataFrame(
                {
                    "crossing_id": "osm-" + rows["id"],
                    "kind": kind,
                    "name": rows["name"],
                    "over": over,
                    "geometry": rows.geometry.to_numpy(),
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _deduplicate_crossings(crossings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The first by id of crossings of one kind, over one kind of barrier, that lie close together."""
    a, b = crossings.sindex.query(crossings.geometry, predicate="dwithin", distance=_ONE_CROSSING_M)
    sort = (crossings["kind"] + "/" + crossings["over"]).to_numpy(dtype=object)
    same = sort[a] == sort[b]
    n = len(crossings)
    near = coo_array((np.ones(same.sum()), (a[same], b[same])), shape=(n, n))
    structure = connected_components(near, directed=False)[1]
    return crossings[~pd.Series(structure).duplicated().to_numpy()]
