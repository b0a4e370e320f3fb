"""An OSM extract becomes a town: what is a home, what is a wall, where one can cross it."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from geo.errors import EmptyLayerError, NotMetricError, UnreadableFileError, UsageError
from geo.osm.layers import import_osm, read_osm
from geo.osm.town import OsmTown
from geo.rules import UnitRules
from geo.schema import BARRIER_KINDS, CROSSING_KINDS
from geo.storage.dataset import check_hashes, open_dataset
from geo.storage.manifest import file_sha256

RULES = UnitRules()
DEGREE_M = 111_000.0  # near the equator, where the drawn towns lie


class Drawing:
    """A little OSM file: coordinates in metres from a corner, ways and nodes with tags."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], dict[str, str]] = {}
        self.ways: list[tuple[list[tuple[float, float]], dict[str, str]]] = []

    def node(self, x: float, y: float, **tags: str) -> Drawing:
        self.nodes.setdefault((x, y), {}).update(tags)
        return self

    def way(self, *spots: tuple[float, float], **tags: str) -> Drawing:
        for spot in spots:
            self.node(*spot)
        self.ways.append((list(spots), {key.replace("__", ":"): value for key, value in tags.items()}))
        return self

    def box(self, x: float, y: float, width: float, height: float, **tags: str) -> Drawing:
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        return self.way(*corners, **tags)

    def xml(self) -> bytes:
        number = {spot: k for k, spot in enumerate(self.nodes, start=1)}
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        for (x, y), tags in self.nodes.items():
            lines.append(f'<node id="{number[x, y]}" version="1" lon="{9 + x / DEGREE_M}" lat="{y / DEGREE_M}">')
            lines += [*(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()), "</node>"]
        for k, (spots, tags) in enumerate(self.ways, start=1):
            lines.append(f'<way id="{k}" version="1">')
            lines += [f'<nd ref="{number[spot]}"/>' for spot in spots]
            lines += [*(f'<tag k="{key}" v="{v}"/>' for key, v in tags.items()), "</way>"]
        return "\n".join([*lines, "</osm>"]).encode()

    def write(self, path: Path) -> Path:
        path.write_bytes(gzip.compress(self.xml()) if path.suffix == ".gz" else self.xml())
        return path


@pytest.fixture
def town(tmp_path):
    """A function that draws a town around one residential area and reads it."""

    def read(drawing: Drawing) -> OsmTown:
        drawing.box(-900, -900, 100, 100, landuse="residential", name="红星小区")
        return read_osm(drawing.write(tmp_path / "town.osm"))

    return read


@pytest.fixture(scope="session")
def pyrosm_town() -> Path:
    """The Finnish town inside the wheel of pyrosm, found without importing it."""
    origin = importlib.util.find_spec("pyrosm").origin
    return Path(origin).parent / "data" / "test.osm.pbf"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """All of USES, FACTS, WALLS and PASSAGES in one town, each case in a cell of 3 km.

    A function: layer, row (of the four) and case give the features in that cell.
    """
    drawing = Drawing().box(-900, -900, 100, 100, landuse="residential")
    for k, (tags, _) in enumerate(USES):
        drawing.box(3000 * k, 0, 20, 20, **tags)
    for k, (tags, _, _) in enumerate(FACTS):
        drawing.box(3000 * k, 3000, 20, 20, building="apartments", **tags)
    for k, (tags, _) in enumerate(WALLS):
        drawing.way((3000 * k, 6000), (3000 * k + 500, 6000), **tags)
    for k, (road, barrier, _) in enumerate(PASSAGES):
        x, y = 3000 * k, 9000
        drawing.way((x, y - 200), (x, y + 200), **road).way((x - 200, y), (x + 200, y), **barrier)
    town = read_osm(drawing.write(tmp_path_factory.mktemp("zoo") / "zoo.osm"))

    def cell(layer: str, row: int, case: int) -> gpd.GeoDataFrame:
        x, y = 9 + 3000 * case / DEGREE_M, 3000 * row / DEGREE_M
        half = 1500 / DEGREE_M
        return town.layers[layer].cx[x - half : x + half, y - half : y + half]

    return cell


# --- homes ---


def test_residential_areas_become_communities(town):
    drawing = Drawing().box(0, 0, 50, 50, landuse="residential").box(99, 0, 9, 9, landuse="farmland")
    layer = town(drawing).layers["communities"]
    assert layer[["unit_id", "name"]].values.tolist() == [["osm-w1", "住区 w1"], ["osm-w3", "红星小区"]]


USES = [
    ({"building": "apartments"}, "residential"),
    ({"building": "house"}, "residential"),
    ({"building": "mixed_use"}, "mixed"),
    ({"building": "garages"}, "non_residential"),
    ({"building": "industrial"}, "non_residential"),
    ({"building": "yes"}, "unknown"),
    ({"building": "yes", "amenity": "school"}, "non_residential"),
    ({"building": "yes", "building__use": "residential"}, "residential"),
]


@pytest.mark.parametrize("case", range(len(USES)))
def test_use_of_a_building(zoo, case):
    assert zoo("buildings", 0, case)["use"].tolist() == [USES[case][1]]


FACTS = [
    ({"building__levels": "6"}, "floors_above", 6),
    ({"building__levels": "5;6"}, "floors_above", 5),
    ({"building__levels": "2.5"}, "floors_above", 3),
    ({"building__levels": "0"}, "floors_above", None),
    ({"building__levels": "six"}, "floors_above", None),
    ({"building__flats": "24"}, "households", 24),
    ({"start_date": "1984-05"}, "built_year", 1984),
    ({"start_date": "before 1900"}, "built_year", None),
    ({"name": "三号楼"}, "name", "三号楼"),
    ({"addr__street": "钢铁大街", "addr__housenumber": "12号"}, "name", "钢铁大街 12号"),
]


@pytest.mark.parametrize("case", range(len(FACTS)))
def test_facts_of_a_building(zoo, case):
    _, column, value = FACTS[case]
    (found,) = zoo("buildings", 1, case)[column]
    assert (None if pd.isna(found) else found) == value


def test_no_building_is_no_building(town):
    assert "buildings" not in town(Drawing().box(0, 0, 20, 20, building="no")).layers


# --- walls ---


WALLS = [
    ({"railway": "rail"}, "railway"),
    ({"railway": "rail", "service": "yard"}, None),
    ({"railway": "rail", "service": "siding"}, "railway"),
    ({"railway": "rail", "tunnel": "yes"}, None),
    ({"railway": "abandoned"}, None),
    ({"railway": "tram"}, None),
    ({"highway": "motorway"}, "expressway"),
    ({"highway": "trunk"}, "expressway"),
    ({"highway": "trunk", "tunnel": "yes"}, None),
    ({"highway": "primary"}, None),
    ({"waterway": "river"}, "river"),
    ({"waterway": "canal"}, "canal"),
    ({"waterway": "river", "tunnel": "culvert"}, None),
    ({"waterway": "stream"}, None),
]


@pytest.mark.parametrize("case", range(len(WALLS)))
def test_lines_that_are_barriers(zoo, case):
    kind = WALLS[case][1]
    assert zoo("barriers", 2, case)["kind"].tolist() == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("tags", "with_river", "kinds"),
    [
        ({"natural": "water", "water": "river"}, False, ["river"]),
        ({"natural": "water", "water": "canal"}, False, ["canal"]),
        ({"waterway": "riverbank"}, False, ["river"]),
        ({"natural": "water"}, False, []),
        ({"natural": "water"}, True, ["river", "river"]),
        ({"natural": "water", "water": "lake"}, True, ["river"]),
    ],
)
def test_water_that_is_a_barrier(town, tags, with_river, kinds):
    drawing = Drawing().box(0, 0, 500, 40, **tags)
    if with_river:
        drawing.way((-100, 20), (600, 20), waterway="river")
    layers = town(drawing).layers
    assert (layers["barriers"]["kind"].tolist() if kinds else list(layers.get("barriers", []))) == kinds


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"landuse": "industrial", "barrier": "wall"}, ["factory_wall"]),
        ({"landuse": "industrial", "access": "private"}, ["factory_wall"]),
        ({"landuse": "industrial"}, []),
        ({"leisure": "park", "barrier": "fence"}, ["closed_park"]),
        ({"leisure": "golf_course", "access": "customers"}, ["closed_park"]),
        ({"leisure": "park"}, []),
        ({"landuse": "residential", "access": "private"}, []),
    ],
)
def test_a_factory_or_park_is_a_barrier_where_it_is_closed(town, tags, kinds):
    layers = town(Drawing().box(0, 0, 500, 40, **tags)).layers
    found = layers["barriers"]["kind"].tolist() if "barriers" in layers else []
    assert found == kinds


# --- crossings: a road from south to north, a barrier from west to east ---

SOUTH, NORTH, WEST, EAST, MIDDLE = (0, -200), (0, 200), (-200, 0), (200, 0), (0, 0)


PASSAGES = [
    ({"highway": "residential"}, {"railway": "rail"}, "level_crossing"),
    ({"highway": "footway"}, {"railway": "rail"}, "level_crossing"),
    ({"highway": "residential", "bridge": "yes"}, {"railway": "rail"}, "bridge"),
    ({"highway": "footway", "tunnel": "yes"}, {"railway": "rail"}, "underpass"),
    ({"highway": "residential"}, {"railway": "rail", "bridge": "viaduct"}, "underpass"),
    ({"highway": "residential"}, {"highway": "motorway", "bridge": "yes"}, "underpass"),
    ({"highway": "residential"}, {"highway": "motorway"}, None),
    ({"highway": "motorway", "bridge": "yes"}, {"railway": "rail"}, None),
    ({"highway": "residential", "access": "private", "bridge": "yes"}, {"railway": "rail"}, None),
    ({"highway": "service", "access": "no", "foot": "yes"}, {"railway": "rail"}, "level_crossing"),
    ({"highway": "residential", "bridge": "yes"}, {"waterway": "river"}, "bridge"),
    ({"highway": "residential"}, {"waterway": "river"}, "bridge"),
    ({"highway": "track"}, {"waterway": "river"}, None),
    ({"highway": "residential", "ford": "yes"}, {"waterway": "river"}, None),
    ({"highway": "construction"}, {"railway": "rail"}, None),
    ({"highway": "primary", "tunnel": "yes"}, {"waterway": "river"}, None),
    ({"highway": "primary", "tunnel": "yes"}, {"railway": "rail"}, "underpass"),
    ({"highway": "primary", "tunnel": "yes", "sidewalk": "both"}, {"waterway": "river"}, "underpass"),
    ({"highway": "footway", "tunnel": "yes"}, {"waterway": "river"}, "underpass"),
    ({"highway": "trunk", "bridge": "yes"}, {"waterway": "river"}, None),
    ({"highway": "trunk", "bridge": "yes", "sidewalk": "both"}, {"waterway": "river"}, "bridge"),
    ({"highway": "trunk", "bridge": "yes", "foot": "yes"}, {"waterway": "river"}, "bridge"),
    ({"highway": "path", "waterway": "dam"}, {"waterway": "river"}, "bridge"),
    ({"highway": "service", "ferry": "yes"}, {"waterway": "river"}, None),
    ({"route": "ferry", "highway": "service"}, {"waterway": "river"}, None),
    ({"highway": "primary", "bridge": "yes", "disused": "yes"}, {"waterway": "river"}, None),
    ({"aerialway": "cable_car"}, {"waterway": "river"}, None),
    ({"railway": "rail", "bridge": "yes"}, {"waterway": "river"}, None),
]


@pytest.mark.parametrize("case", range(len(PASSAGES)))
def test_a_road_that_passes_a_barrier(zoo, case):
    kind = PASSAGES[case][2]
    assert zoo("crossings", 3, case)["kind"].tolist() == ([kind] if kind else [])


def test_a_crossing_lies_where_the_road_meets_the_barrier(town):
    layers = town(Drawing().way(SOUTH, NORTH, highway="path").way(WEST, EAST, railway="rail")).layers
    point = layers["crossings"].geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((9, 0), abs=1e-6)
    assert layers["crossings"]["crossing_id"].tolist() == ["osm-w1-w2"]


def test_a_road_that_ends_at_a_barrier_does_not_cross_it(town):
    layers = town(Drawing().way(SOUTH, MIDDLE, highway="residential").way(WEST, MIDDLE, EAST, railway="rail")).layers
    assert "crossings" not in layers


def test_a_level_crossing_node_joins_a_road_split_at_the_rails(town):
    drawing = Drawing().node(*MIDDLE, railway="level_crossing").way(WEST, MIDDLE, EAST, railway="rail")
    drawing.way(SOUTH, MIDDLE, highway="residential").way(MIDDLE, NORTH, highway="residential")
    assert town(drawing).layers["crossings"]["kind"].tolist() == ["level_crossing"]


@pytest.mark.parametrize(("fast", "kinds"), [("trunk", ["signal_crossing"]), ("motorway", None)])
def test_signals_let_one_cross_a_trunk_road_but_no_motorway(town, fast, kinds):
    drawing = Drawing().node(*MIDDLE, highway="traffic_signals").way(WEST, MIDDLE, EAST, highway=fast)
    layers = town(drawing).layers
    assert (layers["crossings"]["kind"].tolist() if "crossings" in layers else None) == kinds


def test_carriageway_and_footway_of_one_bridge_are_one_crossing(town):
    drawing = Drawing().way(WEST, EAST, waterway="river")
    for x in (0, 8, 100):
        drawing.way((x, -200), (x, 200), highway="residential", bridge="yes")
    assert len(town(drawing).layers["crossings"]) == 2


def test_a_bridge_over_a_wide_river_crosses_it_in_the_middle(town):
    drawing = Drawing().box(-200, 0, 400, 60, natural="water", water="river")
    town_ = town(drawing.way((0, -100), (0, 200), highway="residential", bridge="yes"))
    point = town_.layers["crossings"].geometry.iloc[0]
    assert point.y * DEGREE_M == pytest.approx(30, abs=0.5)


def test_a_bridge_nobody_mapped_is_assumed_and_said_so(town):
    result = town(Drawing().way(SOUTH, NORTH, highway="residential").way(WEST, EAST, waterway="river"))
    assert [finding.rule for finding in result.findings] == ["osm.bridge_assumed"]


# --- bad input ---


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm", "a.osm.gz"])
@pytest.mark.parametrize("content", [b"", b"hello", b'{"type": "FeatureCollection"}', b"\x1f\x8bnot really"])
def test_what_is_no_osm_data_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"a\.osm"):
        import_osm(tmp_path / name, tmp_path / "into", unit_rules=RULES)
    assert not (tmp_path / "into").exists()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"nowhere\.osm\.pbf"):
        read_osm(tmp_path / "nowhere.osm.pbf")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz"])
def test_a_file_that_is_cut_off_is_refused(tmp_path, pyrosm_town, suffix, share):
    drawing = Drawing().box(0, 0, 50, 50, landuse="residential").write(tmp_path / f"whole{suffix}")
    whole = (pyrosm_town if suffix == ".osm.pbf" else drawing).read_bytes()
    (tmp_path / f"cut{suffix}").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableFileError, match=r"cut\.osm"):
        import_osm(tmp_path / f"cut{suffix}", tmp_path / "into", unit_rules=RULES)
    assert not (tmp_path / "into").exists()


def test_a_map_without_homes_is_empty(tmp_path):
    path = Drawing().way(SOUTH, NORTH, highway="residential").write(tmp_path / "road.osm")
    with pytest.raises(EmptyLayerError):
        read_osm(path)


def test_degrees_are_refused_as_the_crs_of_a_dataset(tmp_path):
    path = Drawing().box(0, 0, 50, 50, landuse="residential").write(tmp_path / "town.osm")
    with pytest.raises(NotMetricError):
        import_osm(path, tmp_path / "into", unit_rules=RULES, metric_crs="EPSG:4326")


# --- datasets ---


def test_gzip_changes_nothing(tmp_path):
    drawing = Drawing().box(0, 0, 50, 50, landuse="residential").box(99, 0, 20, 20, building="house")
    plain = read_osm(drawing.write(tmp_path / "town.osm"))
    zipped = read_osm(drawing.write(tmp_path / "town.osm.gz"))
    assert plain.layers.keys() == zipped.layers.keys()
    for name, layer in plain.layers.items():
        assert_geodataframe_equal(layer, zipped.layers[name])


def test_a_dataset_remembers_its_file(tmp_path):
    path = Drawing().box(0, 0, 50, 50, landuse="residential").write(tmp_path / "小镇.osm")
    dataset = import_osm(path, tmp_path / "into", unit_rules=RULES)
    (source,) = dataset.manifest.sources
    assert (source["file"], source["sha256"]) == ("小镇.osm", file_sha256(path))
    assert dataset.manifest.name == "小镇"
    with pytest.raises(UsageError):
        import_osm(path, tmp_path / "into", unit_rules=RULES, metric_crs="EPSG:4546")


def check_town(dataset, layers: dict[str, gpd.GeoDataFrame]) -> None:
    """What must hold for every town."""
    assert check_hashes(open_dataset(dataset.folder)) == ()
    units = dataset.layer("units")
    assert units["unit_id"].is_unique
    assert units.geometry.is_valid.all()
    assert (units.area > 0).all()
    assert (units["households"] >= 1).all()
    assert set(units["households_quality"]) == {"estimated"}
    assert set(units["floor_area_m2_quality"]) == {"estimated"}
    assert len(units.query("kind == 'community'")) == len(layers["communities"])
    assert set(layers["barriers"]["kind"]) <= set(BARRIER_KINDS)
    assert set(layers["crossings"]["kind"]) <= set(CROSSING_KINDS)
    for frame in layers.values():
        assert frame.crs == "EPSG:4326"
        assert frame.iloc[:, 0].is_unique
    barriers = dataset.layer("barriers").union_all()
    assert dataset.layer("crossings").distance(barriers).max() < 1.5


@pytest.mark.full
def test_the_town_of_pyrosm_imported_twice_is_the_same(tmp_path, pyrosm_town):
    layers = read_osm(pyrosm_town).layers
    counts = {name: len(frame) for name, frame in layers.items()}
    assert counts == {"communities": 24, "buildings": 2193, "roads": 331, "barriers": 3, "crossings": 8}
    dataset = import_osm(pyrosm_town, tmp_path / "into", unit_rules=RULES)
    check_town(dataset, layers)
    first = dataset.manifest.files
    again = import_osm(pyrosm_town, tmp_path / "into", unit_rules=RULES)
    assert again.manifest.files == first
    assert len(again.manifest.sources) == 1
    assert again.findings() == dataset.findings()


def test_rings_that_plain_geopandas_refuses_are_dropped_and_reported(pyrosm_town):
    broken = pyrosm_town.with_name("Helsinki.osm.pbf")
    result = read_osm(broken)
    assert "geometry.dropped" in {finding.rule for finding in result.findings}
    assert result.layers["buildings"].geometry.is_valid.all()


@pytest.mark.full
def test_the_town_of_bayreuth(tmp_path, shared):
    path = shared / "data" / "bayreuth" / "north-bayreuth.osm.gz"
    layers = read_osm(path).layers
    assert (len(layers["communities"]), len(layers["buildings"]), len(layers["roads"])) == (168, 4267, 2056)
    dataset = import_osm(path, tmp_path / "into", unit_rules=RULES)
    check_town(dataset, layers)
    homes = dataset.layer("units").query("kind == 'community'")["unit_id"]
    assert dataset.layer("buildings")["unit_id"].isin(homes).sum() == 3786
