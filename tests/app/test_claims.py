"""A bound, or "optimal", that nobody checked says so: on the page, at the command and in exported files."""

import copy
import json

import pytest

from analysis.bundling.verify.base.verification import Unchecked, Verification, read_verification, verification_document
from analysis.bundling.verify.verdict import make_verdict, proof_note
from app.cli.answers import bound_lines, plan_sentence, verdict_summary
from app.exports.geojson import export_geojson
from app.i18n import load_words
from app.web.layout.figures.cards import plan_status
from app.workbench.workbench import build_workbench, open_context
from geo.storage.dataset import open_dataset

SAID = {"zh": "由求解器给出, 未复核", "en": "by the solver, not checked"}
YET = {"zh": "由求解器给出, 尚未复核", "en": "by the solver, not checked yet"}
OPEN = Verification(
    unchecked=(Unchecked("levels", (), "", "", ("household_metres",)), Unchecked("status", (), "", "", ("status",)))
)
NO_STREET = Verification(
    unchecked=(Unchecked("R20", ("u1", "u2"), "", "", ("street",)), Unchecked("R20", ("u2",), "", "", ("district",)))
)


@pytest.fixture(scope="module")
def claimed(town):
    """The town's plan with bounds as good as its values, which nothing proves; and as if optimal."""
    plan = json.loads(town[1].read_text(encoding="utf-8"))
    for level in plan["levels"]:
        level.update(bound=level["value"] + 0.0, gap=0.0, method="counting")
    return {**copy.deepcopy(plan), "status": "optimal"}


def texts(component):
    """All text of a part of the page."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, list | tuple):
        return [text for one in component for text in texts(one)]
    return texts(getattr(component, "children", None) or [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_is_not_checked_and_what_not_yet(town, claimed, language):
    bench, words = build_workbench(open_context(town[0]), claimed), load_words(language)
    yet, said, proven = ("|".join(texts(plan_status(bench, words, found))) for found in (None, OPEN, Verification()))
    optimal = words("plan.status_optimal")
    assert f"{optimal} ({YET[language]})" in yet
    assert f"{optimal} ({SAID[language]})" in said
    assert yet.count(YET[language]) == 1 + len(claimed["levels"])
    assert said.count(SAID[language]) == 2
    assert optimal in proven
    assert SAID[language] not in proven


def test_the_command_says_so_beside_optimal_and_each_bound(claimed, tmp_path):
    sentence = plan_sentence(claimed, tmp_path, OPEN)
    assert SAID["zh"] in sentence
    assert f"status optimal ({SAID['en']})" in sentence
    assert SAID["zh"] not in plan_sentence(claimed, tmp_path, Verification())
    lines = [line for line in bound_lines(claimed, OPEN) if SAID["zh"] in line or SAID["en"] in line]
    assert len(lines) == 2
    assert not any(SAID["zh"] in line for line in bound_lines(claimed, Verification()))
    assert verdict_summary(OPEN)["verified"]["by_solver"] == ["household_metres", "status"]


def test_exported_files_say_so_in_the_verdict(town, claimed, tmp_path):
    for path in export_geojson(open_dataset(town[0]), claimed, tmp_path):
        said = json.loads(path.read_text(encoding="utf-8"))["pianqu"]["verdict"]
        assert f"个下界{SAID['zh']}" in said["zh"]
        assert f"bounds {SAID['en']}" in said["en"]


def test_the_verdict_counts_bounds_apart_from_other_things():
    other = Unchecked("names", (), "", "")
    said = make_verdict(Verification(unchecked=(*OPEN.unchecked, other)))
    assert said.zh.endswith(f"“最优”{SAID['zh']}; 1 个下界{SAID['zh']}; 另有 1 项未核验。")


def test_rules_are_not_all_met_where_one_was_not_checked():
    said = make_verdict(NO_STREET)
    assert said.zh == "独立核验通过: 所核规则均满足; 2 个单元的街道/旗县区不明, R20 未核。"
    assert said.en == (
        "Verified independently: every rule checked is met; "
        "R20 not checked for 2 units without a known street or district."
    )
    assert "R20" in said.short_zh
    assert "R20" in said.short_en


def test_what_is_not_checked_outlives_a_file():
    for found in (OPEN, NO_STREET):
        read = read_verification(json.loads(json.dumps(verification_document(found))))
        assert read == found
        assert proof_note(read, "status") == proof_note(found, "status")
