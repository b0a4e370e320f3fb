"""What the page does when data are corrected: the plan grows old, and young again when taken back."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from app.desks.corrections.correcting import (
    CorrectionForm,
    check_form,
    list_crossing_options,
    list_near_units,
    list_value_changes,
    make_correction_rows,
    parse_shape,
    read_outline,
    store_form,
    withdraw,
)
from app.desks.plans.carry import carry_page
from app.i18n import load_words
from app.session.audit import format_changes
from app.session.plan_session import PlanSession, StalePageError
from geo.corrections.user_geometry import read_geometry
from geo.errors import UsageError
from geo.storage.dataset import open_dataset

ZH = load_words("zh")


@pytest.fixture(scope="module")
def town():
    spec = importlib.util.spec_from_file_location("town", Path(__file__).resolve().parents[2] / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shown(town, tmp_path):
    """A town of imported layers, with a plan made for it."""
    folder = town.build_imported_town(tmp_path / "town")
    plan = tmp_path / "plan.json"
    document = town.build_plan(open_dataset(folder), 10, 6)
    plan.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return PlanSession(folder, plan)


def told(section, unit="C011", shape=None, **fields):
    return CorrectionForm(section, unit, fields, shape, "王工", "核对")


def test_a_plan_is_of_older_data_after_a_correction_and_valid_when_it_is_taken_back(shown):
    data = shown.current_page()
    assert data.bench.plan is not None
    assert store_form(shown, data.version, told("values", households="1,234", management_mode="quasi")) == 2
    old = shown.open(data.bench.version.id)
    assert old.bench.context.is_past  # shown on the data it was made for
    with pytest.raises(StalePageError):
        store_form(shown, data.version, told("values", households="1"))
    carry_page(shown, data.version, "李工", ZH)
    after = shown.current_page()
    for row in make_correction_rows(after.bench, ZH):
        carry_page(shown, shown.current_page().version, "李工", ZH)
        withdraw(shown, shown.current_page().version, row["id"], "李工", "原台账无误")
    assert shown.current_page().bench.plan is not None
    lines = format_changes(shown, ZH)
    assert len(lines) == 4
    assert "李工 撤回数值 C011" in lines[0]
    with pytest.raises(UsageError):
        withdraw(shown, shown.current_page().version, "o1", "李工", " ")


def test_before_and_after_are_told_in_words(shown):
    bench = shown.current_page().bench
    (change,) = list_value_changes(bench, told("values", management_mode="none", street_code="150299001"), ZH)
    assert change.label == "管理方式"
    assert change.after == "无物业"
    with pytest.raises(UsageError, match="没有改动"):
        store_form(shown, shown.current_page().version, told("values", street_code="150299001"))
    with pytest.raises(UsageError):
        list_value_changes(bench, told("values", households="很多"), ZH)


def test_a_pasted_outline_is_judged_before_it_is_kept(shown):
    bench = shown.current_page().bench
    unit = bench.units.set_index("unit_id").geometry["C011"]
    wide = unit.buffer(40).envelope
    text = json.dumps(parse_shape(bench, wide.wkt))
    found = check_form(bench, told("outline", shape=text), ZH)
    assert found[0] == ("info", f"面积 {round(wide.area):,} ㎡")
    assert any(severity == "warning" and "重叠" in sentence for severity, sentence in found)
    with pytest.raises(UsageError, match="画出"):
        store_form(shown, shown.current_page().version, told("outline"))
    assert list_near_units(bench, "C011", ZH)[0]["label"].endswith("34 米")
    assert list_crossing_options(bench, ZH)[0]["label"].endswith("中街下穿")


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("merge", {}),
        ("neighbours", {"other": "nobody"}),
        ("split", {"west_households": "1.5"}),
        ("passage", {"passage": "closed"}),
        ("passage", {"passage": "open"}),
    ],
)
def test_what_lacks_something_is_refused_with_a_sentence(shown, section, fields):
    before = open_dataset(shown.folder).manifest
    shape = '{"type":"LineString","coordinates":[[109,40],[110,41]]}' if section == "split" else None
    with pytest.raises((UsageError, LookupError)):
        store_form(shown, shown.current_page().version, told(section, shape=shape, **fields))
    assert open_dataset(shown.folder).manifest == before


def test_an_outline_comes_to_the_page_and_back_with_its_holes_and_parts(shown):
    bench = shown.current_page().bench
    at = bench.position_of["C011"]
    own = bench.units.geometry.iloc[at]
    two = shapely.MultiPolygon([own.difference(own.centroid.buffer(10)), shapely.affinity.translate(own, 0, 1000)])
    units = bench.units.copy()
    units.loc[units.index[at], "geometry"] = two
    ground = replace(bench.context, layers={**bench.layers, "units": units})
    found = read_outline(replace(bench, context=ground), "C011")
    back = read_geometry(json.dumps(found["shape"]), bench.dataset.manifest.metric_crs, "EPSG:4326")
    assert found["unit"] == at
    assert back.hausdorff_distance(two) < 0.002
    assert [len(part.interiors) for part in back.geoms] == [1, 0]
    assert read_outline(bench, "nobody") is None
