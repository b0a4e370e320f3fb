"""A permit takes down the wall of streets for those it names, and for nobody else."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from geo.adjacency.graph import build_graph, explain_pair, refresh_graph
from geo.corrections.permits import Permits, read_permits
from geo.importing import ImportOptions, import_paths
from geo.rules import NeighbourRules, UnitRules
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"
S, T = "150203001", "150203002"
#        a | b   c   in a row, 20 m apart; the border of the streets runs between a and b
PLACES = {"a": (0, S), "b": (120, T), "c": (240, T)}


def units(**other_streets):
    rows = [
        (name, other_streets.get(name, street), f"{other_streets.get(name, street)}{at:03d}")
        for name, (at, street) in PLACES.items()
    ]
    return gpd.GeoDataFrame(
        rows,
        columns=["unit_id", "street_code", "neighbourhood_code"],
        geometry=[box(at, 0, at + 100, 80) for at, _ in PLACES.values()],
        crs=CRS,
    )


def permit(permit_id, *, units=(None, None), streets=(None, None), kind="cross_street"):
    return {
        "permit_id": permit_id,
        "kind": kind,
        "unit_a": units[0],
        "unit_b": units[1],
        "street_a": streets[0],
        "street_b": streets[1],
    }


def fates(rows, *, within="street", barriers=None):
    graph = build_graph(
        units(),
        gpd.GeoDataFrame() if barriers is None else barriers,
        gpd.GeoDataFrame(),
        NeighbourRules(within=within),
        permits=read_permits(pd.DataFrame(rows)) if rows else Permits(),
    )
    return {
        row.unit_a + row.unit_b: row.permit_id if row.allowed else row.blocked_by for row in graph.pairs.itertuples()
    }


def test_without_a_permit_streets_part():
    assert fates([])["ab"] == "street"


@pytest.mark.parametrize(
    "row", [permit("p", units=("b", "a")), permit("p", streets=(T, S)), permit("p", streets=(S, T), kind=None)]
)
def test_units_or_streets_that_are_named_are_joined_and_name_the_permit(row):
    assert fates([row])["ab"] == "p"


@pytest.mark.parametrize(
    "row",
    [
        permit("p", units=("a", "c")),
        permit("p", streets=(S, "150203003")),
        permit("p", units=("a", "b"), kind="anchor_capacity"),
        permit("p", units=("a", None)),
        permit("p", streets=(S, S)),
    ],
)
def test_a_permit_is_for_those_it_names(row):
    assert fates([row])["ab"] == "street"


def test_a_permit_of_the_units_is_named_before_one_of_their_streets():
    rows = [permit("p1", streets=(S, T)), permit("p3", units=("a", "b")), permit("p2", units=("b", "a"))]
    assert fates(rows)["ab"] == "p2"


def test_where_no_wall_stands_no_permit_is_named():
    named = fates([permit("p", streets=(S, T))], within="none")
    assert pd.isna(named["ab"])
    assert pd.isna(fates([permit("p", streets=(S, T))])["bc"])


def test_a_permit_lifts_no_wall_of_neighbourhoods():
    assert fates([permit("p", streets=(S, T))], within="neighbourhood")["ab"] == "neighbourhood"


def test_a_permit_opens_no_railway():
    rail = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"]}, geometry=[LineString([(110, -500), (110, 500)])], crs=CRS
    )
    assert fates([permit("p", streets=(S, T))], barriers=rail)["ab"] == "railway:r"


def test_a_permit_makes_the_graph_anew_and_a_pair_names_it(tmp_path):
    whole = units().assign(
        kind="community",
        name="甲",
        geom_quality="digitised",
        households_quality="missing",
        floor_area_m2_quality="missing",
        built_year_quality="missing",
    )
    dataset = write_dataset(tmp_path, new_manifest("虚构城", CRS), {"units": whole})
    dataset, graph = refresh_graph(dataset, NeighbourRules())
    assert explain_pair(graph, "a", "b").blocked_by == "street"
    before = dataset.manifest.planning_sha256
    rows = pd.DataFrame([permit("p", units=("a", "b"))])
    write_dataset(tmp_path, dataset.manifest, {"permits": rows})
    dataset, graph = refresh_graph(open_dataset(tmp_path), NeighbourRules())
    assert explain_pair(graph, "b", "a").permit_id == "p"
    assert dataset.manifest.planning_sha256 != before


def test_permits_are_imported_with_names_of_units_or_streets(tmp_path):
    (tmp_path / "streets.csv").write_text(f"街道代码,街道名称\n{S},前街道\n{T},后街道\n", "utf-8")
    (tmp_path / "communities.csv").write_text(
        f"小区编码,小区名称,街道代码,户数\nA1,红星小区,{S},100\nB1,东风小区,{T},200\n", "utf-8"
    )
    (tmp_path / "permits.csv").write_text(
        "批准编号,小区甲,小区乙,街道甲,街道乙,批准理由,文号\n"
        "p1,红星小区,B1,,,同一锅炉房,包物〔2026〕1号\np2,,,前街道,后街道,共用大门,包物〔2026〕2号\n",
        "utf-8",
    )
    for name in ("streets", "communities", "permits"):
        report = import_paths(
            [tmp_path / f"{name}.csv"],
            tmp_path / "city",
            options=ImportOptions(layer="permits" if name == "permits" else None),
            unit_rules=UnitRules(),
        )
    stored = report.dataset.layer("permits")
    assert read_permits(stored) == Permits({("A1", "B1"): "p1"}, {(S, T): "p2"})
    assert stored["reason"].tolist() == ["同一锅炉房", "共用大门"]
