"""A dataset reads back what was written, proves its bytes, and survives a crash."""

import shutil
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import EmptyLayerError, NotADatasetError, UnknownCodeError, UsageError
from geo.findings import Finding
from geo.rules import NeighbourRules
from geo.storage.dataset import check_hashes, freeze_roster, graph_inputs_sha256, open_dataset, write_dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"


def streets(*codes):
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(len(codes))]
    return gpd.GeoDataFrame({"street_code": codes, "name": codes}, geometry=boxes, crs=CRS)


def written(folder, **layers):
    return write_dataset(folder, new_manifest("测试", CRS, data_date="2026-06-30"), layers)


def test_reads_back_what_was_written(tmp_path):
    made = written(tmp_path, streets=streets("1", "2"))
    again = open_dataset(tmp_path)
    assert again.manifest == made.manifest
    frame = again.layer("streets")
    rewritten = shape_layer("streets", frame, CRS)
    pd.testing.assert_frame_equal(frame, rewritten)


def test_other_layers_stay_when_one_is_written(tmp_path):
    first = written(tmp_path, streets=streets("1"))
    companies = pd.DataFrame({"company_id": ["1"], "name": ["甲"]})
    second = write_dataset(tmp_path, first.manifest, {"companies": companies})
    assert second.has("streets")
    assert second.has("companies")


def test_graph_inputs_follow_layers_and_rules(tmp_path):
    dataset = written(tmp_path, streets=streets("1"))
    rules = NeighbourRules()
    assert graph_inputs_sha256(dataset, rules) == graph_inputs_sha256(dataset, NeighbourRules())
    assert graph_inputs_sha256(dataset, rules) != graph_inputs_sha256(dataset, replace(rules, gap_m=1))


def test_changed_byte_is_found(tmp_path):
    dataset = written(tmp_path, streets=streets("1"))
    assert check_hashes(dataset) == ()
    path = tmp_path / "streets.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [finding.rule for finding in check_hashes(dataset)] == ["dataset.file_changed"]
    path.unlink()
    assert [finding.rule for finding in check_hashes(dataset)] == ["dataset.file_missing"]


def test_findings_are_kept(tmp_path):
    finding = Finding("warning", "x.y", "中", "en", file="a.xlsx", row=7, value="1,2")
    dataset = write_dataset(tmp_path, new_manifest("x", CRS), {}, findings=[finding])
    assert dataset.findings() == (finding,)


def test_missing_folder_is_a_sentence_and_is_not_made(tmp_path):
    with pytest.raises(NotADatasetError):
        open_dataset(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_unknown_layer_is_refused(tmp_path):
    with pytest.raises(UnknownCodeError):
        written(tmp_path).layer("zones")


def with_units(folder):
    units = gpd.GeoDataFrame(
        {
            "unit_id": ["a", "b"],
            "kind": "community",
            "name": "小区",
            "households": [100, None],
            "geom_quality": "surveyed",
            "households_quality": "reported",
            "floor_area_m2_quality": "missing",
            "built_year_quality": "missing",
        },
        geometry=[shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)],
        crs=CRS,
    )
    return written(folder, units=units)


def test_a_roster_is_frozen(tmp_path):
    """It keeps the units of its day, never changes, and is proved by the manifest."""
    dataset = freeze_roster(with_units(tmp_path), "baseline")
    before = dataset.manifest
    assert dataset.rosters() == ("baseline",)
    kept = dataset.roster("baseline")
    changed = dataset.layer("units").iloc[:1]
    later = write_dataset(tmp_path, before, {"units": changed})
    pd.testing.assert_frame_equal(pd.DataFrame(later.roster("baseline")), pd.DataFrame(kept))
    assert len(later.layer("units")) == 1
    assert check_hashes(open_dataset(tmp_path)) == ()
    assert before.files["rosters/baseline.parquet"]


def test_freezing_changes_no_plan_but_the_whole(tmp_path):
    dataset = with_units(tmp_path)
    frozen = freeze_roster(dataset, "units")
    assert frozen.manifest.planning_sha256 == dataset.manifest.planning_sha256
    assert frozen.manifest.all_sha256 != dataset.manifest.all_sha256


@pytest.mark.parametrize("name", ["baseline", "../x", "", "a b"])
def test_what_cannot_be_frozen(tmp_path, name):
    dataset = freeze_roster(with_units(tmp_path), "baseline")
    with pytest.raises(UsageError):
        freeze_roster(dataset, name)
    with pytest.raises(UnknownCodeError, match="other"):
        dataset.roster("other")


def test_a_roster_half_written_is_completed(tmp_path):
    dataset = with_units(tmp_path)
    copy = shutil.copytree(tmp_path, tmp_path.parent / "copy")
    freeze_roster(dataset, "baseline")
    pending = copy / ".pending"
    (pending / "rosters").mkdir(parents=True)
    shutil.copy(tmp_path / "rosters" / "baseline.parquet", pending / "rosters")
    shutil.copy(tmp_path / "manifest.json", pending)
    assert open_dataset(copy).rosters() == ()
    (pending / "rosters").mkdir(parents=True)
    shutil.copy(tmp_path / "rosters" / "baseline.parquet", pending / "rosters")
    shutil.copy(tmp_path / "manifest.json", pending)
    (pending / "COMMIT").touch()
    assert open_dataset(copy).rosters() == ("baseline",)


def test_an_empty_roster_is_refused(tmp_path):
    with pytest.raises(EmptyLayerError):
        freeze_roster(written(tmp_path), "baseline")
