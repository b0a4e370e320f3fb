"""A bound, or "optimal", that nobody checked says so: on the page, at the command and in exported files."""

import copy
import json

import pytest

from analysis.bundling.verify.base.verification import Unchecked, Verification
from app.cli.answers import bound_lines, plan_sentence, verdict_summary
from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from app.i18n import load_words
from app.web.layout.figures.cards import plan_status
from app.workbench.workbench import build_workbench, open_context
from geo.storage.dataset import open_dataset

SAID = {"zh": "由求解器给出, 未复核", "en": "by the solver, not checked"}


YET = {"zh": "由求解器给出, 尚未复核", "en": "by the solver, not checked yet"}


OPEN = Verification(
    unchecked=(Unchecked("levels", (), "", "", ("household_metres",)), Unchecked("status", (), "", "", ("status",)))
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
    assert SAID["zh"] in sentence.zh
    assert f"status optimal ({SAID['en']})" in sentence.en
    assert SAID["zh"] not in plan_sentence(claimed, tmp_path, Verification()).zh
    lines = [line for line in bound_lines(claimed, OPEN) if SAID["zh"] in line.zh and SAID["en"] in line.en]
    assert len(lines) == 1
    assert not any(SAID["zh"] in line.zh for line in bound_lines(claimed, Verification()))
    assert verdict_summary(OPEN)["verified"]["by_solver"] == ["household_metres", "status"]


def test_exported_files_say_so_in_the_verdict(town, claimed, tmp_path):
    for path in export_plan(make_request(open_dataset(town[0]), claimed), choose_formats("geojson"), tmp_path):
        said = json.loads(path.read_text(encoding="utf-8"))["pianqu"]["verdict"]
        assert f"个下界{SAID['zh']}" in said["zh"]
        assert f"bounds {SAID['en']}" in said["en"]
