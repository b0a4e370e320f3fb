"""Locks, repairs and what is told of plans, from the command line: one town of 3 × 3 communities."""

import copy
import json
import shutil
import sys

import geopandas as gpd
import pytest
import shapely

from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from app.cli import main
from geo.storage.dataset import open_dataset


@pytest.fixture
def pianqu(monkeypatch, capsys):
    """Run the command line in this process: (exit code, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pianqu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return ended.value.code or 0, out.out, out.err

    return run


@pytest.fixture(scope="module")
def first_town(tmp_path_factory):
    """3 × 3 communities of 600 households, 20 m apart; the dataset and its plan, made once."""
    boxes = [shapely.box(220 * x, 220 * y, 220 * x + 200, 220 * y + 200) for x in range(3) for y in range(3)]
    frame = gpd.GeoDataFrame(
        {"name": [f"演示{i}" for i in range(9)], "households": 600, "floor_area_m2": 48_000.0},
        geometry=gpd.GeoSeries(boxes, crs="EPSG:4546").translate(441_000, 4_497_000),
    )
    place = tmp_path_factory.mktemp("town")
    path, folder, plan = place / "c.geojson", place / "d", place / "p.json"
    frame.to_crs("EPSG:4326").to_file(path, driver="GeoJSON", RFC7946="YES")
    for arguments in (
        ("import", path, "--into", folder, "--layer", "communities", "--datum", "wgs84"),
        ("plan", folder, "--mode", "whole", "--lower", 1200, "--upper", 2400, "--rounds", 3, "--out", plan),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["pianqu", *map(str, arguments)])
            with pytest.raises(SystemExit) as ended:
                main()
        assert not ended.value.code
    return folder, plan


@pytest.fixture
def town(first_town, tmp_path):
    """A copy of the town for one test: folder of the dataset, and its plan."""
    folder, plan = tmp_path / "d", tmp_path / "p.json"
    shutil.copytree(first_town[0], folder)
    shutil.copy(first_town[1], plan)
    return folder, plan


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, body):
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def edited(document, unit, area_id):
    """The plan after a planner threw one unit into another area, sums made to fit."""
    document = copy.deepcopy(document)
    for area in document["areas"]:
        inside = set(area["unit_ids"]) - {unit} | ({unit} if area["area_id"] == area_id else set())
        n = len(inside)
        area |= {"unit_ids": sorted(inside), "households": 600 * n, "floor_area_m2": 48_000 * n}
    return document


def rules_broken(folder, document):
    found = verify_plan(open_dataset(folder), document, read_policy()).violations
    return {violation.rule for violation in found} - {"levels"}


def test_further_bounds_are_kept_repaired_and_verified(pianqu, town, tmp_path):
    folder, _ = town
    new, bad, mended = (tmp_path / f"{name}.json" for name in ("n", "b", "m"))
    options = ("--mode", "whole", "--lower", 600, "--upper", 5400, "--rounds", 3)
    bounds = ("--bound", "members=2:3", "--bound", "floor_area=:144000")
    assert pianqu("plan", folder, *options, *bounds, "--out", new)[0] == 0
    document = read(new)
    assert {len(area["unit_ids"]) for area in document["areas"]} <= {2, 3}
    assert document["rules"]["bounds"] == [
        {"weight": "members", "lower": 2, "upper": 3},
        {"weight": "floor_area", "lower": 0, "upper": 144_000},
    ]
    assert pianqu("verify", folder, new)[0] == 0
    one, other = document["areas"][:2]
    wrong = edited(document, one["unit_ids"][0], other["area_id"])
    if not rules_broken(folder, wrong):
        wrong = edited(wrong, wrong["areas"][0]["unit_ids"][0], other["area_id"])
    assert "R31" in rules_broken(folder, wrong)
    assert pianqu("repair", folder, write(bad, wrong), "--out", mended)[0] == 0
    assert pianqu("verify", folder, mended)[0] == 0
    code, out, _ = pianqu("explain", folder, mended, read(mended)["areas"][0]["area_id"])
    assert code == 0
    assert "个单元" in out


def test_bounds_that_mean_nothing_are_told_together(pianqu, town, tmp_path):
    folder, _ = town
    code, out, err = pianqu(
        "plan",
        folder,
        "--bound",
        "households=1:2",
        "--bound",
        "doors=1:2",
        "--bound",
        "members=9:3",
        "--out",
        tmp_path / "n.json",
    )
    assert (code, out) == (2, "")
    assert all(word in err for word in ("--lower", "doors", "members=9:3"))
    assert not (tmp_path / "n.json").exists()


def test_locks_are_kept_and_carried_on(pianqu, town, tmp_path):
    folder, plan = town
    first, second = read(plan)["areas"][:2]
    locks = [
        {"kind": "area_kept", "area_id": first["area_id"]},
        {"kind": "out", "unit_id": second["unit_ids"][0], "note": "拆迁"},
    ]
    file, new = write(tmp_path / "l.json", {"locks": locks}), tmp_path / "n.json"
    pianqu(
        "plan",
        folder,
        "--mode",
        "whole",
        "--lower",
        1200,
        "--upper",
        2400,
        "--rounds",
        3,
        "--start",
        plan,
        "--lock",
        file,
        "--out",
        new,
    )
    document = read(new)
    assert first["unit_ids"] in [area["unit_ids"] for area in document["areas"]]
    assert {"unit_id": second["unit_ids"][0], "reason": "locked_out"} in document["out_of_scope"]
    assert [lock["kind"] for lock in document["locks"]] == ["area_kept", "out"]
    assert rules_broken(folder, document) == set()
    broken = edited(document, document["areas"][0]["unit_ids"][0], document["areas"][1]["area_id"])
    assert "L02" in rules_broken(folder, broken)


@pytest.mark.parametrize("kind", ["in_area", "together", "apart", "out"])
def test_verify_tells_a_lock_that_is_not_obeyed(town, kind):
    folder, plan = town
    document = read(plan)
    one, other = (area["unit_ids"][0] for area in document["areas"][:2])
    beside = document["areas"][0]["unit_ids"][1]
    locks = {
        "in_area": {"unit_ids": [one], "with_unit_id": other},
        "together": {"unit_ids": [one, other]},
        "apart": {"unit_ids": [one, beside]},
        "out": {"unit_ids": [one]},
    }
    rule = {"in_area": "L01", "together": "L03", "apart": "L04", "out": "L05"}[kind]
    assert rules_broken(folder, {**document, "locks": [{"kind": kind, **locks[kind]}]}) == {rule}


@pytest.mark.parametrize("lock", ["x", {"kind": "together", "unit_ids": ["a"]}, {"kind": "stay"}])
def test_verify_tells_a_lock_of_a_wrong_form(town, lock):
    folder, plan = town
    assert rules_broken(folder, {**read(plan), "locks": [lock]}) == {"lock"}


def test_a_hand_made_fault_is_repaired_after_a_preview(pianqu, town, tmp_path):
    folder, plan = town
    document = read(plan)
    unit = document["areas"][0]["unit_ids"][0]
    bad = write(tmp_path / "b.json", edited(document, unit, document["areas"][-1]["area_id"]))
    assert rules_broken(folder, read(bad))
    code, out, _ = pianqu("repair", folder, bad, "--json")
    preview = json.loads(out)
    assert code == 0
    assert preview["proven"]
    assert len(preview["moves"]) == 1
    new = tmp_path / "n.json"
    assert pianqu("repair", folder, bad, "--out", new)[0] == 0
    assert pianqu("verify", folder, new)[0] == 0
    assert [a["area_id"] for a in read(new)["areas"]] == [a["area_id"] for a in document["areas"]]


def test_a_lock_the_rules_forbid_is_told_and_leaves_the_unit_over(pianqu, town, tmp_path):
    folder, plan = town
    document = read(plan)
    unit = document["areas"][0]["unit_ids"][0]
    full = next(a for a in document["areas"] if a["households"] == 2400 or a["households"] == 1800)
    other = next(u for u in full["unit_ids"] if u != unit)
    locks = [
        {"kind": "area_kept", "area_id": full["area_id"]},
        {
            "kind": "in_area",
            "unit_id": next(u for a in document["areas"] for u in a["unit_ids"] if u not in full["unit_ids"]),
            "with_unit_id": other,
        },
    ]
    code, out, _ = pianqu(
        "repair", folder, plan, "--lock", write(tmp_path / "l.json", locks), "--out", tmp_path / "n.json", "--json"
    )
    assert code == 1
    assert json.loads(out)["unmet"][0]["rule"] == "L01"
    assert rules_broken(folder, read(tmp_path / "n.json")) == set()


def test_locks_no_plan_can_meet_leave_their_units_over_and_the_plan_verifies(pianqu, town, tmp_path):
    """In a corner one locked to a unit locked out, in another an area that is not connected."""
    folder, _ = town
    units = open_dataset(folder).layer("units").set_index("name")["unit_id"]
    corner, gone, beside, across = (units[f"演示{k}"] for k in (0, 4, 2, 8))
    locks = [
        {"kind": "out", "unit_id": gone},
        {"kind": "in_area", "unit_id": corner, "with_unit_id": gone},
        {"kind": "area_kept", "unit_ids": [beside, across]},
        {"kind": "together", "unit_ids": [gone, units["演示1"]]},
    ]
    new, mended = tmp_path / "n.json", tmp_path / "m.json"
    pianqu(
        "plan",
        folder,
        "--mode",
        "whole",
        "--lower",
        1200,
        "--upper",
        2400,
        "--rounds",
        1,
        "--lock",
        write(tmp_path / "l.json", locks),
        "--out",
        new,
    )
    document = read(new)
    left = {row["unit_id"]: (row["reason"], row["rules"][0]) for row in document["left_over"]}
    assert left[corner] == ("lock_unmet", "L01")
    assert left[beside] == left[across] == ("lock_unmet", "L02")
    assert left[units["演示1"]] == ("lock_unmet", "L03")
    assert {n["lock"]: n["rule"] for n in document["notes"] if "lock" in n} == {1: "L01", 2: "L02", 3: "L03"}
    assert rules_broken(folder, document) == set()
    assert rules_broken(folder, {**document, "notes": []}) == {"L02"}
    assert [level["bound"] is None for level in document["levels"]] == [False] * 3
    code, _, _ = pianqu("repair", folder, new, "--out", mended)
    assert code == 1
    again = read(mended)
    assert rules_broken(folder, again) == set()
    for part in ("areas", "left_over", "notes", "levels", "streets"):
        assert again[part] == document[part]


def test_a_lock_file_that_means_nothing_stores_nothing(pianqu, town, tmp_path):
    folder, _ = town
    bad = write(tmp_path / "l.json", [{"kind": "out", "unit_id": "nobody"}])
    code, out, err = pianqu("plan", folder, "--lock", bad, "--rounds", 1, "--out", tmp_path / "n.json")
    assert (code, out) == (2, "")
    assert "nobody" in err
    assert not (tmp_path / "n.json").exists()


def test_a_unit_and_an_area_are_explained(pianqu, town):
    folder, plan = town
    area = read(plan)["areas"][0]
    code, out, _ = pianqu("explain", folder, plan, area["unit_ids"][0], "--json")
    told = json.loads(out)
    assert code == 0
    assert told["area_id"] == area["area_id"]
    assert told["why"]
    assert all(o["obstacles"] or o["household_metres"] is not None for o in told["alternatives"])
    assert "R31" in pianqu("explain", folder, plan, area["area_id"])[1]
    code, out, err = pianqu("explain", folder, plan, "nobody")
    assert (code, out) == (2, "")
    assert "nobody" in err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_of_the_page_explains_what_is_selected(town, language):
    from app.desks.selection.explanation import selection_card
    from app.desks.selection.selected import NOTHING, Selection
    from app.i18n import load_words
    from app.web.layout.map import explanation_card
    from tests.app.opened import open_workbench

    bench, words = open_workbench(*town), load_words(language)
    card = selection_card(bench, Selection(unit=0), words)
    assert card.sections[0][0] == words("explain.why_here")
    assert len(explanation_card(card, words)) == 2 + 2 * len(card.sections)
    assert selection_card(bench, Selection(area=0), words).sections
    assert explanation_card(selection_card(bench, NOTHING, words), words) == []


def test_two_plans_are_compared(pianqu, town, tmp_path):
    folder, plan = town
    document = read(plan)
    unit = document["areas"][0]["unit_ids"][0]
    other = write(tmp_path / "b.json", edited(document, unit, document["areas"][-1]["area_id"]))
    code, out, _ = pianqu("compare", folder, plan, other, "--json")
    told = json.loads(out)
    assert code == 0
    assert [c["unit_id"] for c in told["changes"] if c["has_moved"]] == [unit]
    assert told["figures"]["areas"]["a"] == len(document["areas"])
    assert unit in pianqu("compare", folder, plan, other)[1]
    assert json.loads(pianqu("compare", folder, plan, plan, "--json")[1])["changes"] == []


def test_a_plan_says_what_relaxing_a_rule_would_bring(pianqu, town, tmp_path):
    folder, _ = town
    out = tmp_path / "n.json"
    options = ("--mode", "whole", "--lower", 6000, "--upper", 9000, "--rounds", 1, "--out", out)
    code, text, _ = pianqu("plan", folder, *options)
    advice = read(out)["advice"]
    assert code == 1
    first = next(row for row in advice if row["kind"] == "relax")
    assert (first["rules"], first["households"]) == (["R31"], 5400)
    assert [row["cause"] for row in advice if row["kind"] == "cause"] == ["below_minimum"]
    assert first["sentence_zh"] in text
    assert rules_broken(folder, read(out)) == set()


def test_a_usual_tool_is_shown_with_the_rules_it_breaks(pianqu, town, tmp_path):
    folder, _ = town
    out = tmp_path / "n.json"
    code, _, _ = pianqu(
        "plan",
        folder,
        "--mode",
        "whole",
        "--lower",
        1200,
        "--upper",
        1900,
        "--method",
        "constrained_clustering",
        "--out",
        out,
    )
    document = read(out)
    assert document["method"] == "constrained_clustering"
    assert (document["status"] == "infeasible") == bool(document["violations"]) == (code == 1)
    assert set(document["violations"]) == rules_broken(folder, document)
    assert sum(len(area["unit_ids"]) for area in document["areas"]) == 9
    code, out_text, err = pianqu(
        "plan", folder, "--mode", "lead", "--method", "nearest_anchor", "--out", tmp_path / "m.json"
    )
    assert (code, out_text) == (2, "")
    assert "--mode" in err


def test_the_least_change_from_a_plan(pianqu, town, tmp_path):
    """Of a plan that keeps the rules nothing moves; without a plan, or with an objective, it says so."""
    folder, plan = town
    out = tmp_path / "little.json"
    ask = ("plan", folder, "--mode", "whole", "--lower", 1200, "--upper", 2400, "--method", "least_change")
    code, told, _ = pianqu(*ask, "--start", plan, "--out", out)
    assert (code, read(out)["method"]) == (0, "least_change")
    members = [sorted(sorted(area["unit_ids"]) for area in read(path)["areas"]) for path in (plan, out)]
    assert members[0] == members[1]
    assert "对比方法" not in told
    for more, said in ((("--start", plan, "--objective", "walking"), "不按其他目标"), ((), "须先选一个现有方案")):
        code, _, fault = pianqu(*ask, *more, "--out", tmp_path / "none.json")
        assert (code, said in fault) == (2, True)
    assert not (tmp_path / "none.json").exists()
