"""Files for the public: no small number of households, nothing it could be subtracted from, nothing personal."""

import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from analysis.policy import DEFAULT_POLICY, read_policy
from app.exports.export import write_formats
from app.exports.formats import FORMATS, choose_formats, find_format
from app.exports.plan_table import check_for_export
from app.exports.proof.check import prove_export
from app.exports.proof.manifest import require_own_folder, write_manifest
from app.exports.public import PublicDataset, hide_small, make_public_plan, show_households
from app.exports.request import make_public, make_request
from app.plan_files.plan_edit import read_plan_rows
from app.plan_files.rows import read_rows
from geo.errors import UsageError
from geo.storage.dataset import open_dataset, write_dataset
from tests.app.led_plan import with_leaders
from tests.app.town import build_town

SECRET = 7
ADDRESS = "晴川北里甲十九号"


@pytest.fixture(scope="module")
def small_town(tmp_path_factory):
    """A town, in which one unit of every area has so few households that they are hidden; the path of its plan."""
    folder, made = build_town(tmp_path_factory.mktemp("small"))
    dataset = open_dataset(folder)
    units = dataset.layer("units")
    document = with_leaders(json.loads(made.read_text(encoding="utf-8")))
    few = {area["unit_ids"][-1] for area in document["areas"]}
    units["households"] = units["households"].mask(units["unit_id"].isin(few), SECRET)
    many = {area["unit_ids"][0]: 7_013 + 131 * k for k, area in enumerate(document["areas"])}  # sums none mistakes
    units["households"] = (
        units["unit_id"].map(many).astype("Int64").where(~units["unit_id"].isin(few)).fillna(units["households"])
    )
    units["address"] = ADDRESS
    dataset = write_dataset(folder, dataset.manifest, {"units": units})
    homes = units.set_index("unit_id")["households"]
    for area in document["areas"]:
        area["households"] = int(homes.loc[area["unit_ids"]].sum())
    document |= {"planning_sha256": dataset.manifest.planning_sha256, "seconds": 1.0, "seed": 0}
    path = folder.parent / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return dataset, document, path


@pytest.fixture(scope="module")
def asked(small_town):
    dataset, document, _ = small_town
    return make_public(make_request(dataset, document, check_for_export(dataset, document), author="王工"))


@pytest.fixture(scope="module")
def write(asked, tmp_path_factory):
    """Exports formats for the public into a folder."""

    def make(*keys, language="zh"):
        folder = tmp_path_factory.mktemp("out")
        own = replace(asked, language=language)
        write_manifest(own, write_formats(own, [find_format(key) for key in keys], folder, by=None), folder)
        return folder

    return make


def texts_of(folder):
    """All that stands in the files of a folder, archives opened."""
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(body)):
            with zipfile.ZipFile(io.BytesIO(body)) as files:
                for name in files.namelist():
                    yield f"{path.name}/{name}", files.read(name).decode("utf-8", errors="ignore")
        else:
            yield path.name, body.decode("utf-8", errors="ignore")


def true_totals(small_town):
    """Totals that hold hidden numbers: of areas, and of all units."""
    dataset, document, _ = small_town
    totals = {area["households"] for area in document["areas"]} | {int(dataset.layer("units")["households"].sum())}
    return {text for total in totals if total > 7_000 for text in (f"{total:,}", f"{total}")}


@pytest.mark.parametrize(
    "keys", [("geojson", "xlsx"), pytest.param([f.key for f in FORMATS if not f.is_internal], marks=pytest.mark.full)]
)
def test_no_total_of_hidden_numbers_and_nothing_personal_leaves(write, small_town, keys):
    totals = true_totals(small_town)
    assert len(totals) > 3
    for name, text in texts_of(write(*keys)):
        assert ADDRESS not in text, name
        assert "王工" not in text, name
        if name.endswith((".xml", ".geojson", ".json", ".html", ".csv", ".dxf")):
            plain = re.sub(r"<[^>]*>", "|", text) if name.endswith(".xml") else text
            found = {total for total in totals if re.search(rf"(?<![\d.,-]){re.escape(total)}(?![\d.,])", plain)}
            assert found == set(), (name, found)


def test_every_figure_told_is_large_and_sums_hold_what_is_told(asked, small_town):
    """So no sum, and no difference of two, is of fewer households than the policy's."""
    units, areas = asked.units, asked.areas
    told = units["households"].dropna()
    assert (told >= 10).all()
    hidden = units[units["households_shown"] == "<10"]
    assert len(hidden) >= len(areas)
    for area in areas.to_dict("records"):
        own = units[units["area_id"] == area["area_id"]]
        assert area["households"] == own["households"].sum() or len(own) == 1
        assert "少于 10 户" in area["households_shown"]


def test_excel_says_hidden_in_the_cell(write):
    (path,) = write("xlsx").glob("*.xlsx")
    sheet = openpyxl.load_workbook(path)["单元清单"]
    heads = [cell.value for cell in sheet[3]]
    shown = [row[heads.index("户数")] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert "<10" in shown
    assert SECRET not in shown
    assert "公开版" in path.name
    assert "公开版" in sheet.oddHeader.right.text


def test_papers_for_internal_work_have_no_public_version():
    with pytest.raises(UsageError, match="--public"):
        choose_formats("special", is_public=True)
    assert {one.key for one in FORMATS} - {one.key for one in choose_formats("all", is_public=True)} == {
        "special",
        "consultation",
        "company",
    }


def test_the_manifest_says_public_and_the_plan_stays_with_the_bureau(write, small_town):
    folder = write("geojson")
    manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert manifest["public"]["fewest_households"] == 10
    assert not (folder / "plan.json").exists()
    found = prove_export(folder, small_town[0].folder)
    assert (found.faults, found.is_remade, found.needs_plan) == ((), False, True)


@pytest.mark.full
@pytest.mark.parametrize(
    "keys", [("geojson", "xlsx"), pytest.param([f.key for f in FORMATS if not f.is_internal], marks=pytest.mark.full)]
)
def test_a_public_export_is_confirmed_from_the_data_and_the_plan(write, small_town, keys):
    dataset, _, plan = small_town
    found = prove_export(write(*keys), dataset.folder, plan=plan)
    assert [one.zh for one in found.faults] == []
    assert found.n_remade == found.n_hashed >= len(keys)


def test_public_and_internal_files_are_not_put_into_one_folder(write, tmp_path):
    public = write("geojson")
    require_own_folder(public, is_public=True)
    require_own_folder(tmp_path / "new", is_public=True)
    with pytest.raises(UsageError, match="公开版"):
        require_own_folder(public, is_public=False)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(UsageError, match="公开版"):
        require_own_folder(tmp_path, is_public=True)


def test_a_public_export_of_another_policy_is_found(write, small_town, tmp_path):
    other = tmp_path / "policy.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    other.write_text(text.replace("[export.fewest_households]\nvalue = 10", "[export.fewest_households]\nvalue = 5"))
    faults = prove_export(write("geojson"), small_town[0].folder, plan=small_town[2], policy=other).faults
    assert any("公开导出" in one.zh for one in faults)


@pytest.mark.parametrize("key", ["geojson", "xlsx"])
def test_a_public_file_reads_back_by_its_ids(write, small_town, key):
    dataset, document, _ = small_town
    folder = write(key)
    for path in [*folder.glob("units_*"), *folder.glob("*.xlsx")]:
        found = read_plan_rows(read_rows(path), dataset, read_policy(), document)
        assert found.changes == ()
        assert found.is_whole
        assert any("公开导出" in one.sentence.zh for one in found.remarks)


def test_people_counted_together_are_hidden_together():
    frame = pd.DataFrame({"member_count": [11, 7], "party_member_count": [10, 5], "author": "王工"})
    shown = hide_small(frame, 10)
    assert shown["party_member_count"].tolist() == [10, pd.NA]
    assert shown["author"].isna().all()


def test_what_nobody_knows_is_not_called_hidden():
    assert show_households({"households": pd.NA, "households_quality": "missing"}) is None


def test_a_plan_for_the_public_keeps_its_id_and_no_sums(small_town):
    dataset, document, _ = small_town
    units = PublicDataset(dataset.folder, dataset.manifest, 10).layer("units")
    public = make_public_plan({**document, "levels": [{"name": "x", "value": 1}], "notes": [{"zh": "1,234 户"}]}, units)
    assert public["levels"] == public["notes"] == []
    assert [area["area_id"] for area in public["areas"]] == [area["area_id"] for area in document["areas"]]
