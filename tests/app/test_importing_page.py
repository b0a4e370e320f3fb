"""The import wizard behind its screen: previews ask what is open, a try stores nothing, routes guard."""

import io
import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from app.desks.imports.events import WizardEvent, apply_event, draw_shown_file
from app.desks.imports.preview import preview_file
from app.desks.imports.preview_map import draw_extent
from app.desks.imports.runs import AboutDataset, FileChoice, copy_dataset
from app.desks.imports.session import ImportSession, remove_abandoned
from app.i18n import load_words
from app.session.plan_session import PlanSession
from app.web.layout.imports.wizard import wizard_body
from app.web.main import create_app
from geo.importing import import_paths
from geo.storage.dataset import check_hashes, open_dataset
from geo.storage.manifest import file_sha256

TOKEN = "t" * 24
OWN = {"X-Pianqu": "1", "Content-Type": "application/octet-stream"}


def square(x, y, side=0.002):
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(names, x=110.3, y=40.6):
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": name, "户数": 300 + k, "联系电话": "13800000000"},
            "geometry": square(x + 0.003 * k, y),
        }
        for k, name in enumerate(names)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@pytest.fixture
def outlines(tmp_path):
    path = tmp_path / "小区边界.geojson"
    path.write_text(geojson(["红星小区", "前进小区", "和平里"]), encoding="utf-8")
    return path


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "小区台账.xlsx"
    table = {
        "街道": ["东街道"] * 3,
        "小区名称": ["红星小区", "前进小区", "新华苑"],
        "户数": ["1，200户", "见附件", 410],
    }
    pd.DataFrame(table).to_excel(path, index=False)
    return path


@pytest.fixture
def desk(tmp_path):
    made = ImportSession(PlanSession(tmp_path / "city", None))
    yield made
    made.close()


def drop(desk, *paths):
    for path in paths:
        with path.open("rb") as stream:
            desk.add(TOKEN, path.name, stream)
    return desk.view(TOKEN)


def tried(desk):
    desk.start_trying(TOKEN).join(60)
    return desk.view(TOKEN)


def put_in(desk, path):
    """What a colleague imports meanwhile."""
    options = FileChoice(datum="wgs84").options()
    import_paths([path], desk.session.folder, options=options, unit_rules=desk.session.policy.unit_rules())
    desk.session.current_page()


# --- previews -----------------------------------------------------------------------------------


def test_degrees_without_a_datum_are_a_question(outlines):
    open_ = preview_file(outlines, FileChoice())
    assert (open_.questions, open_.faults) == (("datum",), ())
    answered = preview_file(outlines, FileChoice(datum="gcj02"))
    assert answered.is_ready
    moved = [preview.layers[0].shapes[0].bounds[0] for preview in (open_, answered)]
    assert moved[0] - moved[1] == pytest.approx(0.0058, abs=0.002)


def test_a_preview_shows_names_columns_rows_and_hides_persons(outlines):
    layer = preview_file(outlines, FileChoice()).layers[0]
    assert layer.layer == "communities"
    assert layer.names == ("红星小区", "前进小区", "和平里")
    assert {c.source: c.role for c in layer.columns} == {"小区名称": "field", "户数": "field", "联系电话": "personal"}
    assert "联系电话" not in layer.head[0]
    assert layer.head[0]["户数"] == "300"


def test_a_layer_nobody_recognises_is_a_question(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    open_ = preview_file(path, FileChoice())
    assert open_.questions == ("layer",) or open_.faults


def test_metres_without_a_crs_are_a_question(tmp_path):
    path = tmp_path / "点.csv"
    path.write_text("小区名称,X坐标,Y坐标\n红星小区,402000,4500000\n", encoding="utf-8")
    assert preview_file(path, FileChoice()).questions == ("crs",)
    assert preview_file(path, FileChoice(crs="EPSG:4546")).is_ready


def test_barriers_of_unknown_kind_are_a_question(tmp_path):
    path = tmp_path / "铁路.geojson"
    line = {"type": "LineString", "coordinates": [[110.3, 40.6], [110.4, 40.6]]}
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"名称": "京包线"}, "geometry": line}],
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    choice = FileChoice(layer="barriers", datum="wgs84")
    assert preview_file(path, choice).questions == ("kind",)
    assert preview_file(path, choice.with_answer("kind", "railway")).is_ready


def test_a_virtual_format_under_a_false_name_is_refused(tmp_path):
    path = tmp_path / "边界.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    preview = preview_file(path, FileChoice())
    assert not preview.layers
    assert "边界.geojson" in preview.fault[0]


def test_the_picture_of_an_extent_holds_no_text_of_the_file(outlines):
    shapes = preview_file(outlines, FileChoice()).layers[0].shapes
    picture = draw_extent(shapes, [])
    assert picture.startswith("data:image/svg+xml;base64,")
    assert len(picture) < 20_000


# --- one import ---------------------------------------------------------------------------------


def test_a_try_stores_nothing_and_the_import_does_what_was_tried(desk, outlines, ledger):
    view = drop(desk, outlines, ledger)
    assert not view.is_ready
    assert view.is_new
    assert desk.start_trying(TOKEN) is None
    desk.answer_all(TOKEN, "datum", "cgcs2000")
    view = tried(desk)
    assert view.phase == "tried"
    assert dict(view.report.rows) == {"communities": 6}
    assert {f.rule for f in view.report.findings} >= {"value.unreadable", "columns.personal"}
    assert not desk.session.folder.exists()
    desk.start_storing(TOKEN, AboutDataset(name="东区", data_date="2026-06-30")).join(60)
    done = desk.view(TOKEN)
    assert (done.phase, done.fault) == ("stored", None)
    assert [f.rule for f in done.report.findings] == [f.rule for f in view.report.findings]
    dataset = open_dataset(desk.session.folder)
    assert (dataset.manifest.name, dataset.manifest.data_date) == ("东区", "2026-06-30")
    assert len(dataset.layer("units")) == 4
    assert dataset.has("edges")
    assert len(desk.session.data.bench.units) == 4


def test_a_try_on_a_dataset_leaves_every_byte_as_it_was(desk, outlines, ledger):
    folder = desk.session.folder
    put_in(desk, outlines)
    before = {path.name: file_sha256(path) for path in folder.iterdir()}
    drop(desk, ledger)
    assert tried(desk).phase == "tried"
    assert {path.name: file_sha256(path) for path in folder.iterdir()} == before
    assert check_hashes(open_dataset(folder)) == ()


def test_a_dataset_changed_meanwhile_asks_for_another_check(desk, outlines, ledger):
    drop(desk, ledger)
    tried(desk)
    put_in(desk, outlines)
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert "检查" in desk.view(TOKEN).fault[0]
    assert len(open_dataset(desk.session.folder).layer("units")) == 3


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


def test_a_layer_is_replaced_where_the_planner_says_so(desk, outlines, ledger):
    put_in(desk, outlines)
    view = drop(desk, ledger)
    assert "communities" in view.there
    apply_event(desk, TOKEN, WizardEvent("wizard-answer", "replace", "f1", "replace"))
    assert desk.view(TOKEN).files[0].choice.replace
    report = tried(desk).report
    assert [f.zh for f in report.findings if f.rule == "layer.replaced"] == [
        "图层 communities 原有的 3 行已去掉, 换成本次导入的。"
    ]
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    names = open_dataset(desk.session.folder).layer("communities")["name"]
    assert sorted(names) == sorted(["红星小区", "前进小区", "新华苑"])


def test_an_import_that_fails_in_its_last_file_stores_nothing(desk, outlines, tmp_path):
    late = tmp_path / "铁路.geojson"
    line = {"type": "LineString", "coordinates": [[4.0e5, 4.5e6], [4.1e5, 4.5e6]]}
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"名称": "京包线"}, "geometry": line}],
    }
    late.write_text(json.dumps(body), encoding="utf-8")
    drop(desk, outlines, late)
    desk.answer(TOKEN, "f1", "datum", "cgcs2000")
    for question, value in (("layer", "barriers"), ("kind", "railway"), ("crs", "EPSG:4546")):
        desk.answer(TOKEN, "f2", question, value)
    tried(desk)
    for file in desk.view(TOKEN).files[1:]:
        file.path.write_text("{", encoding="utf-8")  # the disk fails between try and import
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert desk.view(TOKEN).fault is not None
    assert not (desk.session.folder / "manifest.json").exists()


def test_files_are_taken_out_and_an_import_is_forgotten(desk, outlines, ledger):
    view = drop(desk, outlines, ledger)
    desk.remove(TOKEN, view.files[0].key)
    assert [file.path.name for file in desk.view(TOKEN).files] == ["小区台账.xlsx"]
    folder = desk.view(TOKEN).files[0].path.parents[1]
    desk.start_over(TOKEN)
    assert desk.view(TOKEN).files == ()
    assert not folder.exists()


def test_the_same_file_again_keeps_what_was_said_about_it(desk, outlines):
    drop(desk, outlines)
    desk.answer(TOKEN, "f1", "datum", "bd09")
    view = drop(desk, outlines)
    assert [(file.key, file.choice.datum) for file in view.files] == [("f1", "bd09")]


def test_uploads_of_a_killed_server_are_removed_after_a_day(tmp_path):
    for name in ("pianqu-upload-old", "pianqu-upload-new", "other-old"):
        (tmp_path / name / "files").mkdir(parents=True)
        if name.endswith("old"):
            for path in (tmp_path / name / "files", tmp_path / name):
                os.utime(path, (1_000_000_000, 1_000_000_000))
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other-old", "pianqu-upload-new"]


def test_too_many_imports_at_once_forget_the_oldest(desk, ledger):
    for number in range(10):
        with ledger.open("rb") as stream:
            desk.add(f"{number:024d}", ledger.name, stream)
    assert desk.view(f"{0:024d}").files == ()
    assert len(desk.view(f"{9:024d}").files) == 1


def test_controls_that_tell_what_they_already_show_change_nothing(desk, ledger, monkeypatch):
    drop(desk, ledger)
    monkeypatch.setattr(desk, "answer", lambda *_: pytest.fail("nothing was answered"))
    for question, value in (("layer", "communities"), ("layer", None), ("datum", None), ("crs", "")):
        apply_event(desk, TOKEN, WizardEvent("wizard-answer", question, "f1", value))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_can_be_drawn(desk, outlines, ledger, language):
    words = load_words(language)

    def drawn():
        view = desk.view(TOKEN)
        return str(wizard_body(view, None, draw_shown_file(desk, TOKEN, None), TOKEN, words))

    assert "drop-zone large" in drawn()
    drop(desk, outlines, ledger)
    assert "datum-choices" in drawn()
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum_all", "wgs84"))
    assert "datum-choices" not in drawn()
    tried(desk)
    assert "grid-findings" in drawn()
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert "wizard-see-map" in drawn()


def test_a_copied_dataset_is_the_same_dataset(town, tmp_path):
    copy_dataset(town[0], tmp_path / "copy")
    one, other = open_dataset(town[0]), open_dataset(tmp_path / "copy")
    assert check_hashes(other) == ()
    assert one.manifest.all_sha256 == other.manifest.all_sha256


# --- routes -------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path):
    return create_app(tmp_path / "city", None).server.test_client()


def send(client, name, content, **more):
    headers = {**OWN, "X-File-Name": quote(name), **more}
    return client.post(f"/import/files/{TOKEN}", data=content, headers=headers)


def test_a_file_is_received_and_looked_at(server):
    assert send(server, "小区.geojson", geojson(["红星小区"]).encode()).status_code == 200


def test_a_foreign_page_is_refused(server):
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert send(server, "a.csv", b"x", **headers).status_code == 403
    without = {key: value for key, value in OWN.items() if key != "X-Pianqu"}
    assert server.post(f"/import/files/{TOKEN}", data=b"x", headers=without).status_code == 403
    assert server.post("/_dash-update-component", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert server.get("/export/html", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "told"), [("../../a.exe", b"MZ", "支持的格式"), ("空.csv", b"", "空文件"), ("", b"x", "文件名")]
)
def test_a_bad_file_is_answered_with_a_sentence(server, name, content, told):
    answer = send(server, name, content)
    assert answer.status_code == 422
    assert told in answer.json["sentence"]


def test_a_file_too_large_is_refused(server, monkeypatch):
    monkeypatch.setattr("app.desks.imports.uploads.save_stream.__kwdefaults__", {"most_mb": 1})
    answer = send(server, "a.csv", bytes(1_000_001))
    assert answer.status_code == 422
    assert "MB" in answer.json["sentence"]
    server.application.config["MAX_CONTENT_LENGTH"] = 1000
    assert send(server, "a.csv", bytes(2000)).status_code == 413


def test_a_bad_token_is_refused(server):
    answer = server.post("/import/files/..%2f..%2fx", data=b"x", headers=OWN)
    assert answer.status_code in (404, 405, 422)
    answer = server.post("/import/files/short", data=b"x", headers={**OWN, "X-File-Name": "a.csv"})
    assert answer.status_code == 422


def test_nothing_is_written_outside_the_temporary_folder(server, tmp_path):
    before = {path.name for path in Path(tempfile.gettempdir()).iterdir()}
    send(server, "../../../evil.csv", "小区名称\n红星\n".encode())
    new = {path.name for path in Path(tempfile.gettempdir()).iterdir()} - before
    assert all(name.startswith("pianqu-") for name in new if "evil" in name or "pianqu" in name)
    assert not list(tmp_path.rglob("evil*"))


def test_reports_are_there_only_after_a_check(server):
    for address in (f"/import/findings/{TOKEN}.xlsx", f"/import/rejected/{TOKEN}", f"/import/findings/{TOKEN}.exe"):
        assert server.get(address).status_code == 404


def test_findings_are_downloaded_under_a_chinese_name(outlines, tmp_path, monkeypatch):
    desks = []
    monkeypatch.setattr("app.web.main.ImportSession", lambda shown: desks.append(ImportSession(shown)) or desks[0])
    client = create_app(tmp_path / "city", None).server.test_client()
    drop(desks[0], outlines)
    desks[0].answer_all(TOKEN, "datum", "wgs84")
    tried(desks[0])
    answer = client.get(f"/import/findings/{TOKEN}.json")
    assert "导入问题清单.json" in unquote(answer.headers["Content-Disposition"])
    assert answer.json["findings"]
    book = client.get(f"/import/findings/{TOKEN}.xlsx")
    assert len(pd.read_excel(io.BytesIO(book.data), engine="openpyxl")) == len(answer.json["findings"])
    desks[0].close()


# --- exports ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "ending"), [("geojson", ".zip"), ("html", ".html")])
def test_the_plan_is_downloaded_under_a_name_that_says_what_it_is(client, kind, ending):
    answer = client.get(f"/export/{kind}")
    name = unquote(answer.headers["Content-Disposition"])
    assert answer.status_code == 200
    for part in ("晴川市", "PLAN", "演示数据", ending):
        assert part in name
    assert answer.data[:2] == (b"PK" if kind == "geojson" else b"<!")


def test_an_export_without_a_plan_says_so(town):
    client = create_app(town[0], None, "sqlite://").server.test_client()
    answer = client.get("/export/geojson")
    assert answer.status_code == 409
    assert "没有可导出的方案" in answer.text
    assert client.get("/export/exe").status_code == 404


def test_a_dataset_imported_elsewhere_is_shown_at_the_next_look(town, tmp_path):
    folder = tmp_path / "city"
    client = create_app(folder, None).server.test_client()
    assert "welcome-card" in client.get("/_dash-layout").text
    shutil.copytree(town[0], folder)
    assert "welcome-card" not in client.get("/_dash-layout").text


# --- files that say their datum themselves ------------------------------------------------------


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
