"""What people know stands above the layers, survives imports, and can be taken back."""

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import translate

from geo.adjacency.graph import explain_pair, refresh_graph
from geo.corrections.store import Correction, add_override, correct_gates, list_overrides, remove_override
from geo.errors import UnknownCodeError, UsageError
from geo.importing import ImportOptions, import_paths
from geo.rules import NeighbourRules, UnitRules
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.manifest import file_sha256, new_manifest

CRS = "EPSG:4546"
S, T = "150203001", "150203002"
#        a b | c     d      100 m wide; the railway runs between b and c with one underpass; d is far
PLACES = {"a": 0, "b": 120, "c": 240, "d": 600}
SAYS = {"author": "张三", "reason": "现场踏勘", "date": "2026-06-30"}


def at(shape):
    return translate(shape, 440_000, 4_497_000)


@pytest.fixture
def town(tmp_path):
    units = gpd.GeoDataFrame(
        {"unit_id": list(PLACES), "street_code": [S, S, S, S]},
        geometry=[at(box(x, 0, x + 100, 80)) for x in PLACES.values()],
        crs=CRS,
    ).assign(
        kind="community",
        name="甲",
        geom_quality="digitised",
        households_quality="missing",
        floor_area_m2_quality="missing",
        built_year_quality="missing",
    )
    rail = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"]}, geometry=[at(LineString([(230, -500), (230, 500)]))], crs=CRS
    )
    underpass = gpd.GeoDataFrame({"crossing_id": ["u"], "kind": ["underpass"]}, geometry=[at(Point(230, 100))], crs=CRS)
    layers = {"units": units, "barriers": rail, "crossings": underpass}
    return write_dataset(tmp_path / "city", new_manifest("虚构城", CRS), layers)


def fate(dataset, a, b, **rules):
    _, graph = refresh_graph(open_dataset(dataset.folder), NeighbourRules(**rules))
    return explain_pair(graph, a, b)


def pair(what, *units):
    return Correction(what, units=units, **SAYS)


CLOSED = Correction("closed", target="u", **SAYS)


def test_a_closed_crossing_saves_no_pair(town):
    assert fate(town, "b", "c").crossing_id == "u"
    add_override(town, CLOSED)
    assert fate(town, "b", "c").blocked_by == "railway:r"


def test_a_footbridge_somebody_knows_of_saves_a_pair(town):
    town, _ = add_override(town, CLOSED)
    bridge = Correction("passage", place=at(Point(230, -60)), **SAYS)
    town, override_id = add_override(town, bridge)
    found = fate(town, "b", "c")
    assert (found.allowed, found.crossing_id) == (True, override_id)


def test_two_are_not_neighbours_by_somebodys_word(town):
    _, override_id = add_override(town, pair("not_neighbours", "b", "a"))
    found = fate(town, "a", "b")
    assert (found.allowed, found.blocked_by) == (False, f"override:{override_id}")
    assert found.override_id == override_id


def test_two_are_neighbours_by_somebodys_word_however_far(town):
    _, override_id = add_override(town, pair("neighbours", "d", "c"))
    found = fate(town, "c", "d")
    assert (found.allowed, found.blocked_by, found.override_id) == (True, None, override_id)
    assert found.gap_m == 260.0
    assert found.walk_m == 338.0


def test_a_word_opens_no_border_of_streets(town):
    units = town.layer("units").assign(street_code=[S, S, S, T])
    town = write_dataset(town.folder, town.manifest, {"units": units})
    town, _ = add_override(town, pair("neighbours", "c", "d"))
    assert fate(town, "c", "d").blocked_by == "street"


def test_no_layer_is_altered_and_taking_back_restores_every_byte(town):
    refresh_graph(town, NeighbourRules())
    before = {name: file_sha256(town.folder / name) for name in open_dataset(town.folder).manifest.files}
    town, override_id = add_override(open_dataset(town.folder), CLOSED)
    refresh_graph(town, NeighbourRules())
    source = {name for name in before if name not in ("edges.parquet", "walks.parquet")}
    assert {name: file_sha256(town.folder / name) for name in source} == {n: before[n] for n in source}
    refresh_graph(remove_override(open_dataset(town.folder), override_id), NeighbourRules())
    assert {name: file_sha256(town.folder / name) for name in before} == before
    assert list_overrides(open_dataset(town.folder)).empty


@pytest.mark.parametrize("replace_layer", [False, True])
def test_a_correction_survives_importing_crossings_again(town, tmp_path, replace_layer):
    add_override(town, CLOSED)
    again = gpd.GeoDataFrame(
        {"crossing_id": ["u", "v"], "kind": ["underpass", "bridge"]},
        geometry=[at(Point(230, 100)), at(Point(230, 4000))],
        crs=CRS,
    )
    again.to_file(tmp_path / "crossings.gpkg")
    import_paths(
        [tmp_path / "crossings.gpkg"],
        town.folder,
        unit_rules=UnitRules(),
        options=ImportOptions(layer="crossings", replace=replace_layer),
    )
    assert len(open_dataset(town.folder).layer("crossings")) == 2
    assert fate(town, "b", "c").blocked_by == "railway:r"


def test_a_correction_of_what_is_gone_sleeps_until_it_is_back(town):
    town, _ = add_override(town, CLOSED)
    town, _ = add_override(town, pair("neighbours", "c", "d"))
    assert list_overrides(town)["in_force"].all()
    crossings, units = town.layer("crossings"), town.layer("units")
    town = write_dataset(
        town.folder, town.manifest, {"crossings": crossings[:0], "units": units[units["unit_id"] != "d"]}
    )
    assert not list_overrides(town)["in_force"].any()
    town, _ = refresh_graph(town, NeighbourRules())
    town = write_dataset(town.folder, town.manifest, {"crossings": crossings, "units": units})
    assert list_overrides(town)["in_force"].all()


def test_who_said_what_before_is_kept(town):
    town, _ = refresh_graph(town, NeighbourRules())
    town, _ = add_override(town, pair("not_neighbours", "a", "b"))
    row = list_overrides(town).iloc[0]
    assert (row["old"], row["new"]) == ("neighbours", "not_neighbours")
    assert (row["author"], row["reason"], row["date"]) == tuple(SAYS.values())


def test_a_closed_gate_is_no_gate():
    gates = gpd.GeoDataFrame(
        {"gate_id": ["g", "h"], "is_open": [None, True]}, geometry=shapely.points([(0, 0), (1, 1)])
    )
    closed = gpd.GeoDataFrame({"what": ["closed"], "target_id": ["g"]}, geometry=[None])
    assert correct_gates(gates, closed)["is_open"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (replace(CLOSED, author=" "), UsageError),
        (replace(CLOSED, reason=""), UsageError),
        (replace(CLOSED, date="yesterday"), UsageError),
        (replace(CLOSED, target="nobody"), UnknownCodeError),
        (replace(CLOSED, target=None), UsageError),
        (pair("neighbours", "a", "a"), UsageError),
        (pair("neighbours", "a", "z"), UnknownCodeError),
        (Correction("passage", **SAYS), UsageError),
        (Correction("passage", place=Point(0, 0), kind="rope", **SAYS), UsageError),
    ],
)
def test_what_does_not_say_who_why_when_and_what_is_refused(town, wrong, error):
    with pytest.raises(error):
        add_override(town, wrong)
    assert not open_dataset(town.folder).has("overrides")


def test_the_same_is_not_corrected_twice(town):
    town, override_id = add_override(town, pair("neighbours", "c", "d"))
    with pytest.raises(UsageError, match=override_id):
        add_override(town, pair("not_neighbours", "d", "c"))
    with pytest.raises(UnknownCodeError):
        remove_override(town, "o0")
