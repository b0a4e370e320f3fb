"""Answers tell each kind of finding three times at most, the worst first."""

import pytest

from analysis.bundling.verify.base.verification import Verification
from app.cli.answers import note_lines, print_findings, rule_lines
from app.i18n import load_words
from app.workbench.plan_rules import format_rules
from geo.findings import Finding
from geo.messages import Sentence


def test_repeats_of_a_finding_are_counted_not_listed(capsys):
    same = [Finding("warning", "name.twice", f"第 {n} 个", f"number {n}", column="name") for n in range(9)]
    print_findings([*same, Finding("error", "value.odd", "坏", "bad")])
    printed = capsys.readouterr().err.splitlines()
    assert len(printed) == 6  # one, three, and how many there are in all in both languages
    assert printed[0].startswith("[错误]")
    assert "同类共 9 条" in printed[-3]


@pytest.mark.parametrize("document", [{}, {"notes": [{"zh": "缺面积", "en": "no area"}]}])
def test_notes_are_said_in_both_languages(document):
    assert note_lines(document) == [
        Sentence(f"说明: {one['zh']}", f"Note: {one['en']}") for one in document.get("notes", [])
    ]


def test_the_verdict_comes_with_the_rules_it_speaks_of(led_bench):
    plan, policy = led_bench.plan, led_bench.policy
    lines = rule_lines(plan, Verification(), policy)
    assert lines[0] == Sentence("符合规则", "rules met")
    labels = [label for label, _, _ in format_rules(plan, policy, load_words("zh"))]
    assert [line.sentence.zh.split(": ")[0] for line in lines[1:]] == labels
