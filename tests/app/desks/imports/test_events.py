"""What a planner presses in the import wizard, and what it changes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from app.desks.imports.events import WizardEvent, apply_event
from app.desks.imports.runs import AboutDataset, FileChoice
from app.i18n import load_words
from app.web.layout.imports.wizard import wizard_body
from geo.importing import import_paths
from geo.storage.dataset import open_dataset
from tests.app.import_files import TOKEN, drop, tried


def put_in(desk, path):
    """What a colleague imports meanwhile."""
    options = FileChoice(datum="wgs84").options()
    import_paths([path], desk.session.folder, options=options, unit_rules=desk.session.policy.unit_rules())
    desk.session.current_page()


def column(desk, header):
    """Place of a column of the first file, and what it is taken for."""
    columns = desk.view(TOKEN).files[0].preview.layers[0].columns
    at = next(i for i, one in enumerate(columns) if one.source == header)
    return at, columns[at]


def test_a_column_is_put_right_by_the_planner(desk, tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text("小区名称,街道,丙栏,户数\n红星小区,东街道,7,300\n", encoding="utf-8")
    drop(desk, path)
    at, before = column(desk, "丙栏")
    assert before.role == "ignored"
    said = {"kind": "wizard-column", "file": "f1", "column": at}
    apply_event(desk, TOKEN, WizardEvent(**said, value="households"))
    assert column(desk, "丙栏")[1].field == "households"
    assert column(desk, "丙栏")[1].is_said
    apply_event(desk, TOKEN, WizardEvent(**{**said, "column": column(desk, "户数")[0]}, value="households"))
    assert column(desk, "丙栏")[1].role == "ignored"  # a field is filled once
    desk.start_trying(TOKEN).join(60)
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    stored = open_dataset(desk.session.folder).layer("communities")
    assert stored["households"].tolist() == [300]
    desk.start_over(TOKEN)
    view = drop(desk, path)
    assert {c.source: c.field for c in view.files[0].preview.layers[0].columns}["户数"] == "households"


def test_columns_drawn_again_are_no_answer(desk, ledger):
    drop(desk, ledger)
    for at, one in enumerate(desk.view(TOKEN).files[0].preview.layers[0].columns):
        event = WizardEvent("wizard-column", file="f1", column=at, value=one.field or "")
        apply_event(desk, TOKEN, event)
    apply_event(desk, TOKEN, WizardEvent("wizard-answer", "replace", "f1", "add"))
    assert desk.view(TOKEN).files[0].choice == FileChoice()


def test_a_table_of_unknown_columns_is_read_once_they_are_named(desk, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("甲一,乙二,丙三\n红星小区,东街道,300\n前进小区,东街道,410\n", encoding="utf-8")
    drop(desk, path)
    assert desk.view(TOKEN).files[0].preview.questions == ("layer",)
    desk.answer(TOKEN, "f1", "layer", "communities")
    for header, field in (("甲一", "name"), ("乙二", "street_name"), ("丙三", "households")):
        desk.answer_column(TOKEN, "f1", 0, header, field)
    view = tried(desk)
    assert view.fault is None
    assert dict(view.report.stored) == {"communities": 2}


def test_controls_that_tell_what_they_already_show_change_nothing(desk, ledger, monkeypatch):
    drop(desk, ledger)
    monkeypatch.setattr(desk, "answer", lambda *_: pytest.fail("nothing was answered"))
    for question, value in (("layer", "communities"), ("layer", None), ("datum", None), ("crs", "")):
        apply_event(desk, TOKEN, WizardEvent("wizard-answer", question, "f1", value))


def points(path, lon="经度", lat="纬度", names=("红星小区", "前进小区", "和平里")):
    table = {"小区名称": list(names), "户数": 300, lon: [110.3012, 110.3047, 110.3081], lat: 40.6013}
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def test_one_click_for_all_leaves_files_that_say_another_datum(desk, tmp_path, outlines):
    baidu = points(tmp_path / "百度坐标.csv", names=("一", "二", "三"))
    header = points(tmp_path / "乙.csv", "高德经度", "高德纬度", names=("四", "五", "六"))
    view = drop(desk, outlines, baidu, header)
    assert all(file.preview.questions == ("datum",) for file in view.files)
    shown = str(wizard_body(view, None, None, TOKEN, load_words("zh")))
    assert "百度坐标.csv 自己写明了坐标" in shown
    assert "表头“高德经度”写的是" in shown
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum_all", "cgcs2000"))
    view = desk.view(TOKEN)
    assert [file.choice.datum for file in view.files] == ["cgcs2000", None, None]
    assert not view.is_ready
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum:bd09", view.files[1].key))
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum:cgcs2000", view.files[2].key))
    view = desk.view(TOKEN)
    assert view.is_ready
    shown = str(wizard_body(view, view.files[2].key, None, TOKEN, load_words("zh")))
    assert "您选的 CGCS2000 与文件所写不同" in shown
    report = tried(desk).report
    assert [f.file for f in report.findings if f.rule == "datum.words_overruled"] == ["乙.csv"]


def test_a_stated_crs_that_its_name_contradicts_is_asked_too(desk, tmp_path, outlines):
    path = tmp_path / "百度小区.gpkg"
    gpd.read_file(outlines).set_crs(4490, allow_override=True).to_file(path)
    view = drop(desk, path)
    assert view.files[0].preview.questions == ("datum",)
    desk.answer(TOKEN, view.files[0].key, "datum", "bd09")
    assert desk.view(TOKEN).is_ready
    assert "datum.over_stated" in {f.rule for f in tried(desk).report.findings}


def test_a_shift_is_shown_as_a_warning_with_a_button_that_mends_it(desk, tmp_path):
    rng = np.random.default_rng(0)
    boxes = [
        shapely.box(x, y, x + w, y + w)
        for x, y, w in zip(
            401_707 + 400 * (np.arange(40) % 8),
            4_501_466 + 400 * (np.arange(40) // 8),
            rng.uniform(80, 240, 40),
            strict=True,
        )
    ]
    names = [f"小区{i}" for i in range(40)]
    right = gpd.GeoDataFrame({"小区名称": names}, geometry=boxes, crs=4546)
    right.to_file(tmp_path / "边界.gpkg")
    put_in(desk, tmp_path / "边界.gpkg")
    moved = gpd.GeoDataFrame({"小区名称": names}, geometry=right.translate(489, 128), crs=4546).to_crs(4326)
    moved.to_file(tmp_path / "小区.geojson")
    view = drop(desk, tmp_path / "小区.geojson")
    key = view.files[0].key
    desk.answer(TOKEN, key, "datum", "cgcs2000")
    view = tried(desk)
    ((file, layer, shift),) = view.report.shifts
    assert (file, layer, shift.datum) == ("小区.geojson", "communities", "gcj02")
    assert "datum.shift" in {f.rule for f in view.report.findings if f.severity == "error"}
    shown = str(wizard_body(view, None, None, TOKEN, load_words("zh")))
    assert "整体偏移" in shown
    assert "按 GCJ-02 重新检查这个文件" in shown
    desk.try_on_datum(TOKEN, key, "gcj02").join(60)
    view = desk.view(TOKEN)
    assert (view.phase, view.report.shifts) == ("tried", ())
    assert view.files[0].choice.datum == "gcj02"
