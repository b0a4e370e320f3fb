"""Where rows are: every way coordinates contradict what is said of them is found and explained."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import MissingCRSError, MissingDatumError, PlanningError, UsageError
from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

EAST, NORTH, ZONE = 401_707, 4_501_466, 37_000_000
NAMES = {"小区名称": ["甲", "乙", "丙"], "户数": [10, 20, 30]}


def yards(east=EAST, north=NORTH, crs=4546, *, swapped=False):
    shapes = [shapely.box(east + 100 * i, north, east + 80 + 100 * i, north + 80) for i in range(3)]
    if swapped:
        shapes = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in shapes]
    return gpd.GeoDataFrame(NAMES, geometry=shapes, crs=crs)


def labelled(frame, crs):
    return frame.set_crs(crs, allow_override=True)


DEGREES = yards().to_crs(4490)
SWAPPED = DEGREES.set_geometry(
    gpd.GeoSeries(shapely.transform(DEGREES.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=4490)
)


def run(tmp_path, frame, name="a.gpkg", **options):
    path = tmp_path / name
    frame.to_file(path) if isinstance(frame, gpd.GeoDataFrame) else frame.to_csv(path, index=False)
    return import_paths(
        [path], tmp_path / "D", options=ImportOptions(layer="communities", **options), unit_rules=UnitRules()
    )


def table(x, y, columns=("X", "Y"), step=90):
    return pd.DataFrame({**NAMES, columns[0]: np.add(x, [0, step, 2 * step]), columns[1]: y})


@pytest.mark.parametrize(
    ("frame", "options"),
    [
        (yards(), {}),
        (yards(ZONE + EAST, crs=4525), {}),
        (yards().to_crs(4545), {}),
        (yards().to_crs(4547), {}),
        (yards().to_crs(3857), {}),
        (DEGREES, {}),
        (DEGREES.to_crs(4326), {"datum": "wgs84"}),
        (yards(swapped=True), {}),
        (yards(ZONE + EAST, crs=4525, swapped=True), {}),
        (labelled(yards(ZONE + EAST), 4546), {"crs": "EPSG:4525"}),
        (labelled(yards(), 4326), {"crs": "EPSG:4546"}),
    ],
)
def test_the_same_place_however_it_is_written(tmp_path, frame, options):
    units = run(tmp_path, frame, **options).dataset.layer("units")
    assert units.crs.to_epsg() == 4546
    assert units.total_bounds == pytest.approx([EAST, NORTH, EAST + 280, NORTH + 80], abs=0.01)


@pytest.mark.parametrize(
    ("frame", "name", "options", "error", "remedy"),
    [
        (yards(ZONE + EAST), "a.gpkg", {}, UsageError, "--crs EPSG:4525"),
        (yards(crs=4525), "a.gpkg", {}, UsageError, "--crs EPSG:4546"),
        (labelled(DEGREES, 4546), "a.gpkg", {}, UsageError, "--crs EPSG:4490"),
        (labelled(yards(), 4326), "a.geojson", {"datum": "wgs84"}, MissingCRSError, "--crs EPSG:4546"),
        (labelled(yards(ZONE + EAST), 4326), "a.geojson", {"datum": "wgs84"}, MissingCRSError, "--crs EPSG:4525"),
        (SWAPPED, "a.gpkg", {}, UsageError, "Longitude and latitude are swapped"),
        (labelled(SWAPPED, 4326), "a.geojson", {"datum": "gcj02"}, UsageError, "swapped"),
        (labelled(DEGREES, 4326), "a.geojson", {}, MissingDatumError, "--datum"),
        (labelled(yards(), 2383), "a.gpkg", {}, MissingDatumError, "CGCS2000"),
        (table(EAST, NORTH), "a.csv", {}, MissingCRSError, "--crs EPSG:4546"),
        (table(ZONE + EAST, NORTH), "a.csv", {}, MissingCRSError, "--crs EPSG:4525"),
        (table(ZONE + EAST, NORTH), "a.csv", {"crs": "EPSG:4546"}, UsageError, "--crs EPSG:4525"),
    ],
)
def test_a_contradiction_is_refused_with_the_remedy(tmp_path, frame, name, options, error, remedy):
    with pytest.raises(PlanningError) as refused:
        run(tmp_path, frame, name, **options)
    assert isinstance(refused.value, error)
    assert remedy in refused.value.en
    assert "a." in refused.value.zh
    assert not (tmp_path / "D").exists()


def test_survey_axes_are_exchanged_in_maps_and_tables_and_told(tmp_path):
    for folder, frame, name in (("m", yards(swapped=True), "a.gpkg"), ("t", table(NORTH, EAST), "a.csv")):
        (tmp_path / folder).mkdir()
        report = run(tmp_path / folder, frame, name, crs="EPSG:4546")
        assert "crs.axes_swapped" in [f.rule for f in report.findings]
        centre = report.dataset.layer("units").geometry.centroid
        assert centre.x.between(400_000, 403_000).all()


@pytest.mark.parametrize(
    "frame",
    [
        table(40.65, 109.84, ("经度", "纬度"), 0.01),
        pd.DataFrame({"小区名称": ["甲", "乙", "丙"], "经纬度": [f"N40.65{k}，E109.84{k}" for k in range(3)]}),
    ],
    ids=["two columns", "one cell"],
)
def test_columns_of_degrees_that_are_exchanged_are_put_right_and_told(tmp_path, frame):
    report = run(tmp_path, frame, "a.csv", datum="wgs84")
    assert "crs.degrees_swapped" in [f.rule for f in report.findings]
    places = report.dataset.layer("communities").to_crs(4326).geometry.centroid
    assert places.x.between(109.8, 109.9).all()


def test_a_shape_around_the_world_leaves_its_row_without_a_place(tmp_path):
    frame = labelled(DEGREES, 4326)
    frame.loc[0, "geometry"] = shapely.box(-179, 40, 179, 41)
    report = run(tmp_path, frame, "a.geojson", datum="wgs84")
    (told,) = [f for f in report.findings if f.rule == "geometry.out_of_bounds"]
    assert told.row == 1
    assert report.dataset.layer("units").set_index("name")["geom_quality"]["甲"] == "missing"


def test_a_layer_on_the_wrong_datum_is_warned_of_with_the_vector(tmp_path):
    rng = np.random.default_rng(0)
    boxes = [
        shapely.box(x, y, x + w, y + w)
        for x, y, w in zip(
            EAST + 400 * (np.arange(40) % 8), NORTH + 400 * (np.arange(40) // 8), rng.uniform(80, 240, 40), strict=True
        )
    ]
    there = gpd.GeoDataFrame({"小区名称": [f"小区{i}" for i in range(40)]}, geometry=boxes, crs=4546)
    run(tmp_path, there)
    moved = there.translate(489, 128)  # GCJ-02 at this place
    amap = gpd.GeoDataFrame({"小区名称": there["小区名称"]}, geometry=moved, crs=4546).to_crs(4326)
    report = run(tmp_path, amap, "b.geojson", datum="wgs84")
    (told,) = [f for f in report.findings if f.rule == "datum.shift"]
    assert told.severity == "error"
    assert "--datum gcj02" in told.en
    east, north = (float(part.split()[1]) for part in told.value.split(", "))
    assert (east, north) == (pytest.approx(489, abs=25), pytest.approx(128, abs=25))
