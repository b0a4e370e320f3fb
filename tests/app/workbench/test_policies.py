"""The policy belongs to the dataset: kept with it, told, replaced only by name, and what verify goes by."""

import html
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.bundling.verify.verdict import make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import DEFAULT_POLICY, read_policy
from app.cli import cli
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from app.session.plan_session import PlanSession
from app.web.main import create_app
from app.workbench.policies import (
    NAMES,
    POLICY,
    check_policy_covers_data,
    resolve_folder_rules,
    resolve_rules,
    store_rules,
)
from geo.storage.dataset import check_hashes, open_dataset

HEADER = "小区名称,街道,经度,纬度,建成年份,户数,建筑面积,管理方式\n"
ROW = "红星小区{n},西街道,{lon},{lat},{year},300,24000,无物业\n"


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def city(tmp_path):
    """Another city's policy: old until 2005, within 80 m, its own name."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    text = text.replace('name = "包头市物业服务质量持续提升三年行动方案 (2025—2027年)"', 'name = "乙市方案"')
    text = text.replace("bounds = [109.0, 40.1, 111.6, 42.9]\n", "")
    text = text.replace("[unit.old_until_year]\nvalue = 2000", "[unit.old_until_year]\nvalue = 2005")
    text = text.replace("[neighbour.gap_m]\nvalue = 60", "[neighbour.gap_m]\nvalue = 80")
    path = tmp_path / "yi.toml"
    path.write_text(text, encoding="utf-8")
    assert read_policy(path).value("unit.old_until_year") == 2005
    return path


def table(tmp_path, name="小区.csv", *, lon=110.0, lat=40.65, year=2003, n=3):
    path = tmp_path / name
    rows = (ROW.format(n=k, lon=lon + k / 500, lat=lat, year=year) for k in range(n))
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def imported(tmp_path, *more, **where):
    answer = run("import", table(tmp_path, **where), "--into", tmp_path / "d", "--datum", "wgs84", *more)
    assert answer.exit_code == 0, answer.output
    return answer


def old(folder):
    return open_dataset(folder).layer("units")["is_old"].tolist()


def test_a_new_dataset_keeps_the_default_and_says_that_nobody_chose_it(tmp_path):
    answer = imported(tmp_path)
    dataset = open_dataset(tmp_path / "d")
    assert {POLICY, NAMES} <= dataset.manifest.files.keys()
    assert dataset.text(POLICY) == DEFAULT_POLICY.read_text(encoding="utf-8")
    assert resolve_rules(dataset).is_default
    assert "默认, 未另行指定" in answer.stdout
    assert check_hashes(dataset) == ()
    told = json.loads(run("check", tmp_path / "d", "--json").stdout)["policy"]
    assert told["chosen"] == "default"
    assert told["sha256"] == read_policy().sha256


def test_a_policy_named_once_holds_for_every_later_command(tmp_path, city):
    imported(tmp_path, "--policy", city)
    folder = tmp_path / "d"
    assert old(folder) == [True] * 3
    kept = resolve_folder_rules(folder)
    assert (kept.policy.name, kept.is_default, kept.is_kept) == ("乙市方案", False, True)
    city.unlink()  # the file is the dataset's now
    answer = run("import", table(tmp_path, "又.csv", year=2004, lon=110.1), "--into", folder, "--datum", "wgs84")
    assert "乙市方案" in answer.stdout
    assert old(folder) == [True] * 6
    assert "乙市方案" in run("check", folder).stdout
    assert resolve_folder_rules(folder).policy.sha256 == kept.policy.sha256


def test_another_policy_replaces_it_and_derives_the_units_anew(tmp_path, city):
    imported(tmp_path)
    folder = tmp_path / "d"
    assert old(folder) == [False] * 3
    more = tmp_path / "企业.csv"
    more.write_text("企业名称,信用等级\n甲物业,AA\n", encoding="utf-8")
    answer = run("import", more, "--into", folder, "--layer", "companies", "--policy", city)
    assert answer.exit_code == 0, answer.output
    assert "已换成“乙市方案”" in answer.stderr
    assert old(folder) == [True] * 3


def test_names_are_kept_too(tmp_path):
    names = tmp_path / "names.toml"
    names.write_text('[streets]\n"西街道" = ["老西街道"]\n', encoding="utf-8")
    imported(tmp_path, "--names", names)
    assert resolve_folder_rules(tmp_path / "d").names.street_name("老西街道") == "西街道"


def test_a_policy_kept_changes_no_planning_hash(tmp_path, city):
    imported(tmp_path)
    folder = tmp_path / "d"
    before = open_dataset(folder).manifest
    same = tmp_path / "same.toml"
    same.write_text(
        DEFAULT_POLICY.read_text(encoding="utf-8").replace(
            "[ebike.bikes_per_port]\nvalue = 3", "[ebike.bikes_per_port]\nvalue = 2"
        ),
        encoding="utf-8",
    )
    store_rules(folder, resolve_folder_rules(folder, same))
    after = open_dataset(folder).manifest
    assert after.planning_sha256 == before.planning_sha256
    assert after.all_sha256 != before.all_sha256


def test_a_dataset_from_before_opens_with_the_default(town):
    dataset = open_dataset(town[0])
    assert POLICY not in dataset.manifest.files
    rules = resolve_rules(dataset)
    assert (rules.is_default, rules.is_kept) == (True, False)
    assert rules.policy.sha256 == read_policy().sha256


def test_data_of_another_city_are_told_until_somebody_chooses(tmp_path, city):
    answer = imported(tmp_path, lon=121.47, lat=31.23)  # Shanghai
    assert "数据不在包头市范围内" in answer.stderr
    assert "数据不在包头市范围内" in run("check", tmp_path / "d").stdout
    store_rules(tmp_path / "d", resolve_folder_rules(tmp_path / "d", city))
    dataset = open_dataset(tmp_path / "d")
    assert check_policy_covers_data(resolve_rules(dataset), dataset) is None


def test_a_file_that_is_no_policy_stores_nothing(tmp_path):
    wrong = tmp_path / "p.toml"
    wrong.write_text("[unit.old_until_year]\nvalue = 2000\n", encoding="utf-8")
    for words in (("--policy", wrong), ("--policy", tmp_path / "none.toml"), ("--names", tmp_path / "no.toml")):
        answer = run("import", table(tmp_path), "--into", tmp_path / "d", "--datum", "wgs84", *words)
        assert answer.exit_code == 2 or answer.exception
        assert not (tmp_path / "d").exists()


@pytest.mark.full
def test_verify_goes_by_the_datasets_policy(town, tmp_path, city):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    plan = json.loads(Path(town[1]).read_text(encoding="utf-8"))
    (tmp_path / "p.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    before = json.loads(run("verify", folder, tmp_path / "p.json", "--json").stdout)
    assert "gap_m" not in {one["rule"] for one in before["rules_differ"]}
    wider = tmp_path / "wider.toml"
    text = city.read_text(encoding="utf-8").replace("value = 2005", "value = 2000", 1)
    wider.write_text(text, encoding="utf-8")
    store_rules(folder, resolve_folder_rules(folder, wider))
    answer = run("verify", folder, tmp_path / "p.json", "--json")
    told = {one["rule"]: one for one in json.loads(answer.stdout)["rules_differ"]}
    assert (told["gap_m"]["plan"], told["gap_m"]["policy"], told["gap_m"]["may_choose"]) == (60, 80, False)
    assert answer.exit_code == 1
    assert "乙市方案" in run("verify", folder, tmp_path / "p.json").stdout


def test_a_plan_under_another_policy_says_so(town, tmp_path, city):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    out = tmp_path / "p.json"
    answer = run("plan", folder, "--out", out, "--rounds", "0", "--policy", city)
    assert "不是数据集的" in answer.stdout
    assert "规则与政策不符" in answer.stdout
    found = json.loads(run("verify", folder, out, "--json").stdout)
    assert {"gap_m", "old_until_year"} <= {one["rule"] for one in found["rules_differ"]}
    assert run("verify", folder, out, "--policy", city).exit_code == 0


def test_a_plan_records_what_was_chosen_and_by_whom(town, tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    out = tmp_path / "p.json"
    answer = run("plan", folder, "--out", out, "--rounds", "0", "--lower", "800", "--author", "张三")
    assert "符合所选规则" in answer.stdout
    chosen = json.loads(out.read_text(encoding="utf-8"))["chosen"]
    assert chosen == [{"rule": "lower", "value": 800, "policy": 1000, "by": "张三"}]
    answer = run("verify", folder, out)
    assert answer.exit_code == 0
    assert "least size 800 instead of the policy's 1,000" in answer.stdout


@pytest.mark.full
def test_every_export_and_print_carries_the_same_verdict(town, tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    out = tmp_path / "p.json"
    run("plan", folder, "--out", out, "--rounds", "0", "--lower", "800", "--author", "张三")
    lines = run("verify", folder, out).stdout.splitlines()
    zh, en = lines[0], lines[1]
    assert "规模下限 800 (政策为 1,000, 张三 选定)" in zh
    assert run("export", folder, out, "--format", "all", "--out", tmp_path / "e").exit_code == 0
    for path in (tmp_path / "e").glob("*.geojson"):
        about = json.loads(path.read_text(encoding="utf-8"))["pianqu"]
        assert (about["verdict"]["ok"], about["verdict"]["zh"], about["verdict"]["en"]) == (True, zh, en)
        assert about["policy"]["chosen"] == "default"
    (page,) = (tmp_path / "e").glob("*.html")
    assert html.escape(zh) in page.read_text(encoding="utf-8")
    client = create_app(folder, out, "sqlite://").server.test_client()
    assert zh in html.unescape(client.get("/print").text)
    for address in ("/story", "/print/single-buildings"):  # no list of rules there: the word alone
        assert "符合所选规则" in client.get(address).text, address


def test_a_relaxation_of_the_page_is_recorded_with_who_chose_it(town, tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    options = PlanOptions(rounds=0, relaxed=(("anchor.radius_m", 1500),), by="李四")
    document = make_plan(folder, resolve_folder_rules(folder).policy, options)
    assert document["policy_sha256"] == resolve_folder_rules(folder).policy.sha256
    assert [(one["rule"], one["value"], one["by"]) for one in document["chosen"]] == [("radius_m", 1500.0, "李四")]
    found = verify_plan(open_dataset(folder), document, resolve_folder_rules(folder).policy)
    assert found.ok
    assert "李四 选定" in make_verdict(found).zh
    del document["chosen"]
    assert not verify_plan(open_dataset(folder), document, resolve_folder_rules(folder).policy).ok


def test_serve_takes_a_policy_for_its_time(town, tmp_path, city):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    shown = PlanSession(folder, None, city, "sqlite://")
    assert shown.policy.name == "乙市方案"
    assert shown.data.bench.policy.name == "乙市方案"
    assert resolve_folder_rules(folder).is_default


@pytest.mark.full
def test_figures_with_a_plan_carry_its_verdict(town, tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    out = tmp_path / "p.json"
    run("plan", folder, "--out", out, "--rounds", "0", "--lower", "800", "--author", "张三")
    zh = run("verify", folder, out).stdout.splitlines()[0]
    told = json.loads(run("indicators", folder, "--plan", out, "--json").stdout)
    assert told["plan_verdict"]["zh"] == zh
    assert run("indicators", folder, "--plan", out, "--out", tmp_path / "f.csv").exit_code == 0
    assert zh.split("独立核验")[1] in (tmp_path / "f.csv").read_text(encoding="utf-8-sig").replace('""', '"')
