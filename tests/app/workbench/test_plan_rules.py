"""The list of rules that "every rule is met" refers to."""

from app.i18n import load_words
from app.workbench.plan_rules import format_rules


def test_every_rule_shown_has_its_source(bench):
    rules = format_rules(bench.plan, bench.policy, load_words("zh"))
    assert rules
    assert all(source[0] in "SXKA" for _, _, source in rules)


def test_rules_of_areas_with_leaders_say_for_how_many_they_hold(led_bench):
    rules = {label: value for label, value, _ in format_rules(led_bench.plan, led_bench.policy, load_words("zh"))}
    entries, n = led_bench.policy.entries, len(led_bench.areas)
    assert {entries[key].label_zh for key in entries if key.startswith("area.")} <= set(rules)
    inside = sum("members" not in area["outside_preferred"] for area in led_bench.areas)
    assert f"{n} 个片区中 {inside} 个在内" in rules[entries["area.preferred_members"].label_zh]
