"""The answer of `pianqu import-plan`: changes by name, and exit code 1 where something was not used."""

import json

from typer.testing import CliRunner

from app.cli.main import cli
from app.plan_files.answer import find_base


def test_the_plan_beside_a_file_is_its_base(tmp_path):
    assert find_base(tmp_path / "a.gpkg") is None
    (tmp_path / "plan.json").write_text("{}")
    assert find_base(tmp_path / "a.gpkg") == tmp_path / "plan.json"


def test_the_command_writes_the_plan_and_lists_what_changed(town, tmp_path):
    folder, plan = map(str, town)
    run = CliRunner().invoke
    done = run(cli, ["export", folder, plan, "--format", "geojson", "--by", "city", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    file = next((tmp_path / "out").glob("units_*.geojson"))
    body = json.loads(file.read_text(encoding="utf-8"))
    unit = next(one["properties"] for one in body["features"] if one["properties"]["role"] == "absorbed")
    unit["area_id"] = None
    file.write_text(json.dumps(body), encoding="utf-8")
    back = tmp_path / "back.json"
    asked = ["import-plan", folder, str(file), "--plan", plan, "--by", "张工", "--out", str(back), "--json"]
    answer = json.loads(run(cli, asked).stdout)
    assert [one["unit_id"] for one in answer["changes"]] == [unit["unit_id"]]
    assert answer["matched"] == len(body["features"])
    assert json.loads(back.read_text(encoding="utf-8"))["read_back"]["by"] == "张工"
