"""The import wizard behind its screen: a try stores nothing, the import does what was tried."""

import json
import os
import shutil

from app.desks.imports.events import WizardEvent, apply_event
from app.desks.imports.runs import AboutDataset, FileChoice
from app.desks.imports.session import remove_abandoned
from app.web.main import create_app
from geo.importing import import_paths
from geo.storage.dataset import check_hashes, open_dataset
from geo.storage.manifest import file_sha256
from tests.app.import_files import TOKEN, drop, tried


def put_in(desk, path):
    """What a colleague imports meanwhile."""
    options = FileChoice(datum="wgs84").options()
    import_paths([path], desk.session.folder, options=options, unit_rules=desk.session.policy.unit_rules())
    desk.session.current_page()


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


def test_a_dataset_imported_elsewhere_is_shown_at_the_next_look(town, tmp_path):
    folder = tmp_path / "city"
    client = create_app(folder, None).server.test_client()
    assert "welcome-card" in client.get("/_dash-layout").text
    shutil.copytree(town[0], folder)
    assert "welcome-card" not in client.get("/_dash-layout").text
