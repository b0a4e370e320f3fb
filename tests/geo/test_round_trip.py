"""What is stored, written out and imported again is the same, for every layer and format."""

from __future__ import annotations

import datetime
import string

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules
from geo.schema import IMPORTABLE, KEYS, LAYERS
from geo.storage.layer_frames import shape_layer
from geo.values.credit_codes import check_character

METRIC = "EPSG:4546"
NAMES = ("红星小区", "绿园", "东风里 3号院", "阳光家园(北区)", "甲乙丙")
KINDS = {
    "communities": "polygon",
    "buildings": "polygon",
    "streets": "polygon",
    "boundary": "polygon",
    "neighbourhoods": "polygon",
    "open_spaces": "polygon",
    "roads": "line",
    "barriers": "line",
    "crossings": "point",
    "gates": "point",
    "service_points": "point",
    "ebike_sites": "point",
}
YEARS = (
    (None, None, None, None),
    (1998, 1998, 1998, "reported"),
    (1998, 1998, 2003, "reported"),
    (1985, 1980, 1989, "estimated"),
    (None, 2001, None, None),
    (None, None, 1999, None),
)
CODE = st.text(alphabet=string.digits, min_size=6, max_size=12)
TEXTS = st.sampled_from(NAMES)


def values(field):
    """Values a field may hold, missing ones among them unless it is required."""
    if field.choices:
        made = st.sampled_from(field.choices)
    elif field.kind == "integer":
        made = st.integers(int(field.least or 0), int(min(field.most or 999, 999)))
        if field.name.startswith("built_year"):
            made = st.integers(1950, 2024)
    elif field.kind in ("number", "share"):
        low, high = field.least or 0.0, min(field.most or 1e5, 1e5)
        made = st.integers(0, 1000).map(lambda i: round(low + (high - low) * i / 1000, 3))
    elif field.kind == "boolean":
        made = st.booleans()
    elif field.kind == "date":
        last = datetime.date(2040 if field.name in ("start_date", "end_date") else 2025, 1, 1)
        made = st.dates(datetime.date(2000, 1, 1), last).map(str)
    elif field.name == "uscc":
        made = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17).map(
            lambda first: first + check_character(first)
        )
    elif field.name.endswith(("_code", "_id", "uscc")) or field.name in ("unit_a", "unit_b"):
        made = CODE
    else:
        made = TEXTS
    return made if field.required else st.one_of(st.none(), made)


def shape(kind, i):
    x, y = 400_000 + 150.125 * i, 4_500_000 + 37.5 * i
    if kind == "point":
        return shapely.Point(x, y)
    if kind == "line":
        return shapely.LineString([(x, y), (x + 90.5, y + 20.25), (x + 120, y + 99.875)])
    return shapely.box(x, y, x + 100.5, y + 80.25)


@st.composite
def layers(draw, name):
    """A small layer with all its columns."""
    n = draw(st.integers(1, 4))
    rows = {f.name: [draw(values(f)) for _ in range(n)] for f in LAYERS[name] if f.kind != "geometry"}
    key = KEYS.get(name)
    if key is not None:
        rows[key] = [f"1502030{i:05d}" for i in range(n)]
    if name == "communities":
        rows["external_code"] = rows["unit_id"]
        rows["geom_quality"] = ["surveyed"] * n
        rows["district_code"] = ["150203"] * n  # filled by every import where a street tells it
        rows["street_code"] = ["150203001"] * n
        rows["community_type"] = [  # every import fills it where a row is stated to be a single building
            "single_building" if kind is None and is_single else kind
            for kind, is_single in zip(rows["community_type"], rows["stated_single"], strict=True)
        ]
    if name in ("communities", "buildings"):
        years = [draw(st.sampled_from(YEARS)) for _ in range(n)]
        for place, column in enumerate(("", "_from", "_to", "_quality")):
            rows[f"built_year{column}"] = [one[place] for one in years]
        for column in ("households", "floor_area_m2"):
            rows[f"{column}_quality"] = [
                None if v is None else draw(st.sampled_from(("reported", "estimated"))) for v in rows[column]
            ]
    if name == "contracts":
        pairs = zip(rows["start_date"], rows["end_date"], strict=True)
        both = [sorted(pair) if None not in pair else list(pair) for pair in pairs]
        rows["start_date"], rows["end_date"] = ([pair[i] for pair in both] for i in (0, 1))
    if name == "buildings":  # derived again by every import
        rows["unit_id"] = [None] * n
        rows["floors_quality"] = ["reported" if f is not None else None for f in rows["floors_above"]]
        rows["height_m"] = [
            h if f is not None else None for f, h in zip(rows["floors_above"], rows["height_m"], strict=True)
        ]
    if name == "reported_figures":
        rows["admin_code"] = [f"15020{i}" for i in range(n)]
    frame = pd.DataFrame(rows, dtype=object)
    if name in KINDS:
        kind = KINDS[name]
        shapes = gpd.GeoSeries([shape(kind, i) for i in range(n)], crs=METRIC)
        frame = gpd.GeoDataFrame(frame, geometry=shapes)
    return shape_layer(name, frame, METRIC)


def written(frame, path, form):
    """A layer as a file of a format; maps in degrees where the format wants them."""
    if isinstance(frame, gpd.GeoDataFrame):
        if form == "geojson":
            frame.to_crs("EPSG:4490").to_file(path, driver="GeoJSON", COORDINATE_PRECISION=12)
        elif form == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_file(path, driver="GPKG")
    elif form == "csv":
        frame.to_csv(path, index=False, encoding="utf-8-sig")
    else:
        frame.astype(object).where(frame.notna(), None).to_excel(path, index=False)
    return path


def same(a, b):
    assert list(a.columns) == list(b.columns)
    for column in a.columns:
        if column == "geometry":
            near = shapely.hausdorff_distance(a.geometry.to_numpy(), b.geometry.to_numpy())
            assert np.nan_to_num(near, nan=0).max() <= 0.0015
        else:
            pd.testing.assert_series_equal(a[column], b[column], obj=column)


def forms(name):
    return ("gpkg", "geojson", "parquet") if name in KINDS else ("csv", "xlsx")


CASES = [(name, form) for name in IMPORTABLE for form in forms(name)]

# What an import works out itself, whatever the file says; the second trip must not change it.
DERIVED = {"buildings": {"unit_id", "floors_quality", "height_m"}}


def imported(frame, name, form, folder, into):
    path = written(frame, folder / f"{into}-{name}.{form}", form)
    options = ImportOptions(layer=name, datum="cgcs2000", metric_crs=METRIC)
    return import_paths([path], folder / into, options=options, unit_rules=UnitRules()).dataset


def there_and_back(frame, name, form, folder):
    first = imported(frame, name, form, folder, "first").layer(name)
    own = [column for column in frame.columns if column not in DERIVED.get(name, ())]
    same(first[own], frame[own])
    second = imported(first, name, form, folder, "second").layer(name)
    same(second, first)


def check(name, form, factory, examples):
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(layers(name))
    def trip(frame):
        there_and_back(frame, name, form, factory.mktemp("trip"))

    trip()


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_layer_comes_back_as_it_was(tmp_path_factory, name):
    form = forms(name)[IMPORTABLE.index(name) % len(forms(name))]
    check(name, form, tmp_path_factory, 1)


@pytest.mark.full
@pytest.mark.parametrize(("name", "form"), CASES, ids=[f"{n}-{f}" for n, f in CASES])
def test_every_layer_comes_back_from_every_format(tmp_path_factory, name, form):
    check(name, form, tmp_path_factory, 12)
