"""A plan without an area says why, in the command's words, in verify's and in the document."""

import json
import shutil

from typer.testing import CliRunner

from app.cli import cli

HEADER = "小区名称,街道,建成年份,户数,建筑面积,管理方式\n"


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def told(folder, out, *options):
    """What plan and verify say, and the document."""
    plan = run("plan", folder, "--out", out, "--rounds", "0", *options)
    verify = run("verify", folder, out)
    return plan, verify, json.loads(out.read_text(encoding="utf-8"))


def test_no_unit_has_a_place(tmp_path):
    table = tmp_path / "小区.csv"
    rows = (f"红星小区{k},西街道,1985,300,24000,无物业\n" for k in range(3))
    table.write_text(HEADER + "".join(rows), encoding="utf-8")
    assert run("import", table, "--into", tmp_path / "d").exit_code == 0
    plan, verify, document = told(tmp_path / "d", tmp_path / "p.json")
    assert plan.exit_code == 1
    assert document["areas"] == []
    for text in (plan.stdout, verify.stdout, document["notes"][-1]["zh"]):
        assert "全部 3 个单元都没有位置" in text
    assert "none of the 3 units has a place" in verify.stdout
    found = json.loads(run("verify", tmp_path / "d", tmp_path / "p.json", "--json").stdout)
    assert "没有位置" in found["no_area"]["zh"]


def test_nobody_fits_the_bounds(town, tmp_path):
    shutil.copytree(town[0], tmp_path / "d")
    bounds = ("--mode", "whole", "--lower", "900000", "--upper", "900001")
    plan, verify, document = told(tmp_path / "d", tmp_path / "p.json", *bounds)
    assert plan.exit_code == 1
    n = len(document["left_over"])
    for text in (plan.stdout, verify.stdout, document["notes"][-1]["zh"]):
        assert f"划分对象 {n} 个单元全部未能划入" in text
        assert "达不到规模下限" in text


def test_all_are_out_of_scope(town, tmp_path):
    shutil.copytree(town[0], tmp_path / "d")
    street = "999999999"
    answer = run("plan", tmp_path / "d", "--out", tmp_path / "p.json", "--rounds", "0", "--street", street)
    assert answer.exit_code == 2 or answer.exception  # no such street: told before any plan
    path = tmp_path / "p.json"
    run("plan", tmp_path / "d", "--out", path, "--rounds", "0")
    document = json.loads(path.read_text(encoding="utf-8"))
    inside = [unit for area in document["areas"] for unit in area["unit_ids"]]
    inside += [row["unit_id"] for row in document["left_over"]]
    document["out_of_scope"] += [{"unit_id": unit, "reason": "locked_out"} for unit in inside]
    document |= {"areas": [], "left_over": [], "status": "infeasible"}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    answer = run("verify", tmp_path / "d", path)
    assert "没有一个可以划分" in answer.stdout
    assert "人工锁定在外" in answer.stdout
