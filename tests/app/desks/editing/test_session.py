"""What the server says of an edit, and what it refuses."""

import json

import pytest

from analysis.bundling.document.write import revise_document
from analysis.bundling.editing.apply import AreaEdit, Edit, EditError, apply_edit, open_for_editing
from analysis.bundling.verify.verify import verify_plan
from analysis.figures.facts import Facts
from analysis.indicators.coverage import PROFESSIONAL_COVERAGE
from analysis.indicators.registry import compute_figures, compute_indicators
from analysis.policy import read_policy
from app.desks.editing import session
from app.desks.editing.session import COVERAGES, EditSession, check_edit, edited_document
from app.desks.editing.start import start_document
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from app.session.plan_session import PlanSession
from app.web.main import create_app

OWN = {"X-Pianqu": "1", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shown(town):
    return PlanSession(*town)


@pytest.fixture(scope="module")
def opened(shown):
    return EditSession(shown).at(shown.data.version)


@pytest.fixture(scope="module")
def plan(town):
    return json.loads(town[1].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server(town):
    """A client, and the hash of the plan it edits."""
    client = create_app(*town).server.test_client()
    version = PlanSession(*town).data.version
    start = client.get(f"/edit/start/{version}")
    assert start.status_code == 200
    return client, start.get_json()["base"]


def test_an_edit_that_changes_nothing_has_the_figures_of_the_plan(opened, plan):
    found = check_edit(opened, opened.base.unedited)
    assert found["figures"]["areas"] == len(plan["areas"])
    assert found["areas"] == {}
    assert found["outlines"] == {}


def test_coverage_follows_whoever_is_inside_and_a_name_does_not_count_it_again(opened, plan, monkeypatch):
    counted = []
    plain = session.compute_figures
    monkeypatch.setattr(session, "compute_figures", lambda *told, **more: counted.append(1) or plain(*told, **more))
    area = plan["areas"][0]
    out = dict.fromkeys((u for u in area["unit_ids"] if u != area["anchor_unit_id"]), None)
    named = {area["area_id"]: AreaEdit(area["anchor_unit_id"], "另一个名字")}
    before = check_edit(opened, Edit())["figures"]
    without = check_edit(opened, Edit(moves=out))["figures"]
    counted.clear()
    assert check_edit(opened, Edit(areas=named))["figures"] == before
    assert check_edit(opened, Edit(moves=out, areas=named))["figures"] == without
    assert counted == []
    assert without[COVERAGES[0]] < before[COVERAGES[0]]


def test_a_moved_unit_is_in_the_figures_of_both_areas(opened, plan):
    source, target = plan["areas"][0], plan["areas"][1]
    unit = next(u for u in source["unit_ids"] if u != source["anchor_unit_id"])
    found = check_edit(opened, Edit(moves={unit: target["area_id"]}))
    assert set(found["areas"]) == {source["area_id"], target["area_id"]}
    assert found["areas"][source["area_id"]]["units"] == len(source["unit_ids"]) - 1
    assert found["areas"][target["area_id"]]["units"] == len(target["unit_ids"]) + 1
    assert found["outlines"][target["area_id"]]["type"] in ("Polygon", "MultiPolygon")


def test_units_the_plan_is_not_for_are_kept_and_told(opened, plan):
    stranger = next(row["unit_id"] for row in plan["out_of_scope"] if row["reason"] == "data_missing")
    target = plan["areas"][2]["area_id"]
    edited = apply_edit(opened.base, Edit(moves={stranger: target}))
    found = check_edit(opened, Edit(moves={stranger: target}))
    assert any(stranger in v["units"] and v["area"] == target for v in found["violations"])
    unknown_units = edited.opened.unknown_units
    document = revise_document(edited.opened, edited.opened.plan, unknown_units=unknown_units)
    area = next(area for area in document["areas"] if area["area_id"] == target)
    assert stranger in area["unit_ids"]
    assert stranger not in {row["unit_id"] for row in document["out_of_scope"]}


def test_the_document_of_an_edit_is_one_verify_can_read(opened, plan, shown):
    large = max(plan["areas"][:-1], key=lambda area: len(area["unit_ids"]))
    members = [unit for unit in large["unit_ids"] if unit != large["anchor_unit_id"]][:2]
    edit = Edit(
        moves={**dict.fromkeys(members, "+1"), plan["areas"][-1]["unit_ids"][0]: None},
        areas={"+1": AreaEdit(None, "新的一片")},
        locked_units=(members[0],),
    )
    edited = apply_edit(opened.base, edit).opened
    document = revise_document(edited, edited.plan, unknown_units=edited.unknown_units)
    new = document["areas"][-1]
    assert new["name"] == "新的一片"
    assert new["unit_ids"] == sorted(members)
    assert new["area_id"] not in {area["area_id"] for area in plan["areas"]}
    assert document["locks"] == [{"kind": "in_area", "unit_ids": [members[0]], "with_unit_id": members[1]}]
    rules = {violation.rule for violation in verify_plan(shown.data.bench.dataset, document, read_policy()).violations}
    assert not rules & {"schema", "partition", "sums", "levels"}


def test_locks_of_a_document_come_back_as_they_were(opened, plan, shown):
    area = plan["areas"][0]
    unit, other = area["unit_ids"][0], area["unit_ids"][1]
    locks = [
        {"kind": "in_area", "unit_ids": [unit], "with_unit_id": other, "note": "住户要求"},
        {
            "kind": "area_kept",
            "unit_ids": sorted(plan["areas"][1]["unit_ids"]),
            "anchor_unit_id": plan["areas"][1]["anchor_unit_id"],
        },
        {"kind": "apart", "unit_ids": sorted([unit, plan["areas"][2]["unit_ids"][0]])},
    ]
    base = open_for_editing(shown.data.bench.dataset, {**plan, "locks": locks})
    told = base.unedited
    assert told.locked_units == (unit,)
    assert told.locked_areas == (plan["areas"][1]["area_id"],)
    assert told.other_locks == (2,)
    edited = apply_edit(base, told).opened
    document = revise_document(edited, edited.plan, unknown_units=edited.unknown_units)
    assert sorted(map(str, document["locks"])) == sorted(map(str, locks))


@pytest.mark.parametrize(
    "edit",
    [
        Edit(moves={"nobody": None}),
        Edit(moves={"C000": "nowhere"}),
        Edit(areas={"+1": AreaEdit("nobody")}),
        Edit(locked_areas=("nowhere",)),
        Edit(other_locks=(7,)),
    ],
)
def test_an_edit_that_names_what_is_not_there_is_refused(opened, edit):
    with pytest.raises(EditError):
        apply_edit(opened.base, edit)


def test_an_anchor_outside_its_area_is_refused(opened, plan):
    anchor = plan["areas"][0]["unit_ids"][0]
    with pytest.raises(EditError, match=anchor):
        apply_edit(opened.base, Edit(areas={plan["areas"][1]["area_id"]: AreaEdit(anchor)}))


def test_the_server_checks_and_repairs_what_a_page_sends(server, plan):
    client, base = server
    unit = plan["areas"][0]["unit_ids"][0]
    body = {"base": base, "moves": {unit: plan["areas"][-1]["area_id"]}}
    told = client.post("/edit/check", data=json.dumps(body), headers=OWN)
    assert told.status_code == 200
    assert {"R20", "R22"} & {violation["rule"] for violation in told.get_json()["violations"]}
    repaired = client.post("/edit/repair", data=json.dumps(body), headers=OWN).get_json()
    assert unit in repaired["proposal"]["moves"]
    assert any(move["unit_id"] == unit for move in repaired["moves"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b'{"base": "0123456789abcdef", "extra": 1}', 422),
        (b'{"base": "../../etc"}', 422),
        (b'{"base": "0123456789abcdef.1"}', 409),
        (b'{"base": "0123456789abcdef", "moves": {"a": 5}}', 422),
    ],
)
def test_what_is_no_edit_is_refused_in_words(server, body, status):
    answer = server[0].post("/edit/check", data=body, headers=OWN)
    assert answer.status_code == status
    assert answer.get_json()["sentence"]


def test_other_pages_are_refused(server):
    client, base = server
    body = json.dumps({"base": base})
    assert client.post("/edit/check", data=body).status_code == 403
    foreign = {**OWN, "Origin": "http://evil.example"}
    assert client.post("/edit/check", data=body, headers=foreign).status_code == 403
    assert client.get("/edit/start/x", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_page_of_another_plan_is_told_to_load_again(server):
    answer = server[0].get("/edit/start/cards-zh-0000.json")
    assert answer.status_code == 409
    assert "刷新" in answer.get_json()["sentence"]


@pytest.fixture(scope="module")
def led_plan(town):
    """The town planned in areas with leaders inside, ready to be edited."""
    options = PlanOptions(mode="area", lower=1, rounds=1)
    path = town[1].with_name("led-plan.json")
    path.write_text(json.dumps(make_plan(town[0], read_policy(), options), ensure_ascii=False), encoding="utf-8")
    session = PlanSession(town[0], path)
    return EditSession(session).at(session.data.version), session.data


def test_facts_joined_once_have_under_each_plan_the_figures_it_has_alone(shown, plan):
    bench, keys = shown.data.bench, (*COVERAGES, PROFESSIONAL_COVERAGE.key)
    joined, ids, found = Facts(bench.layers, bench.policy, plan=plan), bench.units["unit_id"].tolist(), []
    for other in ({"areas": [{"unit_ids": ids[5:30]}]}, {"areas": [{"unit_ids": ids[:9]}]}, None):
        found.append(compute_figures([joined.join_plan(other)], basis="households", keys=keys))
        alone = compute_indicators(bench.layers, bench.policy, plan=other, basis="households", keys=keys)
        assert found[-1] == tuple(figure for figure in alone if figure.roster == "current")
    assert found[0] != found[1] != found[2]


def test_versions_of_one_plan_share_a_problem_and_each_keeps_its_own_figures(town, plan):
    session = PlanSession(*town, store_url="sqlite://")
    edits, unit = EditSession(session), plan["areas"][0]["unit_ids"][-1]
    first = edits.at(session.data.version)
    changed = edited_document(first, Edit(moves={unit: plan["areas"][1]["area_id"]}))
    saved = session.store.create_plan("改过", changed, "")
    page = f"{session.data.bench.context.key}.{saved.id}"
    second, alone = edits.at(page), EditSession(session).at(page)
    assert second.base.opened.problem is first.base.opened.problem
    assert alone.base.opened.problem is not first.base.opened.problem
    back = Edit(moves={unit: changed["areas"][0]["area_id"]})
    assert check_edit(second, back) == check_edit(alone, back)
    assert check_edit(second, second.base.unedited) != check_edit(first, first.base.unedited)


def test_a_leader_is_taken_away_and_the_plan_still_verifies(led_plan):
    unit = next(iter(led_plan[0].base.leader_of))
    edit = Edit(leaders={unit: None})
    found = check_edit(led_plan[0], edit)
    before = check_edit(led_plan[0], led_plan[0].base.unedited)["figures"]
    assert found["figures"]["unled_units"] == before["unled_units"] + 1
    assert unit not in found["leaders"]
    document = edited_document(led_plan[0], edit)
    assert [row["reason"] for row in document["unled"] if row["unit_id"] == unit] == ["could_be_led"]
    assert verify_plan(led_plan[0].bench.dataset, document, read_policy()).violations == ()


def test_whoever_loses_its_leader_is_told_to_the_page(led_plan):
    unit, leader = next(iter(led_plan[0].base.leader_of.items()))
    found = check_edit(led_plan[0], Edit(moves={leader: None}))
    assert {row["unit_id"]: row["leader_unit_id"] for row in found["lost"]}[unit] == leader


def test_the_page_is_told_who_leads_whom(led_plan):
    start = start_document(led_plan[1], led_plan[0].base)
    at = led_plan[0].bench.position_of
    assert all(start["leader_of"][at[unit]] == at[leader] for unit, leader in led_plan[0].base.leader_of.items())
    assert set(start["asks_leader"]) >= {at[unit] for unit in led_plan[0].base.leader_of}
